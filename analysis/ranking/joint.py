"""Ranks with their uncertainty: joint confidence sets, never an ordinal alone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.comparing.many_comparisons import simultaneous_level
from analysis.distributions import t_critical
from analysis.errors import InvalidCounts, InvalidShape
from analysis.intervals.shares import wilson_limits
from analysis.types import Estimates, FloatArray, IntArray, RankInterval
from analysis.validation import level_of, numbers_of, positive, require_known, together


@dataclass(frozen=True, slots=True, eq=False)
class RankIntervals:
    """Ranks of all units, 1 = largest, with bounds.

    Attributes
    ----------
    rank, low, high : (K,) ndarray of int
        Equal estimates share the best of their ranks (1, 2, 2, 4); 0 for a unit without an estimate, which has no
        rank and takes none from the others.
    method : str
        How the bounds were made.
    confidence_level : float
        Of all bounds together, or of each unit's for a marginal method.
    critical_value : float
        Multiple of each standard error, where one serves all units; else NaN.
    """

    rank: IntArray
    low: IntArray
    high: IntArray
    method: str = "joint"
    confidence_level: float = 0.95
    critical_value: float = float("nan")

    def __len__(self) -> int:
        return len(self.rank)

    def __getitem__(self, index: int) -> RankInterval:
        return RankInterval(int(self.low[index]), int(self.high[index]))

    @property
    def n_ranked(self) -> int:
        """Units with an estimate."""
        return int((self.rank > 0).sum())


@checked
def joint_rank_intervals(
    estimates: Estimates, *, adjustment: str = "independent", confidence_level: float = 0.95
) -> RankIntervals:
    """Ranks that units may hold, right for all of them at once.

    Parameters
    ----------
    estimates : Estimates
        Of shares or indices in [0, 1]; NaN values (nobody answered) have no rank.
    adjustment : {"independent", "bonferroni"}
        As in `normal_rank_intervals`.
    confidence_level : float in (0, 1)
        Of all K rank intervals together.

    Returns
    -------
    RankIntervals

    Notes
    -----
    Wilson limits at level ``confidence_level^(1/K)`` each, then `rank_intervals`: unlike normal ones they stay
    honest where everyone of a unit is satisfied.

    References
    ----------
    Klein, Wright and Wieczorek (2020), JRSS A 183:589-606.

    Examples
    --------
    >>> from analysis.intervals.shares import wilson_interval
    >>> ranks = joint_rank_intervals(wilson_interval([450, 400, 395], [500, 500, 500]))
    >>> [(rank.low, rank.high) for rank in (ranks[0], ranks[1], ranks[2])]
    [(1, 1), (2, 3), (2, 3)]
    """
    known = ~np.isnan(estimates.value)
    level = _level_of_one(adjustment, confidence_level, int(known.sum()))
    low, high = np.full((2, len(known)), np.nan)
    critical = t_critical(estimates.df[known], level)
    low[known], high[known] = wilson_limits(estimates.value[known], estimates.n_effective[known], critical)
    return rank_intervals(
        low, high, value=estimates.value, method=f"joint_{adjustment}", confidence_level=confidence_level
    )


@checked
def normal_rank_intervals(
    value: ArrayLike,
    standard_error: ArrayLike,
    *,
    df: ArrayLike = np.inf,
    adjustment: str = "independent",
    confidence_level: float = 0.95,
) -> RankIntervals:
    """Ranks that units may hold, from estimates and standard errors, right for all of them at once.

    Parameters
    ----------
    value : (K,) array_like
        Estimates on any scale; NaN where there is none.
    standard_error : (K,) array_like >= 0
        A share of 100 % has an estimated error of 0 and would hold its rank for certain: borrow a design
        effect, or use `joint_rank_intervals`.
    df : array_like > 0
        Degrees of freedom of the errors: t replaces z.
    adjustment : {"independent", "bonferroni"}
        "independent" takes ``confidence_level^(1/K)`` for each: exact for independent estimates, and never too
        narrow for normal ones however they correlate (Šidák 1967). "bonferroni" holds for any law.
    confidence_level : float in (0, 1)
        Of all K rank intervals together.

    Returns
    -------
    RankIntervals

    Notes
    -----
    ``value ± c standard_error``, then `rank_intervals`; O(K log K).

    References
    ----------
    Klein, Wright and Wieczorek (2020), JRSS A 183:589-606. Šidák (1967), JASA 62:626-633.

    Examples
    --------
    >>> ranks = normal_rank_intervals([0.9, 0.8, 0.79], [0.01, 0.01, 0.01])
    >>> ranks.low.tolist(), ranks.high.tolist()
    ([1, 2, 2], [1, 3, 3])
    """
    values, errors, freedom = together(
        numbers_of(value, name="value"),
        numbers_of(standard_error, name="standard_error"),
        numbers_of(df, name="df"),
    )
    known = ~np.isnan(values)
    if (
        values.ndim != 1
        or np.isinf(values).any()
        or not (errors[known] >= 0).all()
        or np.isinf(errors[known]).any()
    ):
        raise InvalidCounts(
            expected="finite estimates, NaN where there is none, with standard errors >= 0",
            got="infinity, a negative or a missing error",
            hint="one entry per unit",
        )
    level = _level_of_one(adjustment, confidence_level, int(known.sum()))
    critical = t_critical(positive(freedom, name="df"), level)
    half = critical * np.where(known, errors, np.nan)
    found = rank_intervals(
        values - half,
        values + half,
        value=values,
        method=f"joint_{adjustment}",
        confidence_level=confidence_level,
    )
    one = float(critical[0]) if len(critical) and not np.ptp(critical) else float("nan")
    return replace(found, critical_value=one)


@checked
def rank_intervals(
    low: ArrayLike,
    high: ArrayLike,
    *,
    value: ArrayLike,
    method: str = "joint",
    confidence_level: float = 0.95,
) -> RankIntervals:
    """Ranks that simultaneous intervals allow.

    Parameters
    ----------
    low, high, value : (K,) array_like
        Limits that hold jointly, and estimates; units whose value is NaN have no rank.
    method, confidence_level
        Said in the result.

    Returns
    -------
    RankIntervals

    Notes
    -----
    ``low_k = 1 + #{j: L_j > U_k}``, ``high_k = K - #{j: U_j < L_k}``, in O(K log K). Limits that touch do not
    separate; units whose true values are equal are covered at each of the ranks they share.

    Examples
    --------
    >>> rank_intervals([0.8, 0.1], [0.9, 0.2], value=[0.85, 0.15]).rank.tolist()
    [1, 2]
    """
    lows, highs, values = (numbers_of(array, name="limits and values") for array in (low, high, value))
    if not lows.shape == highs.shape == values.shape or lows.ndim != 1:
        raise InvalidShape(
            expected="low, high and value of one length",
            got=f"{lows.shape}, {highs.shape}, {values.shape}",
            hint="one entry per unit",
        )
    known = ~np.isnan(values)
    lows, highs = lows[known], highs[known]
    if not (lows <= highs).all():
        raise InvalidCounts(expected="low <= high", got="limits crossed or NaN", hint="check their order")
    k = len(lows)
    above = k - np.searchsorted(np.sort(lows), highs, side="right")
    below = np.searchsorted(np.sort(highs), lows, side="left")
    return placed_ranks(
        values, 1 + above, k - below, method=method, confidence_level=level_of(confidence_level)
    )


def placed_ranks(
    value: FloatArray, low: IntArray, high: IntArray, *, method: str, confidence_level: float
) -> RankIntervals:
    """Bounds of the units with an estimate, put back among all units, with the ranks of the estimates.

    Parameters
    ----------
    value : (K0,) ndarray
        NaN where a unit has no estimate.
    low, high : (K,) ndarray of int
        Of the others, in their order.
    method, confidence_level
        Said in the result.

    Returns
    -------
    RankIntervals

    Notes
    -----
    The rank is ``1 + #{j: value_j > value_k}``.

    Examples
    --------
    >>> one, two = np.array([1, 1, 1]), np.array([3, 3, 3])
    >>> placed_ranks(
    ...     np.array([0.7, np.nan, 0.9, 0.7]), one, two, method="joint", confidence_level=0.95
    ... ).rank.tolist()
    [2, 0, 1, 2]
    """
    known = ~np.isnan(value)
    rank, lows, highs = np.zeros((3, len(value)), dtype=np.int64)
    ordered = np.sort(value[known])
    rank[known] = 1 + len(ordered) - np.searchsorted(ordered, value[known], side="right")
    lows[known], highs[known] = low, high
    return RankIntervals(rank, lows, highs, method, confidence_level)


def _level_of_one(adjustment: str, confidence_level: float, size: int) -> float:
    """Level of the interval of one unit."""
    require_known(adjustment, ("independent", "bonferroni"), name="adjustment")
    method = "sidak" if adjustment == "independent" else adjustment
    return simultaneous_level(confidence_level, max(size, 1), method=method)
