"""An office with interviewers on the small world, and what they do, for the tests of fieldwork."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import Account, InterviewAssignment
from survey_app.services import assignments, interviews
from survey_app.services.accounts import Role, Viewer
from survey_app.services.assignments import NewCases
from survey_app.services.submissions import Dimensions, Receipt, Submission
from survey_app.signing import PointToken, Signer
from survey_app.vocabulary import Stage
from tests.builders import World

NOW = datetime(2026, 8, 10, 2, 0, tzinfo=UTC)
TODAY = date(2026, 8, 10)
SIGNER = Signer("a secret of the tests only, long enough to sign with")
FACTS = {"visits": "two", "punctuality": "on_time", "sex": "female", "age_band": "35_49"}


class Sure(Random):
    """Draws every case, or none, for a call-back."""

    def __init__(self, *, draws: bool) -> None:
        super().__init__()
        self.draws = draws

    def random(self) -> float:
        return 0.0 if self.draws else 0.999999

    def getrandbits(self, k: int) -> int:
        return super().getrandbits(k)


@dataclass(frozen=True, slots=True)
class Office:
    """The office, an interviewer of the province, another, and one who works at the rated unit itself."""

    office: Viewer
    mai: Viewer
    nam: Viewer
    insider: Viewer


def make_account(session: Session, name: str, role: Role, unit_id: int) -> Viewer:
    account = Account(name=name, password_hash="-", role=role.value, unit_id=unit_id, language="vi")
    session.add(account)
    session.flush()
    return Viewer(account.id, role, unit_id)


def build_office(session: Session, world: World) -> Office:
    return Office(
        make_account(session, "sonoivu", Role.PAR_OFFICE, world.province),
        make_account(session, "mai", Role.INTERVIEWER, world.province),
        make_account(session, "nam", Role.INTERVIEWER, world.units["Cồn Cỏ"]),
        make_account(session, "tạichỗ", Role.INTERVIEWER, world.units["Đông Hà"]),
    )


def give(
    session: Session,
    world: World,
    office: Office,
    *,
    to: Viewer | None = None,
    is_drawn: bool = False,
    **changes: Any,
) -> list[UUID]:
    """Cases given to an interviewer, in the order of their labels."""
    values = {
        "wave_id": world.waves["sample"],
        "unit_id": world.units["Đông Hà"],
        "mode": "interview",
        "n": 1,
    }
    new = NewCases(account_id=(to or office.mai).account_id, **values | changes)
    before = set(session.scalars(select(InterviewAssignment.id)))
    assignments.give_cases(session, new, viewer=office.office, today=TODAY, now=NOW, rng=Sure(draws=is_drawn))
    rows = [row for row in session.scalars(select(InterviewAssignment)) if row.id not in before]
    return [row.id for row in sorted(rows, key=lambda row: row.label or "")]


def interview_answers(world: World, *, mode: int = 6, unit: str = "Đông Hà", **changes: Any) -> Submission:
    """What an interviewer's page sends."""
    point = PointToken(world.codes[unit], world.versions["full_form_v1"], mode, world.waves["sample"])
    values: dict[str, Any] = {
        "id": uuid4(), "point": point, "language": "vi", "answers": {"overall": "satisfied", **FACTS},
        "parts": frozenset({1, 2}), "reached": frozenset({"overall", *FACTS}),
        "dimensions": Dimensions(stage=Stage.COLLECT_RESULT),
    }  # fmt: skip
    return Submission(**(values | changes))


def hold(session: Session, case_id: UUID, submission: Submission, by: Viewer) -> Receipt:
    return interviews.submit_interview(
        session, case_id=case_id, submission=submission, viewer=by, signer=SIGNER, today=TODAY
    )
