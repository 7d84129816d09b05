"""Error of a coefficient of a series of shares: chance, over-dispersion, and weeks that resemble each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.types import FloatArray
from analysis.validation import counts_of, finite_positive, require_known, together

ERRORS = ("binomial", "over_dispersed", "autoregressive", "newey_west")
STRONGEST = 0.95
"""Largest autocorrelation believed."""


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient of a weighted regression of shares on periods.

    Attributes
    ----------
    value, standard_error : float
    df : float
        Degrees of freedom; infinite where the error is binomial.
    inflation : float >= 1
        Variance over the binomial one.
    dispersion : float >= 1
        Variance of a period about the regression over the binomial one; 1 where assumed.
    autocorrelation : float in [0, 0.95]
        Of neighbouring periods, corrected for bias; 0 where not estimated.
    """

    value: float
    standard_error: float
    df: float
    inflation: float
    dispersion: float
    autocorrelation: float


def period_counts(
    x: ArrayLike, n: ArrayLike, design_effect: ArrayLike
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Satisfied, answering, and design effects of a series; refused where a period is empty.

    Parameters
    ----------
    x, n : (T,) array_like of counts, n >= 1
    design_effect : array_like > 0

    Returns
    -------
    three (T,) ndarray

    Examples
    --------
    >>> period_counts([9, 4], [10, 8], 1.5)[2].tolist()
    [1.5, 1.5]
    """
    satisfied, people = counts_of(x, n)
    if satisfied.ndim != 1 or not len(people) or (people < 1).any():
        raise InvalidCounts(
            expected="one series of periods with respondents",
            got="an empty period or a table",
            hint="pool periods with analysis.monitoring.control.pool_periods first",
        )
    satisfied, people, effects = together(
        satisfied, people, finite_positive(design_effect, name="design_effect")
    )
    return satisfied, people, effects


def period_coefficient(
    share: FloatArray,
    n_effective: FloatArray,
    *,
    others: FloatArray,
    column: FloatArray,
    error: str = "autoregressive",
    lags: int | None = None,
) -> Coefficient:
    """Coefficient of one column, given the others, with the error asked for.

    Parameters
    ----------
    share, n_effective : (T,) ndarray
        Of the periods, equally spaced; the pooled share inside (0, 1).
    others : (T, q) ndarray
        Columns held fixed: ones, or one level for each part between breaks.
    column : (T,) ndarray
    error : {"binomial", "over_dispersed", "autoregressive", "newey_west"}
    lags : int >= 0, optional
        Of "newey_west"; ``floor(4 (T/100)^(2/9))`` when left out.

    Returns
    -------
    Coefficient

    Notes
    -----
    Weights ``n_eff / (p̄(1-p̄))``; standardised residuals have variance φ and correlation ρ^|i-j|. "over_dispersed":
    φ = Σr²/(T - q - 1), t(T - q - 1). "autoregressive": ρ from neighbours, plus ``(m + (m+2)ρ)/T`` with m = q + 1 for
    its bias, kept in [0, 0.95]; φ = Σr²/tr(PR), P the residual projector; t with ``T(1-ρ)/(1+ρ) - m``
    degrees of freedom. "newey_west": Bartlett weights, t(T - m). No variance is let below the binomial one.

    False alarms of a nominal 5 % test of a trend over 26 weeks of 150 to 400 people, the true share wandering about
    0.85 with a standard deviation of 0.05, simulated, by the autocorrelation of that wandering:

    =================  ====  ====  ====
    error              0     0.3   0.6
    =================  ====  ====  ====
    binomial           0.45  0.55  0.66
    over_dispersed     0.05  0.13  0.29
    newey_west         0.11  0.15  0.26
    autoregressive     0.04  0.07  0.11
    =================  ====  ====  ====

    Where the true share does not move, they are 0.06, 0.03, 0.04 and 0.03.

    References
    ----------
    Newey and West (1987), Econometrica 55:703-708. Marriott and Pope (1954), Biometrika 41:390-402.

    Examples
    --------
    >>> share = np.array([0.80, 0.82, 0.81, 0.86, 0.85, 0.88])
    >>> slope = period_coefficient(share, np.full(6, 200.0), others=np.ones((6, 1)), column=np.arange(6.0))
    >>> f"{slope.value:.4f} {slope.standard_error:.4f}"
    '0.0154 0.0062'
    """
    require_known(error, ERRORS, name="error")
    size, width = len(share), others.shape[1] + 1
    if size < width + (0 if error == "binomial" else 2):
        raise InvalidShape(
            expected=f"at least {width + 2} periods",
            got=str(size),
            hint="with fewer only error='binomial' is known",
        )
    pooled = float(np.average(share, weights=n_effective))
    root = np.sqrt(n_effective / (pooled * (1 - pooled)))
    held, _ = np.linalg.qr(others * root[:, None])
    scaled = column * root
    free = scaled - held @ (held.T @ scaled)
    length = float(free @ free)
    if length <= 1e-12 * float(scaled @ scaled):
        raise InvalidOption(
            expected="scores that differ within the parts between breaks",
            got="none do",
            hint="there is no trend in one",
        )
    response = share * root
    value = float(free @ response) / length
    residual = response - held @ (held.T @ response) - value * free
    variance, df, phi, rho = _variance(
        free, residual, np.column_stack([held, free / length**0.5]), error, lags
    )
    inflation = max(variance * length, 1.0)
    return Coefficient(value, float(np.sqrt(inflation / length)), df, inflation, phi, rho)


def _variance(
    free: FloatArray, residual: FloatArray, basis: FloatArray, error: str, lags: int | None
) -> tuple[float, float, float, float]:
    """Variance of the coefficient, its degrees of freedom, dispersion and autocorrelation."""
    length, left = float(free @ free), len(free) - basis.shape[1]
    if error == "binomial":
        return 1 / length, np.inf, 1.0, 0.0
    if error == "autoregressive":
        return _autoregressive(free, residual, basis)
    phi = max(float(residual @ residual) / left, 1.0)
    if error == "over_dispersed":
        return phi / length, float(left), phi, 0.0
    return _long_run(free * residual, lags) * len(free) / left / length**2, float(left), phi, 0.0


def _autoregressive(
    free: FloatArray, residual: FloatArray, basis: FloatArray
) -> tuple[float, float, float, float]:
    size, width = basis.shape
    squares = float(residual @ residual)
    raw = float(residual[1:] @ residual[:-1]) / squares if squares > 0 else 0.0
    rho = float(np.clip(raw + (width + (width + 2) * raw) / size, 0.0, STRONGEST))
    correlation = rho ** np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    expected = size - float(np.trace(basis.T @ correlation @ basis))
    phi = max(squares / expected, 1.0)
    left = size * (1 - rho) / (1 + rho) - width
    df = min(max(left, 2.0), float(size - width))
    return phi * float(free @ correlation @ free) / float(free @ free) ** 2, df, phi, rho


def _long_run(scores: FloatArray, lags: int | None) -> float:
    size = len(scores)
    reach = int(4 * (size / 100) ** (2 / 9)) if lags is None else lags
    if not 0 <= reach < size:
        raise InvalidOption(expected=f"0 <= lags < {size}", got=str(lags), hint="a few periods")
    total = float(scores @ scores)
    for lag in range(1, reach + 1):
        total += 2 * (1 - lag / (reach + 1)) * float(scores[lag:] @ scores[:-lag])
    return max(total, 0.0)
