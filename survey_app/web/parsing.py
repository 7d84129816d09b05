"""Turns a posted body, JSON or form fields, into the one frozen `Submission`; anything else is a 422."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from survey_app.errors import BadToken, InvalidAnswer, InvalidBody
from survey_app.languages import NAMES
from survey_app.services.device_intake import Envelope
from survey_app.services.device_ledger import MAX_NUMBER
from survey_app.services.submissions import Dimensions, Submission
from survey_app.signing import PointToken, Signer
from survey_app.vocabulary import AssistedBy, Capacity, Residence, Stage

# Marks the name of a field that may be given several times.
LIST_MARK = "[]"
LANGUAGES = frozenset(NAMES)
POLARITIES = frozenset({"good", "bad", "neutral"})
MAX_COMMENT = 1_200
MAX_CODE = 64
MAX_BUCKET = 5
# Names of a posted form that are not answers to items of the questionnaire.
_DIMENSION_NAMES = ("stage", "field", "capacity", "assisted_by", "residence", "is_proxy")
_TRANSPORT_NAMES = frozenset(
    {*_DIMENSION_NAMES, "id", "token", "lang", "comment", "polarity", "ticket", "reached", "s", "step", "go"}
)
_CODED: Mapping[str, Mapping[str, int]] = {
    "stage": {member.name.lower(): member.value for member in Stage},
    "capacity": {member.name.lower(): member.value for member in Capacity},
    "assisted_by": {member.name.lower(): member.value for member in AssistedBy},
    "residence": {member.name.lower(): member.value for member in Residence},
}
_PROXY: Mapping[str | bool, bool | None] = {True: True, False: False, "yes": True, "no": False, "": None}


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the server knows of a request: whose page it was sent from, what that asks, and when it came."""

    code: str
    signer: Signer
    now: datetime
    time_zone: ZoneInfo
    takes_comment: bool = True

    def point(self, token: object) -> PointToken:
        """The page's own token, which must be of the point in the address."""
        point = self.signer.read_point_token(token if isinstance(token, str) else "")
        if point.code != self.code:
            raise BadToken("point")
        return point


def submission_from_json(body: Mapping[str, Any], arrival: Arrival) -> Submission:
    age_days, is_odd = _age(body, arrival)
    parts = frozenset(part for part in _list(body, "parts") or [1, 2] if part in (1, 2) and type(part) is int)
    if not parts:
        raise InvalidAnswer("parts", "unknown_choice")
    comment = _text(body.get("comment", ""), "comment", MAX_COMMENT).strip()
    return Submission(
        id=_uuid(body.get("id")),
        point=arrival.point(body.get("token")),
        language=_one_of(body.get("lang", "vi"), LANGUAGES, "lang"),
        answers=_answers(body.get("answers", {})),
        parts=parts,
        reached=frozenset(_text(code, "reached", MAX_CODE) for code in _list(body, "reached")),
        dimensions=_dimensions(body.get("dimensions", {})),
        comment=comment if arrival.takes_comment else "",
        polarity=_one_of(body.get("polarity", "neutral"), POLARITIES, "polarity"),
        ticket=_text(body.get("ticket") or "", "ticket", 200) or None,
        duration_bucket=_bucket(body, "duration_bucket"),
        gap_bucket=_bucket(body, "gap_bucket"),
        age_days=age_days,
        is_clock_odd=is_odd,
    )


def submission_from_form(
    fields: MultiDict[str, str], arrival: Arrival, *, part: int, id_text: str
) -> Submission:
    """The same from a browser without a script; `reached` says which questions it was shown."""
    answers = form_answers(fields)
    shown = ["overall"] if part == 1 else ["reasons", *fields.getlist("reached")]
    return submission_from_json(
        {
            "id": id_text,
            "token": fields.get("token"),
            "lang": fields.get("lang", "vi"),
            "answers": {name: value for name, value in answers.items() if (name == "overall") == (part == 1)},
            "dimensions": {name: fields.get(name, "") for name in _DIMENSION_NAMES},
            "comment": fields.get("comment", "") if part == 2 else "",
            "polarity": fields.get("polarity", "neutral"),
            "parts": [part],
            "reached": [code for code in dict.fromkeys(shown) if code not in _DIMENSION_NAMES],
            "ticket": fields.get("ticket"),
        },
        arrival,
    )


def envelope_from_json(value: object) -> Envelope:
    """What a kiosk wrote on a record of its own."""
    if not isinstance(value, dict):
        raise InvalidBody("device")
    number, is_trial = value.get("number"), value.get("is_trial")
    if type(number) is not int or not 1 <= number <= MAX_NUMBER or type(is_trial) is not bool:
        raise InvalidBody("device")
    return Envelope(number, is_trial)


def form_answers(fields: MultiDict[str, str]) -> dict[str, str | list[str]]:
    """Item answers among the fields of a form; a marked name is a multi-select."""
    names = [name for name in fields if name not in _TRANSPORT_NAMES]
    return {
        name.removesuffix(LIST_MARK): fields.getlist(name) if name.endswith(LIST_MARK) else fields[name]
        for name in names
    }


def _answers(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidAnswer("answers", "wrong_shape")
    for code, answer in value.items():
        # A page names its choices; positions on a scale are for files that are imported.
        if not isinstance(answer, (str, list)):
            raise InvalidAnswer(code, "wrong_shape")
    return value


def _dimensions(said: object) -> Dimensions:
    if not isinstance(said, dict):
        raise InvalidAnswer("dimensions", "wrong_shape")
    coded = {name: _coded(said.get(name), name) for name in _CODED}
    return Dimensions(
        stage=coded["stage"],
        field_code=_text(said.get("field") or "", "field", MAX_CODE) or None,
        desk_code=_text(said.get("desk") or "", "desk", MAX_CODE) or None,
        capacity=coded["capacity"],
        assisted_by=coded["assisted_by"],
        residence=coded["residence"],
        is_proxy=_proxy(said.get("is_proxy")),
    )


def _proxy(value: object) -> bool | None:
    """Types are compared exactly: 1 and 1.0 equal True and are no answer."""
    if value is None:
        return None
    if not isinstance(value, (bool, str)) or value not in _PROXY:
        raise InvalidAnswer("is_proxy", "unknown_choice")
    return _PROXY[value]


def _coded(value: object, name: str) -> int:
    if value is None or value == "":
        return 0
    code = _CODED[name].get(value) if isinstance(value, str) else None
    if code is None:
        raise InvalidAnswer(name, "unknown_choice")
    return code


def _age(body: Mapping[str, Any], arrival: Arrival) -> tuple[int, bool]:
    """Local days since the answer by the sender's own clock, and whether that clock is odd; never refused."""
    given, now = read_instant(body.get("client_time")), read_instant(body.get("client_now"))
    if given is None or now is None:
        return 0, False
    elapsed = now - given
    if elapsed < timedelta(0):
        return 0, True
    is_odd = abs(now - arrival.now) > timedelta(days=1)
    if elapsed > timedelta(days=366):
        return 0, True
    answered_on: date = (arrival.now - elapsed).astimezone(arrival.time_zone).date()
    return (arrival.now.astimezone(arrival.time_zone).date() - answered_on).days, is_odd


def read_instant(value: object) -> datetime | None:
    """The aware instant that a text names; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        instant = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None


def _uuid(value: object) -> UUID:
    """A random id and no other: most other versions of UUID say when, and some on which device, they were made."""
    try:
        given = UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError as error:
        raise InvalidBody("id") from error
    if given is None or given.version != 4:
        raise InvalidBody("id")
    return given


def _text(value: object, name: str, most: int) -> str:
    if not isinstance(value, str):
        raise InvalidAnswer(name, "wrong_shape")
    if len(value) > most:
        raise InvalidAnswer(name, "too_long")
    return value


def _one_of(value: object, known: frozenset[str], name: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise InvalidAnswer(name, "unknown_choice")
    return value


def _list(body: Mapping[str, Any], name: str) -> list[Any]:
    value = body.get(name) or []
    if not isinstance(value, list):
        raise InvalidAnswer(name, "wrong_shape")
    return value


def _bucket(body: Mapping[str, Any], name: str) -> int:
    """A coarse bucket; an odd one counts as not known."""
    value = body.get(name, 0)
    return value if type(value) is int and 0 <= value <= MAX_BUCKET else 0
