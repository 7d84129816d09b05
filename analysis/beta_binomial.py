"""The beta-binomial law of units' shares: its likelihood, and its two parameters estimated from counts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from analysis.errors import InvalidCounts, InvalidOption
from analysis.types import FloatArray
from analysis.validation import finite_array, positive, together

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
    Log-likelihood ``Σ log B(a + k, b + n - k) - log B(a, b)``, maximised over logit(mu) and log(a + b) in
    bounds, with the gradient in closed form and every difference of log-gamma functions taken in a form that
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
    if method not in ("ml", "moments"):
        raise InvalidOption(expected="ml or moments", got=repr(method), hint="check the spelling")
    return _maximum(satisfied, people) if method == "ml" else _moments(satisfied, people)


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
    positive([a, b], name="a and b")
    return _log_likelihood(satisfied, people, a / (a + b), math.log(a + b))


def unit_counts(k: ArrayLike, n: ArrayLike, design_effect: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Counts over their design effect, one row of units."""
    satisfied, people, effects = together(
        finite_array(k, name="k"),
        finite_array(n, name="n"),
        positive(finite_array(design_effect, name="design_effect"), name="design_effect"),
    )
    if satisfied.ndim != 1 or (satisfied < 0).any() or (satisfied > people * (1 + 1e-12)).any():
        raise InvalidCounts(
            expected="0 <= k <= n, one entry per unit",
            got=f"shape {satisfied.shape}, or a count outside",
            hint="n counts everyone of the unit who answered",
        )
    return np.minimum(satisfied, people) / effects, people / effects


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
    found = optimize.minimize(
        lambda at: (-_log_likelihood(k, n, _share(at[0]), at[1]), -_gradient(k, n, at)),
        _start(k, n),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-30.0, 30.0), LOG_PRECISION],
        options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 200},
    )
    at = _polished(k, n, found.x)
    if _log_likelihood(k, n, _share(at[0]), at[1]) <= _binomial_log_likelihood(k, n, pooled) + 1e-9:
        return _fit(k, n, pooled, math.inf, method="ml")
    return _fit(k, n, _share(at[0]), float(at[1]), method="ml")


def _shows_no_spread(k: FloatArray, n: FloatArray, mu: float) -> bool:
    """Whether the likelihood falls from rho = 0 on, at once and at a row of larger rho."""
    pairs = k * (k - 1) / mu + (n - k) * (n - k - 1) / (1 - mu) - n * (n - 1)
    binomial = _binomial_log_likelihood(k, n, mu)
    return float(pairs.sum()) <= 0 and all(
        _log_likelihood(k, n, mu, at) <= binomial for at in np.linspace(-2.0, 18.0, 9)
    )


def _start(k: FloatArray, n: FloatArray) -> FloatArray:
    """Moments, kept inside the bounds."""
    guess = _moments(k, n)
    low, high = LOG_PRECISION
    return np.array(
        [special.logit(guess.mu), np.clip(math.log(max(guess.precision, 1e-9)), low + 1, high / 2)]
    )


def _polished(k: FloatArray, n: FloatArray, at: FloatArray) -> FloatArray:
    """Two Newton steps, kept where they shorten the gradient."""
    for _ in range(2):
        information = -_hessian(k, n, at)
        if not LOG_PRECISION[0] < at[1] < LOG_PRECISION[1] or np.linalg.eigvalsh(information)[0] <= 0:
            break
        gradient = _gradient(k, n, at)
        moved = at + np.linalg.solve(information, gradient)
        if not np.abs(_gradient(k, n, moved)).max() < np.abs(gradient).max():
            break
        at = moved
    return at


def _fit(k: FloatArray, n: FloatArray, mu: float, log_precision: float, *, method: str) -> BetaBinomialFit:
    low, high = LOG_PRECISION
    is_ml = method == "ml"
    counted = (len(n), float(n.sum()))
    if log_precision >= high - 1e-6:
        top = _binomial_log_likelihood(k, n, mu) if is_ml else math.nan
        nothing = np.full((2, 2), np.nan)
        return BetaBinomialFit(math.inf, math.inf, mu, 0.0, top, nothing, method, NO_SPREAD, *counted)
    at = np.array([special.logit(mu), max(log_precision, low)])
    precision = math.exp(at[1])
    is_low = at[1] <= low + 1e-6
    covariance = np.full((2, 2), np.nan)
    if is_ml and not is_low:
        covariance = np.linalg.pinv(-_hessian(k, n, at), hermitian=True)
    return BetaBinomialFit(
        mu * precision, (1 - mu) * precision, mu, 1 / (precision + 1),
        _log_likelihood(k, n, mu, float(at[1])) if is_ml else math.nan,
        covariance, method, ALL_SPREAD if is_low else "", *counted,
    )  # fmt: skip


def _share(logit: float) -> float:
    return float(special.expit(logit))


def _binomial_log_likelihood(k: FloatArray, n: FloatArray, mu: float) -> float:
    return float(special.xlogy(k, mu).sum() + special.xlog1py(n - k, -mu).sum())


def _log_likelihood(k: FloatArray, n: FloatArray, mu: float, log_precision: float) -> float:
    """Binomial log-likelihood plus what over-dispersion adds to it."""
    m = math.exp(log_precision)
    added = _excess(mu * m, k) + _excess((1 - mu) * m, n - k) - _excess(m, n)
    return _binomial_log_likelihood(k, n, mu) + float(added.sum())


def _gradient(k: FloatArray, n: FloatArray, at: FloatArray) -> FloatArray:
    """Of the log-likelihood, by logit(mu) and log(a + b)."""
    mu, m = _share(at[0]), math.exp(at[1])
    of_a = float(_excess_slope(mu * m, k).sum())
    of_b = float(_excess_slope((1 - mu) * m, n - k).sum())
    of_m = float(_excess_slope(m, n).sum())
    binomial = float(k.sum()) - mu * float(n.sum())
    return np.array([binomial + mu * (1 - mu) * m * (of_a - of_b), m * (mu * of_a + (1 - mu) * of_b - of_m)])


def _hessian(k: FloatArray, n: FloatArray, at: FloatArray) -> FloatArray:
    steps = 1e-4 * np.eye(2)
    columns = [(_gradient(k, n, at + step) - _gradient(k, n, at - step)) / 2e-4 for step in steps]
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
