"""Bounds on unknown counts that follow from one equation at a time: quick, and never too narrow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.types import FloatArray, IntArray

ROUNDS = 50
TOLERANCE = 1e-7


def propagated_bounds(
    matrix: sparse.csr_array, right_side: FloatArray, *, is_integral: bool
) -> tuple[FloatArray, FloatArray]:
    """Bounds of unknowns under ``matrix @ x == right_side``, ``x >= 0``.

    Parameters
    ----------
    matrix : (E, H) sparse array
    right_side : (E,) ndarray
    is_integral : bool
        Round bounds inwards.

    Returns
    -------
    tuple of (H,) ndarray
        Lower and upper bounds; the upper is infinite where no equation bounds it. Crossed bounds mean that the
        equations contradict each other.

    Notes
    -----
    In each equation a term is at most what remains when all others are at their least, and the other way round;
    repeated until nothing moves. For a plain two-way table these are Fréchet's bounds.

    Examples
    --------
    >>> equations = sparse.csr_array([[1.0, 1.0], [1.0, 0.0]])
    >>> low, high = propagated_bounds(equations, np.array([5.0, 2.0]), is_integral=True)
    >>> low.tolist(), high.tolist()
    ([2.0, 3.0], [2.0, 3.0])
    """
    entries = sparse.coo_array(matrix)
    row, column = (np.asarray(index, dtype=np.int64) for index in entries.coords)
    weight = np.asarray(entries.data, dtype=np.float64)
    low, high = np.zeros(matrix.shape[1]), np.full(matrix.shape[1], np.inf)
    for _ in range(ROUNDS):
        new_low, new_high = _tightened(low, high, (row, column, weight), right_side)
        if is_integral:
            new_low, new_high = np.ceil(new_low - TOLERANCE), np.floor(new_high + TOLERANCE)
        moved = (new_low > low + TOLERANCE).any() or (new_high < high - TOLERANCE).any()
        low, high = new_low, new_high
        if not moved or (low > high + TOLERANCE).any():
            break
    return low, high


def _tightened(
    low: FloatArray,
    high: FloatArray,
    entries: tuple[IntArray, IntArray, FloatArray],
    right_side: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    row, column, weight = entries
    is_plus = weight > 0
    least = weight * np.where(is_plus, low[column], _finite(high[column]))
    most = weight * np.where(is_plus, _finite(high[column]), low[column])
    is_endless = np.isinf(high[column])
    rest_least, open_below = _others(least, is_endless & ~is_plus, row, len(right_side))
    rest_most, open_above = _others(most, is_endless & is_plus, row, len(right_side))
    upper = np.where(open_below, np.inf, right_side[row] - rest_least)
    lower = np.where(open_above, -np.inf, right_side[row] - rest_most)
    new_high, new_low = high.copy(), low.copy()
    np.minimum.at(new_high, column, np.where(is_plus, upper / weight, lower / weight))
    np.maximum.at(new_low, column, np.where(is_plus, lower / weight, upper / weight))
    return new_low, new_high


def _others(
    term: FloatArray, is_endless: NDArray[np.bool_], row: IntArray, n_rows: int
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Sum of the other terms of each entry's equation, and whether one of them has no end."""
    total = np.bincount(row, weights=term, minlength=n_rows)
    endless = np.bincount(row, weights=is_endless.astype(np.float64), minlength=n_rows)
    return total[row] - term, endless[row] - is_endless > 0.5


def _finite(values: FloatArray) -> FloatArray:
    return np.where(np.isinf(values), 0.0, values)
