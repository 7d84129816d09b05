"""Unit against province, unit against unit, wave against wave: each with its uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special, stats

from analysis.arithmetic import log_choose, quotient
from analysis.distributions import normal_critical, t_critical
from analysis.errors import InvalidCounts, InvalidOption
from analysis.intervals.shares import wilson_interval, wilson_limits
from analysis.types import Difference, Estimate, Estimates, FloatArray, Tier
from analysis.validation import (
    counts_of,
    finite_array,
    positive,
    require_share,
    require_whole,
    together,
)


@dataclass(frozen=True, slots=True, eq=False)
class Tiers:
    """Every unit against the rest of its province.

    Attributes
    ----------
    codes : (U,) ndarray of int8
        Values of `Tier`.
    p_values, adjusted : (U,) ndarray
        Two-sided, before and after adjustment; NaN where the unit has too few respondents.
    province : Estimate
        All units together.
    n_compared : int
        Units in the family of tests.
    """

    codes: NDArray[np.int8]
    p_values: FloatArray
    adjusted: FloatArray
    province: Estimate
    n_compared: int

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, index: int) -> Tier:
        return Tier(int(self.codes[index]))


def newcombe_difference(
    k1: float,
    n1: int,
    k2: float,
    n2: int,
    *,
    design_effect1: float = 1.0,
    design_effect2: float = 1.0,
    confidence_level: float = 0.95,
) -> Difference:
    """Difference of two independent shares with Newcombe's hybrid score interval.

    Parameters
    ----------
    k1, n1, k2, n2 : number
        Satisfied and answering respondents, n >= 1; the first minus the second is estimated.
    design_effect1, design_effect2 : float > 0
    confidence_level : float in (0, 1)

    Returns
    -------
    Difference

    Notes
    -----
    Two overlapping intervals are no test: this is `difference_of_estimates` of two Wilson intervals.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873-890, method 10.

    Examples
    --------
    >>> change = newcombe_difference(56, 70, 48, 80)
    >>> f"{change.value:.2f} {change.ci_low:.4f} {change.ci_high:.4f}"
    '0.20 0.0524 0.3339'
    """
    first = wilson_interval(k1, n1, design_effect=design_effect1).at()
    second = wilson_interval(k2, n2, design_effect=design_effect2).at()
    return difference_of_estimates(first, second, confidence_level=confidence_level)


def difference_of_estimates(
    first: Estimate,
    second: Estimate,
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
    confidence_level: float = 0.95,
) -> Difference:
    """Difference of two independent estimates: shares, indices or mean scores.

    Parameters
    ----------
    first, second : Estimate
        From different respondents. Each needs `value` and `n_effective`.
    bounds : pair of float
        Ends of the scale: (1, 5) for mean scores of five levels.
    confidence_level : float in (0, 1)

    Returns
    -------
    Difference
        The p value is the smallest level whose interval leaves out 0, so the two never disagree.

    Notes
    -----
    With Wilson limits l, u of each: ``d - sqrt((v1-l1)² + (u2-v2)²)`` to ``d + sqrt((u1-v1)² + (v2-l2)²)``,
    critical value t with Welch-Satterthwaite degrees of freedom.

    References
    ----------
    Zou and Donner (2008), Statistics in Medicine 27:1693-1702.

    Examples
    --------
    >>> before, after = wilson_interval([160, 180], [200, 200])
    >>> difference_of_estimates(after, before).p_value < 0.01
    True
    """
    span = bounds[1] - bounds[0]
    shares = np.array([(one.value - bounds[0]) / span for one in (first, second)])
    n_effective = np.array([first.n_effective, second.n_effective])
    if not (np.isfinite(shares).all() and (n_effective > 0).all()):
        raise InvalidCounts(
            expected="two estimates with respondents",
            got=f"values {first.value}, {second.value}",
            hint="show the empty one as such; there is nothing to compare",
        )
    df = _welch_df(shares, n_effective, np.array([first.df, second.df]))
    difference = float(shares[0] - shares[1])
    low, high = _hybrid_limits(shares, n_effective, float(t_critical(df, confidence_level)))
    p_value = _p_of_no_difference(shares, n_effective, df) if difference else 1.0
    return Difference(span * difference, span * low, span * high, p_value, "newcombe", confidence_level)


def adjust_p_values(p: ArrayLike, *, method: str = "holm") -> FloatArray:
    """P values adjusted for the number of comparisons.

    Parameters
    ----------
    p : (m,) array_like in [0, 1]
    method : {"holm", "hochberg", "bonferroni", "bh", "by"}
        "holm" where a consequence follows (any false label is held to alpha), "bh" for screens
        (the share of false labels is).

    Returns
    -------
    (m,) ndarray

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6:65-70. Benjamini and Hochberg (1995), JRSS B 57:289-300.

    Examples
    --------
    >>> adjust_p_values([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    values = finite_array(p, name="p values")
    if values.ndim != 1 or ((values < 0) | (values > 1)).any():
        raise InvalidCounts(
            expected="p values in [0, 1]", got=repr(p)[:60], hint="one p value per comparison"
        )
    m = len(values)
    order = np.argsort(values)
    rank = np.arange(1, m + 1)
    factors = {
        "holm": m - rank + 1,
        "hochberg": m - rank + 1,
        "bonferroni": np.full(m, m),
        "bh": m / rank,
        "by": m / rank * np.sum(1 / rank),
    }
    if method not in factors:
        raise InvalidOption(
            expected=f"one of {', '.join(factors)}", got=repr(method), hint="check the spelling"
        )
    scaled = values[order] * factors[method]
    if method == "holm":
        scaled = np.maximum.accumulate(scaled)
    elif method != "bonferroni":
        scaled = np.minimum.accumulate(scaled[::-1])[::-1]
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(scaled, 1.0)
    return adjusted


def tiers_against_province(
    k: ArrayLike,
    n: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    df: ArrayLike | None = None,
    adjustment: str = "holm",
    alpha: float = 0.05,
    min_n: int = 30,
) -> Tiers:
    """Which units differ from the rest of their province beyond chance.

    Parameters
    ----------
    k, n : (U,) array_like of whole numbers
        Satisfied and answering respondents of every unit of the province.
    design_effect : array_like > 0
        Of each unit, or one for all.
    df : array_like > 0, optional
        Degrees of freedom of the design effects.
    adjustment : str
        As in `adjust_p_values`.
    alpha : float in (0, 1)
    min_n : int
        Units below it are INSUFFICIENT and leave the family of tests; the province still counts them.

    Returns
    -------
    Tiers

    Notes
    -----
    A unit is part of its province, so it is tested against the others: given the province's total, its count
    is hypergeometric if all share one p (Fisher's exact test, twice the smaller tail). With a design effect
    D > 1 the p value's normal score is divided by sqrt(D), D the ratio of the clustered to the simple
    variance of the difference. The plain z test is refused: at n = 30 it labels a unit in one of nine
    provinces of identical units.

    Examples
    --------
    >>> tiers = tiers_against_province([60, 88, 90, 89, 10], [100, 100, 100, 100, 10])
    >>> [tiers[unit].name for unit in range(5)]
    ['LOWER', 'NOT_DIFFERENT', 'NOT_DIFFERENT', 'NOT_DIFFERENT', 'INSUFFICIENT']
    """
    satisfied, people = counts_of(k, n)
    require_whole(satisfied, name="k")
    satisfied, people, effect = together(satisfied, people, positive(design_effect, name="design_effect"))
    k_rest, n_rest = satisfied.sum() - satisfied, people.sum() - people
    p_exact = fisher_p_values(satisfied, people, k_rest, n_rest)
    weight = quotient(people, n_rest, empty=0.0)
    effect_rest = quotient((effect * people).sum() - effect * people, n_rest, empty=0.0)
    combined = (effect + effect_rest * weight) / (1 + weight)
    deflated = stats.norm.isf(p_exact / 2) / np.sqrt(combined)
    p_values = np.where(n_rest > 0, 2 * stats.t.sf(deflated, np.inf if df is None else df), 1.0)
    province_effect = (
        float(quotient(np.array((effect * people).sum()), np.array(people.sum()), empty=0.0)) or 1.0
    )
    province = wilson_interval(satisfied.sum(), people.sum(), design_effect=province_effect).at()
    direction = np.sign(quotient(satisfied, people, empty=0.0) - quotient(k_rest, n_rest, empty=0.0))
    return _tiers(p_values, direction, people, province, adjustment=adjustment, alpha=alpha, min_n=min_n)


def tiers_of_estimates(
    estimates: Estimates, *, adjustment: str = "holm", alpha: float = 0.05, min_n: int = 30
) -> Tiers:
    """Which units' indices differ from the rest of their province beyond chance.

    Parameters
    ----------
    estimates : Estimates
        Of a share or an index in [0, 1], one per unit, with `n_effective` and `df`.
    adjustment, alpha, min_n
        As in `tiers_against_province`.

    Returns
    -------
    Tiers
        The province is the mean of the units weighted by respondents.

    Notes
    -----
    Score test: the unit's variance is taken at the value of the others, ``q(1-q)/n_eff``, so that a unit at
    100 % does not look certain; the critical value is t(df).
    """
    n = estimates.n_respondents.astype(np.float64)
    value = np.where(n > 0, estimates.value, 0.0)
    n_effective = np.where(n > 0, estimates.n_effective, np.inf)
    others = n.sum() - n
    rest = quotient((n * value).sum() - n * value, others, empty=0.0)
    own = rest * (1 - rest) / n_effective
    scaled = n**2 * own
    spread = own + quotient(scaled.sum() - scaled, others**2, empty=0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.where(spread > 0, (value - rest) / np.sqrt(spread), np.where(value == rest, 0.0, np.inf))
    p_values = np.where(others > 0, 2 * stats.t.sf(np.abs(score), estimates.df), 1.0)
    province = _weighted_province(value, n, scaled, estimates)
    return _tiers(
        p_values, np.sign(value - rest), n, province, adjustment=adjustment, alpha=alpha, min_n=min_n
    )


def fisher_p_values(k: ArrayLike, n: ArrayLike, k_rest: ArrayLike, n_rest: ArrayLike) -> FloatArray:
    """Exact p value that two groups share one proportion, given their total.

    Parameters
    ----------
    k, n, k_rest, n_rest : array_like of whole numbers
        Satisfied and answering respondents of each group.

    Returns
    -------
    ndarray in [0, 1]
        Twice the smaller tail of the hypergeometric distribution, at most 1.

    Examples
    --------
    >>> round(fisher_p_values(1, 10, 9, 10).item(), 5)
    0.00109
    """
    satisfied, people, k_rest, n_rest = together(
        *(finite_array(array, name="counts") for array in (k, n, k_rest, n_rest))
    )
    population, marked = people + n_rest, satisfied + k_rest
    is_low = satisfied * population <= people * marked
    tail = _hypergeometric_upper_tail(
        np.where(is_low, people - satisfied, satisfied),
        people,
        np.where(is_low, population - marked, marked),
        population,
    )
    return np.minimum(2 * tail, 1.0)


def _hypergeometric_upper_tail(
    k: FloatArray, n: FloatArray, marked: FloatArray, population: FloatArray
) -> FloatArray:
    """P(X >= k) for k at or above the mean; terms fall fast, so a few standard deviations of them suffice."""
    term = np.exp(log_choose(marked, k) + log_choose(population - marked, n - k) - log_choose(population, n))
    total, j = term.copy(), k.copy()
    while (term > 1e-17 * total).any():
        term = (
            term
            * np.maximum(marked - j, 0)
            * np.maximum(n - j, 0)
            / ((j + 1) * (population - marked - n + j + 1))
        )
        total, j = total + term, j + 1
    return total


def _tiers(
    p_values: FloatArray,
    direction: FloatArray,
    n: FloatArray,
    province: Estimate,
    *,
    adjustment: str,
    alpha: float,
    min_n: int,
) -> Tiers:
    require_share(alpha, name="alpha")
    compared = n >= max(min_n, 1)
    adjusted = np.full(n.shape, np.nan)
    adjusted[compared] = adjust_p_values(p_values[compared], method=adjustment)
    labelled = np.where(compared & (adjusted <= alpha), np.nan_to_num(direction), Tier.NOT_DIFFERENT)
    codes = np.where(compared, labelled, Tier.INSUFFICIENT).astype(np.int8)
    return Tiers(codes, np.where(compared, p_values, np.nan), adjusted, province, int(compared.sum()))


def _weighted_province(
    value: FloatArray, n: FloatArray, scaled: FloatArray, estimates: Estimates
) -> Estimate:
    total = n.sum()
    mean = float(quotient(np.array((n * value).sum()), np.array(total), empty=0.0))
    variance = float(quotient(np.array(scaled.sum()), np.array(total**2), empty=0.0))
    n_effective = mean * (1 - mean) / variance if variance > 0 else total
    low, high = wilson_limits(
        np.array(mean), np.array(n_effective), np.array(normal_critical(estimates.confidence_level))
    )
    return Estimate(
        mean,
        float(low),
        float(high),
        int(total),
        1.0,
        float(n_effective),
        math.inf,
        math.sqrt(variance),
        estimates.method,
        estimates.confidence_level,
    )


def _hybrid_limits(shares: FloatArray, n_effective: FloatArray, critical: float) -> tuple[float, float]:
    low, high = wilson_limits(shares, n_effective, np.array(critical))
    down, up = shares - low, high - shares
    difference = shares[0] - shares[1]
    return float(difference - math.hypot(down[0], up[1])), float(difference + math.hypot(up[0], down[1]))


def _p_of_no_difference(shares: FloatArray, n_effective: FloatArray, df: float) -> float:
    side = 0 if shares[0] > shares[1] else 1

    def limit(critical: float) -> float:
        return _hybrid_limits(shares, n_effective, critical)[side]

    largest = 1e3
    if limit(1e-9) * limit(largest) > 0:
        return 0.0
    return float(2 * special.stdtr(df, -optimize.brentq(limit, 1e-9, largest, xtol=1e-12)))


def _welch_df(shares: FloatArray, n_effective: FloatArray, df: FloatArray) -> float:
    variance = shares * (1 - shares) / n_effective
    if not variance.any():
        return float(df.min())
    spread = float((variance**2 / df).sum())
    return float(variance.sum() ** 2 / spread) if spread > 0 else math.inf
