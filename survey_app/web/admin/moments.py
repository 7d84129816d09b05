"""Instants as the office's clock shows them."""

from datetime import date, datetime, time, timedelta

from survey_app.formatting import moment
from survey_app.i18n import current_language
from survey_app.web.current import settings


def clock_words(at: datetime) -> str:
    """The office's day and minute in the language of the page: what `fmt_moment` writes in a template."""
    return moment(at.astimezone(settings().TIME_ZONE), language=current_language())


def day_begins(day: date) -> datetime:
    """The first instant of a day at the office."""
    return datetime.combine(day, time(), settings().TIME_ZONE)


def day_ends(day: date) -> datetime:
    """The first instant after it."""
    return day_begins(day + timedelta(days=1))
