"""Differences of independent means on any scale, many pairs at once, with Welch's t limits and test."""

from __future__ import annotations

import numpy as np

from analysis.distributions import t_critical, t_tail, welch_df
from analysis.intervals.two_shares import Differences
from analysis.types import Estimates


def difference_of_means(
    first: Estimates, second: Estimates, *, confidence_level: float = 0.95
) -> Differences:
    """Differences of independent means with Welch's t limits, elementwise.

    Parameters
    ----------
    first, second : Estimates
        Of one shape; `value`, `standard_error` and `df` are read.
    confidence_level : float in (0, 1)

    Returns
    -------
    Differences
        First minus second. Limits infinite and p value NaN where neither mean has a standard error above 0.

    Notes
    -----
    ``d ± t(df) sqrt(se1² + se2²)`` with Welch and Satterthwaite's df. For shares, and for scores whose ends many
    choose, `analysis.intervals.two_shares.difference_of_estimates` holds its level better.

    References
    ----------
    Welch (1947), Biometrika 34:28-35.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"rate": [5, 4, 5, 3, 1, 2, 3, 2], "unit": ["A"] * 4 + ["B"] * 4})
    >>> means = survey.mean("rate", by="unit", df="domain").estimates
    >>> found = difference_of_means(means[:1], means[1:]).at(0)
    >>> f"{found.value:.2f} {found.ci_low:.3f} {found.ci_high:.3f} {found.p_value:.3f}"
    '2.25 0.816 3.684 0.009'
    """
    value = first.value - second.value
    variance1, variance2 = first.standard_error**2, second.standard_error**2
    total = variance1 + variance2
    known = np.isfinite(value) & (np.nan_to_num(total) > 0)
    df1, df2 = (np.where(one.df > 0, one.df, 1.0) for one in (first, second))
    df = welch_df(np.where(known, variance1, 0.0), df1, np.where(known, variance2, 0.0), df2)
    error = np.sqrt(np.where(known, total, 1.0))
    half = np.where(known, t_critical(df, confidence_level) * error, np.inf)
    p_value = np.where(known, t_tail(value / error, df), np.nan)
    low, high = np.where(known, value - half, -np.inf), np.where(known, value + half, np.inf)
    return Differences(value, low, high, p_value, df, "welch", confidence_level)
