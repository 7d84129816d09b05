"""How alike the answers of one device, officer or interviewer are: the intraclass correlation from group sums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.distributions import normal_critical, t_critical
from analysis.errors import InvalidCounts
from analysis.measurement.group_sums import GroupSums, group_sums
from analysis.types import FloatArray, IntArray
from analysis.validation import level_of, require_known

ESTIMATORS = ("anova", "fleiss_cuzick", "reml")
INTERVALS = ("exact", "searle", "thomas_hultquist", "smith", "jackknife")
BISECTIONS = 60
NO_WITHIN = "no spread within groups"


@dataclass(frozen=True, slots=True, eq=False)
class IntraclassCorrelation:
    """Intraclass correlations of one-way groups; every array has the leading shape of the sums.

    Attributes
    ----------
    value, ci_low, ci_high : (...) ndarray
        At most 1. Where `reason` is not empty: value NaN and the widest limits, or 1 without within-group spread.
    design_effect, design_effect_low, design_effect_high : (...) ndarray
        ``1 + (m - 1) ICC`` with m the mean group size met by a respondent; ICC taken as 0 when negative.
    between_variance, within_variance : (...) ndarray
        Analysis of variance components; the first may be negative.
    n_groups, n_respondents : (...) ndarray of int
        Groups with anybody in them.
    mean_group_size : (...) ndarray
        Σn² / Σn.
    reason : (...) ndarray of str
        "", "one group", "no group of two or more", "everyone answered alike", "no spread within groups".
    estimator, interval : str
    confidence_level : float
    """

    value: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    design_effect: FloatArray
    design_effect_low: FloatArray
    design_effect_high: FloatArray
    between_variance: FloatArray
    within_variance: FloatArray
    n_groups: IntArray
    n_respondents: IntArray
    mean_group_size: FloatArray
    reason: NDArray[np.str_]
    estimator: str
    interval: str
    confidence_level: float


@checked
def intraclass_correlation(
    n: ArrayLike,
    sums: ArrayLike,
    squares: ArrayLike,
    *,
    estimator: str = "anova",
    interval: str = "exact",
    confidence_level: float = 0.95,
) -> IntraclassCorrelation:
    """Correlation of two answers from one group, ICC(1), from the sums of each group.

    Parameters
    ----------
    n, sums, squares : (..., G) array_like
        As in `group_sums`; leading axes are items or units.
    estimator : {"anova", "fleiss_cuzick", "reml"}
        "anova" for scores and shares; "fleiss_cuzick" for shares only; "reml" for scores, never negative.
    interval : {"exact", "searle", "thomas_hultquist", "smith", "jackknife"}
        "exact" holds for normal scores and groups of any sizes; "searle" is the same for equal groups and takes
        n0 otherwise; "thomas_hultquist" takes the harmonic mean size; "smith" is a large-sample normal interval;
        "jackknife" leaves out each group and assumes no distribution.
    confidence_level : float in (0, 1)

    Returns
    -------
    IntraclassCorrelation
        The first three intervals belong to the analysis of variance, whichever the estimator.

    Notes
    -----
    ``(MSB - MSW) / (MSB + (n0 - 1) MSW)``, ``n0 = (N - Σn²/N) / (G - 1)``. Exact limits: the ratio θ of variances
    for which ``Σ w_i (ȳ_i - ȳ_w)² / ((G - 1) MSW)``, ``w_i = n_i / (1 + n_i θ)``, is a quantile of F(G - 1, N - G);
    ICC = θ / (1 + θ). Fleiss-Cuzick: ``1 - Σ n_i p_i (1 - p_i) / ((N - G) p (1 - p))``. With few groups every
    interval is wide, and rightly so. For scores of five levels near the ceiling the exact 95 % interval covered
    0.91 to 0.95 in simulations, for shares near 90 % 0.80 to 0.95: the less, the larger the ICC and the more
    unequal the groups.

    References
    ----------
    Wald (1940), Annals of Mathematical Statistics 11:96-99. Searle (1971), Linear Models, chapter 9.
    Thomas and Hultquist (1978), Annals of Statistics 6:582-587. Smith (1957), Annals of Human Genetics 21:363-373.
    Donner (1986), International Statistical Review 54:67-82. Fleiss and Cuzick (1979), Applied Psychological
    Measurement 3:537-542. Kish (1965), Survey Sampling, section 5.4.

    Examples
    --------
    >>> found = intraclass_correlation([4, 4, 4], [12, 16, 20], [40, 68, 104])
    >>> f"{found.value:.3f} ({found.ci_low:.3f} to {found.ci_high:.3f})"
    '0.333 (-0.135 to 0.967)'
    """
    require_known(estimator, ESTIMATORS, name="estimator")
    require_known(interval, INTERVALS, name="interval")
    level_of(confidence_level)
    groups = group_sums(n, sums, squares)
    estimate = _ESTIMATES[estimator]
    reason = _reasons(groups)
    value = np.where(reason == "", estimate(groups), np.where(reason == NO_WITHIN, 1.0, np.nan))
    widest = _lowest(groups), np.ones(value.shape)
    if interval == "jackknife":
        limits = _jackknife_limits(groups, value, estimate, confidence_level)
    else:
        limits = _LIMITS[interval](groups, confidence_level)
    known = reason == ""
    low, high = (
        np.clip(np.where(known, limit, end), *widest) for limit, end in zip(limits, widest, strict=True)
    )
    low, high = np.fmin(low, value), np.fmax(high, value)
    met = (groups.n**2).sum(axis=-1) / np.maximum(groups.n_respondents, 1)
    effect, effect_low, effect_high = (1 + (met - 1) * np.fmax(icc, 0.0) for icc in (value, low, high))
    between = (groups.mean_square_between - groups.mean_square_within) / np.maximum(
        groups.typical_size, 1e-300
    )
    return IntraclassCorrelation(
        value,
        low,
        high,
        np.where(np.isnan(value), np.nan, effect),
        effect_low,
        effect_high,
        np.where(known, between, np.nan),
        np.where(groups.within_df > 0, groups.mean_square_within, np.nan),
        groups.n_groups.astype(np.int64),
        groups.n_respondents.astype(np.int64),
        met,
        reason,
        estimator,
        interval,
        confidence_level,
    )


def _reasons(groups: GroupSums) -> NDArray[np.str_]:
    """Why there is no estimate, "" where there is one."""
    within, between = groups.within, groups.between
    return np.select(
        [
            groups.n_groups < 2,
            groups.within_df < 1,
            (within == 0) & (between == 0),
            within == 0,
        ],
        ["one group", "no group of two or more", "everyone answered alike", NO_WITHIN],
        default="",
    )


def _anova(groups: GroupSums) -> FloatArray:
    between, within = groups.mean_square_between, groups.mean_square_within
    return quotient(between - within, between + (groups.typical_size - 1) * within, empty=0.0)


def _fleiss_cuzick(groups: GroupSums) -> FloatArray:
    if not np.allclose(groups.sums, groups.squares, rtol=1e-12, atol=1e-12):
        raise InvalidCounts(
            expected="answers of 0 and 1", got="sums unlike squares", hint='use estimator="anova" for scores'
        )
    share = groups.grand_mean
    return 1 - quotient(groups.within, groups.within_df * share * (1 - share), empty=0.0)


def _reml(groups: GroupSums) -> FloatArray:
    """Restricted maximum likelihood over [0, 1): the best of a grid, then golden sections about it."""
    grid = np.linspace(0.0, 1.0, 65)[:-1] ** 2
    heights = np.array([_deviance(groups, np.full(groups.n_groups.shape, rho)) for rho in grid])
    best = heights.argmin(axis=0)
    low, high = grid[np.maximum(best - 1, 0)], np.append(grid, 1 - 1e-9)[best + 1]
    golden = (np.sqrt(5) - 1) / 2
    for _ in range(BISECTIONS):
        inner, outer = high - golden * (high - low), low + golden * (high - low)
        falls = _deviance(groups, inner) < _deviance(groups, outer)
        low, high = np.where(falls, low, inner), np.where(falls, outer, high)
    return np.where(low < 1e-9, 0.0, (low + high) / 2)


def _deviance(groups: GroupSums, rho: FloatArray) -> FloatArray:
    """Minus twice the restricted log-likelihood, variance profiled out, but for a constant."""
    weights, spread = _weighted_spread(groups, rho)
    ratio = rho / (1 - rho)
    explained = np.log1p(groups.n * ratio[..., None]).sum(axis=-1)
    inside = np.maximum(groups.within + spread, 1e-300)
    total = np.maximum(groups.n_respondents - 1, 1)
    return np.asarray(total * np.log(inside) + explained + np.log(np.maximum(weights.sum(axis=-1), 1e-300)))


def _weighted_spread(groups: GroupSums, rho: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Inverse variances of the group means at this ICC, in units of the variance within, and their spread."""
    at = rho[..., None]
    weights = groups.n * (1 - at) / np.where(groups.filled, 1 + (groups.n - 1) * at, 1.0)
    centre = quotient((weights * groups.means).sum(axis=-1), weights.sum(axis=-1), empty=0.0)
    return weights, (weights * (groups.means - centre[..., None]) ** 2).sum(axis=-1)


def _exact_limits(groups: GroupSums, confidence_level: float) -> tuple[FloatArray, FloatArray]:
    """Wald's limits: the ICC at which the weighted F statistic, falling in ICC, is a quantile of F."""
    upper, lower = _quantiles(groups, confidence_level)
    freedom = np.maximum(groups.n_groups - 1, 1) * groups.mean_square_within
    return _crossing(groups, upper * freedom), _crossing(groups, lower * freedom)


def _crossing(groups: GroupSums, target: FloatArray) -> FloatArray:
    # At the lowest ICC itself the largest group would weigh infinitely much.
    low, high = _lowest(groups) * (1 - 1e-12), np.ones(target.shape)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        above = _weighted_spread(groups, middle)[1] > target
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2


def _searle_limits(groups: GroupSums, confidence_level: float) -> tuple[FloatArray, FloatArray]:
    return _f_limits(groups, groups.mean_square_between, groups.typical_size, confidence_level)


def _thomas_hultquist_limits(groups: GroupSums, confidence_level: float) -> tuple[FloatArray, FloatArray]:
    inverse = np.divide(1.0, groups.n, out=np.zeros(groups.n.shape), where=groups.filled)
    harmonic = quotient(groups.n_groups, inverse.sum(axis=-1), empty=0.0)
    centre = groups.means.sum(axis=-1) / np.maximum(groups.n_groups, 1)
    distance = np.where(groups.filled, groups.means - centre[..., None], 0.0)
    spread = (distance**2).sum(axis=-1) / np.maximum(groups.n_groups - 1, 1)
    return _f_limits(groups, harmonic * spread, harmonic, confidence_level)


def _f_limits(
    groups: GroupSums, mean_square: FloatArray, size: FloatArray, confidence_level: float
) -> tuple[FloatArray, FloatArray]:
    """Limits of ``(F/f - 1) / (F/f + size - 1)`` for f the quantiles of F."""
    within = groups.mean_square_within
    low, high = (
        quotient(mean_square - f * within, mean_square + (size - 1) * f * within, empty=0.0)
        for f in _quantiles(groups, confidence_level)
    )
    return low, high


def _quantiles(groups: GroupSums, confidence_level: float) -> tuple[FloatArray, FloatArray]:
    """Upper and lower quantile of F(G - 1, N - G)."""
    freedom = np.maximum(groups.n_groups - 1, 1), np.maximum(groups.within_df, 1)
    upper = 0.5 + confidence_level / 2
    return np.asarray(special.fdtri(*freedom, upper)), np.asarray(special.fdtri(*freedom, 1 - upper))


def _smith_limits(groups: GroupSums, confidence_level: float) -> tuple[FloatArray, FloatArray]:
    """Smith's large-sample variance, as in Donner (1986)."""
    rho, size, total = _anova(groups), groups.typical_size, np.maximum(groups.n_respondents, 1)
    k = np.maximum(groups.n_groups, 2)
    squares, cubes = (groups.n**2).sum(axis=-1), (groups.n**3).sum(axis=-1)
    uneven = squares - 2 * cubes / total + (squares / total) ** 2
    first = (1 + rho * (size - 1)) ** 2 / np.maximum(groups.within_df, 1)
    second = ((k - 1) * (1 - rho) * (1 + rho * (2 * size - 1)) + rho**2 * uneven) / (k - 1) ** 2
    variance = 2 * quotient((1 - rho) ** 2 * (first + second), size**2, empty=0.0)
    half = normal_critical(confidence_level) * np.sqrt(np.maximum(variance, 0.0))
    return rho - half, rho + half


def _jackknife_limits(
    groups: GroupSums,
    value: FloatArray,
    estimate: Callable[[GroupSums], FloatArray],
    confidence_level: float,
) -> tuple[FloatArray, FloatArray]:
    """Delete-one-group jackknife with t(G - 1); without limits where leaving out a group leaves no estimate."""
    rest = groups.without_each()
    counted = np.moveaxis(groups.filled, -1, 0)
    usable = ((_reasons(rest) == "") | ~counted).all(axis=0)
    each = np.where(counted, estimate(rest), value)
    k = np.maximum(groups.n_groups, 2)
    variance = (k - 1) / k * ((each - value) ** 2).sum(axis=0)
    half = t_critical(k - 1, confidence_level) * np.sqrt(variance)
    return np.where(usable, value - half, -1.0), np.where(usable, value + half, 1.0)


def _lowest(groups: GroupSums) -> FloatArray:
    """The least correlation groups of these sizes can have."""
    return np.asarray(-1 / np.maximum(groups.n.max(axis=-1) - 1, 1))


_ESTIMATES = {"anova": _anova, "fleiss_cuzick": _fleiss_cuzick, "reml": _reml}
_LIMITS = {
    "exact": _exact_limits,
    "searle": _searle_limits,
    "thomas_hultquist": _thomas_hultquist_limits,
    "smith": _smith_limits,
}
