"""Rank tests of ordered answers from their level counts alone: two groups, many units, and the size of a shift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.comparing.hypothesis_tests import HypothesisTests, NoTest, chi_square_tests, joined_codes
from analysis.distributions import normal_critical, t_tail
from analysis.errors import InvalidShape
from analysis.intervals.shares import wilson_limits
from analysis.types import Estimates, FloatArray
from analysis.validation import finite_array, finite_positive, level_of, require_whole, spread_over

PRIOR_WEIGHT = 0.5
"""People's worth of the spread of continuous answers that the estimated spread of an interval is mixed with."""


@dataclass(frozen=True, slots=True, eq=False)
class RankTests:
    """Groups compared in pairs by the ranks of their answers.

    Attributes
    ----------
    w : ndarray
        Pairs of people in which the first group's answer is higher, ties counted half (Mann and Whitney's U
        of the first group; Wilcoxon's rank sum less its least value).
    tests : HypothesisTests
        Two-sided; the statistic is z, corrected for ties, without continuity correction.
    superiority : Estimates
        Chance that someone of the first group answers higher than someone of the second, ties counted half.
    """

    w: FloatArray
    tests: HypothesisTests
    superiority: Estimates

    def __len__(self) -> int:
        return len(self.w)

    @property
    def cliffs_delta(self) -> FloatArray:
        """Chance of higher minus chance of lower, in [-1, 1]."""
        return 2 * self.superiority.value - 1

    @property
    def cliffs_delta_limits(self) -> tuple[FloatArray, FloatArray]:
        """Limits of `cliffs_delta`."""
        return 2 * self.superiority.ci_low - 1, 2 * self.superiority.ci_high - 1


@checked
def mann_whitney_tests(
    first: ArrayLike,
    second: ArrayLike,
    *,
    design_effect_first: ArrayLike = 1.0,
    design_effect_second: ArrayLike = 1.0,
    confidence_level: float = 0.95,
) -> RankTests:
    """Whether two groups answer alike on an ordered scale, for any number of pairs of groups.

    Parameters
    ----------
    first, second : (..., L) array_like of whole numbers
        How many chose each level, lowest first.
    design_effect_first, design_effect_second : (...) array_like > 0
        Of each group's mean rank.
    confidence_level : float in (0, 1)

    Returns
    -------
    RankTests
        Of shape (...); NaN where a group is empty. Where everyone gave the same answer there is no test, and
        the superiority is 1/2.

    Notes
    -----
    ``z = (W - mn/2)/σ``, ``σ² = mn/12 (N + 1 - Σ(t³ - t)/(N(N-1)))``, over the square root of the design effect
    of the difference. The interval is Wilson's on an effective number of people: superiority θ = W/mn varies
    by the placements of both groups, ``v = s²₁/m + s²₂/n``; where only half a person is expected on the wrong
    side that variance is not to be trusted, so it is mixed with what continuous answers would have.

    References
    ----------
    Mann and Whitney (1947), Annals of Mathematical Statistics 18:50-60. DeLong, DeLong and Clarke-Pearson
    (1988), Biometrics 44:837-845. Newcombe (2006), Statistics in Medicine 25:559-573.

    Examples
    --------
    >>> found = mann_whitney_tests([1, 2, 3, 10, 14], [4, 6, 8, 8, 4])
    >>> round(found.tests.at().p_value, 4), round(found.superiority.at().value, 3)
    (0.0008, 0.744)
    """
    x, y = _level_counts(first), _level_counts(second)
    if x.shape[-1] != y.shape[-1]:
        raise InvalidShape(
            expected="groups on one scale",
            got=f"{x.shape[-1]} and {y.shape[-1]} levels",
            hint="one scale for both",
        )
    x, y = np.broadcast_arrays(x, y)
    m, n = x.sum(axis=-1), y.sum(axis=-1)
    effects = [
        spread_over(finite_positive(effect, name="design_effect"), m.shape, name="design_effect")
        for effect in (design_effect_first, design_effect_second)
    ]
    w = (x * (np.cumsum(y, axis=-1) - y / 2)).sum(axis=-1)
    codes = joined_codes(
        m.shape, (m + n == 0, NoTest.NOBODY), ((m == 0) | (n == 0), NoTest.ONE_GROUP),
        (((x + y) > 0).sum(axis=-1) < 2, NoTest.ONE_LEVEL),
    )  # fmt: skip
    combined = quotient(effects[0] * n + effects[1] * m, m + n)
    z = quotient(w - m * n / 2, np.sqrt(_null_variance(x + y, m, n) * combined))
    tested = codes == NoTest.TESTED
    z = np.where(tested, z, np.nan)
    infinite = np.full(m.shape, np.inf)
    tests = HypothesisTests(z, infinite, t_tail(z), infinite, codes, "mann-whitney")
    superiority = _superiority(
        x, y, effects, np.where((m > 0) & (n > 0), w, np.nan), level_of(confidence_level)
    )
    return RankTests(np.where(m * n > 0, w, np.nan), tests, superiority)


@checked
def kruskal_wallis_tests(counts: ArrayLike, *, design_effect: ArrayLike = 1.0) -> HypothesisTests:
    """Whether many units answer alike on an ordered scale, for any number of questions.

    Parameters
    ----------
    counts : (..., U, L) array_like of whole numbers
        How many of each unit chose each level, lowest first.
    design_effect : (..., U) array_like > 0
        Of each unit's mean rank.

    Returns
    -------
    HypothesisTests
        Of shape (...); chi-square on (units with respondents - 1) degrees of freedom.

    Notes
    -----
    ``H = (N-1) Σ_u n_u (R̄_u - R̄)² / Σ (R - R̄)²`` with mid-ranks R, which is the usual correction for ties.
    With design effects D_u the weights n_u become n_u / D_u, also in the mean R̄ of the numerator.

    References
    ----------
    Kruskal and Wallis (1952), JASA 47:583-621.

    Examples
    --------
    >>> test = kruskal_wallis_tests([[1, 2, 3, 10, 14], [4, 6, 8, 8, 4], [2, 3, 5, 10, 10]]).at()
    >>> test.df, round(test.statistic, 3)
    (2.0, 11.932)
    """
    table = _level_counts(counts)
    if table.ndim < 2:
        raise InvalidShape(
            expected="counts (..., units, levels)", got=str(table.shape), hint="one row per unit"
        )
    n = table.sum(axis=-1)
    effect = finite_positive(design_effect, name="design_effect")
    weights = n / spread_over(effect, n.shape, name="design_effect")
    levels = table.sum(axis=-2)
    total = levels.sum(axis=-1)
    # Mid-ranks counted from the middle of all, so that large N loses no digits.
    ranks = np.cumsum(levels, axis=-1) - levels / 2 - total[..., None] / 2
    spread = (levels * ranks**2).sum(axis=-1)
    means = quotient((table * ranks[..., None, :]).sum(axis=-1), n, empty=0.0)
    centre = quotient((weights * means).sum(axis=-1), weights.sum(axis=-1), empty=0.0)
    between = (weights * (means - centre[..., None]) ** 2).sum(axis=-1)
    groups = (n > 0).sum(axis=-1)
    codes = joined_codes(
        total.shape, (total == 0, NoTest.NOBODY), (groups < 2, NoTest.ONE_GROUP),
        ((levels > 0).sum(axis=-1) < 2, NoTest.ONE_LEVEL),
    )  # fmt: skip
    h = quotient((total - 1) * between, spread)
    return chi_square_tests(h, np.maximum(groups - 1.0, 0.0), codes, method="kruskal-wallis")


def _level_counts(counts: ArrayLike) -> FloatArray:
    table = finite_array(counts, name="level counts")
    require_whole(table, name="level counts")
    if table.ndim < 1 or not table.shape[-1]:
        raise InvalidShape(expected="counts of levels", got=str(table.shape), hint="one count per level")
    return table


def _null_variance(ties: FloatArray, m: FloatArray, n: FloatArray) -> FloatArray:
    """Variance of W if both groups answer alike, given how many chose each level."""
    people = m + n
    f = quotient(ties, people[..., None], empty=0.0)
    # N + 1 - Σ(t³ - t)/(N(N-1)) = N²/(N-1) Σ f(1-f)(1+f): does not cancel where nearly all answer alike.
    untied = people * quotient(people, people - 1, empty=0.0) * (f * (1 - f) * (1 + f)).sum(axis=-1)
    return np.asarray(m * n / 12 * untied)


def _superiority(
    x: FloatArray, y: FloatArray, effects: list[FloatArray], w: FloatArray, confidence_level: float
) -> Estimates:
    m, n = x.sum(axis=-1), y.sum(axis=-1)
    theta = quotient(w, m * n)
    variances = _placement_variance(x, y, m, n, theta), _placement_variance(y, x, n, m, 1 - theta)
    plain = variances[0] + variances[1]
    clustered = effects[0] * variances[0] + effects[1] * variances[1]
    effect = np.where(plain > 0, quotient(clustered, plain), quotient(effects[0] * n + effects[1] * m, m + n))
    n_effective = quotient(_effective_people(theta, plain, m, n), effect, empty=0.0)
    critical = np.asarray(normal_critical(confidence_level))
    known = np.isfinite(theta)
    low, high = (
        np.where(known, limit, empty)
        for limit, empty in zip(
            wilson_limits(np.where(known, theta, 0.5), np.where(known, n_effective, 1.0), critical), (0.0, 1.0),
            strict=True,
        )
    )  # fmt: skip
    error = np.sqrt(theta * (1 - theta) / np.where(n_effective > 0, n_effective, np.nan))
    infinite = np.full(m.shape, np.inf)
    return Estimates(
        theta, low, high, (m + n).astype(np.int64), effect, n_effective, infinite, error,
        method="wilson, placements", confidence_level=confidence_level,
    )  # fmt: skip


def _placement_variance(
    own: FloatArray, other: FloatArray, n: FloatArray, n_other: FloatArray, mean: FloatArray
) -> FloatArray:
    """Variance that one group's sampling lends to the superiority: of the share of the others each is above."""
    placed = quotient(np.cumsum(other, axis=-1) - other / 2, n_other[..., None], empty=0.0)
    spread = (own * (placed - np.nan_to_num(mean)[..., None]) ** 2).sum(axis=-1)
    return quotient(spread, n * np.maximum(n - 1, 1), empty=0.0)


def _effective_people(theta: FloatArray, variance: FloatArray, m: FloatArray, n: FloatArray) -> FloatArray:
    """People whose yes-or-no answers would tell θ as well; see Notes of `mann_whitney_tests`."""
    harmonic = quotient(m * n, m + n)
    theta = np.where(np.isnan(theta), 0.5, theta)
    binary = theta * (1 - theta)
    continuous = (1 + ((m + n) / 2 - 1) * ((1 - theta) / (2 - theta) + theta / (1 + theta))) / np.maximum(
        m + n, 1
    )
    observed = quotient(variance * harmonic, binary, empty=0.0)
    wrong_side = harmonic * np.minimum(theta, 1 - theta)
    spread = (wrong_side * observed + PRIOR_WEIGHT * continuous) / (wrong_side + PRIOR_WEIGHT)
    return quotient(harmonic, spread)
