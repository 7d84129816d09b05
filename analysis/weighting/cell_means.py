"""What known sizes of cells explain of a variable: its weighted means in the cells of one or more margins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arithmetic import quotient
from analysis.types import FloatArray, IntArray

MOST_SWEEPS = 1000
SETTLED = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class CellMeans:
    """Weighted cell means of one margin, or those of several margins swept in turn.

    Attributes
    ----------
    cells : (N,) ndarray of int in [0, K)
        Cell of each row: its combination of categories.
    categories : (K, M) ndarray of int
        Category of each cell in each margin.
    weights : (N,) ndarray, >= 0
        Weights before the adjustment; of a category without weight nothing is explained.
    n_sweeps : int, optional
        Rounds over several margins; until nothing changes where not given.

    Notes
    -----
    Taking each margin's weighted means out in turn, again and again, ends at the residual of the weighted
    regression on all margins (alternating projections). What is explained is the same inside a cell, so the
    sweeps run over cells.

    References
    ----------
    Deville, Särndal and Sautory (1993), JASA 88:1013-1020. Bauschke and Borwein (1996), SIAM Review 38:367-426.

    Examples
    --------
    >>> cells = CellMeans.of([np.array([0, 0, 1])], np.array([1.0, 3.0, 2.0]))
    >>> cells.residuals(np.array([[4.0], [8.0], [5.0]])).ravel().tolist()
    [-3.0, 1.0, 0.0]
    """

    cells: IntArray
    categories: IntArray
    weights: FloatArray
    n_sweeps: int | None = None

    @classmethod
    def of(
        cls, margins: Sequence[IntArray], weights: FloatArray, *, n_sweeps: int | None = None
    ) -> CellMeans:
        """The means of margins, each given by the category of every row (N,)."""
        categories, cells = distinct_cells(margins)
        return cls(cells, categories, weights, n_sweeps)

    def residuals(self, values: FloatArray) -> FloatArray:
        """What the margins leave of (N, d) values."""
        size = len(self.categories)
        below = cell_sums(self.weights, self.cells, size)
        means = np.column_stack([
            quotient(cell_sums(self.weights * column, self.cells, size), below, empty=0.0) for column in values.T
        ])  # fmt: skip
        return values - (means - self._left(means, below))[self.cells]

    def _left(self, means: FloatArray, weights: FloatArray) -> FloatArray:
        """What sweeps over the margins leave of the cells' means."""
        n_margins = self.categories.shape[1]
        settled = SETTLED * np.abs(means).max(initial=0.0)
        for _ in range(1 if n_margins == 1 else self.n_sweeps or MOST_SWEEPS):
            before = means
            for codes in self.categories.T:
                below = cell_sums(weights, codes)
                means = np.column_stack([
                    column - quotient(cell_sums(weights * column, codes), below, empty=0.0)[codes] for column in means.T
                ])  # fmt: skip
            if self.n_sweeps is None and np.abs(means - before).max(initial=0.0) <= settled:
                break
        return means


def distinct_cells(margins: Sequence[IntArray]) -> tuple[IntArray, IntArray]:
    """The combinations of categories that occur, and that of each row.

    Parameters
    ----------
    margins : sequence of M arrays (N,) of int >= 0

    Returns
    -------
    categories : (K, M) ndarray of int
    cells : (N,) ndarray of int in [0, K)

    Examples
    --------
    >>> categories, cells = distinct_cells([np.array([0, 0, 1]), np.array([1, 1, 0])])
    >>> categories.tolist(), cells.tolist()
    ([[0, 1], [1, 0]], [0, 0, 1])
    """
    cells = np.zeros(len(margins[0]), dtype=np.int64)
    categories = np.zeros((1, 0), dtype=np.int64)
    for codes in margins:
        size = int(codes.max(initial=0)) + 1
        pairs, cells = np.unique(cells * size + codes, return_inverse=True)
        categories = np.column_stack([categories[pairs // size], pairs % size])
    return categories, cells.astype(np.int64)


def cell_sums(values: FloatArray, codes: IntArray, size: int = 0) -> FloatArray:
    """Sums of values by cell.

    Parameters
    ----------
    values : (N,) ndarray
    codes : (N,) ndarray of int >= 0
    size : int
        Fewest cells of the result.

    Returns
    -------
    (G,) ndarray

    Examples
    --------
    >>> cell_sums(np.array([1.0, 2.0, 4.0]), np.array([0, 1, 0]), 3).tolist()
    [5.0, 2.0, 0.0]
    """
    return np.bincount(codes, weights=values, minlength=size).astype(np.float64)
