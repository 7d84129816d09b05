"""Which device, officer or interviewer stands apart from all others, from group sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.arguments import checked
from analysis.comparing.many_comparisons import adjust_p_values
from analysis.distributions import t_critical
from analysis.errors import InvalidOption, InvalidShape
from analysis.measurement.group_sums import GroupSums, group_sums
from analysis.types import FloatArray, IntArray
from analysis.validation import level_of


@dataclass(frozen=True, slots=True, eq=False)
class GroupScreen:
    """Each of G groups against all others.

    Attributes
    ----------
    n : (G,) ndarray of int
    mean : (G,) ndarray
        NaN for a group of nobody, as are the figures below.
    difference, ci_low, ci_high : (G,) ndarray
        Mean of the group minus the mean of everyone else, with its unadjusted interval.
    share_of_between : (G,) ndarray in [0, 1]
        The group's part of the sum of squares between groups.
    statistic : (G,) ndarray
        Difference over its standard error.
    p_value, p_adjusted : (G,) ndarray
        Two-sided; the second over all groups with anybody.
    is_flagged : (G,) ndarray of bool
        Adjusted p below 1 - confidence_level.
    reason : str
        Why nothing was tested; empty when all was.
    method, confidence_level : str, float
    """

    n: IntArray
    mean: FloatArray
    difference: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    share_of_between: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    p_adjusted: FloatArray
    is_flagged: NDArray[np.bool_]
    reason: str
    method: str
    confidence_level: float

    @property
    def largest(self) -> int | None:
        """Position of the group furthest from the rest in standard errors; None where nothing was tested."""
        return None if self.reason else int(np.nanargmax(np.abs(self.statistic)))


@checked
def group_screen(
    n: ArrayLike,
    sums: ArrayLike,
    squares: ArrayLike,
    *,
    between_variance: float = 0.0,
    method: str = "bh",
    confidence_level: float = 0.95,
) -> GroupScreen:
    """Groups whose mean differs from that of everyone else.

    Parameters
    ----------
    n, sums, squares : (G,) array_like
        As in `analysis.measurement.group_sums.group_sums`.
    between_variance : float >= 0
        Variance of the groups' true means that is taken as ordinary
        (`IntraclassCorrelation.between_variance`). With 0 any true difference counts; with the estimate only
        groups that stand out among groups that differ anyway.
    method : {"bh", "by", "holm", "hochberg", "bonferroni"}
        Adjustment for the number of groups.
    confidence_level : float in (0, 1)

    Returns
    -------
    GroupScreen

    Notes
    -----
    ``t = (ȳ_i - ȳ_rest) / √(MSW (1/n_i + 1/n_rest) + τ² (1 + Σ_rest n_j² / n_rest²))`` with N - G degrees of
    freedom, G - 1 when τ² > 0. A difference is no proof of bad practice: interviewers differ in whom they meet.

    References
    ----------
    Benjamini and Hochberg (1995), JRSS B 57:289-300.

    Examples
    --------
    >>> found = group_screen([50, 50, 50], [200, 205, 150], [840, 880, 500])
    >>> found.difference.round(2).tolist(), found.is_flagged.tolist(), found.largest
    ([0.45, 0.6, -1.05], [True, True, True], 2)
    """
    groups = group_sums(n, sums, squares)
    level_of(confidence_level)
    if groups.n.ndim != 1:
        raise InvalidShape(
            expected="one list of groups", got=f"shape {groups.n.shape}", hint="screen one score at a time"
        )
    if not 0 <= between_variance < np.inf:
        raise InvalidOption(
            expected="between_variance >= 0", got=repr(between_variance), hint="use 0 for a negative estimate"
        )
    filled, reason = groups.filled, _reason(groups)
    rest = np.maximum(groups.n_respondents - groups.n, 1)
    difference = np.where(filled, groups.means - (groups.sums.sum() - groups.sums) / rest, np.nan)
    error = np.sqrt(_variance(groups, rest, between_variance))
    df = np.maximum(groups.n_groups - 1 if between_variance else groups.within_df, 1)
    half = t_critical(df, confidence_level) * error
    tested = filled & (reason == "")
    statistic, p, adjusted = (np.full(filled.shape, np.nan) for _ in range(3))
    statistic[tested] = difference[tested] / error[tested]
    p[tested] = 2 * special.stdtr(df, -np.abs(statistic[tested]))
    if tested.any():
        adjusted[tested] = adjust_p_values(p[tested], method=method)
    spread = np.where(filled, groups.n * (groups.means - groups.grand_mean) ** 2, np.nan)
    apart = max(float(np.nansum(spread)), 1e-300)
    return GroupScreen(
        groups.n.astype(np.int64),
        np.where(filled, groups.means, np.nan),
        np.where(tested, difference, np.nan),
        np.where(tested, difference - half, np.nan),
        np.where(tested, difference + half, np.nan),
        spread / apart,
        statistic,
        p,
        adjusted,
        np.nan_to_num(adjusted, nan=1.0) < 1 - confidence_level,
        reason,
        f"t_{method}",
        confidence_level,
    )


def _reason(groups: GroupSums) -> str:
    if groups.n_groups < 2:
        return "one group"
    if groups.within_df < 1:
        return "no group of two or more"
    return "" if groups.within > 0 else "no spread within groups"


def _variance(groups: GroupSums, rest: FloatArray, between_variance: float) -> FloatArray:
    """Variance of each group's mean minus the mean of the rest."""
    chance = groups.mean_square_within * (1 / np.maximum(groups.n, 1) + 1 / rest)
    uneven = ((groups.n**2).sum() - groups.n**2) / rest**2
    return np.asarray(chance + between_variance * (1 + uneven))
