"""The cheapest safe pattern of a small system, by integer programming."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from analysis.disclosure.systems import CellSystem
from analysis.types import FloatArray

LARGEST_SEARCH = 5_000
"""Nodes of the search tree, not seconds: the answer may not depend on how busy the machine is."""


def cheapest_pattern(
    system: CellSystem,
    is_hidden: NDArray[np.bool_],
    is_small: NDArray[np.bool_],
    *,
    fixed: NDArray[np.bool_],
    price: FloatArray,
    width: int,
    most: float = np.inf,
) -> tuple[NDArray[np.bool_] | None, bool]:
    """Withheld cells at the least price, every small cell able to move by `width`.

    Parameters
    ----------
    system : CellSystem
    is_hidden, is_small, fixed : (C,) ndarray of bool
        Withheld in any case; to be protected; never to be withheld for others.
    price : (C,) ndarray > 0
    width : int
    most : float
        Price of a pattern already known: dearer ones are not looked at.

    Returns
    -------
    tuple of (C,) ndarray of bool, or None, and bool
        The pattern, None where there is none or the search ended early, and whether it is proven the cheapest.

    Notes
    -----
    With y_c = 1 for a withheld cell and, for each small cell i, two moves u and d of all cells in whole numbers:
    minimise ``Σ price_c y_c`` subject to ``A u = A d = 0``, ``-x_c y_c <= u_c, d_c <= M y_c`` and
    ``u_i - d_i >= width``. M is what the largest total and the width allow.

    References
    ----------
    Fischetti and Salazar (2001), Management Science 47:1008-1027.

    Examples
    --------
    >>> from analysis.disclosure.systems import table_system
    >>> system = table_system([[3, 40], [50, 60]])
    >>> small = system.values < 5
    >>> pattern, is_optimal = cheapest_pattern(system, small, small, fixed=np.zeros(9, bool), price=np.ones(9), width=5)
    >>> int(pattern.sum()), is_optimal
    (4, True)
    """
    cells = np.flatnonzero(is_small)
    if not len(cells):
        return is_hidden.copy(), True
    n, n_moves = len(system), 2 * len(cells)
    largest = float(system.values.max() + width)
    zero = sparse.csr_array((system.relations.shape[0], n))
    identity, moves = sparse.eye_array(n), sparse.eye_array(n_moves)
    sums = sparse.hstack([_stack(zero, n_moves), sparse.kron(moves, system.relations)])
    below = sparse.hstack([_stack(sparse.diags_array(system.values), n_moves), sparse.kron(moves, identity)])
    above = sparse.hstack([_stack(largest * identity, n_moves), -sparse.kron(moves, identity)])
    apart = _distances(cells, n)
    paid = np.concatenate([np.where(is_hidden, 0.0, price), np.zeros(n * n_moves)])
    found = milp(
        paid,
        constraints=[
            LinearConstraint(sparse.csr_array(sums), 0, 0),
            LinearConstraint(sparse.csr_array(below), 0, np.inf),
            LinearConstraint(sparse.csr_array(above), 0, np.inf),
            LinearConstraint(apart, width, np.inf),
            LinearConstraint(paid[None, :], -np.inf, most),
        ],
        bounds=Bounds(
            np.concatenate([is_hidden.astype(np.float64), np.full(n * n_moves, -np.inf)]),
            np.concatenate([np.where(fixed & ~is_hidden, 0.0, 1.0), np.full(n * n_moves, np.inf)]),
        ),
        integrality=np.ones(n * (1 + n_moves)),
        options={"node_limit": LARGEST_SEARCH},
    )
    if found.x is None:
        return None, False
    return np.asarray(is_hidden | (found.x[:n] > 0.5)), found.status == 0


def _stack(block: sparse.sparray, times: int) -> sparse.sparray:
    return sparse.vstack([block] * times)


def _distances(cells: NDArray[np.int64], n: int) -> sparse.csr_array:
    """Rows ``u_i - d_i`` over the variables y, then the moves of each small cell in turn."""
    pair = np.arange(len(cells))
    row = np.concatenate([pair, pair])
    column = np.concatenate([n + 2 * pair * n + cells, n + (2 * pair + 1) * n + cells])
    sign = np.concatenate([np.ones(len(cells)), -np.ones(len(cells))])
    return sparse.csr_array((sign, (row, column)), shape=(len(cells), n * (1 + 2 * len(cells))))
