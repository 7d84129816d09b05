"""How long a name must wait after failures: up to a quarter of an hour, and never for good."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from survey_app.errors import SignInThrottled

MAX_FAILURES = 5
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Failures:
    """Failures in a row, and the instant from which the next attempt is looked at."""

    n: int = 0
    blocked_until: datetime | None = None


def after_attempt(failures: Failures, now: datetime) -> Failures:
    """The state with one more attempt counted as failed; success takes it back. Refuses in a pause.

    Counted before the password is looked at, a hundred guesses sent at once are still five guesses.
    """
    until = failures.blocked_until
    if until is not None and until > now:
        raise SignInThrottled(ceil((until - now).total_seconds()))
    is_forgotten = until is None or now - until >= FORGOTTEN_AFTER
    n = 1 if is_forgotten else failures.n + 1
    return Failures(n, now + _pause(n))


def _pause(n_failures: int) -> timedelta:
    if n_failures < MAX_FAILURES:
        return timedelta(0)
    doublings = min(n_failures - MAX_FAILURES, 10)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


class UnknownNames:
    """The same pauses for names nobody has, so that a pause does not tell which names exist."""

    def __init__(self, *, max_names: int = 10_000) -> None:
        self._max_names = max_names
        self._failures: OrderedDict[str, Failures] = OrderedDict()
        self._lock = threading.Lock()

    def count_attempt(self, name: str, *, now: datetime) -> None:
        with self._lock:
            self._failures[name] = after_attempt(self._failures.get(name, Failures()), now)
            self._failures.move_to_end(name)
            if len(self._failures) > self._max_names:
                self._failures.popitem(last=False)
