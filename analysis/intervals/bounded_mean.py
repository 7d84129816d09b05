"""Interval of the mean of a bounded quantity: an index, a mean score."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.distributions import t_critical
from analysis.intervals.limits import wilson_limits
from analysis.types import Estimates, FloatArray


def bounded_mean_interval(
    value: FloatArray,
    n_effective: FloatArray,
    n: ArrayLike,
    *,
    design_effect: FloatArray,
    df: FloatArray,
    standard_error: FloatArray,
    bounds: tuple[ArrayLike, ArrayLike] = (0.0, 1.0),
    confidence_level: float = 0.95,
) -> Estimates:
    """Mean of a bounded quantity (an index, a mean score) with a Wilson-type interval.

    Parameters
    ----------
    value : ndarray
        Mean inside the bounds; NaN where nobody answered.
    n_effective : ndarray >= 0
        Yes-or-no respondents whose share would have the same variance.
    n : array_like of int
        Respondents.
    design_effect, df, standard_error : ndarray
        Reported with the result; `df` gives the critical value t(df).
    bounds : pair of array_like
        Smallest and largest value one respondent can give.
    confidence_level : float in (0, 1)

    Returns
    -------
    Estimates

    Notes
    -----
    With p = (value - low) / (high - low) and n_eff = p(1-p) / var(p), Wilson's limits of p, put back on the
    scale. They never leave the bounds and keep a width when everyone is satisfied.

    Examples
    --------
    >>> one = np.ones(1)
    >>> best = bounded_mean_interval(5 * one, 30 * one, 30 * one, design_effect=one, df=np.inf * one,
    ...                              standard_error=0 * one, bounds=(1, 5))
    >>> best[0].ci_low.__round__(2), best[0].ci_high
    (4.55, 5.0)
    """
    bottom, top = (np.asarray(bound, dtype=np.float64) for bound in bounds)
    p = np.clip((value - bottom) / (top - bottom), 0.0, 1.0)
    low, high = (
        bottom + (top - bottom) * limit
        for limit in wilson_limits(p, n_effective, t_critical(df, confidence_level))
    )
    return Estimates(
        value,
        np.fmin(low, value),
        np.fmax(high, value),
        np.asarray(n).astype(np.int64),
        design_effect,
        n_effective,
        df,
        standard_error,
        method="wilson_mean",
        confidence_level=confidence_level,
    )
