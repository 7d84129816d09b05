"""Which cells are counted together where a cell has too few respondents: one rule, written down beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.errors import InvalidOption, InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import finite_array, require_whole, together


@dataclass(frozen=True, slots=True)
class Collapsing:
    """The rule by which cells with too few respondents join others.

    Attributes
    ----------
    min_n : int >= 1
        Fewest respondents of a cell that stands alone.
    parents : tuple of sequences of G labels
        Coarser and coarser groups of the G cells, such as the service field of each channel x field. A cell
        with too few joins, in the first parent that has anyone else, the cell with most respondents (the first
        of equals). All cells together are the last parent, always.

    Notes
    -----
    The rule looks at numbers of respondents and of the population, never at what they answered.

    References
    ----------
    Little (1993), JASA 88:1001-1012. Kalton and Flores-Cervantes (2003), J. Official Statistics 19:81-97.
    """

    min_n: int = 1
    parents: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        if self.min_n < 1:
            raise InvalidOption(
                expected="min_n >= 1", got=repr(self.min_n), hint="1 collapses empty cells only"
            )

    def groups(self, n_cells: int) -> list[NDArray[Any]]:
        """Group of each cell by parent, the last holding all cells."""
        parents = [np.asarray(parent) for parent in self.parents]
        if any(parent.shape != (n_cells,) for parent in parents):
            raise InvalidShape(
                expected=f"{n_cells} labels in every parent",
                got=", ".join(str(parent.shape) for parent in parents),
                hint="one coarser label per cell, in the order of the cells",
            )
        return [*parents, np.zeros(n_cells, dtype=np.int64)]


@checked
def collapsed_cells(n: ArrayLike, population: ArrayLike, rule: Collapsing) -> IntArray:
    """The cell in which each cell is counted.

    Parameters
    ----------
    n : (U, G) array_like of whole numbers >= 0
        Respondents of each unit in each cell.
    population : (U, G) or (G,) array_like >= 0
    rule : Collapsing

    Returns
    -------
    (U, G) ndarray of int
        Its own position where a cell stands alone. A cell joins another where it has fewer than `min_n`
        respondents for its population, or respondents without any population.

    Examples
    --------
    >>> rule = Collapsing(parents=(["tax", "tax", "land", "land"],))
    >>> collapsed_cells([[9, 0, 4, 5], [0, 0, 2, 7]], [10, 10, 10, 10], rule).tolist()
    [[0, 0, 2, 3], [3, 3, 2, 3]]
    """
    people, sizes = together(finite_array(n, name="n"), finite_array(population, name="population"))
    require_whole(people, name="n")
    if people.ndim != 2:
        raise InvalidShape(expected="(U, G) counts", got=str(people.shape), hint="one row per unit")
    cells = np.broadcast_to(np.arange(people.shape[1]), people.shape)
    for parent in rule.groups(people.shape[1]):
        for label in np.unique(parent):
            target = _targets(people, sizes, np.flatnonzero(parent == label), rule.min_n)
            cells = np.take_along_axis(target, cells, axis=1)
            people, sizes = summed_cells(people, target), summed_cells(sizes, target)
    return cells


def summed_cells(values: FloatArray, cells: IntArray) -> FloatArray:
    """Sums of (U, G) values over the cells counted together, at the position of the cell they joined.

    Parameters
    ----------
    values : (U, G) ndarray
    cells : (U, G) ndarray of int in [0, G)
        As `collapsed_cells` returns them.

    Returns
    -------
    (U, G) ndarray
        0 where a cell joined another.
    """
    n_units, n_cells = values.shape
    flat = (np.arange(n_units)[:, None] * n_cells + cells).ravel()
    summed = np.bincount(flat, weights=values.ravel(), minlength=values.size)
    return np.asarray(summed, dtype=np.float64).reshape(values.shape)


def _targets(people: FloatArray, sizes: FloatArray, members: IntArray, min_n: int) -> IntArray:
    """Where each cell of one group goes: its own position, or that of the group's largest sound cell."""
    n, size = people[:, members], sizes[:, members]
    is_short = ((n < min_n) & (size > 0)) | ((n > 0) & (size <= 0))
    is_sound = ~is_short & (n > 0)
    rank = np.where(is_sound, n + n.sum(axis=1, keepdims=True), n)
    best = members[np.argmax(rank, axis=1)]
    moves = is_short & (n.sum(axis=1, keepdims=True) > 0)
    target = np.broadcast_to(np.arange(people.shape[1]), people.shape).copy()
    target[:, members] = np.where(moves, best[:, None], members)
    return target
