"""All pairs of units: differences that hold together, and p values adjusted for their number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from analysis.arguments import checked
from analysis.comparing.equality import covariance_of
from analysis.comparing.many_comparisons import SIMULTANEOUS, adjust_p_values, simultaneous_level
from analysis.comparing.rank_tests import RankTests, mann_whitney_tests
from analysis.comparing.two_means import difference_of_means
from analysis.distributions import t_critical, t_tail
from analysis.errors import InvalidShape
from analysis.intervals.two_shares import difference_of_estimates
from analysis.surveys.survey_estimates import SurveyEstimates
from analysis.types import Estimates, FloatArray, IntArray
from analysis.validation import finite_array, finite_positive, level_of, require_known, spread_over

LARGEST_PAIRS = 1_000_000
"""Pairs that are compared at once: those of 1,414 units."""

PAIR_RULES = ("tukey", *SIMULTANEOUS)
"""How limits of all differences are widened so that all hold together."""


@dataclass(frozen=True, slots=True, eq=False)
class PairDifferences:
    """Differences of pairs of units, first minus second.

    Attributes
    ----------
    first, second : (P,) ndarray of int
        Positions of the units.
    value : (P,) ndarray
        NaN where a unit has no respondents.
    ci_low, ci_high : (P,) ndarray
        Limits that hold for all pairs together at `confidence_level`; where a unit has no respondents, the ends of
        the scale.
    p_value : (P,) ndarray
        Two-sided, of one pair alone; NaN where there is no test.
    holm, bh : (P,) ndarray
        The same adjusted for all pairs tested: Holm where a consequence follows, Benjamini-Hochberg for screens.
    method : str
    confidence_level : float
    """

    first: IntArray
    second: IntArray
    value: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    p_value: FloatArray
    holm: FloatArray
    bh: FloatArray
    method: str
    confidence_level: float

    def __len__(self) -> int:
        return len(self.value)


@checked
def unit_pairs(n_units: int) -> tuple[IntArray, IntArray]:
    """Every pair of units once.

    Parameters
    ----------
    n_units : int >= 0

    Returns
    -------
    first, second : (U(U-1)/2,) ndarray of int
        first < second.

    Examples
    --------
    >>> [part.tolist() for part in unit_pairs(3)]
    [[0, 0, 1], [1, 2, 2]]
    """
    if n_units * (n_units - 1) // 2 > LARGEST_PAIRS:
        raise InvalidShape(
            expected=f"up to {LARGEST_PAIRS:,} pairs",
            got=f"{n_units * (n_units - 1) // 2:,}",
            hint="compare inside provinces, or every unit with the rest",
        )
    first, second = np.triu_indices(n_units, k=1)
    return first.astype(np.int64), second.astype(np.int64)


@checked
def pairwise_differences(
    estimates: Estimates,
    *,
    method: str = "newcombe",
    simultaneous: str = "sidak",
    confidence_level: float = 0.95,
) -> PairDifferences:
    """Differences of all pairs of independent units.

    Parameters
    ----------
    estimates : Estimates
        (U,) shares or indices in [0, 1], or means.
    method : str
        Of shares and indices, as in `analysis.intervals.two_shares.share_difference` ("mee" is the z test with the
        pooled share); "welch" compares means on any scale.
    simultaneous : {"sidak", "bonferroni", "tukey", "none"}
        "tukey" takes the studentised range of U independent values, the narrowest for all pairs.
    confidence_level : float in (0, 1)

    Returns
    -------
    PairDifferences

    References
    ----------
    Hochberg and Tamhane (1987), Multiple Comparison Procedures, chapter 3.

    Examples
    --------
    >>> from analysis.intervals.shares import wilson_interval
    >>> pairs = pairwise_differences(wilson_interval([60, 88, 90], [100, 100, 100]))
    >>> pairs.value.round(2).tolist(), (pairs.holm < 0.05).tolist()
    ([-0.28, -0.3, -0.02], [True, True, False])
    """
    first, second = unit_pairs(len(estimates))
    sides = estimates[first], estimates[second]
    level = _level_of_one(int(np.isfinite(estimates.value).sum()), simultaneous, confidence_level)
    if method == "welch":
        found = difference_of_means(*sides, confidence_level=level)
    else:
        found = difference_of_estimates(*sides, method=method, confidence_level=level)
    return PairDifferences(
        first, second, found.value, found.ci_low, found.ci_high, found.p_value, *_adjusted(found.p_value),
        f"{method}, {simultaneous}", confidence_level,
    )  # fmt: skip


@checked
def pairwise_contrasts(
    figures: SurveyEstimates, *, simultaneous: str = "sidak", confidence_level: float = 0.95
) -> PairDifferences:
    """Differences of all pairs of figures of one survey, with the covariance between them.

    Parameters
    ----------
    figures : SurveyEstimates
        Estimated with ``covariance=True``.
    simultaneous, confidence_level
        As in `pairwise_differences`.

    Returns
    -------
    PairDifferences
        Limits ``± t(df) se``.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"rate": [5, 4, 5, 3, 1, 2, 3, 2], "unit": ["A"] * 4 + ["B"] * 4})
    >>> pairwise_contrasts(survey.mean("rate", by="unit", covariance=True)).value.tolist()
    [2.25]
    """
    v = covariance_of(figures)
    first, second = unit_pairs(len(figures))
    own = figures.estimates
    value = own.value[first] - own.value[second]
    variance = v[first, first] + v[second, second] - 2 * v[first, second]
    known = np.isfinite(value) & (variance > 0)
    level = _level_of_one(int(np.isfinite(own.value).sum()), simultaneous, confidence_level)
    df = np.maximum(np.minimum(own.df[first], own.df[second]), 1.0)
    error = np.sqrt(np.where(known, variance, 1.0))
    half = np.where(known, t_critical(df, level) * error, np.inf)
    p_value = np.where(known, t_tail(value / error, df), np.nan)
    return PairDifferences(
        first, second, value, value - half, value + half, p_value, *_adjusted(p_value),
        f"contrast, {simultaneous}", confidence_level,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class PairRankTests:
    """All pairs of units compared by the ranks of their answers.

    Attributes
    ----------
    first, second : (P,) ndarray of int
    found : RankTests
        (P,) tests and superiorities of the first over the second, each at its own level.
    holm, bh : (P,) ndarray
        P values adjusted for all pairs tested; NaN where there is no test.
    """

    first: IntArray
    second: IntArray
    found: RankTests
    holm: FloatArray
    bh: FloatArray

    def __len__(self) -> int:
        return len(self.first)


@checked
def pairwise_rank_tests(
    counts: ArrayLike, *, design_effect: ArrayLike = 1.0, confidence_level: float = 0.95
) -> PairRankTests:
    """All pairs of units compared by the ranks of their ordered answers.

    Parameters
    ----------
    counts : (U, L) array_like of whole numbers
        How many of each unit chose each level, lowest first.
    design_effect : (U,) array_like > 0
    confidence_level : float in (0, 1)

    Returns
    -------
    PairRankTests

    Examples
    --------
    >>> pairs = pairwise_rank_tests([[1, 2, 3, 10, 14], [4, 6, 8, 8, 4], [2, 3, 5, 10, 10]])
    >>> (pairs.holm < 0.05).tolist()
    [True, False, False]
    """
    table = finite_array(counts, name="level counts")
    if table.ndim != 2:
        raise InvalidShape(expected="counts (units, levels)", got=str(table.shape), hint="one row per unit")
    first, second = unit_pairs(len(table))
    effect = spread_over(
        finite_positive(design_effect, name="design_effect"), (len(table),), name="design_effect"
    )
    found = mann_whitney_tests(
        table[first], table[second], design_effect_first=effect[first], design_effect_second=effect[second],
        confidence_level=confidence_level,
    )  # fmt: skip
    return PairRankTests(first, second, found, *_adjusted(found.tests.p_value))


def _adjusted(p_value: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Holm's and Benjamini-Hochberg's p values of the pairs that were tested."""
    tested = ~np.isnan(p_value)
    holm, bh = np.full(p_value.shape, np.nan), np.full(p_value.shape, np.nan)
    holm[tested] = adjust_p_values(p_value[tested], method="holm")
    bh[tested] = adjust_p_values(p_value[tested], method="bh")
    return holm, bh


def _level_of_one(n_units: int, simultaneous: str, confidence_level: float) -> float:
    """Level of one difference such that those of all pairs hold together."""
    require_known(simultaneous, PAIR_RULES, name="simultaneous")
    if simultaneous != "tukey":
        return simultaneous_level(confidence_level, max(n_units * (n_units - 1) // 2, 1), method=simultaneous)
    level = level_of(confidence_level)
    if n_units < 2:
        return level
    critical = stats.studentized_range.ppf(level, n_units, np.inf) / np.sqrt(2)
    return float(1 - 2 * special.ndtr(-critical))
