"""Iterative proportional fitting of the cells of many units to the margins of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidCounts, InvalidShape, NoConvergence
from analysis.types import FloatArray, IntArray
from analysis.validation import finite_array, labels_of, require_known
from analysis.weighting.collapsing import Collapsing, collapsed_cells, summed_cells

SAME_TOTAL = 1e-6
"""Margins of one population may differ by this much, which is rounding; they are scaled to the first."""


@dataclass(frozen=True, slots=True, eq=False)
class RakedCells:
    """Cells of U units fitted to their margins.

    Attributes
    ----------
    weights : (U, K) ndarray
        Fitted sums of weights; over the base they are the factor of each respondent of the cell.
    n_iterations : (U,) ndarray of int
        Rounds over the margins.
    largest_error : (U,) ndarray
        Largest relative distance of a margin from its total; infinite for a unit without respondents.
    collapsed : tuple of (U, A) ndarray of int
        Of each margin, the category in which each was counted; its own position where it stood alone.
    """

    weights: FloatArray
    n_iterations: IntArray
    largest_error: FloatArray
    collapsed: tuple[IntArray, ...]


@dataclass(frozen=True, slots=True, eq=False)
class CellMargin:
    """One margin of U units over the same K cells.

    Attributes
    ----------
    name : str
    codes : (K,) ndarray of int in [0, A)
        Category of each cell.
    totals : (U, A) ndarray, >= 0
        Population of each category; of those counted together, at the category they joined.
    joined : (U, A) ndarray of int
        Category in which each is counted.
    """

    name: str
    codes: IntArray
    totals: FloatArray
    joined: IntArray

    @classmethod
    def of(cls, name: str, codes: IntArray, totals: FloatArray) -> CellMargin:
        """A margin without categories counted together."""
        return cls(name, codes, totals, np.broadcast_to(np.arange(totals.shape[1]), totals.shape))

    def sums(self, cells: FloatArray) -> FloatArray:
        """Sums of (U, K) cells by category, (U, A)."""
        size = len(self.codes)
        indicator = sparse.csr_array(
            (np.ones(size), (np.arange(size), self.codes)), shape=(size, self.totals.shape[1])
        )
        return summed_cells(np.asarray(cells @ indicator), self.joined)

    def spread(self, by_category: FloatArray) -> FloatArray:
        """Values of categories (U, A) at each cell, (U, K)."""
        return np.asarray(np.take_along_axis(by_category, self.joined, axis=1)[:, self.codes])

    def units(self, chosen: IntArray) -> CellMargin:
        """The margin of some of the units."""
        return CellMargin(self.name, self.codes, self.totals[chosen], self.joined[chosen])

    def collapse(self, people: FloatArray, rule: Collapsing) -> CellMargin:
        """The margin with categories of too few of the (U, K) people joined by the rule."""
        joined = collapsed_cells(np.rint(self.sums(people)), self.totals, rule)
        return CellMargin(self.name, self.codes, summed_cells(self.totals, joined), joined)


@checked
def raked_cells(
    base: ArrayLike,
    margins: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    collapse: Sequence[Collapsing] | None = None,
    unfitted: str = "refuse",
    tolerance: float = 1e-10,
    max_iterations: int = 1000,
) -> RakedCells:
    """Cells of many units fitted to the margins of each (iterative proportional fitting).

    Parameters
    ----------
    base : (U, K) or (K,) array_like >= 0
        Respondents, or sums of weights, of each unit in each cell (channel x field x age).
    margins : sequence of M pairs
        Of each margin the category of each cell, (K,) int in [0, A), and the totals (U, A) or (A,).
    collapse : sequence of M Collapsing, optional
        How categories with too few respondents join others, by unit; `base` must then be counts.
    unfitted : {"refuse", "keep"}
        Units that cannot be fitted are an error, or come back with an error above `tolerance`.
    tolerance : float > 0
        Largest relative error allowed in any margin.
    max_iterations : int
        Rounds over all margins.

    Returns
    -------
    RakedCells

    Raises
    ------
    InvalidCounts
        Margins of one unit that sum to different populations; a category with a total and nobody in it.
    NoConvergence
        Empty cells that no weights can bridge, or too few iterations.

    Notes
    -----
    Each round multiplies the cells of every category of every margin in turn by total over current sum. The
    limit is the closest table to the base in Kullback-Leibler distance, the calibration with distance "raking".

    References
    ----------
    Deming and Stephan (1940), Annals of Mathematical Statistics 11:427-444.
    Deville, Särndal and Sautory (1993), JASA 88:1013-1020.

    Examples
    --------
    >>> table = [[30, 10, 20, 40]]
    >>> found = raked_cells(table, [([0, 0, 1, 1], [[50, 50]]), ([0, 1, 0, 1], [[60, 40]])])
    >>> found.weights.round(2).tolist()
    [[40.0, 10.0, 20.0, 30.0]]
    """
    require_known(unfitted, ("refuse", "keep"), name="unfitted")
    cells, known = cell_margins(base, margins, collapse=collapse)
    if unfitted == "refuse":
        require_people(cells, known)
    fitted = fitted_cells(cells, known, tolerance=tolerance, max_iterations=max_iterations)
    if unfitted == "refuse":
        require_fitted(fitted, tolerance)
    return fitted


@checked
def cell_margins(
    base: ArrayLike,
    margins: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    collapse: Sequence[Collapsing] | None = None,
) -> tuple[FloatArray, list[CellMargin]]:
    """Checked cells and margins, with categories joined by the rules.

    Parameters
    ----------
    base, margins, collapse
        As in `raked_cells`.

    Returns
    -------
    cells : (U, K) ndarray
    margins : list of CellMargin
    """
    cells = np.atleast_2d(finite_array(base, name="base"))
    if cells.ndim != 2 or (cells < 0).any():
        raise InvalidCounts(
            expected="(U, K) cells >= 0", got=f"{cells.shape}, {cells.min(initial=0):g}", hint="pass counts"
        )
    known = one_population(
        [_checked(f"margin {position}", *margin, cells.shape) for position, margin in enumerate(margins)]
    )
    if collapse is None:
        return cells, known
    if len(collapse) != len(known):
        raise InvalidShape(
            expected=f"{len(known)} rules", got=str(len(collapse)), hint="one Collapsing per margin"
        )
    return cells, [margin.collapse(cells, rule) for margin, rule in zip(known, collapse, strict=True)]


def fitted_cells(
    base: FloatArray, margins: Sequence[CellMargin], *, tolerance: float, max_iterations: int
) -> RakedCells:
    """Iterative proportional fitting without checks; units that do not fit keep an error above `tolerance`.

    Parameters
    ----------
    base : (U, K) ndarray >= 0
    margins : sequence of CellMargin
    tolerance, max_iterations
        As in `raked_cells`.

    Returns
    -------
    RakedCells
    """
    cells, done = base.copy(), np.zeros(len(base), dtype=np.int64)
    error = np.where(base.any(axis=1), _errors(cells, margins), np.inf)
    for iteration in range(1, max_iterations + 1):
        left = np.flatnonzero((error > tolerance) & np.isfinite(error))
        if not left.size:
            break
        moving, own = cells[left], [margin.units(left) for margin in margins]
        for margin in own:
            sums = margin.sums(moving)
            factor = quotient(margin.totals, sums, empty=0.0)
            moving = moving * margin.spread(factor)
        cells[left], done[left], error[left] = moving, iteration, _errors(moving, own)
    return RakedCells(cells, done, error, tuple(margin.joined for margin in margins))


def one_population(margins: Sequence[CellMargin]) -> list[CellMargin]:
    """The margins scaled to the first one's population, from which they may differ by rounding only.

    Parameters
    ----------
    margins : sequence of CellMargin

    Returns
    -------
    list of CellMargin

    Raises
    ------
    InvalidCounts
        Names the margins whose sums differ.
    """
    if not margins:
        raise InvalidShape(expected="one or more margins", got="none", hint="give the totals of a variable")
    first = margins[0].totals.sum(axis=1)
    scaled = []
    for margin in margins:
        own = margin.totals.sum(axis=1)
        apart = np.abs(own - first) > SAME_TOTAL * np.maximum(first, own)
        if apart.any():
            unit = int(np.argmax(apart))
            raise InvalidCounts(
                expected="margins of one population",
                got=f"{margins[0].name} sums to {first[unit]:g}, {margin.name} to {own[unit]:g}",
                hint="scale them to the population that is known best",
            )
        factor = quotient(first, own, empty=1.0)
        scaled.append(CellMargin(margin.name, margin.codes, margin.totals * factor[:, None], margin.joined))
    return scaled


def require_people(cells: FloatArray, margins: Sequence[CellMargin]) -> None:
    """Refuse a category that has a total and nobody in it.

    Parameters
    ----------
    cells : (U, K) ndarray
    margins : sequence of CellMargin

    Returns
    -------
    None
    """
    for margin in margins:
        lost = (margin.sums(cells) <= 0) & (margin.totals > 0)
        if lost.any():
            unit, category = np.argwhere(lost)[0].tolist()
            raise InvalidCounts(
                expected=f"someone in every category of {margin.name} that has a total",
                got=f"nobody in category {category} of set {unit}",
                hint="collapse the category with another by a rule fixed before fieldwork",
            )


@checked
def require_fitted(fitted: RakedCells, tolerance: float) -> None:
    """Refuse cells that miss their margins.

    Parameters
    ----------
    fitted : RakedCells
    tolerance : float

    Returns
    -------
    None
    """
    if (fitted.largest_error > tolerance).any():
        raise NoConvergence(
            expected=f"margins met to {tolerance:g} in {fitted.n_iterations.max()} rounds",
            got=f"a relative error of {fitted.largest_error.max():.3g}",
            hint="empty cells may contradict the margins: collapse categories, or drop a margin",
        )


def _errors(cells: FloatArray, margins: Sequence[CellMargin]) -> FloatArray:
    """Largest relative error of each unit over its margins; a category without a total must be empty."""
    worst = np.zeros(len(cells))
    for margin in margins:
        distance = np.abs(margin.sums(cells) - margin.totals)
        relative = np.divide(distance, margin.totals, out=distance.copy(), where=margin.totals > 0)
        worst = np.maximum(worst, relative.max(axis=1, initial=0.0))
    return worst


def _checked(name: str, categories: ArrayLike, totals: ArrayLike, shape: tuple[int, ...]) -> CellMargin:
    sizes = np.atleast_2d(finite_array(totals, name=f"totals of {name}"))
    codes = labels_of(categories, size=shape[1], below=sizes.shape[1], name=f"categories of {name}")
    if sizes.shape[0] not in (1, shape[0]) or (sizes < 0).any():
        raise InvalidShape(
            expected=f"({shape[0]}, A) totals >= 0", got=f"{sizes.shape}, {sizes.min():g}",
            hint="one row of totals per unit",
        )  # fmt: skip
    return CellMargin.of(name, codes.astype(np.int64), np.broadcast_to(sizes, (shape[0], sizes.shape[1])))
