"""Shares of many units post-stratified to known numbers of dossiers, from counts or clustered sums alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidCounts
from analysis.surveys.linearisation import Columns, Totals, linearised
from analysis.types import Estimates, FloatArray, IntArray
from analysis.validation import (
    counts_of,
    finite_array,
    finite_positive,
    positive,
    require_whole,
    spread_over,
    together,
)
from analysis.weighting.collapsing import Collapsing, collapsed_cells, summed_cells
from analysis.weighting.weighted_cells import ended_share, smoothed_cells, wilson_estimates

LENT_WORTH = 0.5
"""People's worth of a lent design effect, beside one's own with the fewer of satisfied and dissatisfied people."""


@dataclass(frozen=True, slots=True, eq=False)
class PostStratifiedShares:
    """Shares of U units, each cell weighted by its part of the population.

    Attributes
    ----------
    estimates : Estimates
        (U,) shares with limits. `standard_error` is the textbook one, conditional on the cells' sizes; `value`
        is NaN where nobody answered.
    raw_share : (U,) ndarray
        The same answers without weights.
    weighting_effect : (U,) ndarray
        What the unequal weights alone cost: n Σ (N_g/N)²/n_g, Kish's design effect.
    cells : (U, G) ndarray of int
        The cell in which each cell was counted; its own position where it stood alone.
    """

    estimates: Estimates
    raw_share: FloatArray
    weighting_effect: FloatArray
    cells: IntArray

    @property
    def n_collapsed(self) -> IntArray:
        """Cells of each unit that were counted in another."""
        moved: IntArray = (self.cells != np.arange(self.cells.shape[1])).sum(axis=1)
        return moved


@checked
def poststratified_share(
    k: ArrayLike,
    n: ArrayLike,
    population: ArrayLike,
    *,
    collapse: Collapsing | None = None,
    finite: bool = False,
    design_effect: ArrayLike = 1.0,
    df: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> PostStratifiedShares:
    """Share of each unit with every cell weighted by its part of the population, from counts.

    Parameters
    ----------
    k, n : (U, G) or (G,) array_like, 0 <= k <= n
        Satisfied and answering respondents of each unit in each cell, such as channel x field.
    population : (U, G) or (G,) array_like >= 0
        Dossiers of each cell. One row of shares for all units standardises them directly.
    collapse : Collapsing, optional
        How cells with too few respondents join others; `Collapsing()`, empty cells only, where not given.
    finite : bool
        Correct by 1 - n_g/N_g; only for a random sample of the dossiers.
    design_effect : array_like > 0
        Of clusters inside cells, multiplied in; see also `clustered_poststratified_share`.
    df : array_like > 0, optional
        Degrees of freedom of an estimated design effect.
    confidence_level : float in (0, 1)

    Returns
    -------
    PostStratifiedShares

    Raises
    ------
    InvalidCounts
        With `finite`, a population smaller than its respondents. A population that is 0 in all cells.

    Notes
    -----
    ``p = Σ N_g/N p_g``, ``var = Σ (N_g/N)² (1 - f_g) p_g (1 - p_g)/(n_g - 1)``; a cell of one respondent
    borrows the unit's own variance. Limits are Wilson's with ``n_eff = q (1 - q)/V``, V = Σ (N_g/N)² (1 - f_g)
    q_g (1 - q_g)/n_g, q = Σ N_g/N q_g, where q_g is the share of the cell with four people of the unit's own
    rate added: a small cell where everyone is satisfied is not taken for certain, however much it weighs.

    References
    ----------
    Holt and Smith (1979), JRSS A 142:33-46. Valliant (1993), JASA 88:89-96.

    Examples
    --------
    >>> found = poststratified_share([[40, 5]], [[50, 10]], [[100, 300]])
    >>> round(found.estimates[0].value, 3), round(found.raw_share.item(), 3)
    (0.575, 0.75)
    """
    satisfied, people = counts_of(k, n)
    sizes = finite_array(population, name="population")
    satisfied, people, sizes = (np.atleast_2d(part) for part in together(satisfied, people, sizes))
    cells, part = _cells(people, sizes, collapse)
    satisfied, people, sizes = (summed_cells(values, cells) for values in (satisfied, people, sizes))
    left = _part_left(people, sizes) if finite else np.ones_like(people)
    share = quotient(satisfied, people)
    raw = quotient(satisfied.sum(axis=1), people.sum(axis=1))
    effect = spread_over(
        finite_positive(design_effect, name="design_effect"), people.shape[:1], name="design_effect"
    )
    variance = effect * (part**2 * left * _cell_variance(share, people, raw)).sum(axis=1)
    return _result(
        part, satisfied, people, cells, variance=variance, left=left, clusters=effect,
        df=spread_over(positive(np.inf if df is None else df, name="df"), people.shape[:1], name="df"),
        confidence_level=confidence_level,
    )  # fmt: skip


@checked
def clustered_poststratified_share(
    totals: Totals,
    shares: Sequence[tuple[Columns, Columns]],
    population: ArrayLike,
    *,
    collapse: Collapsing | None = None,
    borrowed_design_effect: ArrayLike = 1.0,
    confidence_level: float = 0.95,
) -> PostStratifiedShares:
    """Share of each unit post-stratified over cells that its clusters (device-days) cut across.

    Parameters
    ----------
    totals : Totals
        With two columns for each of G cells, from `analysis.surveys.linearisation.design_totals`.
    shares : sequence of G pairs of columns
        Satisfied and answering respondents of each cell.
    population, collapse, confidence_level
        As in `poststratified_share`.
    borrowed_design_effect : array_like > 0
        Of clusters, for units that cannot tell their own: one cluster, or (almost) everyone the same.

    Returns
    -------
    PostStratifiedShares
        Limits with t(clusters - strata).

    Notes
    -----
    ``var = gᵀ Cov g`` with the derivative N_g/(N R_g) of each satisfied and -N_g p_g/(N R_g) of each answering
    total: between clusters, of the residuals of post-stratification.

    References
    ----------
    Valliant (1993), JASA 88:89-96.

    Examples
    --------
    >>> from analysis.surveys.linearisation import design_totals
    >>> from analysis.counting.moments import moments
    >>> rows = [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 0, 1]]
    >>> m = moments(rows, [0] * 5, [1, 1, 1, 2, 2], n_units=1, columns=("s:a", "r:a", "s:b", "r:b"))
    >>> found = clustered_poststratified_share(design_totals(m), [("s:a", "r:a"), ("s:b", "r:b")], [[30, 10]])
    >>> round(found.estimates[0].value, 4)
    0.625
    """
    above, below = (np.array([totals.indicator(pair[position]) for pair in shares]) for position in (0, 1))
    satisfied, answering = totals.value @ above.T, totals.value @ below.T
    people = totals.counts @ below.T
    sizes = spread_over(finite_array(population, name="population"), people.shape, name="population")
    cells, part = _cells(people, sizes, collapse)
    joint_satisfied, joint_answering = summed_cells(satisfied, cells), summed_cells(answering, cells)
    share = quotient(joint_satisfied, joint_answering)
    per_answer, own_share = (
        np.take_along_axis(np.nan_to_num(values), cells, axis=1)
        for values in (quotient(part, joint_answering), share)
    )
    gradient = per_answer @ above - (per_answer * own_share) @ below
    value = np.where(people.sum(axis=1) > 0, (part * np.nan_to_num(share)).sum(axis=1), np.nan)
    found = linearised(totals, value, gradient)
    counted = summed_cells(people, cells)
    lent = spread_over(
        finite_positive(borrowed_design_effect, name="borrowed_design_effect"),
        value.shape,
        name="borrowed_design_effect",
    )
    return _result(
        part, np.nan_to_num(share) * counted, counted, cells, variance=found.variance,
        left=np.ones_like(counted), clusters=_own_or_lent(found.design_effect, share, counted, lent),
        df=np.maximum(found.df, 1.0), confidence_level=confidence_level,
    )  # fmt: skip


def _own_or_lent(effect: FloatArray, share: FloatArray, people: FloatArray, lent: FloatArray) -> FloatArray:
    """A design effect of clusters that leans on the lent one as far as satisfied or dissatisfied are few."""
    satisfied = (np.nan_to_num(share) * people).sum(axis=1)
    few = np.where(np.isfinite(effect), np.minimum(satisfied, people.sum(axis=1) - satisfied), 0.0)
    mixed: FloatArray = (few * np.nan_to_num(effect) + LENT_WORTH * lent) / (few + LENT_WORTH)
    return mixed


def _cells(people: FloatArray, sizes: FloatArray, collapse: Collapsing | None) -> tuple[IntArray, FloatArray]:
    """The cell in which each is counted, and its part of the population after that."""
    require_whole(people, name="n")
    all_sizes = sizes.sum(axis=1, keepdims=True)
    if (sizes < 0).any() or (all_sizes <= 0).any():
        raise InvalidCounts(
            expected="populations >= 0, not all 0",
            got=f"{sizes.min():g}, sum {all_sizes.min():g}",
            hint="leave out units without dossiers",
        )
    cells = collapsed_cells(people, sizes, collapse or Collapsing())
    return cells, summed_cells(sizes, cells) / all_sizes


def _part_left(people: FloatArray, sizes: FloatArray) -> FloatArray:
    if (people > sizes).any():
        worst = int(np.argmax(people - sizes))
        raise InvalidCounts(
            expected="population >= n in every cell",
            got=f"N = {sizes.flat[worst]:g}, n = {people.flat[worst]:g}",
            hint="refresh the number of dossiers; a self-selected stream has no finite correction",
        )
    return 1 - np.nan_to_num(quotient(people, sizes))


def _cell_variance(share: FloatArray, people: FloatArray, raw: FloatArray) -> FloatArray:
    """Variance of each cell's share, (U, G); of a single respondent, that of the unit's people."""
    n = people.sum(axis=1)
    of_unit = np.where(n > 1, raw * (1 - raw) * n / np.maximum(n - 1, 1), np.nan)
    own = share * (1 - share) / np.maximum(people - 1, 1)
    return np.where(people > 1, own, np.where(people == 1, of_unit[:, None], 0.0))


def _result(
    part: FloatArray,
    satisfied: FloatArray,
    people: FloatArray,
    cells: IntArray,
    *,
    variance: FloatArray,
    left: FloatArray,
    clusters: FloatArray,
    df: FloatArray,
    confidence_level: float,
) -> PostStratifiedShares:
    n = people.sum(axis=1)
    answered = n > 0
    weighted = (part * np.nan_to_num(quotient(satisfied, people))).sum(axis=1)
    p = np.where(answered, ended_share(weighted, satisfied, people), np.nan)
    near, of_near = smoothed_cells(satisfied, people)
    q = (part * near).sum(axis=1)
    width = clusters * (part**2 * left * of_near).sum(axis=1)
    estimates = wilson_estimates(
        p, n, rate=q, width=width, standard_error=np.sqrt(np.where(answered, variance, np.nan)), df=df,
        method="poststratified_wilson", confidence_level=confidence_level,
    )  # fmt: skip
    weighting = np.where(answered, n * (part**2 / np.maximum(people, 1)).sum(axis=1), 1.0)
    return PostStratifiedShares(estimates, quotient(satisfied.sum(axis=1), n), weighting, cells)
