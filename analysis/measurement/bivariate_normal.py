"""The bivariate normal distribution, for whole arrays of limits and correlations at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.arguments import checked
from analysis.errors import InvalidCounts
from analysis.types import FloatArray
from analysis.validation import finite_array, numbers_of, together

# Beyond this no double precision normal probability differs from 0 or 1.
FAR = 40.0
# A limit nearer to 0 than this is 0: products of two such limits would vanish, and slopes overflow.
NEAR = 1e-150


@checked
def bivariate_normal_cdf(x: ArrayLike, y: ArrayLike, correlation: ArrayLike) -> FloatArray:
    """Probability that both of two standard normal variables stay below their limits.

    Parameters
    ----------
    x, y : array_like
        Limits; infinities allowed.
    correlation : array_like in [-1, 1]

    Returns
    -------
    ndarray
        In the broadcast shape; absolute error below 1e-14.

    Notes
    -----
    By Owen's T function, with s = √(1 - r²):
    ``½ (Φ(x) + Φ(y) - [xy < 0 or (xy = 0 and x + y < 0)]) - T(x, (y - r x)/(x s)) - T(y, (x - r y)/(y s))``.

    References
    ----------
    Owen (1956), Annals of Mathematical Statistics 27:1075-1090.

    Examples
    --------
    >>> bivariate_normal_cdf(0, 0, 0.5).round(12).item()
    0.333333333333
    """
    h, k, r = together(_limit(x), _limit(y), _correlation(correlation))
    side = np.sqrt((1 - r) * (1 + r))
    below, beside = special.ndtr(h), special.ndtr(k)
    apart = (h * k < 0) | ((h * k == 0) & (h + k < 0))
    inside = (below + beside - apart) / 2 - _owen(h, k, r, side) - _owen(k, h, r, side)
    # Without spread about the line both variables are one: the same, or its mirror image.
    line = np.where(r > 0, np.minimum(below, beside), np.maximum(below + beside - 1, 0.0))
    origin = 0.25 + np.arcsin(r) / (2 * np.pi)
    found = np.where(side == 0, line, np.where((h == 0) & (k == 0), origin, inside))
    return np.clip(found, 0.0, np.minimum(below, beside))


@checked
def bivariate_normal_density(x: ArrayLike, y: ArrayLike, correlation: ArrayLike) -> FloatArray:
    """Density of two standard normal variables, which is also the slope of the cdf in the correlation.

    Parameters
    ----------
    x, y : array_like
        Infinities allowed.
    correlation : array_like in (-1, 1)

    Returns
    -------
    ndarray
        In the broadcast shape.

    Notes
    -----
    ``exp(-(x² - 2rxy + y²) / 2(1 - r²)) / (2π √(1 - r²))``.

    References
    ----------
    Plackett (1954), Biometrika 41:351-360.

    Examples
    --------
    >>> bivariate_normal_density(0, 0, 0).round(6).item()
    0.159155
    """
    h, k, r = together(_limit(x), _limit(y), _correlation(correlation))
    spread = (1 - r) * (1 + r)
    if (spread == 0).any():
        raise InvalidCounts(
            expected="a correlation inside (-1, 1)", got="1 or -1", hint="there is no density on a line"
        )
    # The square is written about r k so that nothing cancels when r is near 1.
    exponent = ((h - r * k) ** 2 / spread + k**2) / 2
    return np.asarray(np.exp(-np.minimum(exponent, 700.0)) / (2 * np.pi * np.sqrt(spread)))


def rectangle_probabilities(rows: FloatArray, columns: FloatArray, correlation: ArrayLike) -> FloatArray:
    """Probability of each cell of a table cut from a bivariate normal distribution.

    Parameters
    ----------
    rows : (..., R - 1) ndarray
        Ascending thresholds of the first variable; infinities allowed.
    columns : (..., C - 1) ndarray
        Of the second.
    correlation : (...) array_like in [-1, 1]

    Returns
    -------
    (..., R, C) ndarray
        At least 0; sums to 1.

    Examples
    --------
    >>> rectangle_probabilities(np.zeros(1), np.zeros(1), 0.5).round(4).tolist()
    [[0.3333, 0.1667], [0.1667, 0.3333]]
    """
    first, second = bounded(rows), bounded(columns)
    corners = bivariate_normal_cdf(
        first[..., :, None], second[..., None, :], np.asarray(correlation)[..., None, None]
    )
    return np.maximum(np.diff(np.diff(corners, axis=-1), axis=-2), 0.0)


def bounded(thresholds: FloatArray) -> FloatArray:
    """Thresholds with minus and plus infinity at the ends.

    Parameters
    ----------
    thresholds : (..., L - 1) ndarray

    Returns
    -------
    (..., L + 1) ndarray

    Examples
    --------
    >>> bounded(np.array([0.0])).tolist()
    [-inf, 0.0, inf]
    """
    end = np.full((*thresholds.shape[:-1], 1), np.inf)
    return np.concatenate([-end, thresholds, end], axis=-1)


def _owen(h: FloatArray, k: FloatArray, r: FloatArray, side: FloatArray) -> FloatArray:
    """T(h, (k - r h) / (h s)); at h = 0 the slope is infinite with the sign of k."""
    divisor = h * side
    regular = divisor != 0
    slope = np.where(regular, (k - r * h) / np.where(regular, divisor, 1.0), np.copysign(np.inf, k))
    return np.asarray(special.owens_t(h, slope))


def _limit(limit: ArrayLike) -> FloatArray:
    array = numbers_of(limit, name="limits")
    if np.isnan(array).any():
        raise InvalidCounts(expected="limits", got="NaN", hint="infinity stands for no limit")
    return np.where(np.abs(array) < NEAR, 0.0, np.clip(array, -FAR, FAR))


def _correlation(correlation: ArrayLike) -> FloatArray:
    r = finite_array(correlation, name="correlation")
    if (np.abs(r) > 1).any():
        raise InvalidCounts(
            expected="-1 <= correlation <= 1",
            got=f"{r.flat[np.argmax(np.abs(r))]:g}",
            hint="pass a correlation",
        )
    return r
