"""How many new answers a device, a code and all codes together send; above a flood, a proof of work is asked.

The keys are what was printed or enrolled, never an address: a whole office is one address. Everything is kept in
the memory of the one web process, and a restart begins with full buckets.
"""

import logging
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

logger = logging.getLogger(__name__)

# A flood is over when nobody had to be asked for this long.
CALM_SECONDS = 60.0


class Admission(Enum):
    """Whether a new answer is simply let in, or its sender is asked for work first."""

    FREE = "free"
    WORK = "work"


class Outcome(StrEnum):
    """What became of an answer that came in a flood."""

    ASKED = "asked"
    PROVEN = "proven"
    # A browser without a script cannot work; it is let in, and counted.
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Limit:
    """How many may come at once, and how many a minute for good."""

    burst: int
    per_minute: int


@dataclass(frozen=True, slots=True)
class Limits:
    """The sizes of the three kinds of bucket."""

    device: Limit
    code: Limit
    overall: Limit


@dataclass(slots=True)
class _Bucket:
    """Tokens that come back with time, up to the burst."""

    limit: Limit
    tokens: float
    filled_at: float

    def fill(self, at: float) -> None:
        gained = max(at - self.filled_at, 0.0) * self.limit.per_minute / 60
        self.tokens = min(self.tokens + gained, float(self.limit.burst))
        self.filled_at = at


@dataclass(slots=True)
class _Report:
    """One flood of a code or device, told when it begins and when it is over; no answer is named."""

    last_at: float
    counts: Counter[Outcome] = field(default_factory=Counter)


class Flood:
    """The buckets of one web process. Every key must be one that was checked before, or memory could be filled."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._reports: dict[str, _Report] = {}
        self._lock = threading.Lock()

    def admit(self, *, code: str, device: str | None = None, at: float) -> Admission:
        """Take one token for a new answer: an enrolled device's own, or one of its code and one of all codes."""
        with self._lock:
            self._end_floods(at)
            if device is not None:
                wanted = [self._bucket("device", device, self._limits.device, at)]
            else:
                wanted = [
                    self._bucket("code", code, self._limits.code, at),
                    self._bucket("overall", "", self._limits.overall, at),
                ]
            if any(bucket.tokens < 1 for bucket in wanted):
                return Admission.WORK
            for bucket in wanted:
                bucket.tokens -= 1
            return Admission.FREE

    def count(self, key: str, outcome: Outcome, *, at: float) -> None:
        """Note what became of an answer in a flood, under its code or device."""
        with self._lock:
            report = self._reports.get(key)
            if report is None:
                report = self._reports[key] = _Report(at)
                logger.warning("flood began key=%s", key)
            report.last_at = at
            report.counts[outcome] += 1

    def counts(self, key: str) -> Mapping[Outcome, int]:
        """What the flood of this key, if there is one, has counted so far."""
        with self._lock:
            report = self._reports.get(key)
            return dict(report.counts) if report else {}

    def _bucket(self, kind: str, key: str, limit: Limit, at: float) -> _Bucket:
        bucket = self._buckets.get((kind, key))
        if bucket is None:
            bucket = self._buckets[kind, key] = _Bucket(limit, float(limit.burst), at)
        bucket.fill(at)
        return bucket

    def _end_floods(self, at: float) -> None:
        for key in [key for key, report in self._reports.items() if at - report.last_at >= CALM_SECONDS]:
            counts = self._reports.pop(key).counts
            told = " ".join(f"{outcome}={counts[outcome]}" for outcome in Outcome)
            logger.warning("flood over key=%s %s", key, told)
