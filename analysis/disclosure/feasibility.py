"""What an attacker can work out: the smallest and largest value each withheld count could have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from analysis.disclosure.propagation import propagated_bounds
from analysis.errors import InvalidCounts
from analysis.types import FloatArray, IntArray

TOLERANCE = 1e-6
SWEEPS = 60
PATIENCE = 4
GOLDEN = (5**0.5 - 1) / 2
SLACK_IN_SWEEPS = 0.5
"""A sweep wants any whole-numbered point far out, not the farthest."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """Values that unknown counts can take.

    Attributes
    ----------
    low, high : (T,) ndarray
        Proven by a solution that fits everything published; infinite where nothing bounds the count.
    is_exact : (T,) bool ndarray
        Nothing lies outside. Elsewhere the search stopped when the range was wide enough.
    is_moved : (H,) bool ndarray
        Unknowns that differ from the starting point in some solution that proves a bound.
    n_programs : int
        Linear and integer programs solved.
    """

    low: FloatArray
    high: FloatArray
    is_exact: NDArray[np.bool_]
    is_moved: NDArray[np.bool_]
    n_programs: int


def feasible_ranges(
    matrix: sparse.csr_array,
    right_side: FloatArray,
    *,
    targets: IntArray,
    needed: FloatArray | None = None,
    start: FloatArray | None = None,
    is_integral: bool = True,
    is_quick: bool = False,
) -> Ranges:
    """Ranges of unknown counts under published equations.

    Parameters
    ----------
    matrix : (E, H) sparse array
    right_side : (E,) ndarray
        ``matrix @ x == right_side``, ``x >= 0``.
    targets : (T,) ndarray of int
        Unknowns of interest.
    needed : (T,) ndarray, optional
        Widths at which a target counts as safe and its search stops; exact ranges where left out.
    start : (H,) ndarray, optional
        A solution, if one is known (the truth).
    is_integral : bool
        People come in whole numbers, and an attacker knows it. Without, ranges are those of linear programming:
        wider, and cheaper.
    is_quick : bool
        Sweeps only: what they do not prove safe may still be.

    Returns
    -------
    Ranges

    Raises
    ------
    InvalidCounts
        If no counts at all fit the equations.

    Notes
    -----
    Each bound is a linear program (HiGHS), an integer one where its vertex is not whole. Every solution is a
    witness for all targets at once, so most bounds are proven in passing: first by sweeps that push all targets
    not yet safe the same way, then one by one.

    References
    ----------
    Fischetti and Salazar (2001), Management Science 47:1008-1027 (the attacker's problem).
    Hundepool et al. (2012), Statistical Disclosure Control, ch. 4.

    Examples
    --------
    >>> rows_and_columns = sparse.csr_array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0.0]])
    >>> found = feasible_ranges(rows_and_columns, np.array([5.0, 7, 4]), targets=np.arange(4))
    >>> found.low.tolist(), found.high.tolist()
    ([0.0, 1.0, 0.0, 3.0], [4.0, 5.0, 4.0, 7.0])
    """
    search = _Search(matrix, right_side, targets, needed=needed, start=start, is_integral=is_integral)
    if needed is None:
        search.find_unbounded()
    search.bound_growth()
    if needed is not None:
        search.sweep()
    if not is_quick:
        search.one_by_one()
    return search.ranges()


class _Search:
    """The state of one search: best points so far, by target."""

    def __init__(
        self,
        matrix: sparse.csr_array,
        right_side: FloatArray,
        targets: IntArray,
        *,
        needed: FloatArray | None,
        start: FloatArray | None,
        is_integral: bool,
    ) -> None:
        self.matrix, self.right_side, self.targets = matrix, right_side, targets
        self.is_integral = is_integral
        self.needed = np.full(len(targets), np.inf) if needed is None else needed
        self.n_programs = 0
        self.outer_low, self.outer_high = propagated_bounds(matrix, right_side, is_integral=is_integral)
        first = self._optimum(np.zeros(matrix.shape[1])) if start is None else start
        if first is None or (self.outer_low > self.outer_high + TOLERANCE).any():
            raise InvalidCounts(
                expected="published figures that some counts explain",
                got="a contradiction",
                hint="rounded or perturbed figures cannot be audited as exact ones",
            )
        self.points = [first]
        self.low, self.high = first[targets].copy(), first[targets].copy()
        self.low_from, self.high_from = (np.zeros(len(targets), dtype=np.int64) for _ in range(2))
        self.low_exact = self.low <= self.outer_low[targets] + TOLERANCE
        self.high_exact = self.high >= self.outer_high[targets] - TOLERANCE
        self.stand_in = np.inf

    def pending(self) -> NDArray[np.bool_]:
        """Targets not yet safe whose bounds are not yet known for certain."""
        is_open = ~(self.low_exact & self.high_exact)
        is_narrow = np.isinf(self.needed) | (self.high - self.low < self.needed - TOLERANCE)
        return np.asarray(is_open & is_narrow)

    def bound_growth(self) -> None:
        """A finite stand-in where nothing bounds an unknown: wide enough for any width, and never a maximum."""
        largest = self.needed[np.isfinite(self.needed)].max(initial=0)
        self.stand_in = 10 * (1 + largest + np.abs(self.right_side).sum() + self.points[0].sum())
        self.outer_high[np.isinf(self.outer_high)] = self.stand_in

    def find_unbounded(self) -> None:
        """Targets that can grow for ever: those in the support of a largest direction of growth."""
        free = np.isinf(self.outer_high)
        if not free.any():
            return
        columns = np.flatnonzero(free)
        size = len(columns)
        # As many as possible grow by 1 or more; a total then grows by as much as its parts together.
        found = linprog(
            np.concatenate([np.zeros(size), -np.ones(size)]),
            A_ub=sparse.hstack([-sparse.eye_array(size), sparse.eye_array(size)], format="csr"),
            b_ub=np.zeros(size),
            A_eq=sparse.hstack([self.matrix[:, columns], sparse.csr_array((self.matrix.shape[0], size))]),
            b_eq=np.zeros(self.matrix.shape[0]),
            bounds=[(0, None)] * size + [(0, 1)] * size,
            method="highs",
        )
        self.n_programs += 1
        grows = np.zeros(self.matrix.shape[1], dtype=bool)
        grows[columns] = found.x[:size] > TOLERANCE
        is_endless = grows[self.targets]
        self.high[is_endless], self.high_exact[is_endless] = np.inf, True

    def sweep(self) -> None:
        """Push all targets that are not safe up together, then down, until that makes no more of them safe."""
        in_vain = 0
        for turn in range(SWEEPS):
            pending = np.flatnonzero(self.pending())
            if not len(pending) or in_vain == PATIENCE:
                return
            # Uneven weights, other ones each turn: with even ones the same few would always win.
            weight = np.modf((pending + 1) * GOLDEN * (turn + 1))[0]
            objective = np.zeros(self.matrix.shape[1])
            objective[self.targets[pending]] = weight if turn % 2 else -weight
            self._record(self._optimum(objective, gap=SLACK_IN_SWEEPS))
            in_vain = 0 if self.pending().sum() < len(pending) else in_vain + 1

    def one_by_one(self) -> None:
        """The largest and the smallest value of each target still open."""
        for position in np.flatnonzero(self.pending()):
            for sign, exact in ((-1.0, self.high_exact), (1.0, self.low_exact)):
                if not self.pending()[position] or exact[position]:
                    continue
                objective = np.zeros(self.matrix.shape[1])
                objective[self.targets[position]] = sign
                point = self._optimum(objective)
                self._record(point)
                exact[position] = point is not None

    def ranges(self) -> Ranges:
        proof = np.unique(np.concatenate([self.low_from, self.high_from]))
        moved = np.zeros(self.matrix.shape[1], dtype=bool)
        for number in proof:
            moved |= np.abs(self.points[number] - self.points[0]) > TOLERANCE
        self.high[self.high >= self.stand_in - TOLERANCE] = np.inf
        return Ranges(self.low, self.high, self.low_exact & self.high_exact, moved, self.n_programs)

    def _record(self, point: FloatArray | None) -> None:
        if point is None:
            return
        values, number = point[self.targets], len(self.points)
        lower, higher = values < self.low - TOLERANCE, values > self.high + TOLERANCE
        if not (lower | higher).any():
            return
        self.points.append(point)
        self.low, self.high = np.minimum(self.low, values), np.maximum(self.high, values)
        self.low_from[lower], self.high_from[higher] = number, number
        self.low_exact |= self.low <= self.outer_low[self.targets] + TOLERANCE
        self.high_exact |= self.high >= self.outer_high[self.targets] - TOLERANCE

    def _optimum(self, objective: FloatArray, *, gap: float = 0.0) -> FloatArray | None:
        """A solution with the smallest objective; whole numbers where people are meant."""
        self.n_programs += 1
        bounds = np.column_stack([self.outer_low, self.outer_high])
        found = linprog(objective, A_eq=self.matrix, b_eq=self.right_side, bounds=bounds, method="highs")
        if found.status != 0:
            return None
        point = np.asarray(found.x)
        if not self.is_integral:
            return point
        whole = np.rint(point) + 0.0
        if np.abs(point - whole).max(initial=0) < TOLERANCE:
            return np.asarray(whole)
        return self._whole_optimum(objective, gap)

    def _whole_optimum(self, objective: FloatArray, gap: float) -> FloatArray | None:
        self.n_programs += 1
        found = milp(
            objective,
            constraints=LinearConstraint(self.matrix, self.right_side, self.right_side),
            bounds=Bounds(self.outer_low, self.outer_high),
            integrality=np.ones(self.matrix.shape[1]),
            options={"mip_rel_gap": gap},
        )
        return None if found.x is None else np.asarray(np.rint(found.x) + 0.0)
