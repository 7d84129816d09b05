"""Arithmetic that needs care with arrays: quotients by what may be 0, binomial coefficients of large numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.types import FloatArray


def quotient(above: ArrayLike, below: ArrayLike, *, empty: float = np.nan) -> FloatArray:
    """A quotient that is `empty` where the denominator is not above 0.

    Parameters
    ----------
    above, below : array_like
        They broadcast. Denominators are counts, weights or variances: one below 0 is a 0 with a rounding error.
    empty : float
        NaN unless the caller knows better.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> quotient([1, 0], [4, 0]).tolist(), quotient([1, 0], [4, 0], empty=0.0).tolist()
    ([0.25, nan], [0.25, 0.0])
    """
    top, bottom = np.broadcast_arrays(
        np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    )
    found: FloatArray = np.divide(top, bottom, out=np.full(top.shape, empty), where=bottom > 0)
    return found


def log_choose(n: FloatArray, k: FloatArray) -> FloatArray:
    """Logarithm of the number of ways to choose k of n.

    Parameters
    ----------
    n, k : ndarray, n >= 0
        They broadcast; -infinity for k outside 0..n.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> log_choose(np.array([5.0, 3.0]), np.array([2.0, 4.0])).round(4).tolist()
    [2.3026, -inf]
    """
    possible = (k >= 0) & (k <= n)
    inside = np.where(possible, k, 0.0)
    # Three log factorials would cancel: their digits are lost where n is large.
    found = -special.betaln(n - inside + 1, inside + 1) - np.log1p(n)
    return np.where(possible, found, -np.inf)
