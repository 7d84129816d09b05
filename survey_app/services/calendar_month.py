"""A month of the office calendar as a page shows it: days off and worked, and closures among the viewer's units."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from survey_app.months import month_of
from survey_app.queries import openings, units
from survey_app.queries.openings import ClosureRow, PointHours, SpecialDay
from survey_app.queries.units import UnitRow
from survey_app.services.accounts import Viewer, visible_unit_ids
from survey_app.services.working_days import WorkCalendar, load_calendar


@dataclass(frozen=True, slots=True)
class CalendarCell:
    """One day of the month view; `n_closed` of the viewer's units are closed on it."""

    day: date
    is_of_month: bool
    is_worked: bool
    special: SpecialDay | None
    closures: tuple[ClosureRow, ...]
    n_closed: int


@dataclass(frozen=True, slots=True)
class ClosureLine:
    """A closure with the names of those of its units that the viewer may see."""

    closure: ClosureRow
    units: tuple[str, ...]
    is_all: bool
    can_withdraw: bool


@dataclass(frozen=True, slots=True)
class CalendarMonth:
    """A month in weeks from Monday, the closures that touch it, the special days of its year."""

    month: date
    weeks: tuple[tuple[CalendarCell, ...], ...]
    closures: tuple[ClosureLine, ...]
    special_days: tuple[SpecialDay, ...]
    n_units: int
    n_working_days: int


def calendar_month(session: Session, *, month: date, viewer: Viewer, today: date) -> CalendarMonth:
    """The month of a day, for the viewer's units that receive people."""
    first, last = month_of(month)
    start = first - timedelta(days=first.weekday())
    end = last + timedelta(days=6 - last.weekday())
    receiving = receiving_units(session, viewer=viewer, today=today)
    names = {row.id: row.label for row in receiving}
    work = load_calendar(session, start, end, unit_ids=list(names))
    cells = [_cell(work, start + timedelta(days=n), names, first) for n in range((end - start).days + 1)]
    in_month = [each for each in work.closures if each.starts_on <= last and each.ends_on >= first]
    mine = visible_unit_ids(session, viewer=viewer)
    year = openings.special_days(session, date(first.year, 1, 1), date(first.year, 12, 31))
    return CalendarMonth(
        month=first,
        weeks=tuple(tuple(cells[at : at + 7]) for at in range(0, len(cells), 7)),
        closures=tuple(_line(each, names, mine) for each in in_month),
        special_days=tuple(year),
        n_units=len(names),
        n_working_days=sum(each.is_of_month and each.is_worked for each in cells),
    )


def receiving_units(session: Session, *, viewer: Viewer, today: date) -> list[UnitRow]:
    """The viewer's units that have a point today."""
    having = set(units.units_with_points(session, viewer.unit_id, today))
    return [row for row in units.units_as_at(session, today) if row.id in having]


def points_with_hours(session: Session, *, viewer: Viewer, today: date) -> list[PointHours]:
    """The points of the viewer's units with all their rows of hours."""
    return openings.points_with_hours(session, unit_ids=visible_unit_ids(session, viewer=viewer), on=today)


def _cell(work: WorkCalendar, day: date, names: dict[int, str], first: date) -> CalendarCell:
    closures = tuple(each for each in work.closures if each.starts_on <= day <= each.ends_on)
    closed = frozenset[int]().union(*(each.unit_ids for each in closures)) & names.keys()
    return CalendarCell(
        day, day.month == first.month, work.is_open(day), work.special.get(day), closures, len(closed)
    )


def _line(closure: ClosureRow, names: dict[int, str], mine: frozenset[int]) -> ClosureLine:
    shown = tuple(name for unit_id, name in names.items() if unit_id in closure.unit_ids)
    return ClosureLine(closure, shown, len(shown) == len(names), closure.unit_ids <= mine)
