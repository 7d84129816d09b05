"""Named periods of an office for a year, made by rule: months, quarters, halves or the year, from a chosen day."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from survey_app.errors import DatesReversed
from survey_app.months import last_day
from survey_app.queries import calendar, units
from survey_app.queries.calendar import PeriodRow
from survey_app.services.accounts import Viewer, require_unit, visible_unit_ids
from survey_app.services.waves import NewPeriod, add_period

# How many months each rule takes together.
RULES = {"month": 1, "quarter": 3, "half": 6, "year": 12}
ROMAN = ("I", "II", "III", "IV")
LAST_FIRST_DAY = 28


def visible_periods(session: Session, *, viewer: Viewer) -> list[PeriodRow]:
    """The periods of the offices the viewer may see and of those above them, the latest first."""
    offices = visible_unit_ids(session, viewer=viewer) | set(units.ancestor_ids(session, viewer.unit_id))
    return calendar.periods_of(session, sorted(offices))


def add_year(
    session: Session, *, root_unit_id: int, year: int, rule: str, first_day: int, by: Viewer, now: datetime
) -> int:
    """Name every period of a year; those that are there stay. How many the year has."""
    require_unit(session, unit_id=root_unit_id, viewer=by)
    root = units.unit_by_id(session, root_unit_id)
    made = list(year_periods(root_code=root.code, year=year, rule=rule, first_day=first_day))
    for period in made:
        add_period(session, period, now=now, by=by)
    return len(made)


def year_periods(*, root_code: str, year: int, rule: str, first_day: int = 1) -> Iterator[NewPeriod]:
    """The periods of a year in order.

    From the first of a month a period is whole months. From a later day it begins in the month before and ends the
    day before in its own last month, as offices close their books: the first quarter from the 15th is 15 December to
    14 March.
    """
    if rule not in RULES or not 1 <= first_day <= LAST_FIRST_DAY:
        raise DatesReversed(f"{rule} {first_day}")
    step = RULES[rule]
    for number, last_month in enumerate(range(step, 13, step), start=1):
        starts_on, ends_on = _days(year, last_month - step + 1, last_month, first_day)
        title_vi, title_en, code = _names(rule, year, number)
        suffix = "" if first_day == 1 else f"-{first_day}"
        yield NewPeriod(f"{root_code}-{code}{suffix}", title_vi, title_en, root_code, starts_on, ends_on)


def _days(year: int, first_month: int, last_month: int, first_day: int) -> tuple[date, date]:
    if first_day == 1:
        return date(year, first_month, 1), last_day(date(year, last_month, 1))
    before = date(year, first_month, 1) - timedelta(days=1)
    return before.replace(day=first_day), date(year, last_month, first_day - 1)


def _names(rule: str, year: int, number: int) -> tuple[str, str, str]:
    if rule == "month":
        return f"Tháng {number}/{year}", f"Month {number}/{year}", f"{year}-{number:02}"
    if rule == "quarter":
        return f"Quý {ROMAN[number - 1]}/{year}", f"Quarter {ROMAN[number - 1]}/{year}", f"{year}-Q{number}"
    if rule == "half":
        which = ("đầu năm", "cuối năm")[number - 1], ("First", "Second")[number - 1]
        return f"6 tháng {which[0]} {year}", f"{which[1]} half of {year}", f"{year}-H{number}"
    return f"Năm {year}", f"Year {year}", f"{year}-N"
