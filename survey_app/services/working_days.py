"""Whether an office is open on a day, and counting in working days: for silence, hours and deadlines.

A day is worked if the week has hours for it or it makes up for another day, and it is no public holiday. A unit is
closed besides on the days of its closures. Points without hours of their own keep office hours, Monday to Friday.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from survey_app.queries import openings, units
from survey_app.queries.openings import ClosureRow, SpecialDay
from survey_app.services.device_profile import KioskProfile, Span

OFFICE_WEEK: tuple[tuple[Span, ...], ...] = KioskProfile().hours
_ONE_DAY = timedelta(days=1)
# Longer than any run of days off: a search that goes on is an error in the calendar, not a holiday.
MAX_DAYS_OFF = 60

Week = tuple[tuple[Span, ...], ...]


class NoWorkingDay(Exception):
    """The calendar has no open day within two months; somebody closed a unit without an end."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Hours, days off and closures of a span of days, in memory."""

    special: Mapping[date, SpecialDay]
    closures: Sequence[ClosureRow]
    hours: Mapping[int, Sequence[tuple[date, Week]]]

    def week_of(self, point_id: int | None, day: date) -> Week:
        """The week of hours that a point keeps on a day."""
        rows = self.hours.get(point_id, ()) if point_id is not None else ()
        return next((week for valid_from, week in rows if valid_from <= day), OFFICE_WEEK)

    def day_off(self, day: date) -> SpecialDay | None:
        """The public holiday of a day."""
        found = self.special.get(day)
        return found if found is not None and found.kind == "holiday" else None

    def closure_of(self, unit_id: int, day: date) -> ClosureRow | None:
        """The closure by which a unit is closed on a day."""
        return next((each for each in self.closures if each.holds(unit_id, day)), None)

    def hours_on(
        self, day: date, *, unit_id: int | None = None, point_id: int | None = None
    ) -> tuple[Span, ...]:
        """Spans of a day; none where it is closed. A weekend day that is worked has the hours of a weekday."""
        if self.day_off(day) or (unit_id is not None and self.closure_of(unit_id, day)):
            return ()
        week = self.week_of(point_id, day)
        if week[day.weekday()] or day not in self.special:
            return week[day.weekday()]
        return next((spans for spans in week if spans), ())

    def is_open(self, day: date, *, unit_id: int | None = None, point_id: int | None = None) -> bool:
        return bool(self.hours_on(day, unit_id=unit_id, point_id=point_id))

    def open_days(
        self, after: date, through: date, *, unit_id: int | None = None, point_id: int | None = None
    ) -> int:
        """Open days later than one day and not later than another."""
        days = (after + offset * _ONE_DAY for offset in range(1, (through - after).days + 1))
        return sum(self.is_open(day, unit_id=unit_id, point_id=point_id) for day in days)


def load_calendar(
    session: Session,
    starts_on: date,
    ends_on: date,
    *,
    unit_ids: Collection[int] = (),
    point_ids: Collection[int] = (),
) -> WorkCalendar:
    """The calendar of these days for these units and points, in three reads."""
    special = openings.special_days(session, starts_on, ends_on)
    closures = openings.closures_between(session, starts_on, ends_on, unit_ids=unit_ids) if unit_ids else []
    stored = openings.hours_of(session, point_ids) if point_ids else {}
    hours = {point: [(since, read_week(week)) for since, week in rows] for point, rows in stored.items()}
    return WorkCalendar({each.day: each for each in special}, closures, hours)


def read_week(stored: Sequence[Sequence[Sequence[str]]]) -> Week:
    """A week as JSON keeps it."""
    return tuple(tuple((start, end) for start, end in day) for day in stored)


def is_open(session: Session, point_id: int, day: date) -> bool:
    """Whether a point receives people on a day, by its hours and the closures of its unit of that day."""
    unit_id = units.point_unit_on(session, point_id, day).id
    calendar = load_calendar(session, day, day, unit_ids=[unit_id], point_ids=[point_id])
    return calendar.is_open(day, unit_id=unit_id, point_id=point_id)


def add_working_days(session: Session, day: date, n: int, unit_id: int | None = None) -> date:
    """The n-th working day after a day (before it, if n is negative); with 0, the day itself or the next open one.

    A deadline falls on a day on which the unit works.
    """
    direction, furthest = (1 if n >= 0 else -1), 3 * abs(n) + MAX_DAYS_OFF
    reach = day + direction * furthest * _ONE_DAY
    calendar = load_calendar(
        session, min(day, reach), max(day, reach), unit_ids=() if unit_id is None else [unit_id]
    )
    if n == 0 and calendar.is_open(day, unit_id=unit_id):
        return day
    left = max(abs(n), 1)
    for offset in range(1, furthest + 1):
        reached = day + direction * offset * _ONE_DAY
        left -= calendar.is_open(reached, unit_id=unit_id)
        if left == 0:
            return reached
    raise NoWorkingDay(f"unit {unit_id} from {day}")


def kiosk_week(session: Session, point_id: int, day: date, *, usual: Week) -> Week:
    """Hours by which a kiosk tells answers after hours: those of its point, closed where its unit is closed today.

    A point without hours of its own keeps the kiosk's.
    """
    unit_id = openings.units_of_points(session, [point_id], day).get(point_id)
    calendar = load_calendar(
        session, day, day, unit_ids=() if unit_id is None else [unit_id], point_ids=[point_id]
    )
    week = list(calendar.week_of(point_id, day) if point_id in calendar.hours else usual)
    is_closed = calendar.day_off(day) or (unit_id is not None and calendar.closure_of(unit_id, day))
    if is_closed:
        week[day.weekday()] = ()
    elif day in calendar.special and not week[day.weekday()]:
        week[day.weekday()] = next((spans for spans in week if spans), ())
    return tuple(week)
