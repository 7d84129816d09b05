"""Tickets by their hash and batches by their point; nothing here leads to an answer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from survey_app.models import (
    Device,
    Point,
    PointCode,
    PointUnit,
    SampleTicketBatch,
    ServiceField,
    Ticket,
    TicketBatch,
    Unit,
    Wave,
    WaveUnit,
)
from survey_app.queries.unit_days import kind_on, name_on, on_day


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket that was really made, with where and until when it counts."""

    is_spent: bool
    point_id: int
    wave_id: int | None
    expires_on: date
    revoked_on: date | None


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch as its people see it; `n_spent` is that of a past night."""

    id: UUID
    point_id: int
    point_name: str
    unit_id: int
    unit_kind: str
    unit_name: str
    code: str
    wave_id: int | None
    wave_code: str | None
    stage: int
    field_id: int | None
    field_code: str | None
    size: int
    n_spent: int
    created_on: date
    expires_on: date
    revoked_on: date | None
    origin: str


@dataclass(frozen=True, slots=True)
class PointChoice:
    """A point with the printed code that links of its tickets carry."""

    code: str
    point_name: str
    unit_kind: str
    unit_name: str


@dataclass(frozen=True, slots=True)
class WaveChoice:
    code: str
    title_vi: str
    title_en: str


_BATCH_COLUMNS: tuple[Any, ...] = (
    TicketBatch.id, TicketBatch.point_id, Point.name, Unit.id, Unit.kind, Unit.name, TicketBatch.code,
    TicketBatch.wave_id, Wave.code, TicketBatch.stage, TicketBatch.field_id, ServiceField.code,
    TicketBatch.size, TicketBatch.n_spent, TicketBatch.created_on, TicketBatch.expires_on,
    TicketBatch.revoked_on, TicketBatch.origin,
)  # fmt: skip


def find_ticket(session: Session, ticket_hash: bytes) -> TicketRow | None:
    row = session.execute(
        select(
            Ticket.is_spent,
            TicketBatch.point_id,
            TicketBatch.wave_id,
            TicketBatch.expires_on,
            TicketBatch.revoked_on,
        )
        .join(TicketBatch, TicketBatch.id == Ticket.batch)
        .where(Ticket.hash == ticket_hash)
    ).one_or_none()
    return None if row is None else TicketRow(*row)


def stratum_of_batch(session: Session, ticket_hash: bytes) -> tuple[int, int] | None:
    """The unit that was drawn and its stratum that a ticket's batch was made for; None where it is of no single one."""
    row = session.execute(
        select(SampleTicketBatch.unit_id, SampleTicketBatch.stratum)
        .join(Ticket, Ticket.batch == SampleTicketBatch.batch_id)
        .where(Ticket.hash == ticket_hash)
    ).one_or_none()
    return None if row is None else (row.unit_id, row.stratum)


def find_batch(session: Session, batch_id: UUID, *, on: date) -> BatchRow | None:
    row = session.execute(_batches(on).where(TicketBatch.id == batch_id)).one_or_none()
    return None if row is None else BatchRow(*row)


def batches_of_units(session: Session, unit_ids: Collection[int], *, on: date, limit: int) -> list[BatchRow]:
    """The batches of the points that these units have on the day, the newest first."""
    statement = (
        _batches(on)
        .where(Unit.id.in_(unit_ids))
        .order_by(TicketBatch.created_on.desc(), Unit.sort_key, TicketBatch.id)
        .limit(limit)
    )
    return [BatchRow(*row) for row in session.execute(statement)]


def live_batches(session: Session, *, on: date) -> list[tuple[UUID, int, int]]:
    """Batches that may still be spent from: the id, how many are spent now, how many were at the last count."""
    n_now = func.count(Ticket.hash)
    rows = session.execute(
        select(TicketBatch.id, n_now, TicketBatch.n_spent)
        .join(Ticket, Ticket.batch == TicketBatch.id)
        .where(Ticket.is_spent, TicketBatch.expires_on >= on)
        .group_by(TicketBatch.id, TicketBatch.n_spent)
        .order_by(TicketBatch.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def spent_hashes(session: Session, batch_ids: Collection[UUID]) -> list[bytes]:
    statement = select(Ticket.hash).where(Ticket.batch.in_(batch_ids), Ticket.is_spent)
    return list(session.scalars(statement.order_by(Ticket.hash)))


def points_with_code(session: Session, unit_ids: Collection[int], *, on: date) -> list[PointChoice]:
    """The points of these units on a day, each with its newest live code that is not a device's."""
    rows = session.execute(
        select(Point.id, PointCode.code, Point.name, kind_on(on), name_on(on))
        .join(PointUnit, PointUnit.point_id == Point.id)
        .join(Unit, Unit.id == PointUnit.unit_id)
        .join(PointCode, PointCode.point_id == Point.id)
        .outerjoin(Device, Device.code == PointCode.code)
        .where(Unit.id.in_(unit_ids), Device.id.is_(None), on_day(PointUnit, on))
        .where(or_(PointCode.revoked_on.is_(None), PointCode.revoked_on > on))
        .order_by(Unit.sort_key, Point.code, PointCode.created_on.desc(), PointCode.code)
    )
    newest: dict[int, PointChoice] = {}
    for row in rows:
        newest.setdefault(row[0], PointChoice(*row[1:]))
    return list(newest.values())


def running_waves(session: Session, unit_ids: Collection[int], *, on: date) -> list[WaveChoice]:
    """Waves that ask at one of these units and are not over."""
    rows = session.execute(
        select(Wave.code, Wave.title_vi, Wave.title_en)
        .where(Wave.id.in_(select(WaveUnit.wave_id).where(WaveUnit.unit_id.in_(unit_ids))))
        .where(Wave.state == "open", or_(Wave.closes_on.is_(None), Wave.closes_on >= on))
        .order_by(Wave.opens_on.desc(), Wave.code)
    )
    return [WaveChoice(*row) for row in rows]


def _batches(on: date) -> Select[Any]:
    """Batches with the unit their point has on the day, or had last."""
    unit_id = (
        select(PointUnit.unit_id)
        .where(PointUnit.point_id == TicketBatch.point_id, PointUnit.valid_from <= on)
        .order_by(PointUnit.valid_from.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(*_BATCH_COLUMNS)
        .join(Point, Point.id == TicketBatch.point_id)
        .join(Unit, Unit.id == unit_id)
        .outerjoin(Wave, Wave.id == TicketBatch.wave_id)
        .outerjoin(ServiceField, ServiceField.id == TicketBatch.field_id)
    )
