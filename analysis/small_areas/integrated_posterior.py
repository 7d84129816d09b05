"""Posterior of units' shares with the common law integrated out, not taken as known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.arguments import checked
from analysis.small_areas.beta_binomial import LOG_PRECISION, BetaBinomialFit
from analysis.small_areas.beta_binomial_likelihood import log_likelihood, logit_score, share_of, unit_counts
from analysis.types import FloatArray

NODES = 33
"""Values of a + b over which the posterior is averaged."""


@dataclass(frozen=True, slots=True, eq=False)
class IntegratedPosterior:
    """What is known of every unit's share when the common law is not taken as known.

    Attributes
    ----------
    gamma, synthetic : (U,) ndarray in [0, 1]
        Average weight of the unit's own share, and what it is averaged with.
    mean, variance : (U,) ndarray
        ``mean = gamma p + (1 - gamma) synthetic``.
    """

    gamma: FloatArray
    synthetic: FloatArray
    mean: FloatArray
    variance: FloatArray


@checked
def integrated_posterior(k: ArrayLike, n: ArrayLike, *, law: BetaBinomialFit) -> IntegratedPosterior:
    """Posterior of every unit's share, averaged over what the common law may be.

    Parameters
    ----------
    k, n : (U,) array_like, 0 <= k <= n
        Counts the law was fitted to.
    law : BetaBinomialFit
        Where the average starts from; it may lie on a boundary.

    Returns
    -------
    IntegratedPosterior

    Notes
    -----
    With M = a + b, the prior is uniform for mu and for the shrinkage ``M / (M + n0)`` of the smallest unit, n0.
    Nodes of log M are weighted by prior and likelihood, mu integrated by Laplace at each; at a node the mean is
    ``m = γp + (1-γ)mu`` and the variance ``m(1-m)/(n + M + 1) + ((1-γ)mu(1-mu))² var(logit mu)``. Maximum
    likelihood alone understates how units differ when they are few, and sets it to nothing by chance; the average
    does neither. Simulated coverage of nominal 95 % intervals, units of 5 to 39 people about 0.80 (sd 0.09):

    =====  ===============  ==================  ==========
    units  likelihood only  with "delta"        integrated
    =====  ===============  ==================  ==========
    12     0.86             0.92                0.94
    30     0.90             0.92                0.94
    100    0.93             0.94                0.94
    =====  ===============  ==================  ==========

    References
    ----------
    Christiansen and Morris (1997), JASA 92:618-632. Daniels (1999), Canadian Journal of Statistics 27:567-578.

    Examples
    --------
    >>> from analysis.small_areas.beta_binomial import beta_binomial_fit
    >>> k, n = [9, 18, 27, 45], [10, 20, 30, 50]
    >>> found = integrated_posterior(k, n, law=beta_binomial_fit(k, n))
    >>> bool((found.variance > 0).all()), bool((found.gamma > 0).all())
    (True, True)
    """
    satisfied, people = unit_counts(k, n, 1.0)
    nodes = _nodes(satisfied, people, law)
    logit = float(special.logit(law.mu))
    weights = np.empty(len(nodes))
    moments = np.empty((5, len(nodes), len(people)))
    for place, log_precision in enumerate(nodes):
        logit, spread = _best_logit(satisfied, people, logit, float(log_precision))
        mu, precision = share_of(logit), math.exp(log_precision)
        weights[place] = _log_weight(satisfied, people, mu, float(log_precision)) + math.log(spread) / 2
        borrowed = precision / (people + precision)
        mean = satisfied / (people + precision) + borrowed * mu
        own = mean * (1 - mean) / (people + precision + 1) + (borrowed * mu * (1 - mu)) ** 2 * spread
        moments[:, place] = borrowed, borrowed * mu, mean, mean**2, own
    shares = np.exp(weights - weights.max()) * np.gradient(nodes)
    borrowed, common, mean, square, variance = np.tensordot(shares / shares.sum(), moments, axes=(0, 1))
    return IntegratedPosterior(
        1 - borrowed, common / borrowed, mean, variance + np.maximum(square - mean**2, 0.0)
    )


def _log_weight(k: FloatArray, n: FloatArray, mu: float, log_precision: float) -> float:
    """Log-likelihood plus log prior of (logit mu, log M)."""
    precision, size = math.exp(log_precision), float(n[n > 0].min())
    likelihood = log_likelihood(k, n, mu, log_precision)
    return likelihood + math.log(mu * (1 - mu)) + log_precision - 2 * math.log(precision + size)


def _nodes(k: FloatArray, n: FloatArray, law: BetaBinomialFit) -> FloatArray:
    """Evenly spaced in log M, over the range that holds all but a millionth of the weight."""
    top = min(math.log(float(n[n > 0].min())) + 15.0, LOG_PRECISION[1])
    low, high = LOG_PRECISION[0], top
    for _ in range(4):
        grid = np.linspace(low, high, NODES)
        weights = np.array([_log_weight(k, n, law.mu, float(at)) for at in grid])
        kept = np.flatnonzero(weights > weights.max() - 14)
        low, high = grid[max(kept[0] - 1, 0)], grid[min(kept[-1] + 1, NODES - 1)]
        if len(kept) > NODES / 2:
            break
    return np.linspace(low, high, NODES)


def _best_logit(k: FloatArray, n: FloatArray, logit: float, log_precision: float) -> tuple[float, float]:
    """Logit of mu of highest posterior density given M, and its variance."""
    step = 1e-3

    def slope(at: float) -> float:
        return logit_score(k, n, at, log_precision) + 1 - 2 * share_of(at)

    for _ in range(6):
        curvature = max((slope(logit - step) - slope(logit + step)) / (2 * step), 1e-9)
        move = float(np.clip(slope(logit) / curvature, -2.0, 2.0))
        logit = float(np.clip(logit + move, -30.0, 30.0))
        if abs(move) < 1e-3:
            break
    return logit, 1 / curvature
