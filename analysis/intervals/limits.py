"""Limits of a share in closed form, or from its likelihood: the share, its effective n and a critical value in."""

from collections.abc import Callable

import numpy as np
from scipy import special

from analysis.types import FloatArray

Limits = tuple[FloatArray, FloatArray]


def wilson_limits(p: FloatArray, n_effective: FloatArray, critical: FloatArray) -> Limits:
    """Wilson limits of a share given its effective number of respondents.

    Parameters
    ----------
    p : ndarray in [0, 1]
        NaN where nobody answered.
    n_effective : ndarray >= 0
        May be infinite (a census).
    critical : ndarray
        Quantile of the normal or t distribution.

    Returns
    -------
    tuple of ndarray
        Lower and upper limits; 0 and 1 where `p` is NaN.

    Examples
    --------
    >>> [limit.round(4).item() for limit in wilson_limits(np.array(1.0), np.array(30.0), np.array(1.96))]
    [0.8865, 1.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = critical**2 / n_effective
        centre = (p + ratio / 2) / (1 + ratio)
        half = critical * np.sqrt(p * (1 - p) / n_effective + (ratio / critical) ** 2 / 4) / (1 + ratio)
    census = np.isinf(n_effective)
    low = np.where(census, p, np.fmin(np.where(p == 0, 0.0, centre - half), p))
    high = np.where(census, p, np.fmax(np.where(p == 1, 1.0, centre + half), p))
    return np.where(np.isnan(p), 0.0, low), np.where(np.isnan(p), 1.0, high)


def likelihood_limits(p: FloatArray, n_effective: FloatArray, critical: FloatArray | float) -> Limits:
    """Limits of a share at which its log likelihood has fallen by critical² / 2.

    Parameters
    ----------
    p : ndarray in [0, 1]
    n_effective : ndarray > 0
        Finite.
    critical : ndarray or float >= 0
        Quantile of the normal or t distribution.

    Returns
    -------
    tuple of ndarray

    Notes
    -----
    The two roots pi of ``n_eff [p log(p/pi) + (1-p) log((1-p)/(1-pi))] = critical² / 2``. On the logit scale
    the left side is convex and straight in both tails, so that Newton's steps close in from one side.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:857-872, method 7. Rao and Scott (1984), Annals of Statistics
    12:46-60, for the division by the design effect.

    Examples
    --------
    >>> low, high = likelihood_limits(np.array(0.8), np.array(10.0), 1.959964)
    >>> low.round(4).item(), high.round(4).item()
    (0.5006, 0.9636)
    """
    fall = np.asarray(critical) ** 2 / (2 * n_effective)
    inner = (p > 0) & (p < 1)
    share = np.where(inner, p, 0.5)
    target = fall - special.xlogy(share, share) - special.xlog1py(1 - share, -share)
    start, step = special.logit(share), np.sqrt(2 * fall / (share * (1 - share)))
    low, high = (special.expit(_logit_root(start + side * step, share, target)) for side in (-1.0, 1.0))
    return (
        np.where(inner, low, np.where(p == 0, 0.0, np.exp(-fall))),
        np.where(inner, high, np.where(p == 0, -np.expm1(-fall), 1.0)),
    )


def _logit_root(theta: FloatArray, share: FloatArray, target: FloatArray) -> FloatArray:
    """Root of log(1 + e^theta) - share theta = target on the side where `theta` starts."""
    for _ in range(40):
        slope = special.expit(theta) - share
        excess = np.logaddexp(0.0, theta) - share * theta - target
        step = np.divide(excess, slope, out=np.zeros(theta.shape), where=slope != 0)
        theta = theta - step
        if (np.abs(step) <= 1e-13 * (1 + np.abs(theta))).all():
            break
    return theta


def _wald(p: FloatArray, n: FloatArray, critical: FloatArray) -> Limits:
    half = critical * np.sqrt(p * (1 - p) / n)
    return p - half, p + half


def _wald_cc(p: FloatArray, n: FloatArray, critical: FloatArray) -> Limits:
    half = critical * np.sqrt(p * (1 - p) / n) + 1 / (2 * n)
    return p - half, p + half


def _wilson_cc(p: FloatArray, n: FloatArray, critical: FloatArray) -> Limits:
    """Wilson's limits of the share moved half a respondent outwards: Newcombe's method 4, rewritten."""
    moved = 1 / (2 * n)
    return (
        wilson_limits(np.maximum(p - moved, 0.0), n, critical)[0],
        wilson_limits(np.minimum(p + moved, 1.0), n, critical)[1],
    )


def _agresti_coull(p: FloatArray, n: FloatArray, critical: FloatArray) -> Limits:
    size = n + critical**2
    return _wald((p * n + critical**2 / 2) / size, size, critical)


def _logit(p: FloatArray, n: FloatArray, critical: FloatArray) -> Limits:
    inner = (p > 0) & (p < 1)
    share = np.where(inner, p, 0.5)
    centre, half = special.logit(share), critical / np.sqrt(n * share * (1 - share))
    low, high = special.expit(centre - half), special.expit(centre + half)
    return np.where(inner, low, np.nan), np.where(inner, high, np.nan)


def _arcsine(p: FloatArray, n: FloatArray, critical: FloatArray) -> Limits:
    return _around_angle(p, critical / (2 * np.sqrt(n)))


def _arcsine_anscombe(p: FloatArray, n: FloatArray, critical: FloatArray) -> Limits:
    return _around_angle((p * n + 0.375) / (n + 0.75), critical / (2 * np.sqrt(n)))


def _around_angle(share: FloatArray, half: FloatArray) -> Limits:
    angle = np.arcsin(np.sqrt(share))
    return np.sin(np.maximum(angle - half, 0.0)) ** 2, np.sin(np.minimum(angle + half, np.pi / 2)) ** 2


CRITICAL_METHODS: dict[str, Callable[[FloatArray, FloatArray, FloatArray], Limits]] = {
    "wilson": wilson_limits,
    "wilson_cc": _wilson_cc,
    "agresti_coull": _agresti_coull,
    "logit": _logit,
    "likelihood": likelihood_limits,
    "arcsine": _arcsine,
    "arcsine_anscombe": _arcsine_anscombe,
    "wald": _wald,
    "wald_cc": _wald_cc,
}
"""Limits from (share in [0, 1], finite effective n > 0, critical value): t(df) takes the place of z."""
