"""The proportional-odds fit of R's svyolr as its search leaves it, for comparing with published results."""

from __future__ import annotations

import numpy as np
from scipy import special

from analysis.regression.cumulative_logit import CumulativeLogit, CumulativeRows
from analysis.regression.variable_metric import variable_metric_minimum
from analysis.types import FloatArray, IntArray

DIFFERENCE = 1e-3
"""Step of the differences from which the information is taken."""


def replayed_cumulative_logit(
    x: FloatArray, codes: IntArray, weights: FloatArray, *, n_levels: int, split_fit: FloatArray
) -> CumulativeLogit:
    """Where a loose search over (β, θ_1, log gaps of θ) stops, with the information as it is taken there.

    Parameters
    ----------
    x : (M, p) ndarray
    codes : (M,) ndarray of int in [0, n_levels)
    weights : (M,) ndarray > 0
        Unscaled.
    n_levels : int
    split_fit : (1 + p,) ndarray
        Logistic coefficients of an answer above the middle split, where the search starts.

    Returns
    -------
    CumulativeLogit
        Up to a hundredth of a standard error beside the maximum.

    References
    ----------
    Nash (1990), Compact Numerical Methods for Computers, 2nd ed., algorithm 21.

    Examples
    --------
    >>> x, codes = np.array([[0.0], [0.0], [0.0], [1.0], [1.0], [1.0]]), np.array([0, 1, 2] * 2)
    >>> counts = np.array([30.0, 40.0, 30.0, 15.0, 40.0, 45.0])
    >>> fit = replayed_cumulative_logit(x, codes, counts, n_levels=3, split_fit=np.array([0.85, 0.9]))
    >>> fit.values.round(2).tolist()
    [-0.9, 0.9, 0.73]
    """
    rows = CumulativeRows.of(x, codes, weights, n_levels)
    search = _Search(rows, x.shape[1])
    spacing = special.logit(np.arange(1, n_levels) / n_levels) / 1.7
    first = spacing[0] - spacing[n_levels // 2 - 1] - split_fit[0]
    start = np.concatenate([split_fit[1:], [first], np.log(np.diff(spacing))])
    point = variable_metric_minimum(search.loss, search.slope, start)
    values = search.values(point)
    scores, _ = rows.derivatives(values)
    return CumulativeLogit(values, scores, search.information(point), rows.log_likelihood(values), codes)


class _Search:
    """Minus the log likelihood as a function of (β, θ_1, log gaps of θ)."""

    def __init__(self, rows: CumulativeRows, p: int) -> None:
        self.rows, self.p = rows, p

    def values(self, point: FloatArray) -> FloatArray:
        """Thresholds and coefficients."""
        with np.errstate(over="ignore"):
            gaps = np.exp(point[self.p + 1 :])
        return np.concatenate([np.cumsum(np.append(point[self.p], gaps)), point[: self.p]])

    def loss(self, point: FloatArray) -> float:
        values = self.values(point)
        return -self.rows.log_likelihood(values) if np.isfinite(values).all() else np.inf

    def slope(self, point: FloatArray) -> FloatArray:
        scores, _ = self.rows.derivatives(self.values(point))
        return np.asarray(-self.rows.weights @ scores @ self.jacobian(point))

    def jacobian(self, point: FloatArray) -> FloatArray:
        """Derivative of the values by the point, (q, q)."""
        splits = len(point) - self.p
        jacobian = np.zeros((len(point), len(point)))
        gaps = np.append(1.0, np.exp(point[self.p + 1 :]))
        jacobian[:splits, self.p :] = np.tril(np.ones((splits, splits))) * gaps
        jacobian[splits:, : self.p] = np.eye(self.p)
        return jacobian

    def information(self, point: FloatArray) -> FloatArray:
        """Second differences of the loss, carried to the thresholds and coefficients."""
        steps = DIFFERENCE * np.eye(len(point))
        changes = [self.slope(point + step) - self.slope(point - step) for step in steps]
        curvature = np.array(changes) / (2 * DIFFERENCE)
        back = np.linalg.inv(self.jacobian(point))
        return np.asarray(back.T @ (curvature + curvature.T) @ back / 2)
