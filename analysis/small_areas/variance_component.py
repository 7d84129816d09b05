"""One variance component found in [0, infinity): where a likelihood is highest, the boundary 0 included."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import optimize

from analysis.errors import InvalidCounts, InvalidShape
from analysis.types import FloatArray

DECADES = 8
"""The search runs this many powers of ten to both sides of the scale."""


def variance_component(
    log_likelihood: Callable[[float], float], score: Callable[[float], float], *, scale: float
) -> float:
    """Value in [0, infinity) at which a log-likelihood of one variance is highest.

    Parameters
    ----------
    log_likelihood, score : callable of one float
        The function and its derivative.
    scale : float > 0
        Size at which the component is expected; searched are 0 and eight decades to both sides.

    Returns
    -------
    float
        0 where the likelihood is highest there.

    Raises
    ------
    InvalidCounts
        Where the likelihood still rises at the far end: the rest of the variance is then zero.

    Notes
    -----
    A likelihood of a variance may have two peaks: a grid on the log scale finds the higher, and Brent's method the
    root of the score inside its bracket.

    Examples
    --------
    >>> round(variance_component(lambda a: -((a - 2) ** 2), lambda a: -2 * (a - 2), scale=1.0), 9)
    2.0
    >>> variance_component(lambda a: -a, lambda a: -1.0, scale=1.0)
    0.0
    """
    grid = np.concatenate([[0.0], scale * np.logspace(-DECADES, DECADES, 8 * DECADES + 1)])
    best = int(np.argmax([log_likelihood(at) for at in grid]))
    if best == len(grid) - 1:
        raise InvalidCounts(
            expected="variation inside units",
            got="none, next to that between them",
            hint="where people of a unit do not differ there is nothing to shrink",
        )
    low, high = grid[max(best - 1, 0)], grid[best + 1]
    if best == 0 and score(0.0) <= 0:
        return 0.0
    if score(low) <= 0 or score(high) >= 0:
        return float(grid[best])
    return float(optimize.brentq(score, low, high, xtol=1e-14 * scale, rtol=1e-14))


def orthonormal_columns(covariates: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Covariates as Q R, refused where one column follows from the others.

    Parameters
    ----------
    covariates : (m, p) ndarray

    Returns
    -------
    pair of ndarray, (m, p) and (p, p)

    Examples
    --------
    >>> q, r = orthonormal_columns(np.array([[1.0, 2.0], [1.0, 3.0], [1.0, 7.0]]))
    >>> bool(np.allclose(q.T @ q, np.eye(2)))
    True
    """
    size, width = covariates.shape
    if not 0 < width < size:
        raise InvalidShape(
            expected="more areas than covariates, at least one covariate",
            got=f"{size} areas, {width} covariates",
            hint="a column of ones is the intercept",
        )
    lengths = np.linalg.norm(covariates, axis=0)
    q, r = np.linalg.qr(covariates / np.where(lengths > 0, lengths, 1.0))
    if np.abs(np.diag(r)).min() < 1e-10:
        raise InvalidShape(
            expected="covariates none of which follows from the others",
            got="a redundant or zero column",
            hint="leave out one level of each factor",
        )
    return q, r * lengths
