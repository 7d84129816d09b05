"""What stands on the page of one unit: its descriptions by date, points with desks and codes, waves, people."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from survey_app.models import Desk, Point, PointCode, PointUnit, Unit, Wave, WaveUnit
from survey_app.names import unit_label
from survey_app.queries.unit_days import kind_on, name_on, on_day
from survey_app.queries.units import is_of_device


@dataclass(frozen=True, slots=True)
class DeskAt:
    """A counter, also one that has closed."""

    id: int
    code: str
    name: str
    is_single_officer: bool
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class PointSheet:
    """A point with its unit of the day; without one when it is closed."""

    id: int
    code: str
    name: str
    unit_id: int | None
    unit_kind: str | None
    unit_name: str | None
    valid_from: date | None
    valid_to: date | None
    codes: tuple[str, ...] = ()
    desks: tuple[DeskAt, ...] = ()


@dataclass(frozen=True, slots=True)
class Stay:
    """A unit that a point belonged to between two dates."""

    unit_id: int
    unit_kind: str
    unit_name: str
    valid_from: date
    valid_to: date | None

    @property
    def label(self) -> str:
        return unit_label(self.unit_kind, self.unit_name)


@dataclass(frozen=True, slots=True)
class WaveAt:
    """A wave in which a unit takes part, over all its strata."""

    id: int
    title_vi: str
    title_en: str
    basis: str
    opens_on: date
    closes_on: date | None
    target: int | None
    population: int | None


def point_ids_of(session: Session, unit_id: int, on: date) -> list[int]:
    statement = select(PointUnit.point_id).join(Point, Point.id == PointUnit.point_id)
    statement = statement.where(PointUnit.unit_id == unit_id, on_day(PointUnit, on))
    return list(session.scalars(statement.order_by(Point.code)))


def point_sheet(session: Session, point_id: int, on: date) -> PointSheet | None:
    """A point on a day with the codes that may be printed; a kiosk's own is never among them."""
    row = session.execute(
        select(
            Point.id, Point.code, Point.name, Unit.id, kind_on(on), name_on(on), PointUnit.valid_from,
            PointUnit.valid_to,
        )
        .outerjoin(PointUnit, and_(PointUnit.point_id == Point.id, on_day(PointUnit, on)))
        .outerjoin(Unit, Unit.id == PointUnit.unit_id)
        .where(Point.id == point_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    live = or_(PointCode.revoked_on.is_(None), PointCode.revoked_on > on)
    codes = select(PointCode.code).where(PointCode.point_id == point_id, live, ~is_of_device())
    desks = select(Desk.id, Desk.code, Desk.name, Desk.is_single_officer, Desk.closed_on)
    found = session.execute(desks.where(Desk.point_id == point_id).order_by(Desk.code))
    printed = tuple(session.scalars(codes.order_by(PointCode.created_on, PointCode.code)))
    values: tuple[Any, ...] = (*row, printed, tuple(DeskAt(*desk) for desk in found))
    return PointSheet(*values)


def stays_of(session: Session, point_id: int) -> list[Stay]:
    """The units of a point in turn, each named as on the day it began."""
    began: Any = PointUnit.valid_from
    rows = session.execute(
        select(Unit.id, kind_on(began), name_on(began), PointUnit.valid_from, PointUnit.valid_to)
        .join(Unit, Unit.id == PointUnit.unit_id)
        .where(PointUnit.point_id == point_id)
        .order_by(PointUnit.valid_from)
    )
    return [Stay(*row) for row in rows]


def waves_of(session: Session, unit_id: int) -> list[WaveAt]:
    """Every wave of a unit, the latest first."""
    rows = session.execute(
        select(
            Wave.id, Wave.title_vi, Wave.title_en, Wave.basis, Wave.opens_on, Wave.closes_on,
            func.sum(WaveUnit.target), func.sum(WaveUnit.population),
        )
        .join(WaveUnit, WaveUnit.wave_id == Wave.id)
        .where(WaveUnit.unit_id == unit_id)
        .group_by(Wave.id)
        .order_by(Wave.opens_on.desc(), Wave.id.desc())
    )  # fmt: skip
    return [WaveAt(*row) for row in rows]


def point_counts(session: Session, unit_ids: Collection[int], on: date) -> dict[int, int]:
    """How many points each unit has on a day."""
    rows = session.execute(
        select(PointUnit.unit_id, func.count())
        .where(PointUnit.unit_id.in_(unit_ids), on_day(PointUnit, on))
        .group_by(PointUnit.unit_id)
    )
    return {row[0]: row[1] for row in rows}
