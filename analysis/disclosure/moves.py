"""The cheapest cells to withhold so that a small one could have been larger or smaller."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.disclosure.systems import CellSystem
from analysis.types import FloatArray, IntArray

TOLERANCE = 1e-6
LARGEST_BATCH = 40
CHEAP = 1e-3
"""Price of moving a cell that is withheld anyway: not nothing, so that moves stay short."""


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """What lets small cells move.

    Attributes
    ----------
    is_needed : (C,) ndarray of bool
        Cells that move, to be withheld.
    proven : ndarray of int
        Cells that may now be larger or smaller by the width, in whole people.
    hopeless : ndarray of int
        Cells that nothing can protect.
    """

    is_needed: NDArray[np.bool_]
    proven: IntArray
    hopeless: IntArray


def cheapest_moves(
    system: CellSystem,
    is_hidden: NDArray[np.bool_],
    fallen: IntArray,
    *,
    fixed: NDArray[np.bool_],
    price: FloatArray,
    width: int,
    is_whole: bool = False,
) -> Moves:
    """Cells to withhold so that fallen ones can move by `width` in all, down to zero first.

    Parameters
    ----------
    system : CellSystem
    is_hidden, fixed : (C,) ndarray of bool
        Already withheld (nearly free to move), and never to be withheld.
    fallen : (F,) ndarray of int
        Cells to protect; some that share no sum are handled together, the others left for another call.
    price : (C,) ndarray > 0
    width : int
    is_whole : bool
        Move whole people only, one cell at a time: slower, and needed where moves by halves would fit already.

    Returns
    -------
    Moves

    Notes
    -----
    A move δ keeps every sum, ``A δ = 0``, and every count, ``x + δ >= 0``; withholding its support makes it
    possible. The price of a move is ``Σ price |δ|`` over cells not yet withheld, a linear program.

    References
    ----------
    Robertson (1993), CONFID. Kelly, Golden and Assad (1992), Networks 22:397-417.

    Examples
    --------
    >>> from analysis.disclosure.systems import table_system
    >>> system = table_system([[3, 40], [50, 60]])
    >>> small = system.values < 5
    >>> found = cheapest_moves(system, small, np.flatnonzero(small), fixed=~small & (system.values == 0),
    ...                        price=system.values + 1, width=5)
    >>> found.is_needed[system.tables[0]].astype(int).tolist(), found.proven.tolist()
    ([[1, 1, 0], [1, 1, 0], [0, 0, 0]], [0])
    """
    batch = _apart(system, fallen)[: 1 if is_whole else LARGEST_BATCH]
    needed, is_proven = np.zeros(len(system), dtype=bool), np.ones(len(batch), dtype=bool)
    hopeless = np.zeros(len(batch), dtype=bool)
    down = np.minimum(system.values[batch], width)
    for steps in (-down, width - down):
        moving = np.flatnonzero(steps)
        # All at once if that is possible, else one by one.
        groups = [moving] if len(moving) else []
        while groups:
            group = groups.pop()
            move = _move(
                system,
                is_hidden | needed,
                (batch[group], steps[group]),
                fixed=fixed,
                price=price,
                is_whole=is_whole,
            )
            if move is not None:
                needed |= np.abs(move) > TOLERANCE
                is_proven[group] &= bool(np.abs(move - np.rint(move)).max() < TOLERANCE)
            elif len(group) > 1:
                groups = [np.array([one]) for one in group]
            else:
                hopeless[group] = True
    return Moves(needed, batch[is_proven & ~hopeless], batch[hopeless])


def _apart(system: CellSystem, cells: IntArray) -> IntArray:
    """Some of the cells, no two of which stand in one sum."""
    columns = sparse.csc_array(system.relations)
    taken = np.zeros(system.relations.shape[0], dtype=bool)
    chosen: list[int] = []
    for cell in cells[np.argsort(system.values[cells], kind="stable")]:
        rows = columns.indices[columns.indptr[cell] : columns.indptr[cell + 1]]
        if not taken[rows].any():
            taken[rows] = True
            chosen.append(int(cell))
    return np.array(chosen, dtype=np.int64)


def _move(
    system: CellSystem,
    is_free: NDArray[np.bool_],
    steps: tuple[IntArray, FloatArray],
    *,
    fixed: NDArray[np.bool_],
    price: FloatArray,
    is_whole: bool,
) -> FloatArray | None:
    """The cheapest move in which each cell takes its step; None where there is none."""
    usable = np.flatnonzero(~fixed)
    relations = system.relations[:, usable]
    cost = np.tile(np.where(is_free, CHEAP, price)[usable], 2)
    low, high = (
        np.zeros(2 * len(usable)),
        np.concatenate([np.full(len(usable), np.inf), system.values[usable]]),
    )
    cells, sizes = steps
    place = np.searchsorted(usable, cells)
    for start, part in ((0, np.maximum(sizes, 0)), (len(usable), np.maximum(-sizes, 0))):
        low[start + place] = high[start + place] = part
    sums = sparse.csr_array(sparse.hstack([relations, -relations]))
    found = milp(
        cost,
        constraints=LinearConstraint(sums, 0, 0),
        bounds=Bounds(low, high),
        integrality=np.full(len(cost), int(is_whole)),
        options={"mip_rel_gap": 0.05},
    )
    if found.x is None:
        return None
    move = np.zeros(len(system))
    move[usable] = found.x[: len(usable)] - found.x[len(usable) :]
    return move
