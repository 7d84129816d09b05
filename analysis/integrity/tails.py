"""Tails of counts that vary more than chance alone: beta-binomial and negative binomial."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.arguments import checked
from analysis.arithmetic import log_choose
from analysis.errors import InvalidCounts
from analysis.types import FloatArray
from analysis.validation import count_array, finite_array, finite_positive, positive, together

BINOMIAL_FROM = 1e10
"""A concentration at which the beta-binomial is the binomial to the last digits that count."""

MOST_SUMMED = 1e8
"""Responses of one unit up to which a tail is summed term by term."""


@checked
def upper_tail(x: ArrayLike, n: ArrayLike, p: ArrayLike, concentration: ArrayLike = np.inf) -> FloatArray:
    """Chance of x or more of n when the share itself varies around p.

    Parameters
    ----------
    x, n : array_like of whole numbers, 0 <= x <= n
    p : array_like in [0, 1]
    concentration : array_like > 0
        a + b of the beta law of the share; infinite for the binomial.

    Returns
    -------
    ndarray in [0, 1]

    Notes
    -----
    ``P(X = j+1)/P(X = j) = (n-j)/(j+1) · (j+a)/(n-j-1+b)``, a = p κ, b = (1-p) κ; summed upwards from x, so that
    a small tail keeps its digits. The variance is ``n p q (n + κ)/(1 + κ)``.

    References
    ----------
    Skellam (1948), JRSS B 10:257-261.

    Examples
    --------
    >>> upper_tail(9, 10, 0.5).round(4).item(), upper_tail(9, 10, 0.5, concentration=5).round(4).item()
    (0.0107, 0.0899)
    """
    x, n, p, kappa = _binomial_counts(x, n, p, concentration)
    shape = x.shape
    x, n, p, kappa = (array.ravel() for array in (x, n, p, kappa))
    total = np.where((x <= 0) | (p >= 1), 1.0, 0.0)
    active = np.flatnonzero((x > 0) & (p > 0) & (p < 1) & (x <= n))
    j = x[active]
    term = np.exp(_log_probability(j, n[active], p[active], kappa[active]))
    while active.size:
        total[active] += term
        ratio = _next_ratio(j, n[active], p[active], kappa[active])
        term, j = term * ratio, j + 1
        going = (term > 1e-17 * total[active]) | (ratio > 1)
        active, term, j = active[going], term[going], j[going]
    return np.minimum(total, 1.0).reshape(shape)


@checked
def lower_tail(x: ArrayLike, n: ArrayLike, p: ArrayLike, concentration: ArrayLike = np.inf) -> FloatArray:
    """Chance of x or fewer of n when the share itself varies around p.

    Parameters
    ----------
    x, n, p, concentration
        As in `upper_tail`.

    Returns
    -------
    ndarray in [0, 1]

    Examples
    --------
    >>> lower_tail(1, 10, 0.5).round(4).item()
    0.0107
    """
    x, n, p, kappa = _binomial_counts(x, n, p, concentration)
    return upper_tail(n - x, n, 1 - p, kappa)


@checked
def lower_tail_of_arrivals(x: ArrayLike, mean: ArrayLike, dispersion: ArrayLike = 1.0) -> FloatArray:
    """Chance of x or fewer arrivals when their variance is `dispersion` times their mean.

    Parameters
    ----------
    x : array_like of whole numbers >= 0
    mean : array_like >= 0
    dispersion : array_like >= 1
        1 for Poisson.

    Returns
    -------
    ndarray in [0, 1]

    Notes
    -----
    Negative binomial with size ``r = mean/(φ - 1)`` and success 1/φ: ``I(1/φ; r, x + 1)``.

    Examples
    --------
    >>> lower_tail_of_arrivals(0, 6.0).round(4).item(), lower_tail_of_arrivals(0, 6.0, 3.0).round(4).item()
    (0.0025, 0.037)
    """
    x, mean, phi = together(
        count_array(x, name="x"),
        finite_array(mean, name="mean"),
        finite_positive(dispersion, name="dispersion"),
    )
    is_poisson = phi <= 1 + 1e-9
    size = np.where(is_poisson, 1.0, mean / np.where(is_poisson, 1.0, phi - 1))
    spread = special.betainc(np.maximum(size, 1e-12), x + 1, 1 / phi)
    return np.where(mean <= 0, 1.0, np.where(is_poisson, special.gammaincc(x + 1, mean), spread))


def joint_concentration(*concentrations: ArrayLike) -> FloatArray:
    """Concentration of a share that varies for several reasons at once.

    Parameters
    ----------
    *concentrations : array_like > 0
        Infinite where there is no variation.

    Returns
    -------
    ndarray
        ``1 / Σ 1/κ``: the variances add, to the first order.

    Examples
    --------
    >>> joint_concentration(100, np.inf).item(), joint_concentration(100, 100).item()
    (100.0, 50.0)
    """
    with np.errstate(divide="ignore"):
        return np.asarray(
            1
            / sum((1 / positive(kappa, name="concentration") for kappa in concentrations), start=np.zeros(()))
        )


def _binomial_counts(x: ArrayLike, n: ArrayLike, p: ArrayLike, concentration: ArrayLike) -> list[FloatArray]:
    """Counts, shares and concentrations that a binomial or beta-binomial tail can be summed for."""
    share, people = finite_array(p, name="p"), finite_array(n, name="n")
    if (people > MOST_SUMMED).any() or ((share < 0) | (share > 1)).any():
        raise InvalidCounts(
            expected=f"n <= {MOST_SUMMED:g} and p in [0, 1]",
            got=f"n up to {people.max():g}, p in [{share.min():g}, {share.max():g}]",
            hint="responses of a unit or a day, and the chance of one",
        )
    kappa = positive(concentration, name="concentration")
    return together(finite_array(x, name="x"), people, share, kappa)


def _log_probability(j: FloatArray, n: FloatArray, p: FloatArray, kappa: FloatArray) -> FloatArray:
    finite, a, b = _beta_law(p, kappa)
    mixed = special.betaln(j + a, n - j + b) - special.betaln(a, b)
    plain = special.xlogy(j, p) + special.xlog1py(n - j, -p)
    return np.asarray(log_choose(n, j) + np.where(finite, mixed, plain))


def _next_ratio(j: FloatArray, n: FloatArray, p: FloatArray, kappa: FloatArray) -> FloatArray:
    finite, a, b = _beta_law(p, kappa)
    mixed = (j + a) / np.maximum(n - j - 1 + b, 1e-300)
    return np.asarray(np.maximum(n - j, 0) / (j + 1) * np.where(finite, mixed, p / (1 - p)))


def _beta_law(p: FloatArray, kappa: FloatArray) -> tuple[NDArray[np.bool_], FloatArray, FloatArray]:
    finite = kappa < BINOMIAL_FROM
    usable = np.where(finite, kappa, 1.0)
    return finite, p * usable, (1 - p) * usable
