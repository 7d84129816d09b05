"""How often chance gives a unit as many signs as it has, judged by the spread that the other units show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from analysis.arithmetic import quotient
from analysis.integrity.tails import upper_tail
from analysis.types import FloatArray

CORRELATIONS = np.geomspace(1e-4, 0.7, 19)
"""Correlations within a unit that are weighed against each other."""
SHIFTS = 3 * np.sinh(np.linspace(-4, 4, 33)) / np.sinh(4)
"""Errors of the pooled rate, in log odds: finely near 0."""
NEGLIGIBLE = 1e-4


def predictive_tail(
    x: FloatArray, n: FloatArray, mean: FloatArray, *, correlations: FloatArray = CORRELATIONS
) -> FloatArray:
    """Chance of as many signs or more in a unit like the others.

    Parameters
    ----------
    x, n : (U,) ndarray of whole numbers
        Responses with the sign, and all responses.
    mean : (U,) ndarray in (0, 1)
        Expected share of each unit at the pooled rates.
    correlations : (R,) ndarray in (0, 1)
        Candidates; a single one is taken as known.

    Returns
    -------
    (U,) ndarray in [0, 1]

    Notes
    -----
    Beta-binomial with log odds of the mean moved by δ and correlation ρ. The other units' likelihood of (δ, ρ),
    with a flat prior on δ and on sqrt(ρ), weighs the tails: few units, or units that differ much, give a wide
    law. Leaving a unit out is subtracting its own log-likelihood.

    References
    ----------
    Geisser (1993), Predictive Inference, ch. 2. Gelman (2006), Bayesian Analysis 1:515-533 (the prior).

    Examples
    --------
    >>> x, n = np.array([14.0, 11, 16, 12, 13, 70]), np.full(6, 100.0)
    >>> bool(predictive_tail(x, n, np.full(6, 0.2))[5] < 0.001)
    True
    """
    shift, rho = (axis.ravel() for axis in np.meshgrid(SHIFTS, correlations, indexing="ij"))
    prior = np.log(np.gradient(SHIFTS))[:, None] + 0.5 * np.log(correlations)[None, :]
    moved = special.expit(special.logit(mean)[:, None] + shift[None, :])
    kappa = ((1 - rho) / rho)[None, :]
    own = _log_likelihood(x[:, None], n[:, None], moved, kappa)
    weight = special.softmax(own.sum(axis=0) - own + prior.ravel(), axis=1)
    unit, candidate = np.nonzero(weight > NEGLIGIBLE)
    tail = upper_tail(x[unit], n[unit], moved[unit, candidate], kappa[0, candidate])
    total = np.bincount(unit, weights=weight[unit, candidate] * tail, minlength=len(x))
    # What was left out counts as certain chance.
    kept = np.bincount(unit, weights=weight[unit, candidate], minlength=len(x))
    return np.asarray(np.minimum(total / np.maximum(kept, NEGLIGIBLE), 1.0))


def pooled_mean(x: FloatArray, n: FloatArray) -> FloatArray:
    """Share each unit would have at the pooled rates of its strata.

    Parameters
    ----------
    x, n : (U, C) ndarray of whole numbers

    Returns
    -------
    (U,) ndarray in (0, 1)
        Kept half a response away from 0 and 1; one half where nobody answered.

    Examples
    --------
    >>> pooled_mean(np.array([[1.0, 8], [3, 0]]), np.array([[10.0, 10], [30, 0]])).tolist()
    [0.45, 0.1]
    """
    total = n.sum(axis=0)
    rate = quotient(x.sum(axis=0), total, empty=0.0)
    people = n.sum(axis=1)
    mean = quotient((n * rate).sum(axis=1), people, empty=0.5)
    edge = 0.5 / (total.sum() + 1)
    return np.asarray(np.clip(mean, edge, 1 - edge))


def _log_likelihood(x: FloatArray, n: FloatArray, p: FloatArray, kappa: FloatArray) -> NDArray[np.float64]:
    a, b = p * kappa, (1 - p) * kappa
    return np.asarray(special.betaln(x + a, n - x + b) - special.betaln(a, b))
