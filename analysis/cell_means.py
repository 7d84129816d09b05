"""What known sizes of cells explain of a variable: its weighted means in the cells of one or more margins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.types import FloatArray, IntArray

MOST_SWEEPS = 1000
SETTLED = 1e-13


@dataclass(frozen=True, slots=True, eq=False)
class CellMeans:
    """Weighted cell means of one margin, or those of several margins swept in turn.

    Attributes
    ----------
    margins : tuple of (N,) ndarray of int
        Cell of each row in each margin.
    weights : (N,) ndarray, >= 0
        Weights before the adjustment; of a cell without weight nothing is explained.
    n_sweeps : int, optional
        Rounds over several margins; until nothing changes where not given.

    Notes
    -----
    Taking each margin's weighted means out in turn, again and again, ends at the residual of the weighted
    regression on all margins (alternating projections), without a column for every cell.

    References
    ----------
    Deville, Särndal and Sautory (1993), JASA 88:1013-1020. Bauschke and Borwein (1996), SIAM Review 38:367-426.

    Examples
    --------
    >>> cells = CellMeans((np.array([0, 0, 1]),), np.array([1.0, 3.0, 2.0]))
    >>> cells.residuals(np.array([[4.0], [8.0], [5.0]])).ravel().tolist()
    [-3.0, 1.0, 0.0]
    """

    margins: tuple[IntArray, ...]
    weights: FloatArray
    n_sweeps: int | None = None

    def residuals(self, values: FloatArray) -> FloatArray:
        """What the margins leave of (N, d) values."""
        if len(self.margins) == 1:
            return self._swept(values)
        settled = SETTLED * np.abs(values).max(initial=0.0)
        for _ in range(self.n_sweeps or MOST_SWEEPS):
            before, values = values, self._swept(values)
            if self.n_sweeps is None and np.abs(values - before).max(initial=0.0) <= settled:
                break
        return values

    def _swept(self, values: FloatArray) -> FloatArray:
        for codes in self.margins:
            below = cell_sums(self.weights, codes)
            values = np.column_stack([
                column - _means(column, self.weights, codes, below)[codes] for column in values.T
            ])  # fmt: skip
        return values


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
    """
    return np.bincount(codes, weights=values, minlength=size).astype(np.float64)


def _means(column: FloatArray, weights: FloatArray, codes: IntArray, below: FloatArray) -> FloatArray:
    above = cell_sums(weights * column, codes)
    return np.divide(above, below, out=np.zeros(len(below)), where=below > 0)
