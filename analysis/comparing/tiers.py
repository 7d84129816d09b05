"""Every unit against the rest of its province: higher, lower or not told apart."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from analysis.arguments import checked
from analysis.arithmetic import log_choose, quotient
from analysis.comparing.many_comparisons import adjust_p_values
from analysis.distributions import normal_critical
from analysis.intervals.shares import wilson_interval, wilson_limits
from analysis.types import Estimate, Estimates, FloatArray, Tier
from analysis.validation import (
    counts_of,
    finite_positive,
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


@checked
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
        As in `analysis.comparing.many_comparisons.adjust_p_values`.
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
    satisfied, people, effect, freedom = together(
        satisfied, people, finite_positive(design_effect, name="design_effect"),
        positive(np.inf if df is None else df, name="df"),
    )  # fmt: skip
    k_rest, n_rest = satisfied.sum() - satisfied, people.sum() - people
    p_exact = fisher_p_values(satisfied, people, k_rest, n_rest)
    weight = quotient(people, n_rest, empty=0.0)
    effect_rest = quotient((effect * people).sum() - effect * people, n_rest, empty=0.0)
    combined = (effect + effect_rest * weight) / (1 + weight)
    deflated = stats.norm.isf(p_exact / 2) / np.sqrt(combined)
    p_values = np.where(n_rest > 0, 2 * stats.t.sf(deflated, freedom), 1.0)
    province_effect = (
        float(quotient(np.array((effect * people).sum()), np.array(people.sum()), empty=0.0)) or 1.0
    )
    province = wilson_interval(satisfied.sum(), people.sum(), design_effect=province_effect).at()
    direction = np.sign(quotient(satisfied, people, empty=0.0) - quotient(k_rest, n_rest, empty=0.0))
    return _tiers(p_values, direction, people, province, adjustment=adjustment, alpha=alpha, min_n=min_n)


@checked
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

    Examples
    --------
    >>> from analysis.intervals.shares import wilson_interval
    >>> tiers = tiers_of_estimates(wilson_interval([60, 88, 90, 89], [100] * 4))
    >>> [tiers[unit].name for unit in range(4)]
    ['LOWER', 'NOT_DIFFERENT', 'NOT_DIFFERENT', 'NOT_DIFFERENT']
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


@checked
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
    satisfied, people, k_rest, n_rest = together(*counts_of(k, n), *counts_of(k_rest, n_rest))
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
