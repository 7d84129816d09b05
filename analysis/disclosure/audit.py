"""Audit of a release: what everything published together gives away, found by brute force.

A share, a mean or the limits of an interval printed with its n gives the count behind it (k = p n), and so do
two of them without n: whatever hides a count must hide its share, mean, limits and charts with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from analysis.arguments import checked
from analysis.disclosure.feasibility import TOLERANCE, Ranges, feasible_ranges
from analysis.disclosure.systems import CellSystem
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import finite_array, marks_of, sparse_of


@dataclass(frozen=True, slots=True, eq=False)
class Audit:
    """What an attacker learns of each target.

    Attributes
    ----------
    low, high : (T,) ndarray
        Smallest and largest possible count; infinite where nothing bounds it.
    is_exact : (T,) ndarray of bool
        Whether these are the true ends; else the range is at least this wide.
    is_determined : (T,) ndarray of bool
        One value only.
    is_breach : (T,) ndarray of bool
        Known to be small: neither 0 nor k can be the answer, or the range is narrower than asked.
    n_programs : int
        Programs solved.
    """

    low: FloatArray
    high: FloatArray
    is_exact: NDArray[np.bool_]
    is_determined: NDArray[np.bool_]
    is_breach: NDArray[np.bool_]
    n_programs: int


@checked
def audit_release(
    equations: ArrayLike,
    values: ArrayLike,
    *,
    k: int,
    targets: ArrayLike | None = None,
    is_integral: bool = True,
) -> Audit:
    """What published sums tell of the groups behind them.

    Parameters
    ----------
    equations : (P, V) array_like or sparse array
        One row per published figure: which unknown groups it counts, and how often.
    values : (P,) array_like
        The figures, as published.
    k : int >= 1
        Minimum base: 5 for staff, 10 in public, 30 for an index.
    targets : (T, V) array_like, optional
        Sums of groups to be protected: an old unit's part of a new one, the difference of two releases. Each
        single group where left out.
    is_integral : bool
        As in `feasibility.feasible_ranges`.

    Returns
    -------
    Audit
        `is_breach` where the attacker knows that ``0 < count < k``.

    Raises
    ------
    InvalidCounts
        If no counts explain the figures.

    Examples
    --------
    >>> last_month, this_month = [1, 0], [1, 1]
    >>> found = audit_release([last_month, this_month], [120, 123], k=5)
    >>> found.low.tolist(), found.is_breach.tolist()
    ([120.0, 3.0], [False, True])
    """
    matrix = sparse_of(equations, name="equations")
    figures = finite_array(values, name="values")
    if matrix.ndim != 2 or figures.shape != matrix.shape[:1] or not matrix.shape[1]:
        raise InvalidShape(
            expected="one figure per equation",
            got=f"{matrix.shape} and {figures.shape}",
            hint="rows are figures",
        )
    require_threshold(k)
    n_groups = matrix.shape[1]
    if targets is None:
        found = feasible_ranges(matrix, figures, targets=np.arange(n_groups), is_integral=is_integral)
        return _audit_of(found, k)
    wanted = sparse_of(targets, name="targets")
    if wanted.ndim != 2 or wanted.shape[1] != n_groups:
        raise InvalidShape(expected=f"{n_groups} columns", got=f"{wanted.shape}", hint="targets by groups")
    if (wanted.data < 0).any():
        raise InvalidCounts(
            expected="targets that are sums", got="a difference", hint="name the groups it leaves"
        )
    n_targets = wanted.shape[0]
    extended = sparse.block_array([[matrix, None], [wanted, -sparse.eye_array(n_targets)]], format="csr")
    found = feasible_ranges(
        sparse.csr_array(extended),
        np.concatenate([figures, np.zeros(n_targets)]),
        targets=n_groups + np.arange(n_targets),
        is_integral=is_integral,
    )
    return _audit_of(found, k)


@checked
def audit_system(
    system: CellSystem,
    is_hidden: ArrayLike,
    *,
    k: int,
    width: int | None = None,
    is_full: bool = False,
    is_integral: bool = True,
) -> Audit:
    """What a system of tables with some cells withheld tells of each cell.

    Parameters
    ----------
    system : CellSystem
    is_hidden : (C,) array_like of bool
        Cells withheld; latent ones always are.
    k : int >= 1
        Minimum base.
    width : int >= 1, optional
        Width of the range that a hidden cell with ``0 < n < k`` must keep; k where left out.
    is_full : bool
        Find the exact range of every hidden cell. Else only small ones are looked at, until safe: much faster.
    is_integral : bool

    Returns
    -------
    Audit
        One entry per cell of the system. `is_breach` for cells with ``0 < n < k`` that are published, or whose
        range is narrower than `width`. Ranges of hidden cells that were not looked at are infinite and not exact.

    Examples
    --------
    >>> from analysis.disclosure.systems import table_system
    >>> system = table_system([[3, 40], [50, 60]])
    >>> only_small = system.values < 5
    >>> found = audit_system(system, only_small, k=5)
    >>> found.low[only_small].item(), found.is_determined[only_small].item(), found.is_breach.sum().item()
    (3.0, True, 1)
    """
    require_threshold(k)
    needed = k if width is None else width
    require_threshold(needed)
    marks = marks_of(is_hidden, name="is_hidden")
    if marks.shape != system.values.shape:
        raise InvalidShape(
            expected=f"{len(system)} cells",
            got=f"shape {marks.shape}",
            hint="one mark per cell of the system",
        )
    hidden = marks | system.is_latent
    is_small = (system.values > 0) & (system.values < k)
    looked_at = hidden & (is_small | is_full)
    found = ranges_of_hidden(
        system, hidden, looked_at, needed=None if is_full else float(needed), is_integral=is_integral
    )
    low, high = np.where(hidden, 0.0, system.values), np.where(hidden, np.inf, system.values)
    is_exact = ~hidden
    low[looked_at], high[looked_at], is_exact[looked_at] = found.low, found.high, found.is_exact
    is_breach = is_small & (~hidden | (high - low < needed - TOLERANCE))
    return Audit(low, high, is_exact, is_exact & (high - low < 0.5), is_breach, found.n_programs)


def ranges_of_hidden(
    system: CellSystem,
    is_hidden: NDArray[np.bool_],
    is_target: NDArray[np.bool_],
    *,
    needed: float | None,
    is_integral: bool = True,
    is_quick: bool = False,
) -> Ranges:
    """Ranges of hidden cells, the truth being one solution.

    Parameters
    ----------
    system : CellSystem
    is_hidden, is_target : (C,) ndarray of bool
        Targets are hidden.
    needed : float, optional
        Width at which the search stops.
    is_integral, is_quick : bool
        As in `feasibility.feasible_ranges`.

    Returns
    -------
    Ranges
        Of the targets, in order; `is_moved` by hidden cell.

    Examples
    --------
    >>> from analysis.disclosure.systems import table_system
    >>> system = table_system([7, 9])
    >>> both = np.array([True, True, False])
    >>> ranges_of_hidden(system, both, both, needed=None).high.tolist()
    [16.0, 16.0]
    """
    columns = np.flatnonzero(is_hidden)
    matrix = sparse.csr_array(system.relations[:, columns])
    matrix.eliminate_zeros()
    known = system.relations[:, np.flatnonzero(~is_hidden)] @ system.values[~is_hidden]
    used = np.diff(matrix.indptr) > 0
    targets: IntArray = np.flatnonzero(is_target[columns]).astype(np.int64)
    return feasible_ranges(
        sparse.csr_array(matrix[np.flatnonzero(used)]),
        -known[used],
        targets=targets,
        needed=None if needed is None else np.full(len(targets), needed),
        start=system.values[columns],
        is_integral=is_integral,
        is_quick=is_quick,
    )


@checked
def require_threshold(k: float) -> None:
    """Refuse thresholds that are not whole or below 1.

    Parameters
    ----------
    k : int

    Returns
    -------
    None
    """
    if k != int(k) or k < 1:
        raise InvalidOption(expected="a whole threshold >= 1", got=repr(k), hint="5, 10 or 30 by policy")


def _audit_of(found: Ranges, k: int) -> Audit:
    is_small = (found.low > TOLERANCE) & (found.high < k - TOLERANCE)
    return Audit(
        found.low, found.high, found.is_exact, found.high - found.low < 0.5, is_small, found.n_programs
    )
