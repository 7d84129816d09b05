"""The questions about the visit and the person that are columns of a response, not items of a form."""

from collections.abc import Sequence

from flask_babel.speaklater import LazyString

from survey_app import visit_words as words
from survey_app.queries.units import ServiceFieldRow
from survey_app.web.screens import Option, Screen, Step

# Pictures of what brought the person here, for those who read pictures only.
STAGE_ICONS = {
    "submit": "paper-in", "supplement": "paper-more", "collect_result": "paper-out", "ask_guidance": "ask",
    "refused": "paper-no",
}  # fmt: skip


def visit_steps(
    fields: Sequence[ServiceFieldRow], *, lang: str, in_pictures: bool = False
) -> tuple[Step, Step]:
    """What brought the person here, asked first; and who is answering, asked near the end."""
    about, helping = str(words.ABOUT_VISIT), str(words.ABOUT_PERSON)
    return (
        Step("visit", about, (_stage(about, in_pictures=in_pictures), _field(about, fields, lang))),
        Step("help", helping, (_proxy(helping), _helper(helping), _capacity(helping), _residence(helping))),
    )


def helpers() -> tuple[Option, ...]:
    """Who may have handled the screen."""
    return _options(words.HELPERS)


def _stage(heading: str, *, in_pictures: bool) -> Screen:
    options = tuple(
        Option(code, str(label), STAGE_ICONS[code] if in_pictures else "") for code, label in words.STAGES
    )
    look = "pictures" if in_pictures else "rows"
    return Screen(
        code="stage", kind="dimension", look=look, heading=heading, text=str(words.STAGE), options=options,
        can_finish=False,
    )  # fmt: skip


def _field(heading: str, fields: Sequence[ServiceFieldRow], lang: str) -> Screen:
    options = tuple(
        Option(row.code, row.name_en if lang == "en" else row.name_vi, row.icon) for row in fields
    )
    return Screen(
        code="field", kind="dimension", look="pictures", heading=heading, text=str(words.FIELD),
        options=options, extras=(Option("", str(words.FORGOTTEN)),), can_finish=False,
    )  # fmt: skip


def _proxy(heading: str) -> Screen:
    return _rows("is_proxy", heading, words.PROXY, words.PROXIES)


def _helper(heading: str) -> Screen:
    return _rows("assisted_by", heading, words.HELPER, words.HELPERS)


def _capacity(heading: str) -> Screen:
    return _rows("capacity", heading, words.CAPACITY, words.CAPACITIES, extras=_refusal())


def _residence(heading: str) -> Screen:
    return _rows("residence", heading, words.RESIDENCE, words.RESIDENCES, extras=_refusal())


def _refusal() -> tuple[Option, ...]:
    return (Option("", str(words.REFUSED)),)


def _options(choices: words.Choices) -> tuple[Option, ...]:
    return tuple(Option(code, str(label)) for code, label in choices)


def _rows(
    code: str, heading: str, text: LazyString, choices: words.Choices, *, extras: tuple[Option, ...] = ()
) -> Screen:
    """A question about the visit, answered by one of some stacked rows."""
    return Screen(
        code=code, kind="dimension", look="rows", heading=heading, text=str(text),
        options=_options(choices), extras=extras,
    )  # fmt: skip
