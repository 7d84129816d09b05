"""Which interval a share should have, by one written rule, and that interval with the reason for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.intervals.hypergeometric import hypergeometric_interval
from analysis.intervals.sampled_shares import SampledShares, counted_shares
from analysis.types import ARRAYS_OF_ESTIMATES, Estimate, Estimates
from analysis.validation import counts_of, finite_array, population_of, together

MIN_EFFECTIVE_N = 30
MIN_DF = 8
"""Below either the National Center for Health Statistics has a share reviewed (Parker et al. 2017)."""

SMALL_SAMPLE, SMALL_POPULATION = 100, 500
"""Below either a random sample of a known list is better served by the exact interval than by a correction."""


class IntervalRule(IntEnum):
    """Why a share has the interval it has; the first that applies, in this order."""

    NOBODY = 0
    CENSUS = 1
    EXACT_FINITE = 2
    CEILING = 3
    FEW_RESPONDENTS = 4
    FEW_CLUSTERS = 5
    LARGE_SAMPLE = 6

    @property
    def method(self) -> str:
        """Name of the interval."""
        return METHODS[self]

    @property
    def reason(self) -> str:
        """One sentence for the reader of the figure."""
        return REASONS[self]


METHODS = {
    IntervalRule.NOBODY: "none",
    IntervalRule.CENSUS: "census",
    IntervalRule.EXACT_FINITE: "hypergeometric",
    IntervalRule.CEILING: "korn_graubard",
    IntervalRule.FEW_RESPONDENTS: "korn_graubard",
    IntervalRule.FEW_CLUSTERS: "korn_graubard",
    IntervalRule.LARGE_SAMPLE: "wilson",
}

REASONS = {
    IntervalRule.NOBODY: "nobody answered, so nothing is known",
    IntervalRule.CENSUS: "everyone answered: no sampling error; errors of other kinds remain",
    IntervalRule.EXACT_FINITE: "a random sample of a short list: exact, however few or many are satisfied",
    IntervalRule.CEILING: "everyone or nobody is satisfied: the sample gives no variance, one is borrowed",
    IntervalRule.FEW_RESPONDENTS: f"worth fewer than {MIN_EFFECTIVE_N} independent respondents: exact tails",
    IntervalRule.FEW_CLUSTERS: f"fewer than {MIN_DF} degrees of freedom: exact tails on a reduced n",
    IntervalRule.LARGE_SAMPLE: "covers 95 % on average over shares, and is narrower than exact tails",
}


@dataclass(frozen=True, slots=True, eq=False)
class RecommendedIntervals:
    """Many shares, each with the interval recommended for it.

    Attributes
    ----------
    estimates : Estimates
        Their `method` lists every method used, such as "auto: korn_graubard/wilson".
    rules : ndarray of int8, the shape of the estimates
        Values of `IntervalRule`.
    """

    estimates: Estimates
    rules: NDArray[np.int8]

    def at(self, *index: int) -> Estimate:
        """The figure of one cell, under the name of its own method."""
        return replace(self.estimates.at(*index), method=self.rule(*index).method)

    def rule(self, *index: int) -> IntervalRule:
        """Why one cell has its interval."""
        return IntervalRule(int(self.rules[index]))


@checked
def recommended_interval(
    k: ArrayLike,
    n: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    df: ArrayLike | None = None,
    population: ArrayLike | None = None,
    borrowed_design_effect: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> RecommendedIntervals:
    """Shares from counts, each with the interval recommended for its sample.

    Parameters
    ----------
    k, n, design_effect, df, population, borrowed_design_effect, confidence_level
        As in `analysis.intervals.shares.proportion_interval`.

    Returns
    -------
    RecommendedIntervals

    Notes
    -----
    The first rule that applies:

    1. nobody answered: [0, 1];
    2. n = N: the share itself, no sampling error;
    3. random sample of independent people, n < 100 or N < 500: exact hypergeometric;
    4. everyone or nobody satisfied: Korn-Graubard with the borrowed design effect;
    5. n_eff < 30: Korn-Graubard, whose coverage is held for any share;
    6. df < 8: Korn-Graubard, whose n shrinks for an unsure design effect;
    7. otherwise Wilson with t(df): coverage 95 % on average, at less width.

    References
    ----------
    Brown, Cai and DasGupta (2001), Statistical Science 16:101-133. Parker et al. (2017), NCHS Vital and
    Health Statistics 2(175).

    Examples
    --------
    >>> found = recommended_interval([27, 30, 270], [30, 30, 300])
    >>> [found.at(i).method for i in range(3)]
    ['wilson', 'korn_graubard', 'wilson']
    >>> found.rule(1).reason
    'everyone or nobody is satisfied: the sample gives no variance, one is borrowed'
    """
    shares = counted_shares(
        k, n, design_effect=design_effect, df=df, population=population,
        borrowed_design_effect=borrowed_design_effect,
    )  # fmt: skip
    if population is None:
        return recommended_for_shares(shares, confidence_level=confidence_level)
    satisfied, people = counts_of(k, n)
    effect = finite_array(design_effect, name="design_effect")
    satisfied, size, effect, _ = together(satisfied, population_of(population, people), effect, shares.n)
    is_small = (shares.n < SMALL_SAMPLE) | (size < SMALL_POPULATION)
    is_simple = (effect == 1) & np.isinf(shares.df) & (satisfied == np.rint(satisfied))
    rules = rules_of_shares(shares)
    is_exact = is_small & is_simple & (rules > IntervalRule.CENSUS)
    rules = np.where(is_exact, IntervalRule.EXACT_FINITE, rules).astype(np.int8)
    exact = hypergeometric_interval(
        satisfied[is_exact], shares.n[is_exact], population=size[is_exact], confidence_level=confidence_level
    )
    return _assembled(shares, rules, confidence_level, exact)


@checked
def recommended_for_shares(shares: SampledShares, *, confidence_level: float = 0.95) -> RecommendedIntervals:
    """Shares of a design, each with the interval recommended for its sample.

    Parameters
    ----------
    shares : SampledShares
        From `analysis.intervals.sampled_shares.counted_shares` or `designed_shares`.
    confidence_level : float in (0, 1)

    Returns
    -------
    RecommendedIntervals
        By the rules of `recommended_interval`, without the third.

    Examples
    --------
    >>> from analysis.intervals.sampled_shares import designed_shares
    >>> found = recommended_for_shares(designed_shares([0.8, 0.8], 0.0004, 600, [40, 5]))
    >>> [found.rule(i).name for i in range(2)]
    ['LARGE_SAMPLE', 'FEW_CLUSTERS']
    """
    return _assembled(shares, rules_of_shares(shares), confidence_level)


def rules_of_shares(shares: SampledShares) -> NDArray[np.int8]:
    """Which rule of `recommended_interval` applies to each share, the third left out.

    Parameters
    ----------
    shares : SampledShares

    Returns
    -------
    ndarray of int8
        Values of `IntervalRule`.

    Examples
    --------
    >>> [IntervalRule(rule).name for rule in rules_of_shares(counted_shares([0, 12, 50], [0, 12, 60]))]
    ['NOBODY', 'CEILING', 'LARGE_SAMPLE']
    """
    conditions = {
        IntervalRule.NOBODY: shares.n == 0,
        IntervalRule.CENSUS: np.isinf(shares.n_effective),
        IntervalRule.CEILING: (shares.value == 0) | (shares.value == 1),
        IntervalRule.FEW_RESPONDENTS: shares.n_effective < MIN_EFFECTIVE_N,
        IntervalRule.FEW_CLUSTERS: shares.df < MIN_DF,
    }
    return np.select(list(conditions.values()), list(conditions), IntervalRule.LARGE_SAMPLE).astype(np.int8)


def _assembled(
    shares: SampledShares,
    rules: NDArray[np.int8],
    confidence_level: float,
    exact: Estimates | None = None,
) -> RecommendedIntervals:
    """Wilson everywhere, then the cells of other rules written over it."""
    wilson = shares.estimates("wilson", confidence_level=confidence_level)
    arrays: dict[str, Any] = {name: np.array(getattr(wilson, name)) for name in ARRAYS_OF_ESTIMATES}
    has_tails = np.isin(rules, [rule for rule in IntervalRule if rule.method == "korn_graubard"])
    parts = [(has_tails, shares.of(has_tails).estimates("korn_graubard", confidence_level=confidence_level))]
    if exact is not None:
        parts.append((rules == IntervalRule.EXACT_FINITE, exact))
    for cells, estimates in parts:
        for name, array in arrays.items():
            array[cells] = getattr(estimates, name)
    used = sorted({IntervalRule(int(rule)).method for rule in np.unique(rules)})
    estimates = Estimates(**arrays, method=f"auto: {'/'.join(used)}", confidence_level=confidence_level)
    return RecommendedIntervals(estimates, rules)
