"""Months of the calendar: their days, and one counted from another."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date


def last_day(day: date) -> date:
    """Of the month of a day."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def month_of(day: date) -> tuple[date, date]:
    """First and last day of the month of a day."""
    return day.replace(day=1), last_day(day)


def months_later(day: date, n: int) -> date:
    """The first day of the month that lies `n` months after that of a day; before it where `n` is negative."""
    place = day.year * 12 + day.month - 1 + n
    return date(place // 12, place % 12 + 1, 1)


def months_between(first: date, last: date) -> Iterator[date]:
    """The first days of the months that two days span."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = months_later(month, 1)
