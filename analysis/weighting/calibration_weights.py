"""The factors that take weights to known totals while moving them as little as a distance allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape, NoConvergence
from analysis.types import FloatArray
from analysis.validation import finite_array, spread_over
from analysis.weighting.calibration_distances import Distance, distance_of

DEPENDENT = 1e-10
SUFFICIENT_DECREASE = 1e-4
SMALLEST_STEP = 1e-12
RIDGE = 1e-9
ROUNDING = 1e-12
LARGEST_SEARCH = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class CalibratedWeights:
    """Factors of calibration.

    Attributes
    ----------
    factors : (N,) ndarray
        g, new weight over old.
    multipliers : (p,) ndarray
        λ of each column: g = F(q xᵀλ).
    n_iterations : int
    largest_error : float
        Largest distance of a total from the one asked for, relative to it.
    """

    factors: FloatArray
    multipliers: FloatArray
    n_iterations: int
    largest_error: float


@checked
def calibrated_weights(
    matrix: ArrayLike,
    weights: ArrayLike,
    totals: ArrayLike,
    *,
    distance: str = "linear",
    bounds: tuple[float, float] | None = None,
    scale: ArrayLike = 1.0,
    tolerance: float = 1e-10,
    max_iterations: int = 100,
) -> CalibratedWeights:
    """Factors g with Σ w g x = totals, as close to 1 as the distance measures.

    Parameters
    ----------
    matrix : (N, p) array_like
        Calibration variables, one row per respondent or per cell.
    weights : (N,) array_like >= 0
        Weights before calibration; of a cell, the sum over its respondents.
    totals : (p,) array_like
        Of each column in the population.
    distance : {"linear", "raking", "logit"}
        Linear is the regression estimator (GREG) and may go below 0; raking keeps g > 0; logit needs bounds.
    bounds : pair of float, optional
        Lowest and highest g; with "linear" the truncated linear distance.
    scale : (N,) array_like > 0
        q: rows with a larger one move more. 1 / x for the ratio estimator.
    tolerance : float > 0
        Largest relative error of a total.
    max_iterations : int

    Returns
    -------
    CalibratedWeights

    Raises
    ------
    InvalidCounts
        Totals that contradict each other because columns are linearly dependent.
    InvalidOption
        Bounds, or the need of positive weights, that no weights can meet; says which bounds could be met.
    NoConvergence

    Notes
    -----
    The minimum of ``Σ w/q Φ(q xᵀλ) - λᵀT``, which is convex, by Newton's method with step halving; columns are
    first made orthonormal under the weights.

    References
    ----------
    Deville and Särndal (1992), JASA 87:376-382. Haziza and Beaumont (2017), Statistical Science 32:206-226.

    Examples
    --------
    >>> x = [[1, 3], [1, 4], [1, 8]]
    >>> found = calibrated_weights(x, [10, 10, 10], [30, 160])
    >>> found.factors.round(4).tolist()
    [0.8571, 0.9286, 1.2143]
    """
    x, w, t = (finite_array(part, name=name) for part, name in
               ((matrix, "matrix"), (weights, "weights"), (totals, "totals")))  # fmt: skip
    _check_shapes(x, w, t)
    q = spread_over(finite_array(scale, name="scale"), w.shape, name="scale")
    if (w < 0).any() or not w.any() or (q <= 0).any():
        raise InvalidCounts(
            expected="weights >= 0, not all 0, and scale > 0", got=f"{w.min():g} and {q.min():g}",
            hint="calibrate from the design weights",
        )  # fmt: skip
    rule = distance_of(distance, bounds)
    to_basis = _orthonormal(x, w * q, t)
    z, target = x @ to_basis, t @ to_basis
    size = np.maximum(np.abs(t), DEPENDENT * (w @ np.abs(x)))
    size[size == 0] = 1.0

    problem = _Problem(rule, z, w, q, target)

    def error(g: FloatArray) -> float:
        return float(np.max(np.abs((w * g) @ x - t) / size, initial=0.0))

    multiplier, n_iterations = np.zeros(z.shape[1]), 0
    while (missed := error(g := problem.factors(multiplier))) > tolerance and n_iterations < max_iterations:
        moved = problem.newton_step(multiplier)
        if moved is None:
            break
        multiplier, n_iterations = moved, n_iterations + 1
    if missed > tolerance:
        raise _failure(x, w, t, bounds=(rule.low, rule.high), missed=(missed, n_iterations))
    return CalibratedWeights(g, to_basis @ multiplier, n_iterations, missed)


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """The dual of calibration: Σ w/q Φ(q zᵀλ) - λᵀT, convex, whose gradient is what the totals miss."""

    rule: Distance
    z: FloatArray
    w: FloatArray
    q: FloatArray
    target: FloatArray

    def factors(self, at: FloatArray) -> FloatArray:
        return self.rule.factor(self.q * (self.z @ at))

    def value(self, at: FloatArray) -> float:
        integral = self.rule.integral(self.q * (self.z @ at))
        return float((self.w / self.q) @ integral - self.target @ at)

    def newton_step(self, at: FloatArray) -> FloatArray | None:
        """The next multiplier, or None where the dual no longer falls."""
        gradient = (self.w * self.factors(at)) @ self.z - self.target
        slope = self.w * self.q * self.rule.slope(self.q * (self.z @ at))
        curvature = (self.z * slope[:, None]).T @ self.z
        step = -np.linalg.solve(curvature + RIDGE * np.eye(len(at)), gradient)
        promised, value = float(gradient @ step), self.value(at)
        slack = ROUNDING * (self.w.sum() + abs(value))
        length = 1.0
        while length > SMALLEST_STEP:
            moved = at + length * step
            if self.value(moved) <= value + SUFFICIENT_DECREASE * length * promised + slack:
                return np.asarray(moved)
            length /= 2
        return None


def _orthonormal(x: FloatArray, wq: FloatArray, totals: FloatArray) -> FloatArray:
    """(p, p') matrix B such that the columns of X B are orthonormal under the weights."""
    norms = np.sqrt(wq @ x**2)
    scaled = quotient(x, norms, empty=0.0)
    _, size, rows = np.linalg.svd(np.sqrt(wq)[:, None] * scaled, full_matrices=False)
    kept = size > DEPENDENT * size.max(initial=0.0)
    own = quotient(totals, norms, empty=0.0)
    explained = rows[kept].T @ (rows[kept] @ own)
    if (norms[totals != 0] == 0).any() or np.abs(own - explained).max(initial=0.0) > 1e-8 * np.abs(own).max():
        raise InvalidCounts(
            expected="totals that agree where columns depend on each other",
            got=f"{int(kept.sum())} independent columns of {len(totals)}, with totals that contradict them",
            hint="drop a column (one category is the base), or a column that is 0 for everyone",
        )
    inverse = quotient(1.0, norms, empty=0.0)
    return np.asarray(inverse[:, None] * rows[kept].T / size[kept])


def _failure(
    x: FloatArray,
    w: FloatArray,
    totals: FloatArray,
    *,
    bounds: tuple[float, float],
    missed: tuple[float, int],
) -> InvalidOption | NoConvergence:
    """Why there are no such weights."""
    if np.isfinite(bounds).any() and not _is_feasible(x, w, totals, bounds):
        return InvalidOption(
            expected="bounds that the totals allow",
            got=f"new / old weight from {bounds[0]:g} to {bounds[1]:g}",
            hint=f"those around 1 that just do are {_narrowest(x, w, totals)}; or ask for fewer totals",
        )
    return NoConvergence(
        expected="totals met by calibration",
        got="a relative error of {:.3g} after {} iterations".format(*missed),
        hint="widen the bounds, allow more iterations, or ask for fewer totals",
    )


def _is_feasible(x: FloatArray, w: FloatArray, totals: FloatArray, bounds: tuple[float, float]) -> bool:
    used = w > 0
    size = np.maximum(np.abs(totals), w @ np.abs(x))
    limits = [bound if np.isfinite(bound) else None for bound in bounds]
    found = optimize.linprog(
        np.zeros(used.sum()), A_eq=((x * w[:, None]) / size).T[:, used], b_eq=totals / size, bounds=[limits]
    )
    return bool(found.status == 0)


def _narrowest(x: FloatArray, w: FloatArray, totals: FloatArray) -> str:
    """Bounds 1 - r and 1 + r around the old weights that just allow the totals."""
    if len(w) > LARGEST_SEARCH:
        return "not searched for among so many rows"
    low, high = 0.0, 1.0
    while not _is_feasible(x, w, totals, (1 - high, 1 + high)):
        low, high = high, 4 * high
        if high > 1e6:
            return "none"
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (low, middle) if _is_feasible(x, w, totals, (1 - middle, 1 + middle)) else (middle, high)
    return f"{1 - high:.3f} and {1 + high:.3f}"


def _check_shapes(x: FloatArray, w: FloatArray, t: FloatArray) -> None:
    if x.ndim != 2 or w.shape != (len(x),) or t.shape != (x.shape[1],):
        raise InvalidShape(
            expected="(N, p) values, N weights and p totals",
            got=f"{x.shape}, {w.shape} and {t.shape}",
            hint="one column and one total per calibration variable",
        )
