"""Instants as the office's clock shows them."""

from datetime import date, datetime, time, timedelta

from survey_app.web.current import settings


def clock_words(at: datetime) -> str:
    """14/09/2026 16:05, at the office."""
    return f"{at.astimezone(settings().TIME_ZONE):%d/%m/%Y %H:%M}"


def day_begins(day: date) -> datetime:
    """The first instant of a day at the office."""
    return datetime.combine(day, time(), settings().TIME_ZONE)


def day_ends(day: date) -> datetime:
    """The first instant after it."""
    return day_begins(day + timedelta(days=1))
