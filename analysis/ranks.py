"""Ranks with their uncertainty: joint confidence sets, never an ordinal alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.errors import InvalidShape
from analysis.intervals import wilson_limits
from analysis.types import Estimates, IntArray, RankInterval
from analysis.validation import level_of


@dataclass(frozen=True, slots=True, eq=False)
class RankIntervals:
    """Ranks of all units, 1 = largest, with joint bounds.

    Attributes
    ----------
    rank, low, high : (K,) ndarray of int
    """

    rank: IntArray
    low: IntArray
    high: IntArray

    def __len__(self) -> int:
        return len(self.rank)

    def __getitem__(self, index: int) -> RankInterval:
        return RankInterval(int(self.low[index]), int(self.high[index]))


def joint_rank_intervals(estimates: Estimates, *, confidence_level: float = 0.95) -> RankIntervals:
    """Ranks that units may hold, right for all of them at once.

    Parameters
    ----------
    estimates : Estimates
        Of shares or indices in [0, 1] of independent units.
    confidence_level : float in (0, 1)
        Of all K rank intervals together.

    Returns
    -------
    RankIntervals

    Notes
    -----
    Wilson limits at level ``confidence_level^(1/K)`` each, then `rank_intervals`.

    References
    ----------
    Klein, Wright and Wieczorek (2020), JRSS A 183:589-606.

    Examples
    --------
    >>> from analysis.intervals import wilson_interval
    >>> ranks = joint_rank_intervals(wilson_interval([450, 400, 395], [500, 500, 500]))
    >>> [(rank.low, rank.high) for rank in (ranks[0], ranks[1], ranks[2])]
    [(1, 1), (2, 3), (2, 3)]
    """
    single = level_of(confidence_level) ** (1 / max(len(estimates), 1))
    critical = np.asarray(special.stdtrit(estimates.df, 0.5 + single / 2))
    low, high = wilson_limits(estimates.value, estimates.n_effective, critical)
    return rank_intervals(low, high, value=estimates.value)


def rank_intervals(low: ArrayLike, high: ArrayLike, *, value: ArrayLike) -> RankIntervals:
    """Ranks that simultaneous intervals allow.

    Parameters
    ----------
    low, high, value : (K,) array_like
        Limits that hold jointly, and estimates; NaN values rank last.

    Returns
    -------
    RankIntervals

    Notes
    -----
    ``low_k = 1 + #{j: L_j > U_k}``, ``high_k = K - #{j: U_j < L_k}``, in O(K log K).

    Examples
    --------
    >>> rank_intervals([0.8, 0.1], [0.9, 0.2], value=[0.85, 0.15]).rank.tolist()
    [1, 2]
    """
    lows, highs, values = (np.asarray(array, dtype=np.float64) for array in (low, high, value))
    if not lows.shape == highs.shape == values.shape or lows.ndim != 1:
        raise InvalidShape(
            expected="low, high and value of one length",
            got=f"{lows.shape}, {highs.shape}",
            hint="one entry per unit",
        )
    k = len(values)
    above = k - np.searchsorted(np.sort(lows), highs, side="right")
    below = np.searchsorted(np.sort(highs), lows, side="left")
    rank = np.empty(k, dtype=np.int64)
    rank[np.argsort(-values, kind="stable")] = np.arange(1, k + 1)
    return RankIntervals(rank, 1 + above, k - below)
