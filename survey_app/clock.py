"""The only place that reads the clock."""

import time
from datetime import UTC, date, datetime

from config import Settings


def utc_now() -> datetime:
    return datetime.now(UTC)


def local_today(settings: Settings) -> date:
    """The day it is at the office, not at Greenwich."""
    return datetime.now(settings.TIME_ZONE).date()


def seconds_running() -> float:
    """Seconds on a clock that nobody can set; only differences mean anything."""
    return time.monotonic()
