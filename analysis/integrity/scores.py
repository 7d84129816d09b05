"""What a screen says of each device-day, batch or unit: how far from expected, and how rarely chance does that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.types import FloatArray, IntArray

SMALLEST_P = 1e-300
"""Smaller tails are reported as this: below it a float says zero, and chance never does."""


class Reason(IntEnum):
    """Why a screen gives no p value, or that it gives one."""

    COMPUTED = 0
    NO_RESPONSES = 1
    TOO_FEW = 2
    NO_VARIATION = 3
    NO_REFERENCE = 4


@dataclass(frozen=True, slots=True)
class Score:
    """One screen's answer for one device-day, batch or unit.

    Attributes
    ----------
    statistic, expected : float
        What was seen, and its mean if nothing was wrong; NaN where not computed.
    p_value : float
        Chance of as much or more if nothing was wrong; NaN where `reason` is not COMPUTED.
    n : int
        Responses behind it.
    reason : Reason
    place : int
        Bucket, device or level where the extreme lies; -1 where the screen has none.
    method : str
    """

    statistic: float
    expected: float
    p_value: float
    n: int
    reason: Reason
    place: int
    method: str


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """One screen's answers: every attribute of `Score` as an array over device-days, batches or units."""

    statistic: FloatArray
    expected: FloatArray
    p_value: FloatArray
    n: IntArray
    reason: NDArray[np.int8]
    place: IntArray
    method: str

    def __len__(self) -> int:
        return len(self.n)

    def __getitem__(self, index: int) -> Score:
        return Score(
            float(self.statistic[index]),
            float(self.expected[index]),
            float(self.p_value[index]),
            int(self.n[index]),
            Reason(int(self.reason[index])),
            int(self.place[index]),
            self.method,
        )

    @property
    def is_computed(self) -> NDArray[np.bool_]:
        """Entries with a p value."""
        return np.asarray(self.reason == Reason.COMPUTED)


def scores_of(
    statistic: ArrayLike,
    expected: ArrayLike,
    p_value: ArrayLike,
    n: FloatArray,
    *,
    reason: ArrayLike,
    method: str,
    place: ArrayLike = -1,
) -> Scores:
    """Scores whose numbers are NaN wherever a reason stands against them.

    Parameters
    ----------
    statistic, expected, p_value : array_like
    n : (U,) ndarray
    reason : array_like of Reason
    method : str
    place : array_like of int

    Returns
    -------
    Scores

    Examples
    --------
    >>> scores = scores_of([0.9, 0.5], [0.5, 0.5], [0.01, 0.6], np.array([80, 0]),
    ...                    reason=[Reason.COMPUTED, Reason.NO_RESPONSES], method="example")
    >>> scores[1].reason.name, scores[1].p_value
    ('NO_RESPONSES', nan)
    """
    codes = np.broadcast_to(np.asarray(reason, dtype=np.int8), n.shape).copy()
    is_computed = codes == Reason.COMPUTED
    seen, mean = (np.where(is_computed, np.asarray(values), np.nan) for values in (statistic, expected))
    p = np.where(is_computed, np.clip(p_value, SMALLEST_P, 1.0), np.nan)
    places = np.where(is_computed, np.asarray(place), -1).astype(np.int64)
    return Scores(seen, mean, p, n.astype(np.int64), codes, places, method)


def first_reason(*tests: tuple[NDArray[np.bool_], Reason]) -> NDArray[np.int8]:
    """The first reason that holds for each entry, COMPUTED where none does.

    Parameters
    ----------
    *tests : pair of ndarray of bool and Reason

    Returns
    -------
    ndarray of int8

    Examples
    --------
    >>> n = np.array([0, 5, 50])
    >>> first_reason((n == 0, Reason.NO_RESPONSES), (n < 10, Reason.TOO_FEW)).tolist()
    [1, 2, 0]
    """
    holds = [test for test, _ in tests]
    return np.select(holds, [np.int8(reason) for _, reason in tests], np.int8(Reason.COMPUTED))
