"""Codes that stand on paper: which points have them, and where a code stands, live or revoked."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from survey_app.models import Point, PointCode, PointUnit, Unit
from survey_app.names import unit_title
from survey_app.queries.unit_days import kind_on, name_on, on_day
from survey_app.queries.units import is_of_device


@dataclass(frozen=True, slots=True)
class CodeOnPaper:
    """A code made to be printed, and the day it was made."""

    code: str
    created_on: date


@dataclass(frozen=True, slots=True)
class PrintPoint:
    """A point with its unit of the day and the live codes that may be printed, the oldest first."""

    id: int
    code: str
    name: str
    unit_id: int
    unit_kind: str
    unit_name: str
    codes: tuple[CodeOnPaper, ...] = ()

    @property
    def unit_title(self) -> str:
        return unit_title(self.unit_kind, self.unit_name)


def print_points(session: Session, *, unit_ids: Collection[int], on: date) -> tuple[PrintPoint, ...]:
    """The points of these units on a day with their codes, by unit in Vietnamese order."""
    statement = _points(on).where(PointUnit.unit_id.in_(unit_ids))
    order = (Unit.sort_key, Unit.id, Point.code, PointCode.created_on, PointCode.code)
    found: dict[int, PrintPoint] = {}
    codes: dict[int, list[CodeOnPaper]] = {}
    for *place, code, created_on in session.execute(statement.order_by(*order)):
        point = PrintPoint(*place)
        found.setdefault(point.id, point)
        codes.setdefault(point.id, []).extend([CodeOnPaper(code, created_on)] if code else [])
    return tuple(replace(point, codes=tuple(codes[point.id])) for point in found.values())


def point_of_printed_code(session: Session, code: str) -> int | None:
    """The point of a code made to be printed, revoked or not; None for any other code."""
    statement = select(PointCode.point_id).where(PointCode.code == code, ~is_of_device())
    return session.scalar(statement)


def code_exists(session: Session, code: str) -> bool:
    return bool(session.scalar(select(exists().where(PointCode.code == code))))


def _points(on: date) -> Select[Any]:
    live = or_(PointCode.revoked_on.is_(None), PointCode.revoked_on > on)
    columns: tuple[Any, ...] = (Point.id, Point.code, Point.name, Unit.id, kind_on(on), name_on(on))
    return (
        select(*columns, PointCode.code, PointCode.created_on)
        .join(PointUnit, and_(PointUnit.point_id == Point.id, on_day(PointUnit, on)))
        .join(Unit, Unit.id == PointUnit.unit_id)
        .outerjoin(PointCode, and_(PointCode.point_id == Point.id, live, ~is_of_device()))
    )
