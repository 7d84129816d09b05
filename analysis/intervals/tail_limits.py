"""Limits of a share at which a sample as far out as this one has a given probability."""

from collections.abc import Callable

import numpy as np
from scipy import special
from scipy.optimize import elementwise

from analysis.types import FloatArray

Limits = tuple[FloatArray, FloatArray]


def clopper_pearson_limits(p: FloatArray, n_effective: FloatArray, tail: float) -> Limits:
    """Exact binomial limits, for whole and for fractional counts.

    Parameters
    ----------
    p : ndarray in [0, 1]
    n_effective : ndarray > 0
        Finite.
    tail : float in (0, 1/2)
        Probability left out on each side.

    Returns
    -------
    tuple of ndarray

    Notes
    -----
    With x = p n_eff, the tail quantile of Beta(x, n_eff - x + 1) and the 1 - tail quantile of
    Beta(x + 1, n_eff - x). At 100 % the lower one is ``tail^(1/n_eff)``.

    References
    ----------
    Clopper and Pearson (1934), Biometrika 26:404-413.

    Examples
    --------
    >>> low, high = clopper_pearson_limits(np.array(1.0), np.array(30.0), 0.025)
    >>> low.round(4).item(), high.item()
    (0.8843, 1.0)
    """
    return _exact_lower(p, n_effective, tail), 1 - _exact_lower(1 - p, n_effective, tail)


def _exact_lower(p: FloatArray, n: FloatArray, tail: float) -> FloatArray:
    low = np.where(p == 1, np.exp(np.log(tail) / n), 0.0)
    special.betaincinv(p * n, (1 - p) * n + 1, tail, out=low, where=(p > 0) & (p < 1))
    return low


def _mid_p(p: FloatArray, n: FloatArray, tail: float) -> Limits:
    return _mid_p_lower(p, n, tail), 1 - _mid_p_lower(1 - p, n, tail)


def _mid_p_lower(p: FloatArray, n: FloatArray, tail: float) -> FloatArray:
    """Share at which P(X > x) + P(X = x) / 2 is the tail; it lies between two Clopper-Pearson limits."""
    low = np.where(p == 1, np.exp(np.log(2 * tail) / n), 0.0)
    inner = (p > 0) & (p < 1)
    if inner.any():
        x, rest = (p * n)[inner], ((1 - p) * n)[inner]
        between = (
            special.betaincinv(x, rest + 1, tail * (1 - 1e-6)),
            special.betaincinv(x, rest + 1, min(2 * tail * (1 + 1e-6), 1.0)),
        )
        found = elementwise.find_root(_mid_p_excess, between, args=(x, rest, tail))
        # A tiny fraction of a person has both quantiles at 0, and nothing between them to search.
        low[inner] = np.where(found.success, found.x, between[0])
    return low


def _mid_p_excess(share: FloatArray, x: FloatArray, rest: FloatArray, tail: FloatArray) -> FloatArray:
    above_or_at, above = special.betainc(x, rest + 1, share), special.betainc(x + 1, rest, share)
    return np.asarray(above_or_at + above - 2 * tail)


def _jeffreys_equal_tailed(p: FloatArray, n: FloatArray, tail: float) -> Limits:
    """Quantiles of Beta(x + 1/2, n - x + 1/2)."""
    x, rest = p * n + 0.5, (1 - p) * n + 0.5
    return special.betaincinv(x, rest, tail), 1 - special.betaincinv(rest, x, tail)


def _jeffreys(p: FloatArray, n: FloatArray, tail: float) -> Limits:
    """The same closed at 0 and 100 %, as Brown, Cai and DasGupta advise."""
    low, high = _jeffreys_equal_tailed(p, n, tail)
    return np.where(p == 0, 0.0, low), np.where(p == 1, 1.0, high)


TAIL_METHODS: dict[str, Callable[[FloatArray, FloatArray, float], Limits]] = {
    "clopper_pearson": clopper_pearson_limits,
    "korn_graubard": clopper_pearson_limits,
    "mid_p": _mid_p,
    "jeffreys": _jeffreys,
    "jeffreys_equal_tailed": _jeffreys_equal_tailed,
}
"""Limits from (share in [0, 1], finite effective n > 0, probability of each tail)."""
