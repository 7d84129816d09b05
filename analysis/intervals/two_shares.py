"""Differences of two independent shares, many pairs at once, each with its interval and the matching test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.arguments import checked
from analysis.distributions import t_critical, welch_df
from analysis.errors import InvalidCounts, InvalidOption
from analysis.intervals.limits import Limits, wilson_limits
from analysis.intervals.sampled_shares import ROUNDING, SampledShares, counted_shares
from analysis.intervals.score_difference import Pairs, score_limits, score_statistic
from analysis.types import Difference, Estimate, Estimates, FloatArray
from analysis.validation import level_of, together

LARGEST = 1e9
"""Stands for the infinite effective n of a census where a formula needs a number."""

NEAREST, FARTHEST = 1e-12, 1e9
"""Standard errors between which a test statistic is sought; with few degrees of freedom even 1,000 are not certain."""


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """Many differences, first minus second: `Difference` as arrays of one shape, with what made them.

    Attributes
    ----------
    value : ndarray
        NaN where either group is empty.
    ci_low, ci_high : ndarray
        Where either group is empty, the ends of the scale: -1 and 1 for shares.
    p_value : ndarray in [0, 1]
        Two-sided, of no difference, by the test that belongs to the interval; NaN where a group is empty.
    df : ndarray > 0
        Of the critical value; infinite where both design effects are taken as known.
    method : str
    confidence_level : float
    """

    value: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    p_value: FloatArray
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


@checked
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


@checked
def difference_of_estimates(
    first: Estimates | Estimate,
    second: Estimates | Estimate,
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
    method: str = "newcombe",
    confidence_level: float = 0.95,
    clip: bool = True,
) -> Differences:
    """Differences of estimates of independent samples: shares, indices or mean scores, weighted, clustered or not.

    Parameters
    ----------
    first, second : Estimates or Estimate
        `value`, `n_effective` and `df` are read. Those of "wilson" keep n_eff = p(1-p) / variance.
    bounds : pair of float
        Ends of the scale: (1, 5) for mean scores of five levels.
    method, confidence_level, clip
        As in `share_difference`.

    Returns
    -------
    Differences

    References
    ----------
    Zou and Donner (2008), Statistics in Medicine 27:1693-1702, for other estimates than shares.

    Examples
    --------
    >>> from analysis.intervals.shares import design_interval
    >>> waves = [design_interval([p], 0.0009, 400, 30) for p in (0.80, 0.70)]
    >>> change = difference_of_estimates(*waves).at(0)
    >>> f"{change.ci_low:.3f} {change.ci_high:.3f} {change.p_value:.3f}"
    '0.013 0.182 0.025'
    """
    shares = (_as_shares(one, bounds) for one in (first, second))
    found = _differences(*shares, method=method, confidence_level=confidence_level, clip=clip)
    span = bounds[1] - bounds[0]
    return replace(found, value=span * found.value, ci_low=span * found.ci_low, ci_high=span * found.ci_high)


def _as_shares(one: Estimates | Estimate, bounds: tuple[float, float]) -> SampledShares:
    value, n, n_effective, df = (
        np.asarray(part, dtype=np.float64) for part in (one.value, one.n_respondents, one.n_effective, one.df)
    )
    if not (np.isfinite(bounds).all() and bounds[0] < bounds[1]):
        raise InvalidOption(
            expected="bounds low < high", got=str(bounds), hint="(1, 5) for scores of five levels"
        )
    share = (value - bounds[0]) / (bounds[1] - bounds[0])
    if ((share < -ROUNDING) | (share > 1 + ROUNDING)).any():
        raise InvalidCounts(
            expected=f"estimates in [{bounds[0]:g}, {bounds[1]:g}]",
            got="others",
            hint="pass the bounds of the scale, or take difference_of_means",
        )
    return SampledShares(np.clip(share, 0.0, 1.0), n, n_effective, np.where(df > 0, df, 1.0))


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
    variance1, variance2 = _variances(pairs)
    df = welch_df(variance1, df1, variance2, df2)
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
        df,
        method=name,
        confidence_level=confidence_level,
    )


def _variances(pairs: Pairs) -> tuple[FloatArray, FloatArray]:
    return pairs.p1 * (1 - pairs.p1) / pairs.n1, pairs.p2 * (1 - pairs.p2) / pairs.n2


def _wald_error(pairs: Pairs) -> FloatArray:
    return np.asarray(np.sqrt(sum(_variances(pairs))))


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
    low, high = np.full(difference.shape, NEAREST), np.full(difference.shape, FARTHEST)
    for _ in range(60):
        middle = np.sqrt(low * high)
        limits = _newcombe_limits(pairs, middle)
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
