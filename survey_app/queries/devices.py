"""Kiosks with what they last said and which of their numbers have come."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from survey_app.models import (
    Device,
    DeviceDay,
    DeviceIncident,
    DeviceLedger,
    DeviceState,
    Point,
    PointUnit,
    Unit,
)
from survey_app.queries.unit_days import kind_on, name_on, on_day

Blocks = tuple[tuple[int, bytes], ...]


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A kiosk as the server knows it."""

    id: int
    code: str
    point_id: int
    name: str
    state: str
    profile: Mapping[str, Any]
    enrolment_expires_at: datetime | None
    created_on: date
    commissioned_on: date | None
    ended_on: date | None
    end_reason: str | None
    n_missing_at_end: int | None
    replaces_id: int | None
    message: str | None
    n_reloads_asked: int


@dataclass(frozen=True, slots=True)
class StateRow:
    """What a kiosk said of itself when it was last heard."""

    device_id: int
    seen_at: datetime
    app_version: str
    n_opened: int
    n_finished: int
    n_sent: int
    n_unsent: int
    n_refused: int
    oldest_unsent_days: int | None
    battery_percent: int | None
    is_charging: bool | None
    clock_skew_seconds: int
    storage_percent: int | None
    is_storage_persistent: bool


@dataclass(frozen=True, slots=True)
class PlacedDevice:
    """A kiosk, the point where it stands and the unit that has the point on the day."""

    device: DeviceRow
    point_name: str
    unit_id: int
    unit_name: str
    unit_kind: str


@dataclass(frozen=True, slots=True)
class DayRow:
    day: date
    n_opened: int
    n_finished: int
    n_morning: int
    n_afternoon: int
    n_after_hours: int


@dataclass(frozen=True, slots=True)
class IncidentRow:
    id: int
    reason: str
    began_on: date
    ended_on: date | None


DEVICE_COLUMNS: tuple[Any, ...] = tuple(getattr(Device, name) for name in DeviceRow.__dataclass_fields__)
STATE_COLUMNS: tuple[Any, ...] = tuple(getattr(DeviceState, name) for name in StateRow.__dataclass_fields__)


def device_by_code(session: Session, code: str) -> DeviceRow | None:
    row = session.execute(select(*DEVICE_COLUMNS).where(Device.code == code)).one_or_none()
    return None if row is None else DeviceRow(*row)


def awaited_device(session: Session, enrolment_hash: bytes, now: datetime) -> DeviceRow | None:
    """The device that is expected under a one-time code which still holds."""
    row = session.execute(
        select(*DEVICE_COLUMNS).where(
            Device.enrolment_hash == enrolment_hash,
            Device.enrolment_expires_at > now,
            Device.state == "awaiting",
        )
    ).one_or_none()
    return None if row is None else DeviceRow(*row)


def placed_devices(
    session: Session, *, on: date, unit_ids: Collection[int], device_id: int | None = None
) -> tuple[PlacedDevice, ...]:
    """Devices at the points of these units on a day, by unit, point and name."""
    statement = (
        select(*DEVICE_COLUMNS, Point.name, Unit.id, name_on(on), kind_on(on))
        .join(Point, Point.id == Device.point_id)
        .join(PointUnit, and_(PointUnit.point_id == Point.id, on_day(PointUnit, on)))
        .join(Unit, Unit.id == PointUnit.unit_id)
        .where(Unit.id.in_(unit_ids))
        .order_by(Unit.sort_key, Point.name, Device.name, Device.id)
    )
    if device_id is not None:
        statement = statement.where(Device.id == device_id)
    n = len(DEVICE_COLUMNS)
    return tuple(PlacedDevice(DeviceRow(*row[:n]), *row[n:]) for row in session.execute(statement))


def states(session: Session, device_ids: Collection[int]) -> dict[int, StateRow]:
    rows = session.execute(select(*STATE_COLUMNS).where(DeviceState.device_id.in_(device_ids)))
    return {row.device_id: StateRow(*row) for row in rows}


def ledgers(session: Session, device_ids: Collection[int]) -> dict[int, Blocks]:
    """The blocks of each device, in their order."""
    found: dict[int, list[tuple[int, bytes]]] = {}
    rows = session.execute(
        select(DeviceLedger.device_id, DeviceLedger.block, DeviceLedger.ticked)
        .where(DeviceLedger.device_id.in_(device_ids))
        .order_by(DeviceLedger.device_id, DeviceLedger.block)
    )
    for device_id, block, ticked in rows:
        found.setdefault(device_id, []).append((block, ticked))
    return {device_id: tuple(blocks) for device_id, blocks in found.items()}


def days(session: Session, device_id: int, *, since: date) -> tuple[DayRow, ...]:
    """The device's own daily counts, newest first."""
    rows = session.execute(
        select(*(getattr(DeviceDay, name) for name in DayRow.__dataclass_fields__))
        .where(DeviceDay.device_id == device_id, DeviceDay.day >= since)
        .order_by(DeviceDay.day.desc())
    )
    return tuple(DayRow(*row) for row in rows)


def incidents(session: Session, device_ids: Collection[int]) -> dict[int, tuple[IncidentRow, ...]]:
    """Reported standstills of each device, newest first."""
    found: dict[int, list[IncidentRow]] = {}
    rows = session.execute(
        select(
            DeviceIncident.device_id,
            DeviceIncident.id,
            DeviceIncident.reason,
            DeviceIncident.began_on,
            DeviceIncident.ended_on,
        )
        .where(DeviceIncident.device_id.in_(device_ids))
        .order_by(DeviceIncident.began_on.desc(), DeviceIncident.id.desc())
    )
    for device_id, incident_id, reason, began_on, ended_on in rows:
        found.setdefault(device_id, []).append(IncidentRow(incident_id, reason, began_on, ended_on))
    return {device_id: tuple(rows) for device_id, rows in found.items()}


def points_of(
    session: Session, *, on: date, unit_ids: Collection[int]
) -> tuple[tuple[int, str, str, str], ...]:
    """Points of these units on a day: id, name, and the unit's kind and name."""
    rows = session.execute(
        select(Point.id, Point.name, kind_on(on), name_on(on))
        .join(PointUnit, and_(PointUnit.point_id == Point.id, on_day(PointUnit, on)))
        .join(Unit, Unit.id == PointUnit.unit_id)
        .where(Unit.id.in_(unit_ids))
        .order_by(Unit.sort_key, Point.name, Point.id)
    )
    return tuple((*row,) for row in rows)
