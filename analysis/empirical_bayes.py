"""Empirical Bayes shares of small units: shrunk towards the common level, beside the direct figure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from analysis.beta_binomial import (
    LOG_PRECISION,
    BetaBinomialFit,
    beta_binomial_fit,
    beta_binomial_log_likelihood,
    unit_counts,
)
from analysis.errors import InvalidCounts, InvalidOption
from analysis.intervals import wilson_interval
from analysis.types import Estimates, FloatArray
from analysis.validation import level_of, require_share

CORRECTIONS = ("none", "delta", "bootstrap")
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
        What the unit is given without its own answers: the mean of the common law.
    gamma : (U,) ndarray in [0, 1]
        Weight of the direct share, n / (n + a + b); publish it beside `value`.
    value : (U,) ndarray
        ``gamma direct + (1 - gamma) synthetic``, plus the shift of a benchmark.
    ci_low, ci_high : (U,) ndarray
        Equal-tailed credible limits.
    posterior_a, posterior_b : (U,) ndarray
        Of the beta posterior the limits were read from, before any benchmark.
    variance : (U,) ndarray
        Posterior variance, with the correction.
    prior : BetaBinomialFit
    correction : {"none", "delta", "bootstrap"}
    confidence_level : float
    n_resamples : int
        Of the bootstrap, else 0.
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
    n_resamples: int = 0
    benchmark_shift: float = 0.0
    reason: str = ""

    def __len__(self) -> int:
        return len(self.value)


def empirical_bayes_shares(
    k: ArrayLike,
    n: ArrayLike,
    *,
    design_effect: ArrayLike = 1.0,
    method: str = "ml",
    prior: BetaBinomialFit | None = None,
    correction: str = "none",
    rng: np.random.Generator | None = None,
    n_resamples: int = 200,
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
        A law fitted elsewhere (all units of a province, say) instead of one fitted here.
    correction : {"none", "delta", "bootstrap"}
        For the law being estimated: none (limits too narrow with few units), first-order ("delta", instant), or
        the parametric bootstrap of Laird and Louis, which also works at the boundary.
    rng : numpy.random.Generator
        Needed by "bootstrap".
    n_resamples : int >= 2
        Laws drawn by "bootstrap"; each is a new fit (0.05 s for 3,300 units).
    confidence_level : float in (0, 1)

    Returns
    -------
    ShrunkenShares
        Never use `value` in place of `direct` for rewards or penalties of one unit: it is better on average over
        units, and wrong in a known direction for those that truly stand out.

    Notes
    -----
    Posterior ``Beta(a + k, b + n - k)``, mean ``(a + k)/(a + b + n)``. With V the covariance of the law's
    η = (logit mu, log(a + b)), "delta" adds ``g'Vg``, ``g = dm/dη = (1-γ)(mu(1-mu), mu - m)``, to the
    posterior variance; "bootstrap" takes the mean of the posterior variance plus the variance of the posterior
    mean over refitted laws. Limits are then those of the beta law with mean m and that variance.

    Where units do not differ beyond chance (rho = 0), every value is the pooled share; the plain and
    "delta" limits take the largest rho that the likelihood ratio does not reject at 5 %, not zero.

    References
    ----------
    Morris (1983), JASA 78:47-55. Kass and Steffey (1989), JASA 84:717-726.
    Laird and Louis (1987), JASA 82:739-750.

    Examples
    --------
    >>> shares = empirical_bayes_shares([3, 15, 30, 44, 19], [3, 20, 30, 50, 30])
    >>> [f"{direct:.2f} -> {value:.2f} ({gamma:.2f})"
    ...  for direct, value, gamma in zip(shares.direct.value, shares.value, shares.gamma, strict=True)][:2]
    ['1.00 -> 0.90 (0.35)', '0.75 -> 0.77 (0.78)']
    """
    level_of(confidence_level)
    if correction not in CORRECTIONS:
        raise InvalidOption(
            expected=f"one of {', '.join(CORRECTIONS)}", got=repr(correction), hint="check the spelling"
        )
    satisfied, people = unit_counts(k, n, design_effect)
    law = prior or beta_binomial_fit(satisfied, people, method=method)
    value, variance = _posterior(satisfied, people, law.mu, law.precision)
    reason = law.reason
    if correction == "bootstrap":
        variance = _bootstrap_variance(satisfied, people, law, rng=rng, n_resamples=n_resamples)
    elif math.isinf(law.precision):
        bound = largest_precision_not_rejected(satisfied, people, mu=law.mu)
        variance = _posterior(satisfied, people, law.mu, bound)[1]
        reason = f"{law.reason}; limits with the largest correlation not rejected, {1 / (1 + bound):.2g}"
    elif correction == "delta":
        variance = variance + _delta_variance(people, law, value)
    posterior_a, posterior_b = _beta_of(value, variance)
    low, high = _limits(posterior_a, posterior_b, value, confidence_level)
    direct = wilson_interval(k, n, design_effect=design_effect, confidence_level=confidence_level)
    share = direct.value
    return ShrunkenShares(
        direct, np.sqrt(np.divide(share * (1 - share), people, out=np.full(share.shape, np.nan), where=people > 0)),
        np.full(share.shape, law.mu), _weight(people, law.precision), value, low, high, posterior_a, posterior_b,
        variance, law, correction, confidence_level, n_resamples if correction == "bootstrap" else 0, 0.0, reason,
    )  # fmt: skip


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
    best = beta_binomial_log_likelihood(
        k, n, a=mu * math.exp(LOG_PRECISION[1]), b=(1 - mu) * math.exp(LOG_PRECISION[1])
    )

    def drop(at: float) -> float:
        m = math.exp(at)
        return best - beta_binomial_log_likelihood(k, n, a=mu * m, b=(1 - mu) * m) - DROP_OF_95_PERCENT

    if drop(LOG_PRECISION[0]) < 0:
        return math.exp(LOG_PRECISION[0])
    return math.exp(float(optimize.brentq(drop, *LOG_PRECISION, xtol=1e-8)))


def _weight(n: FloatArray, precision: float) -> FloatArray:
    weight: FloatArray = n / (n + precision) if math.isfinite(precision) else np.zeros(n.shape)
    return weight


def _posterior(k: FloatArray, n: FloatArray, mu: float, precision: float) -> tuple[FloatArray, FloatArray]:
    """Mean and variance."""
    if math.isinf(precision):
        return np.full(n.shape, mu), np.zeros(n.shape)
    mean = (k + mu * precision) / (n + precision)
    return mean, mean * (1 - mean) / (n + precision + 1)


def _delta_variance(n: FloatArray, law: BetaBinomialFit, mean: FloatArray) -> FloatArray:
    if not np.isfinite(law.covariance).all():
        raise InvalidOption(
            expected="a law fitted by maximum likelihood inside its bounds",
            got=law.reason or law.method,
            hint="use correction='bootstrap' or 'none'",
        )
    borrowed = 1 - _weight(n, law.precision)
    slopes = np.stack([borrowed * law.mu * (1 - law.mu), borrowed * (law.mu - mean)])
    added: FloatArray = np.einsum("iu,ij,ju->u", slopes, law.covariance, slopes)
    return added


def _bootstrap_variance(
    k: FloatArray, n: FloatArray, law: BetaBinomialFit, *, rng: np.random.Generator | None, n_resamples: int
) -> FloatArray:
    if rng is None or n_resamples < 2:
        raise InvalidOption(
            expected="rng and n_resamples >= 2",
            got=f"{rng}, {n_resamples}",
            hint="np.random.default_rng(seed)",
        )
    people = np.rint(n).astype(np.int64)
    sums = np.zeros((3, len(n)))
    done = tried = 0
    while done < n_resamples:
        tried += 1
        if tried > 20 * n_resamples:
            raise InvalidCounts(
                expected="units whose answers vary",
                got=f"mean {law.mu:g}",
                hint="show the direct shares alone",
            )
        truth = rng.beta(law.a, law.b, len(n)) if math.isfinite(law.precision) else np.full(len(n), law.mu)
        try:
            redrawn = beta_binomial_fit(rng.binomial(people, truth), people, method=law.method)
        except InvalidCounts:  # everyone satisfied by chance: nothing to fit, drawn again
            continue
        mean, variance = _posterior(k, n, redrawn.mu, redrawn.precision)
        sums += (mean, mean**2, variance)
        done += 1
    mean, square, variance = sums / done
    total: FloatArray = variance + np.maximum(square - mean**2, 0.0) * done / (done - 1)
    return total


def _beta_of(mean: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Parameters of the beta law with this mean and variance."""
    largest = 0.999 * mean * (1 - mean)
    precision = mean * (1 - mean) / np.clip(variance, largest * 1e-15, largest) - 1
    return mean * precision, (1 - mean) * precision


def _limits(a: FloatArray, b: FloatArray, value: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Quantiles, widened to hold the value where it is the mean of a very skewed law."""
    low, high = special.betaincinv(a, b, (1 - level) / 2), special.betaincinv(a, b, (1 + level) / 2)
    return np.minimum(low, value), np.maximum(high, value)
