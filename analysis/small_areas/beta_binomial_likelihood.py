"""Likelihood of the beta-binomial law, with differences of log-gamma functions that do not cancel."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.arguments import checked
from analysis.errors import InvalidCounts
from analysis.types import FloatArray
from analysis.validation import finite_array, finite_positive, number_of, together


@checked
def beta_binomial_log_likelihood(k: ArrayLike, n: ArrayLike, *, a: float, b: float) -> float:
    """Kernel of the beta-binomial log-likelihood, without the binomial coefficients.

    Parameters
    ----------
    k, n : array_like, 0 <= k <= n
    a, b : float > 0

    Returns
    -------
    float

    Examples
    --------
    >>> round(beta_binomial_log_likelihood([1], [2], a=1, b=1), 6) == round(float(np.log(1 / 6)), 6)
    True
    """
    satisfied, people = unit_counts(np.ravel(k), np.ravel(n), 1.0)
    for value, name in ((a, "a"), (b, "b")):
        number_of(value, name=name, at_least=1e-9, at_most=1e12)
    return log_likelihood(satisfied, people, a / (a + b), math.log(a + b))


@checked
def unit_counts(k: ArrayLike, n: ArrayLike, design_effect: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Counts over their design effect, one row of units.

    Parameters
    ----------
    k, n : (U,) array_like, 0 <= k <= n
    design_effect : array_like > 0

    Returns
    -------
    pair of (U,) ndarray

    Examples
    --------
    >>> unit_counts([9, 4], [10, 8], 2.0)[1].tolist()
    [5.0, 4.0]
    """
    satisfied, people, effects = together(
        finite_array(k, name="k"),
        finite_array(n, name="n"),
        finite_positive(design_effect, name="design_effect"),
    )
    if satisfied.ndim != 1 or (satisfied < 0).any() or (satisfied > people * (1 + 1e-12)).any():
        raise InvalidCounts(
            expected="0 <= k <= n, one entry per unit",
            got=f"shape {satisfied.shape}, or a count outside",
            hint="n counts everyone of the unit who answered",
        )
    return np.minimum(satisfied, people) / effects, people / effects


@checked
def share_of(logit: float) -> float:
    """Share of a logit.

    Parameters
    ----------
    logit : float

    Returns
    -------
    float

    Examples
    --------
    >>> share_of(0.0)
    0.5
    """
    return float(special.expit(logit))


def binomial_log_likelihood(k: FloatArray, n: FloatArray, mu: float) -> float:
    """Kernel of the log-likelihood of one common share.

    Parameters
    ----------
    k, n : (U,) ndarray
    mu : float in [0, 1]

    Returns
    -------
    float

    Examples
    --------
    >>> binomial_log_likelihood(np.array([2.0]), np.array([2.0]), 1.0)
    0.0
    """
    return float(special.xlogy(k, mu).sum() + special.xlog1py(n - k, -mu).sum())


def log_likelihood(k: FloatArray, n: FloatArray, mu: float, log_precision: float) -> float:
    """Binomial log-likelihood plus what over-dispersion adds to it.

    Parameters
    ----------
    k, n : (U,) ndarray
    mu : float in (0, 1)
    log_precision : float
        log(a + b).

    Returns
    -------
    float

    Examples
    --------
    >>> round(log_likelihood(np.array([1.0]), np.array([2.0]), 0.5, np.log(2)), 6) == round(float(np.log(1 / 6)), 6)
    True
    """
    m = math.exp(log_precision)
    added = _excess(mu * m, k) + _excess((1 - mu) * m, n - k) - _excess(m, n)
    return binomial_log_likelihood(k, n, mu) + float(added.sum())


def logit_score(k: FloatArray, n: FloatArray, logit: float, log_precision: float) -> float:
    """Derivative of the log-likelihood by the logit of its mean.

    Parameters
    ----------
    k, n : (U,) ndarray
    logit, log_precision : float
        Of mu, and log(a + b).

    Returns
    -------
    float

    Examples
    --------
    >>> abs(logit_score(np.array([5.0]), np.array([10.0]), 0.0, 1.0)) < 1e-12
    True
    """
    return _slopes(k, n, logit, log_precision)[0]


def _slopes(k: FloatArray, n: FloatArray, logit: float, log_precision: float) -> tuple[float, float, float]:
    """By logit(mu); and by a and by b of what over-dispersion adds."""
    mu, m = share_of(logit), math.exp(log_precision)
    of_a = float(_excess_slope(mu * m, k).sum())
    of_b = float(_excess_slope((1 - mu) * m, n - k).sum())
    binomial = float(k.sum()) - mu * float(n.sum())
    return binomial + mu * (1 - mu) * m * (of_a - of_b), of_a, of_b


def gradient(k: FloatArray, n: FloatArray, at: FloatArray) -> FloatArray:
    """Slopes of the log-likelihood.

    Parameters
    ----------
    k, n : (U,) ndarray
    at : (2,) ndarray
        logit(mu) and log(a + b).

    Returns
    -------
    (2,) ndarray

    Examples
    --------
    >>> slopes = gradient(np.array([5.0, 5.0]), np.array([10.0, 10.0]), np.array([0.0, 1.0]))
    >>> bool(abs(slopes[0]) < 1e-12), bool(slopes[1] > 0)
    (True, True)
    """
    of_logit, of_a, of_b = _slopes(k, n, float(at[0]), float(at[1]))
    mu, m = share_of(at[0]), math.exp(at[1])
    of_m = float(_excess_slope(m, n).sum())
    return np.array([of_logit, m * (mu * of_a + (1 - mu) * of_b - of_m)])


def hessian(k: FloatArray, n: FloatArray, at: FloatArray) -> FloatArray:
    """Curvature of the log-likelihood, by differences of its gradient.

    Parameters
    ----------
    k, n, at
        As in `gradient`.

    Returns
    -------
    (2, 2) ndarray

    Examples
    --------
    >>> hessian(np.array([5.0, 1.0]), np.array([10.0, 10.0]), np.array([-0.8, 1.0])).shape
    (2, 2)
    """
    steps = 1e-4 * np.eye(2)
    columns = [(gradient(k, n, at + step) - gradient(k, n, at - step)) / 2e-4 for step in steps]
    return (np.array(columns) + np.array(columns).T) / 2


def _excess(a: float, x: FloatArray) -> FloatArray:
    """``log Γ(a + x) - log Γ(a) - x log a``: zero as a grows, by Stirling's series where a is large."""
    if a < 1e5:
        small: FloatArray = special.gammaln(a + x) - special.gammaln(a) - x * math.log(a)
        return small
    large: FloatArray = (a + x - 0.5) * np.log1p(x / a) - x - x / (12 * a * (a + x))
    return large


def _excess_slope(a: float, x: FloatArray) -> FloatArray:
    """Derivative of `_excess` by a."""
    if a < 1e5:
        small: FloatArray = special.digamma(a + x) - special.digamma(a) - x / a
        return small
    u = x / a
    large: FloatArray = _log1p_minus(u) + 0.5 * x / (a * (a + x)) + (1 / a**2 - 1 / (a + x) ** 2) / 12
    return large


def _log1p_minus(u: FloatArray) -> FloatArray:
    """``log(1 + u) - u`` without cancellation near 0."""
    series = -(u**2) / 2 + u**3 / 3 - u**4 / 4 + u**5 / 5
    near: NDArray[np.float64] = np.where(u < 1e-3, series, np.log1p(u) - u)
    return near
