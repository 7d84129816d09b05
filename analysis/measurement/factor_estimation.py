"""Estimation of factor models: the structure, its slopes, and the parameters of least discrepancy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from analysis.errors import InvalidOption, NoConvergence
from analysis.measurement.covariance import correlation_of
from analysis.measurement.factor_fit import log_determinant
from analysis.types import FloatArray, IntArray

MAX_STEPS = 500
LEAST_DAMPING, MAX_DAMPING = 1e-10, 1e12
# Rounding of the discrepancy.
NOISE = 1e-12
FORBIDDEN = 1e10
# Largest slope of the discrepancy, in correlation units, at which the search has arrived.
ARRIVED = 1e-7
# Least over largest eigenvalue of the information below which parameters cannot be told apart.
UNIDENTIFIED = 1e-11


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """Which item measures which factor, and so what the parameters mean.

    Parameters are p loadings, p residual variances and m(m - 1)/2 factor correlations, in this order; factors have
    variance 1.

    Attributes
    ----------
    factor_of_item : (p,) ndarray of int
    """

    factor_of_item: IntArray

    @property
    def n_items(self) -> int:
        return len(self.factor_of_item)

    @property
    def n_factors(self) -> int:
        return int(self.factor_of_item.max()) + 1

    @property
    def n_correlations(self) -> int:
        return self.n_factors * (self.n_factors - 1) // 2

    def parts(self, theta: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Loading matrix (p, m), residual variances, factor correlation matrix."""
        size = self.n_items
        loadings = np.zeros((size, self.n_factors))
        loadings[np.arange(size), self.factor_of_item] = theta[:size]
        correlation = np.eye(self.n_factors)
        first, second = np.triu_indices(self.n_factors, 1)
        correlation[first, second] = correlation[second, first] = theta[2 * size :]
        return loadings, theta[size : 2 * size], correlation

    def implied(self, theta: FloatArray) -> FloatArray:
        loadings, residuals, correlation = self.parts(theta)
        return np.asarray(loadings @ correlation @ loadings.T + np.diag(residuals))

    def slopes(self, theta: FloatArray) -> FloatArray:
        """Derivative of the implied matrix in each parameter, (q, p, p)."""
        loadings, _, correlation = self.parts(theta)
        size, at = self.n_items, np.arange(self.n_items)
        half = np.zeros((len(theta), size, size))
        half[at, at] = (loadings @ correlation)[:, self.factor_of_item].T
        half[size + at, at, at] = 0.5
        first, second = np.triu_indices(self.n_factors, 1)
        half[2 * size :] = loadings.T[first][:, :, None] * loadings.T[second][:, None, :]
        return half + np.swapaxes(half, 1, 2)


def least_discrepancy(correlation: FloatArray, structure: Structure) -> FloatArray:
    """Parameters of least discrepancy.

    Parameters
    ----------
    correlation : (p, p) ndarray
        Positive definite.
    structure : Structure

    Returns
    -------
    (q,) ndarray
        In correlation units.

    Examples
    --------
    >>> exact = np.full((3, 3), 0.49) + 0.51 * np.eye(3)
    >>> least_discrepancy(exact, Structure(np.zeros(3, np.int64))).round(4).tolist()
    [0.7, 0.7, 0.7, 0.51, 0.51, 0.51]
    """
    log_determinant(correlation)  # refuses matrices that are not positive definite
    start = _start(correlation, structure)
    theta, slope = _scored(start, structure, correlation)
    if slope > ARRIVED:
        # Scoring can run off along a ridge; a search by slopes alone takes another way down.
        found = optimize.minimize(
            _discrepancy,
            start,
            args=(structure, correlation),
            jac=_gradient,
            method="BFGS",
            options={"gtol": ARRIVED, "maxiter": MAX_STEPS},
        )
        theta, slope = _scored(found.x, structure, correlation)
    if slope > ARRIVED:
        raise NoConvergence(
            expected="a minimum of the discrepancy",
            got=f"slope {slope:.2g} where the search ended",
            hint="check which items belong to which factor, and that items are keyed one way",
        )
    return theta


def _scored(theta: FloatArray, structure: Structure, correlation: FloatArray) -> tuple[FloatArray, float]:
    """Fisher scoring with damped steps; the parameters and the steepest slope where it ended."""
    height, slope = _discrepancy(theta, structure, correlation), _gradient(theta, structure, correlation)
    damping = 1e-3
    for _ in range(MAX_STEPS):
        if np.abs(slope).max() < ARRIVED / 100 or damping > MAX_DAMPING:
            break
        curvature = 2 * information(theta, structure, 1.0)
        damped = curvature + damping * np.diag(np.diag(curvature) + 1e-3)
        tried = theta - np.linalg.solve(damped, slope)
        reached = _discrepancy(tried, structure, correlation)
        # Near the minimum the last digits of the discrepancy are noise; the slope decides.
        if reached <= height + NOISE:
            theta, height, damping = tried, reached, max(damping / 10, LEAST_DAMPING)
            slope = _gradient(theta, structure, correlation)
        else:
            damping *= 10
    return theta, float(np.abs(slope).max())


def _discrepancy(theta: FloatArray, structure: Structure, correlation: FloatArray) -> float:
    """``ln|Σ| + tr(S Σ⁻¹)``; very high where the implied matrix is not positive definite."""
    implied = structure.implied(theta)
    try:
        root = np.linalg.cholesky(implied)
        scatter = np.trace(np.linalg.solve(implied, correlation))
    except np.linalg.LinAlgError:
        return FORBIDDEN
    return float(2 * np.log(np.diag(root)).sum() + scatter)


def _gradient(theta: FloatArray, structure: Structure, correlation: FloatArray) -> FloatArray:
    inverse = np.linalg.pinv(structure.implied(theta), hermitian=True)
    pull = inverse - inverse @ correlation @ inverse
    return np.asarray(np.einsum("qij,ij->q", structure.slopes(theta), pull), dtype=np.float64)


def parameter_covariance(theta: FloatArray, structure: Structure, multiplier: float) -> FloatArray:
    """Inverse of the expected information, refused where parameters cannot be told apart.

    Parameters
    ----------
    theta : (q,) ndarray
    structure : Structure
    multiplier : float

    Returns
    -------
    (q, q) ndarray
    """
    curvature = information(theta, structure, multiplier)
    eigenvalues = np.linalg.eigvalsh(curvature)
    if eigenvalues[0] < UNIDENTIFIED * eigenvalues[-1]:
        raise InvalidOption(
            expected="an identified model",
            got="parameters that cannot be told apart",
            hint="a factor of two items must correlate with another factor",
        )
    return np.asarray(np.linalg.inv(curvature))


def information(theta: FloatArray, structure: Structure, multiplier: float) -> FloatArray:
    """Expected information of the parameters.

    Parameters
    ----------
    theta : (q,) ndarray
    structure : Structure
    multiplier : float
        Respondents, or one less.

    Returns
    -------
    (q, q) ndarray

    Notes
    -----
    ``½ N tr(Σ⁻¹ Σ_a Σ⁻¹ Σ_b)``, Σ_a the slope of the implied matrix in parameter a.
    """
    scaled = np.linalg.solve(structure.implied(theta), structure.slopes(theta))
    flat = scaled.reshape(len(theta), -1)
    return np.asarray(multiplier / 2 * flat @ np.swapaxes(scaled, 1, 2).reshape(len(theta), -1).T)


def _start(correlation: FloatArray, structure: Structure) -> FloatArray:
    """Principal axis of each block of items, and the correlations of the sums weighted by it."""
    weights = np.zeros((structure.n_items, structure.n_factors))
    loadings = np.zeros(structure.n_items)
    for factor in range(structure.n_factors):
        members = np.flatnonzero(structure.factor_of_item == factor)
        values, vectors = np.linalg.eigh(correlation[np.ix_(members, members)])
        weights[members, factor] = vectors[:, -1]
        loadings[members] = np.clip(0.85 * np.sqrt(values[-1]) * vectors[:, -1], -0.9, 0.9)
    between = 0.9 * correlation_of(weights.T @ correlation @ weights)
    return np.concatenate([loadings, 1 - loadings**2, between[np.triu_indices(structure.n_factors, 1)]])


def oriented(theta: FloatArray, structure: Structure, identification: str) -> FloatArray:
    """The same model with every factor turned so that its marker, or the sum of its loadings, is positive.

    Parameters
    ----------
    theta : (q,) ndarray
    structure : Structure
    identification : {"unit_variance", "marker"}

    Returns
    -------
    (q,) ndarray
    """
    loadings, residuals, correlation = structure.parts(theta)
    markers = loadings[markers_of(structure), np.arange(structure.n_factors)]
    turned = np.where((markers if identification == "marker" else loadings.sum(axis=0)) < 0, -1.0, 1.0)
    first, second = np.triu_indices(structure.n_factors, 1)
    return np.concatenate(
        [
            theta[: structure.n_items] * turned[structure.factor_of_item],
            residuals,
            (correlation * np.outer(turned, turned))[first, second],
        ]
    )


def markers_of(structure: Structure) -> IntArray:
    """Position of the first item of each factor.

    Parameters
    ----------
    structure : Structure

    Returns
    -------
    (m,) ndarray of int
    """
    return np.unique(structure.factor_of_item, return_index=True)[1]
