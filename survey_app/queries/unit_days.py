"""What a unit was on a day: rows that hold on a day, and a unit's name, kind and parent as at that day."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, func, or_, select

from survey_app.models import PointUnit, Unit, UnitPeriod

Day = date | SQLColumnExpression[date]


def on_day(dated: type[Unit] | type[PointUnit] | type[UnitPeriod], on: Day) -> ColumnElement[bool]:
    """Whether a row with dates holds on a day."""
    return and_(dated.valid_from <= on, or_(dated.valid_to.is_(None), dated.valid_to >= on))


def name_on(on: Day, unit: Any = Unit) -> ColumnElement[Any]:
    """The unit's name on a day, for a statement that has the unit in it."""
    return _described("name", on, unit)


def kind_on(on: Day, unit: Any = Unit) -> ColumnElement[Any]:
    return _described("kind", on, unit)


def sort_key_on(on: Day, unit: Any = Unit) -> ColumnElement[Any]:
    return _described("sort_key", on, unit)


def search_key_on(on: Day, unit: Any = Unit) -> ColumnElement[Any]:
    return _described("search_key", on, unit)


def population_on(on: Day, unit: Any = Unit) -> ColumnElement[Any]:
    """A population that was unknown then counts as today's."""
    return _described("population", on, unit)


def parent_id_on(on: Day, unit: Any = Unit) -> ColumnElement[Any]:
    """The unit's parent on a day. A root stays one: only a unit with a parent is moved."""
    return _described("parent_id", on, unit)


def _described(column: str, on: Day, unit: Any) -> ColumnElement[Any]:
    """The value of the period that covers the day; of the unit itself where it never changed."""
    then = (
        select(getattr(UnitPeriod, column))
        .where(UnitPeriod.unit_id == unit.id, on_day(UnitPeriod, on))
        .correlate(unit)
        .scalar_subquery()
    )
    return func.coalesce(then, getattr(unit, column))
