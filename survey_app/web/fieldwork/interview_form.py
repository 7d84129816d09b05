"""The form as an interviewer reads it out: the citizens' own screens on one page, and what comes back from it."""

from dataclasses import dataclass, replace
from enum import IntEnum
from uuid import UUID

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from survey_app.errors import InvalidAnswer, InvalidBody
from survey_app.queries.units import ServiceFieldRow
from survey_app.services.interviews import Interview
from survey_app.services.submissions import Dimensions, Submission
from survey_app.signing import Signer
from survey_app.vocabulary import Capacity, Channel, Residence, Stage
from survey_app.web.screens import TONES, FormPage, Screen, Step, form_page
from survey_app.web.visit import visit_steps

LIST_MARK = "[]"
MAX_COMMENT = 1_200
PROXY = {"": None, "yes": True, "no": False}
# The interviewer holds the form, so nobody is asked who helped.
NOT_ASKED = frozenset({"assisted_by"})


@dataclass(frozen=True, slots=True)
class Interviewing:
    """How the screens are asked: in which language, and in the words of which channel."""

    lang: str
    wording: Channel


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One page of questions: the overall item first, reasons, then every group."""

    page: FormPage
    steps: tuple[Step, ...]

    @property
    def codes(self) -> frozenset[str]:
        """Items of the form that are on the page."""
        asked = (screen for step in self.steps for screen in step.screens if screen.kind != "dimension")
        return frozenset({"overall", "reasons", *(screen.code for screen in asked)})


def questionnaire(interview: Interview, fields: list[ServiceFieldRow], *, lang: str) -> Questionnaire:
    """The full form from its beginning, with everything that this channel may be asked."""
    asking = Interviewing(lang, interview.channel)
    visit = tuple(_of_an_interview(step) for step in visit_steps(fields, lang=lang))
    page = form_page(interview.form, address=asking, visit=visit)
    # A form of one question has no groups; why the person came is asked all the same.
    return Questionnaire(page, page.steps or visit)


def _of_an_interview(step: Step) -> Step:
    screens = tuple(_spoken(screen) for screen in step.screens if screen.code not in NOT_ASKED)
    return replace(step, screens=screens)


def _spoken(screen: Screen) -> Screen:
    """The visit lies in the past when somebody asks at home or by telephone."""
    if screen.code == "stage":
        return replace(screen, text=_("Lần gần đây nhất, Ông/Bà đến để"))
    return screen


def submission_of(
    fields: MultiDict[str, str], asked: Questionnaire, *, signer: Signer, lang: str
) -> Submission:
    """What the interviewer entered; anything the form does not offer is refused where it is packed."""
    overall = fields.get("overall", "")
    comment = fields.get("comment", "").strip()
    if len(comment) > MAX_COMMENT:
        raise InvalidAnswer("comment", "too_long")
    return Submission(
        id=_random_id(fields.get("id", "")),
        point=signer.read_point_token(fields.get("token", "")),
        language=lang,
        answers=_answers(fields, asked),
        parts=frozenset({1, 2}),
        reached=asked.codes,
        dimensions=_dimensions(fields),
        comment=comment,
        polarity=TONES.get(overall, "neutral"),
    )


def _answers(fields: MultiDict[str, str], asked: Questionnaire) -> dict[str, str | list[str]]:
    answers: dict[str, str | list[str]] = {}
    for name in sorted(set(fields)):
        code = name.removesuffix(LIST_MARK)
        if code in asked.codes and fields.get(name):
            answers[code] = fields.getlist(name) if name.endswith(LIST_MARK) else fields[name]
    return answers


def _dimensions(fields: MultiDict[str, str]) -> Dimensions:
    proxy = fields.get("is_proxy", "")
    if proxy not in PROXY:
        raise InvalidAnswer("is_proxy", "unknown_choice")
    return Dimensions(
        stage=_coded(Stage, fields, "stage"),
        field_code=fields.get("field", "")[:40] or None,
        capacity=_coded(Capacity, fields, "capacity"),
        residence=_coded(Residence, fields, "residence"),
        is_proxy=PROXY[proxy],
    )


def _coded(codes: type[IntEnum], fields: MultiDict[str, str], name: str) -> int:
    said = fields.get(name, "") or "unknown"
    known = {member.name.lower(): member.value for member in codes}
    if said not in known:
        raise InvalidAnswer(name, "unknown_choice")
    return known[said]


def _random_id(text: str) -> UUID:
    """Made with the page, at random: most other kinds of id say when they were made."""
    try:
        given = UUID(text) if len(text) == 36 else None
    except ValueError as error:
        raise InvalidBody("id") from error
    if given is None or given.version != 4:
        raise InvalidBody("id")
    return given
