"""How many answers a wave has, by unit, stratum, channel and day: numbers of answers, nothing of what they say."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from survey_app.models import Point, PointUnit, Response, Unit, WaveUnit
from survey_app.names import unit_title
from survey_app.queries.unit_days import on_day


@dataclass(frozen=True, slots=True)
class PointRow:
    """A point of a unit in a wave, and the last day on which it gave an answer in it."""

    point_id: int
    name: str
    unit_id: int
    unit_title: str
    last_on: date | None


def unit_counts(session: Session, wave_id: int, unit_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """Answers by unit and stratum."""
    return _counts(session, wave_id, unit_ids, Response.unit_id, Response.stratum)


def channel_counts(session: Session, wave_id: int, unit_ids: Collection[int]) -> dict[int, int]:
    found = _counts(session, wave_id, unit_ids, Response.channel)
    return {channel: n for (channel,), n in found.items()}


def day_counts(session: Session, wave_id: int, unit_ids: Collection[int], *, since: date) -> dict[date, int]:
    """Answers by the day on which they were given."""
    found = _counts(session, wave_id, unit_ids, Response.collected_on, where=Response.collected_on >= since)
    return {day: n for (day,), n in found.items()}


def n_point_days(session: Session, wave_id: int, unit_ids: Collection[int]) -> dict[int, int]:
    """On how many days at how many points each unit's answers were given: its clusters."""
    pairs = (
        select(Response.unit_id, Response.point_id, Response.channel, Response.collected_on)
        .where(*_of(wave_id, unit_ids))
        .distinct()
        .subquery()
    )
    rows = session.execute(select(pairs.c.unit_id, func.count()).group_by(pairs.c.unit_id))
    return {row[0]: row[1] for row in rows}


def points(session: Session, wave_id: int, unit_ids: Collection[int], *, on: date) -> list[PointRow]:
    """Every point that a unit of the wave has on the day, in Vietnamese order of units."""
    last = (
        select(func.max(Response.collected_on))
        .where(Response.point_id == Point.id, Response.wave_id == wave_id, Response.is_test.is_(False))
        .scalar_subquery()
    )
    member = select(WaveUnit.unit_id).where(WaveUnit.wave_id == wave_id)
    rows = session.execute(
        select(Point.id, Point.name, Unit.id, Unit.kind, Unit.name, last)
        .join(PointUnit, and_(PointUnit.point_id == Point.id, on_day(PointUnit, on)))
        .join(Unit, Unit.id == PointUnit.unit_id)
        .where(Unit.id.in_(unit_ids), Unit.id.in_(member))
        .order_by(Unit.sort_key, Unit.id, Point.name, Point.id)
    )
    return [PointRow(row[0], row[1], row[2], unit_title(row[3], row[4]), row[5]) for row in rows]


def _of(wave_id: int, unit_ids: Collection[int]) -> tuple[Any, ...]:
    return Response.wave_id == wave_id, Response.unit_id.in_(unit_ids), Response.is_test.is_(False)


def _counts(
    session: Session, wave_id: int, unit_ids: Collection[int], *columns: Any, where: Any = None
) -> dict[tuple[Any, ...], int]:
    statement = select(*columns, func.count()).where(*_of(wave_id, unit_ids)).group_by(*columns)
    if where is not None:
        statement = statement.where(where)
    return {tuple(row[:-1]): row[-1] for row in session.execute(statement)}
