"""Tails and critical values of the normal, t and F distributions, for infinite degrees of freedom too."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.arithmetic import quotient
from analysis.types import FloatArray
from analysis.validation import level_of


def normal_critical(confidence_level: float) -> float:
    """Two-sided critical value of the normal distribution.

    Parameters
    ----------
    confidence_level : float in (0, 1)

    Returns
    -------
    float

    Examples
    --------
    >>> round(normal_critical(0.95), 4)
    1.96
    """
    return float(special.ndtri(0.5 + level_of(confidence_level) / 2))


def t_critical(df: FloatArray | float, confidence_level: float) -> FloatArray:
    """Two-sided critical values of t, the normal one where `df` is infinite.

    Parameters
    ----------
    df : ndarray > 0 or float
    confidence_level : float in (0, 1)

    Returns
    -------
    ndarray of the shape of `df`

    Examples
    --------
    >>> t_critical(np.array([14.0, np.inf]), 0.95).round(4).tolist()
    [2.1448, 1.96]
    """
    freedom = np.asarray(df, dtype=np.float64)
    above = 0.5 + level_of(confidence_level) / 2
    if freedom.size < 100:
        return np.asarray(special.stdtrit(freedom, above))
    if (freedom == freedom.flat[0]).all():
        return np.full(freedom.shape, special.stdtrit(freedom.flat[0], above))
    # Degrees of freedom repeat over cells, and a quantile of t costs as much as a whole Wilson interval.
    distinct, position = np.unique(freedom, return_inverse=True)
    return np.asarray(special.stdtrit(distinct, above)[position]).reshape(freedom.shape)


def t_tail(statistic: ArrayLike, df: ArrayLike = np.inf) -> FloatArray:
    """Two-sided tail of the t distribution; of the normal where df is infinite.

    Parameters
    ----------
    statistic, df : array_like
        NaN where the statistic is NaN or df is not positive.

    Returns
    -------
    ndarray in [0, 1]

    Examples
    --------
    >>> t_tail(1.96).round(3).item(), t_tail(2.1604, 13).round(3).item()
    (0.05, 0.05)
    """
    value, freedom = np.broadcast_arrays(
        np.asarray(statistic, dtype=np.float64), np.asarray(df, dtype=np.float64)
    )
    usable = (freedom > 0) & ~np.isnan(value)
    size = np.abs(np.where(usable, value, 0.0))
    finite = np.where(np.isinf(freedom) | ~usable, 1.0, freedom)
    tail = np.where(np.isinf(freedom), special.ndtr(-size), special.stdtr(finite, -size))
    return np.where(usable, np.minimum(2 * tail, 1.0), np.nan)


def f_tail(statistic: ArrayLike, df: ArrayLike, df_denominator: ArrayLike = np.inf) -> FloatArray:
    """Upper tail of the F distribution; of chi-square over df where the denominator is infinite.

    Parameters
    ----------
    statistic : array_like >= 0
    df, df_denominator : array_like
        NaN where one is not positive.

    Returns
    -------
    ndarray in [0, 1]

    Examples
    --------
    >>> f_tail(3.84, 1).round(3).item(), f_tail(5.19337, 1.49464, 20.92496).round(4).item()
    (0.05, 0.0217)
    """
    value, above, below = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (statistic, df, df_denominator))
    )
    usable = (above > 0) & np.isfinite(above) & (below > 0) & ~np.isnan(value)
    value, above, below = (np.where(usable, part, 1.0) for part in (value, above, below))
    finite = np.where(np.isinf(below), 1.0, below)
    tail = np.where(
        np.isinf(below), special.chdtrc(above, above * value), special.fdtrc(above, finite, value)
    )
    return np.where(usable, tail, np.nan)


def welch_df(variance1: FloatArray, df1: FloatArray, variance2: FloatArray, df2: FloatArray) -> FloatArray:
    """Degrees of freedom of a difference of two independent estimates.

    Parameters
    ----------
    variance1, variance2 : ndarray >= 0
        Of the estimates.
    df1, df2 : ndarray > 0
        Of these variances; may be infinite.

    Returns
    -------
    ndarray > 0
        The smaller of both where neither estimate varies.

    Notes
    -----
    ``(v1 + v2)² / (v1²/df1 + v2²/df2)``.

    References
    ----------
    Satterthwaite (1946), Biometrics Bulletin 2:110-114. Welch (1947), Biometrika 34:28-35.

    Examples
    --------
    >>> welch_df(np.array([1.0, 4.0]), np.array(9.0), np.array([1.0, 1.0]), np.array(9.0)).round(2).tolist()
    [18.0, 13.24]
    """
    total = variance1 + variance2
    # Relative variances: their squares cannot underflow.
    part1, part2 = quotient(variance1, total, empty=0.0), quotient(variance2, total, empty=0.0)
    welch = quotient(1.0, part1**2 / df1 + part2**2 / df2, empty=np.inf)
    return np.where(total > 0, welch, np.minimum(df1, df2))
