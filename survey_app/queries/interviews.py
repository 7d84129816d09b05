"""Interviewers, their cases and the call-backs, listed and counted; never together with a response."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session

from survey_app.models import Account, CallBackCheck, InterviewAssignment, Interviewer, Unit, Wave, WaveUnit
from survey_app.names import unit_label, unit_title
from survey_app.queries.lookups import WAVE_COLUMNS, WaveRow


@dataclass(frozen=True, slots=True)
class InterviewerRow:
    """An account that interviews, and its public code once it has been given a case."""

    account_id: int
    name: str
    unit_id: int
    unit_kind: str
    unit_name: str
    code: str | None

    @property
    def unit_title(self) -> str:
        return unit_title(self.unit_kind, self.unit_name)


@dataclass(frozen=True, slots=True)
class Case:
    """One case of an interviewer."""

    id: UUID
    wave_id: int
    unit_id: int
    unit_kind: str
    unit_name: str
    account_id: int
    mode: str
    label: str | None
    state: str
    n_attempts: int
    last_attempt_on: date | None
    call_back: str

    @property
    def unit_title(self) -> str:
        return unit_title(self.unit_kind, self.unit_name)

    @property
    def unit_label(self) -> str:
        """As inside a sentence."""
        return unit_label(self.unit_kind, self.unit_name)

    @property
    def sort_key(self) -> tuple[int, str, str]:
        """ "9" before "10", whatever the database's collation."""
        label = self.label or ""
        return len(label), label, self.id.hex


@dataclass(frozen=True, slots=True)
class ItemAgreement:
    """How often an item of the call-back was compared, and how often the two answers differed."""

    account_id: int
    item_code: str
    n_compared: int
    n_differing: int


_CASE_COLUMNS = (
    InterviewAssignment.id, InterviewAssignment.wave_id, InterviewAssignment.unit_id, Unit.kind, Unit.name,
    InterviewAssignment.account_id, InterviewAssignment.mode, InterviewAssignment.label,
    InterviewAssignment.state, InterviewAssignment.n_attempts, InterviewAssignment.last_attempt_on,
    InterviewAssignment.call_back,
)  # fmt: skip


def interviewers(session: Session, unit_ids: Collection[int]) -> list[InterviewerRow]:
    """Accounts that may interview, of these units, by name."""
    rows = session.execute(
        _interviewers().where(Account.is_active.is_(True), Account.role == "interviewer")
        .where(Account.unit_id.in_(unit_ids)).order_by(Account.name)
    )  # fmt: skip
    return [InterviewerRow(*row) for row in rows]


def interviewers_of_wave(session: Session, wave_id: int, unit_ids: Collection[int]) -> list[InterviewerRow]:
    """Everyone who was given a case of this wave in these units, also those whose account has ended."""
    given = select(InterviewAssignment.account_id).where(
        InterviewAssignment.wave_id == wave_id, InterviewAssignment.unit_id.in_(unit_ids)
    )
    rows = session.execute(_interviewers().where(Account.id.in_(given)).order_by(Account.name))
    return [InterviewerRow(*row) for row in rows]


def interviewer_code(session: Session, account_id: int) -> str | None:
    return session.scalar(select(Interviewer.code).where(Interviewer.account_id == account_id))


def is_code_taken(session: Session, code: str) -> bool:
    return session.scalar(select(Interviewer.account_id).where(Interviewer.code == code)) is not None


def find_case(session: Session, case_id: UUID) -> Case | None:
    row = session.execute(_cases().where(InterviewAssignment.id == case_id)).one_or_none()
    return None if row is None else Case(*row)


def case_by_label(session: Session, *, wave_id: int, unit_id: int, label: str) -> Case | None:
    """The case of a list's label, as long as the label is kept."""
    row = session.execute(
        _cases().where(
            InterviewAssignment.wave_id == wave_id,
            InterviewAssignment.unit_id == unit_id,
            InterviewAssignment.label == label,
        )
    ).one_or_none()
    return None if row is None else Case(*row)


def cases_of_stratum(session: Session, *, wave_id: int, unit_id: int, stratum: int) -> list[Case]:
    """The cases of a unit that were drawn in a stratum and still have their label."""
    rows = session.execute(
        _cases()
        .where(InterviewAssignment.wave_id == wave_id, InterviewAssignment.unit_id == unit_id)
        .where(InterviewAssignment.stratum == stratum, InterviewAssignment.label.is_not(None))
        .order_by(InterviewAssignment.id)
    )
    return [Case(*row) for row in rows]


def design_of_case(session: Session, case_id: UUID) -> tuple[int, float | None]:
    """Stratum and weight that a drawn case gives its response."""
    row = session.execute(
        select(InterviewAssignment.stratum, InterviewAssignment.weight).where(
            InterviewAssignment.id == case_id
        )
    ).one()
    return row.stratum, row.weight


def cases_of(session: Session, account_id: int) -> list[Case]:
    """All cases of an interviewer but those replaced by another, unit by unit."""
    statement = _cases().where(
        InterviewAssignment.account_id == account_id, InterviewAssignment.state != "replaced"
    )
    rows = session.execute(
        statement.order_by(InterviewAssignment.wave_id.desc(), Unit.sort_key, Unit.id, InterviewAssignment.id)
    )
    return [Case(*row) for row in rows]


def unreached_cases(session: Session, wave_id: int, unit_ids: Collection[int]) -> list[Case]:
    """Cases that were refused or not reached: what the office may replace."""
    statement = _cases().where(InterviewAssignment.state.in_(("not_reached", "refused")))
    return _of_wave(session, statement, wave_id, unit_ids)


def due_call_backs(session: Session, wave_id: int, unit_ids: Collection[int]) -> list[Case]:
    """Interviews that are done and drawn for a call-back that nobody has made yet."""
    statement = _cases().where(InterviewAssignment.state == "done", InterviewAssignment.call_back == "drawn")
    return _of_wave(session, statement, wave_id, unit_ids)


def used_labels(session: Session, *, wave_id: int, unit_id: int) -> tuple[frozenset[str], int]:
    """The labels that are still kept for a unit, and how many cases it was given in all."""
    rows = session.execute(
        select(InterviewAssignment.label, func.count())
        .where(InterviewAssignment.wave_id == wave_id, InterviewAssignment.unit_id == unit_id)
        .group_by(InterviewAssignment.label)
    ).all()
    return frozenset(label for label, _n in rows if label), sum(n for _label, n in rows)


def state_counts(
    session: Session, wave_id: int, unit_ids: Collection[int]
) -> dict[tuple[int, int, str, str], int]:
    """Cases by interviewer, unit, state and state of the call-back."""
    keys = (
        InterviewAssignment.account_id, InterviewAssignment.unit_id, InterviewAssignment.state,
        InterviewAssignment.call_back,
    )  # fmt: skip
    rows = session.execute(
        select(*keys, func.count())
        .where(InterviewAssignment.wave_id == wave_id, InterviewAssignment.unit_id.in_(unit_ids))
        .group_by(*keys)
    )
    return {(account, unit, state, call_back): n for account, unit, state, call_back, n in rows}


def item_agreements(session: Session, wave_id: int, unit_ids: Collection[int]) -> list[ItemAgreement]:
    """By interviewer and item; items that could not be compared count nowhere."""
    keys = (InterviewAssignment.account_id, CallBackCheck.item_code)
    rows = session.execute(
        _compared(wave_id, unit_ids, *keys, func.count(), _n_differing()).group_by(*keys).order_by(*keys)
    )
    return [ItemAgreement(*row) for row in rows]


def differing_cases(session: Session, wave_id: int, unit_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """By interviewer: cases in which anything was compared, and those in which anything differed."""
    by_case = (
        _compared(wave_id, unit_ids, InterviewAssignment.account_id, _n_differing().label("n"))
        .group_by(InterviewAssignment.account_id, InterviewAssignment.id)
        .subquery()
    )
    differs = func.sum(case((by_case.c.n > 0, 1), else_=0))
    rows = session.execute(select(by_case.c.account_id, func.count(), differs).group_by(by_case.c.account_id))
    return {account_id: (n, int(n_differing)) for account_id, n, n_differing in rows}


def fieldwork_waves(session: Session, unit_ids: Collection[int]) -> list[WaveRow]:
    """Waves in which any of the units takes part, the newest first; also those that are being prepared."""
    member = select(WaveUnit.wave_id).where(WaveUnit.unit_id.in_(unit_ids))
    rows = session.execute(
        select(*WAVE_COLUMNS).where(Wave.id.in_(member))
        .order_by(Wave.opens_on.desc(), Wave.id.desc())
    )  # fmt: skip
    return [WaveRow(*row) for row in rows]


def wave_unit_ids(session: Session, wave_id: int) -> frozenset[int]:
    """The units that take part in a wave."""
    return frozenset(session.scalars(select(WaveUnit.unit_id).where(WaveUnit.wave_id == wave_id)))


def unit_titles(session: Session, unit_ids: Collection[int]) -> dict[int, str]:
    """Units by name, in Vietnamese order."""
    rows = session.execute(
        select(Unit.id, Unit.kind, Unit.name).where(Unit.id.in_(unit_ids)).order_by(Unit.sort_key, Unit.id)
    )
    return {unit_id: unit_title(kind, name) for unit_id, kind, name in rows}


def check_item_codes(session: Session, case_id: UUID) -> tuple[str, ...]:
    """The items that the call-back of this case asks again."""
    return tuple(
        session.scalars(select(CallBackCheck.item_code).where(CallBackCheck.assignment_id == case_id))
    )


def check_digests(session: Session, case_id: UUID) -> dict[str, bytes | None]:
    rows = session.execute(
        select(CallBackCheck.item_code, CallBackCheck.digest).where(CallBackCheck.assignment_id == case_id)
    )
    return {row.item_code: row.digest for row in rows}


def _interviewers() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Account.id, Account.name, Account.unit_id, Unit.kind, Unit.name, Interviewer.code,
    )  # fmt: skip
    return (
        select(*columns)
        .select_from(Account)
        .join(Unit, Unit.id == Account.unit_id)
        .outerjoin(Interviewer, Interviewer.account_id == Account.id)
    )


def _cases() -> Select[Any]:
    columns: tuple[Any, ...] = _CASE_COLUMNS
    return select(*columns).join(Unit, Unit.id == InterviewAssignment.unit_id)


def _of_wave(session: Session, statement: Select[Any], wave_id: int, unit_ids: Collection[int]) -> list[Case]:
    rows = session.execute(
        statement.where(InterviewAssignment.wave_id == wave_id, InterviewAssignment.unit_id.in_(unit_ids))
        .order_by(Unit.sort_key, Unit.id, InterviewAssignment.id)
    )  # fmt: skip
    return [Case(*row) for row in rows]


def _compared(wave_id: int, unit_ids: Collection[int], *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(CallBackCheck)
        .join(InterviewAssignment, and_(InterviewAssignment.id == CallBackCheck.assignment_id))
        .where(InterviewAssignment.wave_id == wave_id, InterviewAssignment.unit_id.in_(unit_ids))
        .where(CallBackCheck.is_alike.is_not(None))
    )


def _n_differing() -> Any:
    return func.sum(case((CallBackCheck.is_alike.is_(False), 1), else_=0))
