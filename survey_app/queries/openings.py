"""Hours of points, days off and made up for, closures: as they are stored, for a span of days."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import CalendarDay, Closure, ClosureUnit, OpeningHours, Point, PointUnit, Unit
from survey_app.names import unit_title
from survey_app.queries.unit_days import on_day


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A public holiday, or a weekend day that is worked."""

    id: int
    day: date
    kind: str
    title_vi: str
    title_en: str
    legal_basis: str
    is_to_check: bool
    withdrawn_on: date | None


@dataclass(frozen=True, slots=True)
class ClosureRow:
    """Days on which units are closed."""

    id: int
    starts_on: date
    ends_on: date
    reason: str
    note: str
    is_simulated: bool
    entered_on: date
    withdrawn_on: date | None
    unit_ids: frozenset[int]

    def holds(self, unit_id: int, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on and unit_id in self.unit_ids


@dataclass(frozen=True, slots=True)
class PointHours:
    """A point with its unit on a day, and all its rows of hours, the latest first."""

    point_id: int
    point_name: str
    unit_id: int
    unit_title: str
    rows: tuple[tuple[date, list[Any]], ...]


def special_days(session: Session, starts_on: date, ends_on: date) -> list[SpecialDay]:
    """Days off and worked between two days, those withdrawn left out."""
    found = _special_days(session, CalendarDay.day.between(starts_on, ends_on))
    return [each for each in found if each.withdrawn_on is None]


def special_day(session: Session, day_id: int) -> SpecialDay | None:
    found = _special_days(session, CalendarDay.id == day_id)
    return found[0] if found else None


def _special_days(session: Session, condition: Any) -> list[SpecialDay]:
    row = CalendarDay
    columns: tuple[Any, ...] = (
        row.id, row.day, row.kind, row.title_vi, row.title_en, row.legal_basis, row.is_to_check, row.withdrawn_on,
    )  # fmt: skip
    return [
        SpecialDay(*each)
        for each in session.execute(select(*columns).where(condition).order_by(row.day, row.id))
    ]


def closures_between(
    session: Session, starts_on: date, ends_on: date, *, unit_ids: Collection[int] | None = None
) -> list[ClosureRow]:
    """Closures that touch these days and (any of) these units, those withdrawn left out, the first first."""
    statement = select(Closure).where(
        Closure.starts_on <= ends_on, Closure.ends_on >= starts_on, Closure.withdrawn_on.is_(None)
    )
    if unit_ids is not None:
        touched = select(ClosureUnit.closure_id).where(ClosureUnit.unit_id.in_(unit_ids))
        statement = statement.where(Closure.id.in_(touched))
    rows = session.scalars(statement.order_by(Closure.starts_on, Closure.id)).all()
    units: dict[int, set[int]] = {}
    members = select(ClosureUnit.closure_id, ClosureUnit.unit_id)
    for closure_id, unit_id in session.execute(members.where(ClosureUnit.closure_id.in_(r.id for r in rows))):
        units.setdefault(closure_id, set()).add(unit_id)
    return [
        ClosureRow(row.id, row.starts_on, row.ends_on, row.reason, row.note, row.is_simulated, row.entered_on,
                   row.withdrawn_on, frozenset(units.get(row.id, ())))
        for row in rows
    ]  # fmt: skip


def hours_of(session: Session, point_ids: Collection[int]) -> dict[int, list[tuple[date, list[Any]]]]:
    """Rows of hours by point, the latest first."""
    rows = session.execute(
        select(OpeningHours.point_id, OpeningHours.valid_from, OpeningHours.week)
        .where(OpeningHours.point_id.in_(point_ids))
        .order_by(OpeningHours.point_id, OpeningHours.valid_from.desc())
    )
    found: dict[int, list[tuple[date, list[Any]]]] = {}
    for point_id, valid_from, week in rows:
        found.setdefault(point_id, []).append((valid_from, week))
    return found


def points_with_hours(session: Session, *, unit_ids: Collection[int], on: date) -> list[PointHours]:
    """Every point of these units on a day with its hours, by unit."""
    rows = session.execute(
        select(Point.id, Point.name, Unit.id, Unit.kind, Unit.name)
        .join(PointUnit, PointUnit.point_id == Point.id)
        .join(Unit, Unit.id == PointUnit.unit_id)
        .where(PointUnit.unit_id.in_(unit_ids), on_day(PointUnit, on))
        .order_by(Unit.sort_key, Unit.code, Point.code)
    ).all()
    hours = hours_of(session, [row[0] for row in rows])
    return [
        PointHours(point_id, name, unit_id, unit_title(kind, unit), tuple(hours.get(point_id, ())))
        for point_id, name, unit_id, kind, unit in rows
    ]


def units_of_points(session: Session, point_ids: Collection[int], on: date) -> dict[int, int]:
    """The unit of each point on a day."""
    rows = session.execute(
        select(PointUnit.point_id, PointUnit.unit_id).where(
            PointUnit.point_id.in_(point_ids), on_day(PointUnit, on)
        )
    )
    return {row.point_id: row.unit_id for row in rows}
