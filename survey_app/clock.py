"""The only place that reads the clock."""

from datetime import UTC, date, datetime

from config import Settings


def utc_now() -> datetime:
    return datetime.now(UTC)


def local_today(settings: Settings) -> date:
    """The day it is at the office, not at Greenwich."""
    return datetime.now(settings.TIME_ZONE).date()
