"""Which cells to withhold so that no small one can be worked out, at the least loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.disclosure.audit import ranges_of_hidden, require_threshold
from analysis.disclosure.exact import cheapest_pattern
from analysis.disclosure.feasibility import TOLERANCE, Ranges
from analysis.disclosure.moves import Moves, cheapest_moves
from analysis.disclosure.systems import CellSystem
from analysis.errors import InvalidShape
from analysis.types import FloatArray
from analysis.validation import marks_of, require_known

METHODS = ("auto", "exact", "repair")
LARGEST_EXACT = 250
"""Cells times small cells up to which "auto" looks for the best pattern."""
LARGEST_TRIM = 5_000
"""Complementary cells times small cells up to which each is tried whether it could be published after all."""


@dataclass(frozen=True, slots=True, eq=False)
class Suppression:
    """A pattern of withheld cells.

    Attributes
    ----------
    is_primary : (C,) ndarray of bool
        Small cells: ``0 < n < k``, and those asked for.
    is_complementary : (C,) ndarray of bool
        Withheld to protect them. On the page the two look alike.
    low, high : (C,) ndarray
        Of small cells: values proven possible. Of all others NaN.
    is_protected : (C,) ndarray of bool
        False for a small cell that could not be protected within `must_publish`.
    n_withheld_people : int
        Count in the complementary cells.
    method : str
        "exact" or "repair".
    is_optimal : bool
        Whether no cheaper pattern exists.
    k, width : int
    """

    is_primary: NDArray[np.bool_]
    is_complementary: NDArray[np.bool_]
    low: FloatArray
    high: FloatArray
    is_protected: NDArray[np.bool_]
    n_withheld_people: int
    method: str
    is_optimal: bool
    k: int
    width: int

    @property
    def is_withheld(self) -> NDArray[np.bool_]:
        """Cells not to be printed."""
        return np.asarray(self.is_primary | self.is_complementary)


@checked
def suppression(
    system: CellSystem,
    *,
    k: int,
    width: int | None = None,
    cost: str = "people",
    method: str = "auto",
    must_withhold: ArrayLike | None = None,
    must_publish: ArrayLike | None = None,
    can_withhold_zeros: bool = False,
) -> Suppression:
    """Withhold small cells, and as few others as protect them.

    Parameters
    ----------
    system : CellSystem
        Everything that will be published: one table, several that share margins, consecutive releases.
    k : int >= 1
        Minimum base: 5 for staff, 10 in public, 30 for an index.
    width : int >= 1, optional
        Distance between the smallest and the largest value that a small cell must keep; k where left out, so that
        it could always be 0 or at least k.
    cost : {"people", "cells"}
        What complementary cells cost: their count and one, or one each.
    method : {"auto", "exact", "repair"}
        "repair" attacks, adds the cheapest cells that protect what fell, and attacks again. "exact" then looks for
        the best pattern by integer programming: for small systems, which "auto" finds out.
    must_withhold, must_publish : (C,) array_like of bool, optional
        Cells withheld for another reason; cells that may not be withheld to protect others.
    can_withhold_zeros : bool
        An empty cell protects nothing if readers know that nobody can be in it (a channel the unit lacks).

    Returns
    -------
    Suppression

    Notes
    -----
    A pattern is safe if every small cell has two solutions of the attacker's equations, in whole numbers >= 0, that
    differ by `width` or more. Latent cells (differences of releases, of old and new units) are protected too.
    "repair" is not always the cheapest; afterwards, cells that no proof needs are published again.

    References
    ----------
    Fischetti and Salazar (2001), Management Science 47:1008-1027. Kelly, Golden and Assad (1992), Networks
    22:397-417. Robertson (1993), CONFID. Hundepool et al. (2012), Statistical Disclosure Control, ch. 4.

    Examples
    --------
    >>> from analysis.disclosure.systems import table_system
    >>> system = table_system([[3, 40, 20], [50, 60, 9], [30, 8, 70]])
    >>> found = suppression(system, k=5)
    >>> found.is_withheld[system.tables[0]].astype(int).tolist()
    [[1, 1, 0, 0], [0, 0, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0]]
    """
    require_threshold(k)
    needed = k if width is None else width
    require_threshold(needed)
    require_known(cost, ("people", "cells"), name="cost")
    require_known(method, METHODS, name="method")
    primary = (system.values > 0) & (system.values < k)
    forced = _marks(must_withhold, system)
    fixed = _marks(must_publish, system) & ~primary & ~forced
    if not can_withhold_zeros:
        fixed |= (system.values == 0) & ~system.is_latent & ~forced
    task = _Task(
        system,
        primary | forced | system.is_latent,
        primary,
        fixed,
        np.where(cost == "people", system.values + 1.0, 1.0),
        needed,
    )
    pattern, proof = _repaired(task)
    is_exact = method == "exact" or (method == "auto" and len(system) * primary.sum() <= LARGEST_EXACT)
    best, is_optimal = _best(task, pattern) if is_exact else (None, False)
    if best is not None:
        pattern, proof = best, None
    left = task.attack(pattern, primary)[0] if proof is None else proof
    low, high = np.full(len(system), np.nan), np.full(len(system), np.nan)
    low[primary], high[primary] = left.low, left.high
    printed = ~system.is_latent
    extra = pattern & printed & ~primary & ~forced
    return Suppression(
        (primary | forced) & printed,
        extra,
        low,
        high,
        ~primary | (np.nan_to_num(high - low, nan=np.inf) >= needed - TOLERANCE),
        int(system.values[extra].sum()),
        "repair" if best is None else "exact",
        is_optimal,
        k,
        needed,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """One search for a pattern: what is withheld in any case, what to protect, what never to withhold."""

    system: CellSystem
    always: NDArray[np.bool_]
    small: NDArray[np.bool_]
    fixed: NDArray[np.bool_]
    price: FloatArray
    width: int

    def attack(
        self, pattern: NDArray[np.bool_], small: NDArray[np.bool_], *, is_quick: bool = False
    ) -> tuple[Ranges, NDArray[np.bool_]]:
        """What is left of the small cells' ranges, and marks of those not proven wide enough."""
        found = ranges_of_hidden(self.system, pattern, small, needed=float(self.width), is_quick=is_quick)
        narrow = np.zeros(len(self.system), dtype=bool)
        narrow[np.flatnonzero(small)[found.high - found.low < self.width - TOLERANCE]] = True
        return found, narrow

    def moves(self, pattern: NDArray[np.bool_], fallen: NDArray[np.bool_], *, is_whole: bool) -> Moves:
        """The cheapest protection of some of the fallen."""
        return cheapest_moves(
            self.system,
            pattern,
            np.flatnonzero(fallen),
            fixed=self.fixed,
            price=self.price,
            width=self.width,
            is_whole=is_whole,
        )


def _best(task: _Task, known: NDArray[np.bool_]) -> tuple[NDArray[np.bool_] | None, bool]:
    """The cheapest pattern, given one that is safe; None where no search finds a cheaper or equal one."""
    is_extra = known & ~task.always
    pattern, is_optimal = cheapest_pattern(
        task.system,
        task.always,
        task.small,
        fixed=task.fixed,
        price=task.price,
        width=task.width,
        most=float(task.price[is_extra].sum()) + TOLERANCE,
    )
    # With very large counts the program's tolerance could let a cell move that it does not withhold.
    if pattern is None or task.attack(pattern, task.small)[1].any():
        return None, False
    return pattern, is_optimal


def _repaired(task: _Task) -> tuple[NDArray[np.bool_], Ranges | None]:
    """Attack, add the cheapest protection of what fell, until nothing falls; then publish what no proof needs."""
    pattern, hopeless = task.always.copy(), np.zeros_like(task.small)
    fallen, is_whole = task.small, False
    while fallen.any():
        _, fallen = task.attack(pattern, fallen, is_quick=True)
        found = task.moves(pattern, fallen, is_whole=is_whole)
        pattern |= found.is_needed
        hopeless[found.hopeless] = True
        fallen[found.proven] = fallen[found.hopeless] = False
        # Moves by halves fit the pattern as it is; whole people need more.
        is_whole = not len(found.proven) and not len(found.hopeless)
    return _trimmed(task, pattern, task.small & ~hopeless)


def _trimmed(
    task: _Task, pattern: NDArray[np.bool_], small: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], Ranges | None]:
    """The pattern without cells that protection does not need, dearest first, and its proof if that still holds."""
    found, _ = task.attack(pattern, small)
    kept = pattern.copy()
    kept[np.flatnonzero(pattern)[~found.is_moved]] = False
    kept |= task.always
    extra = np.flatnonzero(kept & ~task.always)
    if len(extra) * small.sum() > LARGEST_TRIM:
        return kept, found if (small == task.small).all() else None
    for cell in extra[np.argsort(-task.price[extra], kind="stable")]:
        kept[cell] = False
        _, narrow = task.attack(kept, small)
        kept[cell] = bool(narrow.any())
    return kept, None


def _marks(marks: ArrayLike | None, system: CellSystem) -> NDArray[np.bool_]:
    if marks is None:
        return np.zeros(len(system), dtype=bool)
    array = marks_of(marks, name="marks")
    if array.shape != system.values.shape:
        raise InvalidShape(expected=f"{len(system)} marks", got=f"shape {array.shape}", hint="one per cell")
    return array.copy()
