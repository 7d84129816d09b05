"""The beta-binomial law of units' shares: its likelihood, and its two parameters estimated from counts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.arguments import checked
from analysis.errors import InvalidCounts
from analysis.small_areas.beta_binomial_likelihood import (
    binomial_log_likelihood,
    gradient,
    hessian,
    log_likelihood,
    share_of,
    unit_counts,
)
from analysis.types import FloatArray
from analysis.validation import require_known

LOG_PRECISION = (-9.0, 21.0)
"""Bounds of log(a + b): from nearly all-or-nothing units to a spread no survey could see."""

NO_SPREAD = "no variation between units beyond chance: every unit is given the pooled share"
ALL_SPREAD = "units are all or nothing: nothing is borrowed, every unit keeps its own share"


@dataclass(frozen=True, slots=True, eq=False)
class BetaBinomialFit:
    """Beta law of the units' true shares.

    Attributes
    ----------
    a, b : float > 0
        Of Beta(a, b); infinite at the boundary where units do not differ beyond chance.
    mu : float in (0, 1)
        Its mean, a / (a + b).
    rho : float in [0, 1)
        Correlation of two people of one unit, 1 / (a + b + 1).
    log_likelihood : float
        Kernel, without the binomial coefficients; NaN for "moments".
    covariance : (2, 2) ndarray
        Of logit(mu) and log(a + b), from the observed information; NaN at a boundary and for "moments".
    method : {"ml", "moments"}
    reason : str
        Why the fit lies on a boundary; empty where it does not.
    n_units : int
        Units with respondents.
    n_respondents : float
        People, over their design effects.
    """

    a: float
    b: float
    mu: float
    rho: float
    log_likelihood: float
    covariance: FloatArray
    method: str
    reason: str
    n_units: int
    n_respondents: float

    @property
    def precision(self) -> float:
        """a + b, the number of people the common law is worth; infinite where units do not differ."""
        return self.a + self.b


@checked
def beta_binomial_fit(
    k: ArrayLike, n: ArrayLike, *, design_effect: ArrayLike = 1.0, method: str = "ml"
) -> BetaBinomialFit:
    """Beta law of the true shares of units, from their counts.

    Parameters
    ----------
    k, n : (U,) array_like
        Satisfied and answering respondents, 0 <= k <= n; units with n = 0 are left out.
    design_effect : array_like > 0
        k and n are divided by it.
    method : {"ml", "moments"}
        Maximum likelihood, or Kleinman's moments with weights n.

    Returns
    -------
    BetaBinomialFit

    Raises
    ------
    InvalidCounts
        With fewer than two units, with no unit of more than one respondent, or where all or none of all people
        are satisfied: there the data hold nothing on how units differ.

    Notes
    -----
    Log-likelihood ``Σ log B(a + k, b + n - k) - log B(a, b)``, climbed over logit(mu) and log(a + b) in bounds
    by Newton's steps, with every difference of log-gamma functions taken in a form that
    does not cancel, so that n in millions and a + b in hundreds of millions are safe. Where the likelihood
    is no higher than the binomial's, the fit is at the boundary rho = 0 and says so.

    Moments: ``S = Σ n (p - mu)²``, mu the pooled share,
    ``rho = (S - mu(1-mu) Σ(1 - n/N)) / (mu(1-mu) (Σ n(1 - n/N) - Σ(1 - n/N)))``.

    References
    ----------
    Kleinman (1973), JASA 68:46-54. Griffiths (1973), Biometrics 29:637-648.

    Examples
    --------
    >>> fit = beta_binomial_fit([8, 15, 30, 44, 19], [10, 20, 30, 50, 30])
    >>> f"{fit.mu:.3f} {fit.rho:.3f}"
    '0.820 0.116'
    """
    satisfied, people = unit_counts(k, n, design_effect)
    used = people > 0
    satisfied, people = satisfied[used], people[used]
    _require_information(satisfied, people)
    require_known(method, ("ml", "moments"), name="method")
    return _maximum(satisfied, people) if method == "ml" else _moments(satisfied, people)


def _require_information(k: FloatArray, n: FloatArray) -> None:
    if len(n) < 2 or n.max() <= 1:
        raise InvalidCounts(
            expected="two units with respondents, one of them with more than one",
            got=f"{len(n)} units",
            hint="how units differ cannot be learnt from one unit or from single people",
        )
    if not 0 < k.sum() < n.sum():
        raise InvalidCounts(
            expected="a pooled share inside (0, 1)",
            got=f"{k.sum() / n.sum():g}",
            hint="where everyone is satisfied show the direct shares with their exact limits",
        )


def _moments(k: FloatArray, n: FloatArray) -> BetaBinomialFit:
    total = n.sum()
    mu = float(k.sum() / total)
    spread = float((n * (k / n - mu) ** 2).sum())
    chance = float((1 - n / total).sum())
    rho = (spread / (mu * (1 - mu)) - chance) / (float((n * (1 - n / total)).sum()) - chance)
    return _fit(k, n, mu, math.log(max(1 / max(rho, 1e-300) - 1, 1e-300)), method="moments")


def _maximum(k: FloatArray, n: FloatArray) -> BetaBinomialFit:
    pooled = float(k.sum() / n.sum())
    if _shows_no_spread(k, n, pooled):
        return _fit(k, n, pooled, math.inf, method="ml")
    at = _climbed(k, n, _start(k, n))
    if log_likelihood(k, n, share_of(at[0]), at[1]) <= binomial_log_likelihood(k, n, pooled) + 1e-9:
        return _fit(k, n, pooled, math.inf, method="ml")
    return _fit(k, n, share_of(at[0]), float(at[1]), method="ml")


def _shows_no_spread(k: FloatArray, n: FloatArray, mu: float) -> bool:
    """Whether the likelihood falls from rho = 0 on, at once and at a row of larger rho."""
    pairs = k * (k - 1) / mu + (n - k) * (n - k - 1) / (1 - mu) - n * (n - 1)
    binomial = binomial_log_likelihood(k, n, mu)
    return float(pairs.sum()) <= 0 and all(
        log_likelihood(k, n, mu, at) <= binomial for at in np.linspace(-2.0, 18.0, 9)
    )


def _start(k: FloatArray, n: FloatArray) -> FloatArray:
    """Moments, kept inside the bounds."""
    guess = _moments(k, n)
    low, high = LOG_PRECISION
    return np.array(
        [special.logit(guess.mu), np.clip(math.log(max(guess.precision, 1e-9)), low + 1, high / 2)]
    )


def _climbed(k: FloatArray, n: FloatArray, at: FloatArray) -> FloatArray:
    """Newton's steps inside the bounds, shortened where they would lose likelihood."""
    height = log_likelihood(k, n, share_of(at[0]), at[1])
    for _ in range(60):
        step = np.clip(_newton_step(k, n, at), -2.0, 2.0)
        for _ in range(30):
            moved = np.clip(at + step, (-30.0, LOG_PRECISION[0]), (30.0, LOG_PRECISION[1]))
            there = log_likelihood(k, n, share_of(moved[0]), moved[1])
            if there >= height - 1e-13 * abs(height):
                break
            step = step / 2
        else:
            return at
        if np.abs(moved - at).max() < 1e-10:
            return moved
        at, height = moved, there
    return at


def _newton_step(k: FloatArray, n: FloatArray, at: FloatArray) -> FloatArray:
    """Uphill in every direction: curvatures taken without their sign."""
    roots, vectors = np.linalg.eigh(hessian(k, n, at))
    step: FloatArray = vectors @ (vectors.T @ gradient(k, n, at) / np.maximum(np.abs(roots), 1e-8))
    return step


def _fit(k: FloatArray, n: FloatArray, mu: float, log_precision: float, *, method: str) -> BetaBinomialFit:
    low, high = LOG_PRECISION
    is_ml = method == "ml"
    counted = (len(n), float(n.sum()))
    if log_precision >= high - 1e-6:
        top = binomial_log_likelihood(k, n, mu) if is_ml else math.nan
        nothing = np.full((2, 2), np.nan)
        return BetaBinomialFit(math.inf, math.inf, mu, 0.0, top, nothing, method, NO_SPREAD, *counted)
    at = np.array([special.logit(mu), max(log_precision, low)])
    precision = math.exp(at[1])
    is_low = at[1] <= low + 1e-6
    covariance = np.full((2, 2), np.nan)
    if is_ml and not is_low:
        covariance = np.linalg.pinv(-hessian(k, n, at), hermitian=True)
    return BetaBinomialFit(
        mu * precision, (1 - mu) * precision, mu, 1 / (precision + 1),
        log_likelihood(k, n, mu, float(at[1])) if is_ml else math.nan,
        covariance, method, ALL_SPREAD if is_low else "", *counted,
    )  # fmt: skip
