"""Differences of two independent shares, many pairs at once, each with its interval and the matching test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.arithmetic import quotient
from analysis.distributions import t_critical
from analysis.errors import InvalidOption
from analysis.intervals.limits import Limits, wilson_limits
from analysis.intervals.sampled_shares import SampledShares, counted_shares
from analysis.intervals.score_difference import Pairs, score_limits, score_statistic
from analysis.types import Difference, Estimates, FloatArray
from analysis.validation import level_of, together

LARGEST = 1e9
"""Stands for the infinite effective n of a census where a formula needs a number."""

FARTHEST = 40.0
"""Standard errors beyond which a p value is 0 in double precision."""


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """Many differences, first minus second: `Difference` as arrays of one shape, with what made them.

    Attributes
    ----------
    value : ndarray in [-1, 1]
        NaN where either group is empty.
    ci_low, ci_high : ndarray
        -1 and 1 where either group is empty.
    p_value : ndarray in [0, 1]
        Two-sided, of no difference, by the test that belongs to the interval; NaN where a group is empty.
    n_effective1, n_effective2 : ndarray >= 0
        Independent respondents of each group.
    df : ndarray > 0
        Of the critical value; infinite where both design effects are taken as known.
    method : str
    confidence_level : float
    """

    value: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    p_value: FloatArray
    n_effective1: FloatArray
    n_effective2: FloatArray
    df: FloatArray
    method: str
    confidence_level: float

    def __len__(self) -> int:
        return len(self.value)

    def at(self, *index: int) -> Difference:
        """The difference of one pair."""
        value, low, high, p_value = (
            float(array[index]) for array in (self.value, self.ci_low, self.ci_high, self.p_value)
        )
        return Difference(value, low, high, p_value, self.method, self.confidence_level)


def share_difference(
    k1: ArrayLike,
    n1: ArrayLike,
    k2: ArrayLike,
    n2: ArrayLike,
    *,
    method: str = "newcombe",
    design_effect1: ArrayLike = 1.0,
    design_effect2: ArrayLike = 1.0,
    df1: ArrayLike | None = None,
    df2: ArrayLike | None = None,
    confidence_level: float = 0.95,
    clip: bool = True,
) -> Differences:
    """Differences of shares of independent respondents: two units, or two waves with new people.

    Parameters
    ----------
    k1, n1, k2, n2 : array_like, 0 <= k <= n
        Satisfied and answering respondents of both groups; weighted k allowed. They broadcast.
    method : {"newcombe", "miettinen_nurminen", "mee", "agresti_caffo", "wald"}
    design_effect1, design_effect2 : array_like > 0
    df1, df2 : array_like > 0, optional
        Degrees of freedom of estimated design effects.
    confidence_level : float in (0, 1)
        Two-sided level.
    clip : bool
        Cut limits at -1 and 1. Only "wald" and "agresti_caffo" ever leave them.

    Returns
    -------
    Differences

    Notes
    -----
    With d = p1 - p2, n the effective respondents, c normal, or t with Welch and Satterthwaite's df:

    ==================== ===================================================================
    newcombe             Wilson limits l, u of each: d - √((p1-l1)² + (u2-p2)²) to
                         d + √((u1-p1)² + (p2-l2)²); p the smallest level without 0
    mee                  every difference whose score statistic is within ± c
    miettinen_nurminen   the same with the variance times (n1+n2) / (n1+n2-1)
    agresti_caffo        wald of (x1+1) / (n1+2) and (x2+1) / (n2+2)
    wald                 d ± c √(p1(1-p1)/n1 + p2(1-p2)/n2); too narrow near 0 and 100 %
    ==================== ===================================================================

    Overlapping intervals of two shares are no test of their difference. The same people asked twice, or
    units that share clusters, need the variance of the contrast instead.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873-890. Miettinen and Nurminen (1985), Statistics in Medicine
    4:213-226. Mee (1984), Biometrics 40:1175-1176. Agresti and Caffo (2000), American Statistician 54:280-288.

    Examples
    --------
    >>> change = share_difference([56, 9], [70, 10], [48, 3], [80, 10], method="miettinen_nurminen")
    >>> change.ci_low.round(4).tolist(), change.ci_high.round(4).tolist()
    ([0.0528, 0.17], [0.3382, 0.8406])
    """
    first = counted_shares(k1, n1, design_effect=design_effect1, df=df1)
    second = counted_shares(k2, n2, design_effect=design_effect2, df=df2)
    return _differences(first, second, method=method, confidence_level=confidence_level, clip=clip)


def difference_of_shares(
    first: Estimates,
    second: Estimates,
    *,
    method: str = "newcombe",
    confidence_level: float = 0.95,
    clip: bool = True,
) -> Differences:
    """Differences of estimated shares, weighted, clustered or stratified, of independent samples.

    Parameters
    ----------
    first, second : Estimates
        Of `analysis.intervals.shares.design_interval` or any other; `value`, `n_effective` and `df` are read. Those
        of "wilson" keep n_eff = p(1-p) / variance.
    method, confidence_level, clip
        As in `share_difference`.

    Returns
    -------
    Differences

    Examples
    --------
    >>> from analysis.intervals.shares import design_interval
    >>> waves = [design_interval([p], 0.0009, 400, 30) for p in (0.80, 0.70)]
    >>> change = difference_of_shares(*waves).at(0)
    >>> f"{change.ci_low:.3f} {change.ci_high:.3f} {change.p_value:.3f}"
    '0.013 0.182 0.025'
    """
    shares = (
        SampledShares(one.value, one.n_respondents.astype(np.float64), one.n_effective, one.df)
        for one in (first, second)
    )
    return _differences(*shares, method=method, confidence_level=confidence_level, clip=clip)


def _differences(
    first: SampledShares, second: SampledShares, *, method: str, confidence_level: float, clip: bool
) -> Differences:
    name = ALIASES.get(method, method)
    if name not in DIFFERENCE_METHODS:
        offered = ", ".join([*DIFFERENCE_METHODS, *ALIASES])
        raise InvalidOption(expected=f"one of {offered}", got=repr(method), hint="check the spelling")
    p1, n1, df1, p2, n2, df2 = together(
        first.value, first.n_effective, first.df, second.value, second.n_effective, second.df
    )
    known = np.isfinite(p1) & np.isfinite(p2) & (n1 > 0) & (n2 > 0)
    pairs = Pairs(*(np.where(known, array, 0.5) for array in (p1, n1, p2, n2)))
    df = _welch_df(pairs, df1, df2)
    limits, test = DIFFERENCE_METHODS[name]
    low, high = limits(pairs, t_critical(df, level_of(confidence_level)))
    p_value = np.minimum(2 * special.stdtr(df, -np.abs(test(pairs))), 1.0)
    if clip:
        low, high = np.clip(low, -1.0, 1.0), np.clip(high, -1.0, 1.0)
    return Differences(
        np.where(known, pairs.difference, np.nan),
        np.where(known, low, -1.0),
        np.where(known, high, 1.0),
        np.where(known, p_value, np.nan),
        n1,
        n2,
        df,
        method=name,
        confidence_level=confidence_level,
    )


def _welch_df(pairs: Pairs, df1: FloatArray, df2: FloatArray) -> FloatArray:
    """Welch and Satterthwaite's degrees of freedom; the smaller of both where neither group varies."""
    variance1, variance2 = pairs.p1 * (1 - pairs.p1) / pairs.n1, pairs.p2 * (1 - pairs.p2) / pairs.n2
    total = variance1 + variance2
    # Relative variances: their squares cannot underflow.
    share1 = quotient(variance1, total, empty=0.0)
    share2 = quotient(variance2, total, empty=0.0)
    spread = share1**2 / df1 + share2**2 / df2
    welch = quotient(1.0, spread, empty=np.inf)
    return np.where(total > 0, welch, np.minimum(df1, df2))


def _wald_error(pairs: Pairs) -> FloatArray:
    return np.asarray(np.sqrt(pairs.p1 * (1 - pairs.p1) / pairs.n1 + pairs.p2 * (1 - pairs.p2) / pairs.n2))


def _wald_limits(pairs: Pairs, critical: FloatArray) -> Limits:
    half = critical * _wald_error(pairs)
    return pairs.difference - half, pairs.difference + half


def _wald_statistic(pairs: Pairs) -> FloatArray:
    """Zero where nothing differs, infinite where nothing varies but something differs."""
    difference, error = pairs.difference, _wald_error(pairs)
    without_error = np.where(difference == 0, 0.0, np.copysign(np.inf, difference))
    return np.asarray(np.divide(difference, error, out=without_error, where=error > 0))


def _one_more_of_each(pairs: Pairs) -> Pairs:
    finite = _with_finite_n(pairs)
    size1, size2 = finite.n1 + 2, finite.n2 + 2
    return Pairs((finite.p1 * finite.n1 + 1) / size1, size1, (finite.p2 * finite.n2 + 1) / size2, size2)


def _agresti_caffo_limits(pairs: Pairs, critical: FloatArray) -> Limits:
    return _wald_limits(_one_more_of_each(pairs), critical)


def _agresti_caffo_statistic(pairs: Pairs) -> FloatArray:
    return _wald_statistic(_one_more_of_each(pairs))


def _newcombe_limits(pairs: Pairs, critical: FloatArray) -> Limits:
    low1, high1 = wilson_limits(pairs.p1, pairs.n1, critical)
    low2, high2 = wilson_limits(pairs.p2, pairs.n2, critical)
    down = np.hypot(pairs.p1 - low1, high2 - pairs.p2)
    up = np.hypot(high1 - pairs.p1, pairs.p2 - low2)
    return pairs.difference - down, pairs.difference + up


def _newcombe_statistic(pairs: Pairs) -> FloatArray:
    """Critical value at which the interval just reaches 0."""
    difference = pairs.difference
    low, high = np.zeros(difference.shape), np.full(difference.shape, FARTHEST)
    for _ in range(55):
        middle = (low + high) / 2
        limits = _newcombe_limits(pairs, np.maximum(middle, 1e-300))
        holds_zero = (limits[0] <= 0) & (limits[1] >= 0)
        low, high = np.where(holds_zero, low, middle), np.where(holds_zero, middle, high)
    return np.where(difference == 0, 0.0, np.where(high == FARTHEST, np.inf, high))


def _with_finite_n(pairs: Pairs) -> Pairs:
    return Pairs(pairs.p1, np.minimum(pairs.n1, LARGEST), pairs.p2, np.minimum(pairs.n2, LARGEST))


def _mee_limits(pairs: Pairs, critical: FloatArray) -> Limits:
    return score_limits(_with_finite_n(pairs), critical)


def _mee_statistic(pairs: Pairs) -> FloatArray:
    return score_statistic(_with_finite_n(pairs), np.zeros(pairs.p1.shape))


def _miettinen_nurminen_limits(pairs: Pairs, critical: FloatArray) -> Limits:
    return score_limits(_with_finite_n(pairs), critical * _inflation(pairs))


def _miettinen_nurminen_statistic(pairs: Pairs) -> FloatArray:
    return _mee_statistic(pairs) / _inflation(pairs)


def _inflation(pairs: Pairs) -> FloatArray:
    """Square root of (n1+n2) / (n1+n2-1); without bound where both groups together are worth one person."""
    people = np.minimum(pairs.n1 + pairs.n2, 2 * LARGEST)
    return np.asarray(np.sqrt(people / np.maximum(people - 1, 1e-300)))


DIFFERENCE_METHODS: dict[str, tuple[Callable[[Pairs, FloatArray], Limits], Callable[[Pairs], FloatArray]]] = {
    "newcombe": (_newcombe_limits, _newcombe_statistic),
    "miettinen_nurminen": (_miettinen_nurminen_limits, _miettinen_nurminen_statistic),
    "mee": (_mee_limits, _mee_statistic),
    "agresti_caffo": (_agresti_caffo_limits, _agresti_caffo_statistic),
    "wald": (_wald_limits, _wald_statistic),
}
"""Limits and test statistic of each method."""

ALIASES = {"newcombe_hybrid_score": "newcombe"}
