"""Everything that stands on some units on a day, and would go elsewhere with them: points, people, waves, cases."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Table, and_, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from survey_app.models import (
    Account,
    ApiClient,
    Base,
    Desk,
    Device,
    InterviewAssignment,
    PaperOpening,
    PaperPad,
    Point,
    PointCode,
    PointUnit,
    RegistryOperation,
    Response,
    SampleDraw,
    SampleFrame,
    TicketBatch,
    Unit,
    UnitPeriod,
    Wave,
    WaveUnit,
)
from survey_app.names import unit_label
from survey_app.queries.set_asides import draw_stands
from survey_app.queries.unit_days import on_day, parent_id_on
from survey_app.queries.units import is_of_device

UNFINISHED = ("open", "not_reached", "refused")


@dataclass(frozen=True, slots=True)
class PointAt:
    """A point of a unit on a day, with what carries its code; all of it goes where the point goes."""

    id: int
    code: str
    name: str
    unit_id: int
    valid_from: date
    valid_to: date | None
    n_codes: int
    n_devices: int
    n_desks: int
    n_pads: int
    n_tickets: int


@dataclass(frozen=True, slots=True)
class AccountAt:
    """Somebody who signs in for a unit."""

    id: int
    name: str
    role: str
    unit_id: int


@dataclass(frozen=True, slots=True)
class ClientAt:
    """A program that sends answers for a unit."""

    id: int
    name: str
    unit_id: int


@dataclass(frozen=True, slots=True)
class WavePart:
    """A unit's part in a wave that is not over."""

    wave_id: int
    title_vi: str
    title_en: str
    opens_on: date
    closes_on: date | None
    unit_id: int
    stratum: int
    target: int | None
    population: int | None
    # Of a drawn sample: what it says of an old unit may not be added to what it says of another.
    is_drawn: bool


@dataclass(frozen=True, slots=True)
class CaseAt:
    """An interview that was given out and is not held yet; one of a drawn sample has a weight."""

    id: UUID
    wave_id: int
    unit_id: int
    label: str | None
    stratum: int
    weight: float | None


@dataclass(frozen=True, slots=True)
class PeriodAt:
    """What a unit was called and where it stood between two dates."""

    unit_id: int
    valid_from: date
    valid_to: date | None
    name: str
    kind: str
    parent_id: int | None
    population: int | None
    search_key: str
    sort_key: str

    @property
    def label(self) -> str:
        return unit_label(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class OperationRow:
    """A guided change that was carried out."""

    id: int
    kind: str
    effective_on: date
    subject: str
    unit_id: int
    request: dict[str, Any]
    changes: list[dict[str, Any]]
    later: list[dict[str, Any]]
    settled_on: date | None
    is_undone: bool


def points_at(session: Session, unit_ids: Collection[int], on: date) -> tuple[PointAt, ...]:
    def count(of: Any, *conditions: Any) -> Any:
        return select(func.count()).select_from(of).where(*conditions).scalar_subquery()

    live = or_(PointCode.revoked_on.is_(None), PointCode.revoked_on > on)
    rows = session.execute(
        select(
            Point.id, Point.code, Point.name, PointUnit.unit_id, PointUnit.valid_from, PointUnit.valid_to,
            count(PointCode, PointCode.point_id == Point.id, live, ~is_of_device()),
            count(Device, Device.point_id == Point.id, Device.ended_on.is_(None)),
            count(Desk, Desk.point_id == Point.id, Desk.closed_on.is_(None)),
            count(PaperPad, PaperPad.point_id == Point.id),
            count(TicketBatch, TicketBatch.point_id == Point.id, TicketBatch.revoked_on.is_(None)),
        )
        .join(PointUnit, PointUnit.point_id == Point.id)
        .where(PointUnit.unit_id.in_(unit_ids), on_day(PointUnit, on))
        .order_by(Point.code)
    )  # fmt: skip
    return tuple(PointAt(*row) for row in rows)


def child_ids(session: Session, unit_ids: Collection[int], on: date) -> list[int]:
    """Units directly below these on a day."""
    statement = select(Unit.id).where(parent_id_on(on).in_(unit_ids), on_day(Unit, on))
    return list(session.scalars(statement.order_by(Unit.sort_key, Unit.id)))


def accounts_at(session: Session, unit_ids: Collection[int]) -> tuple[AccountAt, ...]:
    columns = (Account.id, Account.name, Account.role, Account.unit_id)
    statement = select(*columns).where(Account.unit_id.in_(unit_ids), Account.is_active.is_(True))
    return tuple(AccountAt(*row) for row in session.execute(statement.order_by(Account.name)))


def clients_at(session: Session, unit_ids: Collection[int]) -> tuple[ClientAt, ...]:
    columns = (ApiClient.id, ApiClient.name, ApiClient.unit_id)
    statement = select(*columns).where(ApiClient.unit_id.in_(unit_ids), ApiClient.revoked_on.is_(None))
    return tuple(ClientAt(*row) for row in session.execute(statement.order_by(ApiClient.name, ApiClient.id)))


def wave_parts(session: Session, unit_ids: Collection[int], on: date) -> tuple[WavePart, ...]:
    """Parts in waves that still run on that day or begin later."""
    other = aliased(WaveUnit)
    drawn = exists().where(
        SampleFrame.wave_id == Wave.id, SampleDraw.frame_id == SampleFrame.id, draw_stands()
    )
    divided = exists().where(other.wave_id == Wave.id, other.stratum != 0)
    rows: Any = session.execute(
        select(
            Wave.id, Wave.title_vi, Wave.title_en, Wave.opens_on, Wave.closes_on, WaveUnit.unit_id,
            WaveUnit.stratum, WaveUnit.target, WaveUnit.population,
            type_coerce(and_(Wave.basis == "sample", or_(drawn, divided)), Boolean),
        )
        .join(WaveUnit, WaveUnit.wave_id == Wave.id)
        .where(WaveUnit.unit_id.in_(unit_ids), or_(Wave.closes_on.is_(None), Wave.closes_on >= on))
        .order_by(Wave.opens_on, Wave.id, WaveUnit.unit_id, WaveUnit.stratum)
    )  # fmt: skip
    return tuple(WavePart(*row) for row in rows)


def unfinished_cases(session: Session, unit_ids: Collection[int]) -> tuple[CaseAt, ...]:
    case = InterviewAssignment
    statement = select(case.id, case.wave_id, case.unit_id, case.label, case.stratum, case.weight).where(
        case.unit_id.in_(unit_ids), case.state.in_(UNFINISHED)
    )
    rows = session.execute(statement.order_by(case.wave_id, case.unit_id, case.label, case.id))
    return tuple(CaseAt(*row) for row in rows)


def case_labels(session: Session, unit_ids: Collection[int]) -> set[tuple[int, int, str | None]]:
    """Labels in use: (wave, unit, label)."""
    case = InterviewAssignment
    rows = session.execute(select(case.wave_id, case.unit_id, case.label).where(case.unit_id.in_(unit_ids)))
    return {(wave_id, unit_id, label) for wave_id, unit_id, label in rows}


def periods_at(session: Session, unit_ids: Collection[int]) -> tuple[PeriodAt, ...]:
    """All descriptions of these units, the earliest first."""
    columns = [getattr(UnitPeriod, name) for name in PeriodAt.__dataclass_fields__]
    statement = select(*columns).where(UnitPeriod.unit_id.in_(unit_ids))
    return tuple(
        PeriodAt(*row)
        for row in session.execute(statement.order_by(UnitPeriod.unit_id, UnitPeriod.valid_from))
    )


def last_answer_day(session: Session, unit_ids: Collection[int], since: date) -> date | None:
    """The last day, from one on, on which these units were given an answer or opened a paper box."""
    answered = select(func.max(Response.collected_on)).where(
        Response.unit_id.in_(unit_ids), Response.collected_on >= since
    )
    opened = select(func.max(PaperOpening.opened_on)).where(
        PaperOpening.unit_id.in_(unit_ids), PaperOpening.opened_on >= since
    )
    days = [day for day in (session.scalar(answered), session.scalar(opened)) if day is not None]
    return max(days, default=None)


def has_later_rows(session: Session, unit_ids: Collection[int], since: date) -> bool:
    """Whether the registry already says something new of these units, or of their points, from that day on."""
    here = select(PointUnit.point_id).where(PointUnit.unit_id.in_(unit_ids))
    later: tuple[Any, ...] = (
        select(Unit.id).where(Unit.parent_id.in_(unit_ids), Unit.valid_from >= since),
        select(UnitPeriod.unit_id).where(UnitPeriod.unit_id.in_(unit_ids), UnitPeriod.valid_from >= since),
        select(UnitPeriod.unit_id).where(UnitPeriod.parent_id.in_(unit_ids), UnitPeriod.valid_from >= since),
        select(PointUnit.point_id).where(PointUnit.point_id.in_(here), PointUnit.valid_from >= since),
    )
    return any(session.execute(statement.limit(1)).first() is not None for statement in later)


def n_references(session: Session, unit_ids: Collection[int]) -> dict[str, int]:
    """How many rows of each table name one of these units."""
    found: dict[str, int] = {}
    for table in Base.metadata.sorted_tables:
        columns = [key.parent for key in table.foreign_keys if key.column.table.name == Unit.__tablename__]
        for column in columns:
            n = session.scalar(select(func.count()).select_from(table).where(column.in_(unit_ids))) or 0
            found[table.name] = found.get(table.name, 0) + n
    return {name: n for name, n in found.items() if n}


def unit_columns(table: Table) -> list[str]:
    """The columns of a table that name a unit."""
    return [key.parent.name for key in table.foreign_keys if key.column.table.name == Unit.__tablename__]


def operation(session: Session, operation_id: int) -> OperationRow | None:
    row = session.execute(_operations().where(RegistryOperation.id == operation_id)).one_or_none()
    return None if row is None else OperationRow(*row)


def operations(session: Session, unit_ids: Collection[int]) -> list[OperationRow]:
    """Guided changes of units below these, the latest first."""
    statement = _operations().where(RegistryOperation.unit_id.in_(unit_ids))
    order = (RegistryOperation.effective_on.desc(), RegistryOperation.id.desc())
    return [OperationRow(*row) for row in session.execute(statement.order_by(*order))]


def operations_in_force(session: Session) -> list[OperationRow]:
    """Every change that was not taken back, in the order in which they were carried out."""
    statement = _operations().where(RegistryOperation.undone_at.is_(None))
    return [OperationRow(*row) for row in session.execute(statement.order_by(RegistryOperation.id))]


def due_operations(session: Session, today: date) -> list[OperationRow]:
    """Changes whose day has come and whose rows without a date are still to be written, in order."""
    due = _operations().where(
        RegistryOperation.effective_on <= today, RegistryOperation.settled_on.is_(None),
        RegistryOperation.undone_at.is_(None),
    )  # fmt: skip
    order = (RegistryOperation.effective_on, RegistryOperation.id)
    return [OperationRow(*row) for row in session.execute(due.order_by(*order))]


def later_operations(session: Session, row: OperationRow) -> list[OperationRow]:
    """Changes in force that were carried out after this one."""
    newer = _operations().where(RegistryOperation.id > row.id, RegistryOperation.undone_at.is_(None))
    return [OperationRow(*found) for found in session.execute(newer.order_by(RegistryOperation.id))]


def _operations() -> Any:
    made = RegistryOperation
    return select(
        made.id, made.kind, made.effective_on, made.subject, made.unit_id, made.request, made.changes,
        made.later, made.settled_on, made.undone_at.is_not(None),
    )  # fmt: skip
