"""Empirical Bayes shares of small units: shrunk towards the common level, beside the direct figure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidOption
from analysis.intervals.shares import wilson_interval
from analysis.small_areas.beta_binomial import LOG_PRECISION, BetaBinomialFit, beta_binomial_fit
from analysis.small_areas.beta_binomial_likelihood import binomial_log_likelihood, log_likelihood, unit_counts
from analysis.small_areas.integrated_posterior import IntegratedPosterior, integrated_posterior
from analysis.types import Estimates, FloatArray
from analysis.validation import level_of, require_known, require_share

CORRECTIONS = ("integrated", "delta", "none")
DROP_OF_95_PERCENT = 1.9207
"""Half the 95 % point of chi-square with one degree of freedom."""


@dataclass(frozen=True, slots=True, eq=False)
class ShrunkenShares:
    """Direct and shrunken share of every unit, side by side.

    Attributes
    ----------
    direct : Estimates, (U,)
        From the unit's own respondents, with Wilson's interval; value NaN where n = 0.
    direct_se : (U,) ndarray
        Binomial; NaN where n = 0, and 0 where all or none are satisfied, which is not certainty: see the limits
        of `direct`.
    synthetic : (U,) ndarray
        What the unit's own share is averaged with: the mean of the common law.
    gamma : (U,) ndarray in [0, 1]
        Weight of the direct share, n / (n + a + b), averaged over a + b for "integrated"; publish it beside `value`.
    value : (U,) ndarray
        ``gamma direct + (1 - gamma) synthetic``, plus the shift of a benchmark.
    ci_low, ci_high : (U,) ndarray
        Equal-tailed credible limits.
    posterior_a, posterior_b : (U,) ndarray
        Of the beta posterior the limits were read from, before any benchmark.
    variance : (U,) ndarray
        Posterior variance, with the correction.
    prior : BetaBinomialFit
    correction : {"integrated", "delta", "none"}
    confidence_level : float
    benchmark_shift : float
        Added to the logit of every value and limit; 0 without a benchmark.
    reason : str
        What to know about the fit; empty where there is nothing.
    """

    direct: Estimates
    direct_se: FloatArray
    synthetic: FloatArray
    gamma: FloatArray
    value: FloatArray
    ci_low: FloatArray
    ci_high: FloatArray
    posterior_a: FloatArray
    posterior_b: FloatArray
    variance: FloatArray
    prior: BetaBinomialFit
    correction: str
    confidence_level: float
    benchmark_shift: float = 0.0
    reason: str = ""

    def __len__(self) -> int:
        return len(self.value)


@checked
def empirical_bayes_shares(
    k: ArrayLike,
    n: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    method: str = "ml",
    prior: BetaBinomialFit | None = None,
    correction: str = "integrated",
    confidence_level: float = 0.95,
) -> ShrunkenShares:
    """Shares of small units under a common beta law.

    Parameters
    ----------
    k, n : (U,) array_like of counts, 0 <= k <= n
        Satisfied and answering respondents; a unit with n = 0 is given the common law itself.
    design_effect : array_like > 0
        k and n are divided by it, so that clustered answers weigh less.
    method : {"ml", "moments"}
        Of the common law.
    prior : BetaBinomialFit, optional
        A law fitted elsewhere (last year's units, say) instead of one fitted here; not with "integrated".
    correction : {"integrated", "delta", "none"}
        For the law being estimated: averaged over all laws the data allow, value and weights included; its limits
        widened to first order; or taken as known, with limits too narrow unless units are many.
    confidence_level : float in (0, 1)

    Returns
    -------
    ShrunkenShares
        Never use `value` in place of `direct` for rewards or penalties of one unit: it is better on average over
        units, and wrong in a known direction for those that truly stand out.

    Notes
    -----
    Given the law, the posterior is ``Beta(a + k, b + n - k)``, mean ``(a + k)/(a + b + n)``. "integrated" averages its
    moments over the law: see `analysis.small_areas.integrated_posterior`, with the coverage of all three. With
    V the covariance
    of η = (logit mu, log(a + b)), "delta" adds ``g'Vg``, ``g = dm/dη = (1-γ)(mu(1-mu), mu - m)``, to the
    posterior variance. Limits are those of the beta law of that mean and variance.

    Where the likelihood is highest without any difference between units (rho = 0), "none" and "delta" give every
    unit the pooled share, with limits from the largest rho not rejected at 5 %, not from zero.

    References
    ----------
    Morris (1983), JASA 78:47-55. Kass and Steffey (1989), JASA 84:717-726.

    Examples
    --------
    >>> shares = empirical_bayes_shares([3, 15, 30, 44, 19], [3, 20, 30, 50, 30])
    >>> [f"{direct:.2f} -> {value:.2f} ({gamma:.2f})"
    ...  for direct, value, gamma in zip(shares.direct.value, shares.value, shares.gamma, strict=True)][:2]
    ['1.00 -> 0.89 (0.46)', '0.75 -> 0.76 (0.81)']
    """
    level_of(confidence_level)
    require_known(correction, CORRECTIONS, name="correction")
    if prior is not None and correction == "integrated":
        raise InvalidOption(
            expected="correction 'delta' or 'none' with a law from elsewhere",
            got="integrated",
            hint="these units do not say how well that law is known",
        )
    satisfied, people = unit_counts(k, n, design_effect)
    law = prior or beta_binomial_fit(satisfied, people, method=method)
    found = _posterior(satisfied, people, law, correction)
    posterior_a, posterior_b = _beta_of(found.mean, found.variance)
    low, high = _limits(posterior_a, posterior_b, found.mean, confidence_level)
    direct = wilson_interval(k, n, design_effect=design_effect, confidence_level=confidence_level)
    square = quotient(direct.value * (1 - direct.value), people)
    return ShrunkenShares(
        direct, np.sqrt(square), found.synthetic, found.gamma, found.mean, low, high, posterior_a, posterior_b,
        found.variance, law, correction, confidence_level, 0.0, law.reason,
    )  # fmt: skip


@checked
def largest_precision_not_rejected(k: ArrayLike, n: ArrayLike, *, mu: float) -> float:
    """Smallest a + b, that is the largest correlation, that the likelihood ratio does not reject at 5 %.

    Parameters
    ----------
    k, n : (U,) array_like, 0 <= k <= n
    mu : float in (0, 1)
        Mean of the law, held fixed.

    Returns
    -------
    float

    Notes
    -----
    Where ``2 (ll(binomial) - ll(mu, a + b))`` reaches 3.84, for data whose likelihood is highest at rho = 0.

    Examples
    --------
    >>> bound = largest_precision_not_rejected([9, 18, 27, 36], [10, 20, 30, 40], mu=0.9)
    >>> 1 / (1 + bound) < 0.2
    True
    """
    require_share(mu, name="mu")
    satisfied, people = unit_counts(k, n, 1.0)
    best = binomial_log_likelihood(satisfied, people, mu)

    def drop(at: float) -> float:
        return best - log_likelihood(satisfied, people, mu, at) - DROP_OF_95_PERCENT

    if drop(LOG_PRECISION[0]) < 0:
        return math.exp(LOG_PRECISION[0])
    return math.exp(float(optimize.brentq(drop, *LOG_PRECISION, xtol=1e-8)))


def _posterior(k: FloatArray, n: FloatArray, law: BetaBinomialFit, correction: str) -> IntegratedPosterior:
    if correction == "integrated":
        return integrated_posterior(k, n, law=law)
    gamma, mean, variance = _given(k, n, law.mu, law.precision)
    if math.isinf(law.precision):
        variance = _given(k, n, law.mu, largest_precision_not_rejected(k, n, mu=law.mu))[2]
    elif correction == "delta":
        variance = variance + _delta_variance(gamma, law, mean)
    return IntegratedPosterior(gamma, np.full(n.shape, law.mu), mean, variance)


def _given(
    k: FloatArray, n: FloatArray, mu: float, precision: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weight, mean and variance under a law taken as known."""
    if math.isinf(precision):
        return np.zeros(n.shape), np.full(n.shape, mu), np.zeros(n.shape)
    mean = (k + mu * precision) / (n + precision)
    return n / (n + precision), mean, mean * (1 - mean) / (n + precision + 1)


def _delta_variance(gamma: FloatArray, law: BetaBinomialFit, mean: FloatArray) -> FloatArray:
    if not np.isfinite(law.covariance).all():
        raise InvalidOption(
            expected="a law fitted by maximum likelihood inside its bounds",
            got=law.reason or law.method,
            hint="use correction='integrated'",
        )
    slopes = np.stack([(1 - gamma) * law.mu * (1 - law.mu), (1 - gamma) * (law.mu - mean)])
    added: FloatArray = np.einsum("iu,ij,ju->u", slopes, law.covariance, slopes)
    return added


def _beta_of(mean: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Parameters of the beta law with this mean and variance."""
    largest = 0.999 * mean * (1 - mean)
    precision = mean * (1 - mean) / np.clip(variance, largest * 1e-15, largest) - 1
    return mean * precision, (1 - mean) * precision


def _limits(a: FloatArray, b: FloatArray, value: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Quantiles, widened to hold the value where it is the mean of a very skewed law."""
    low, high = special.betaincinv(a, b, (1 - level) / 2), special.betaincinv(a, b, (1 + level) / 2)
    return np.minimum(low, value), np.maximum(high, value)
