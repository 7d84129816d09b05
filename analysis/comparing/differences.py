"""Differences of independent estimates with their limits and p values, any number at once."""

from __future__ import annotations

import numpy as np
from scipy import special

from analysis.arithmetic import quotient
from analysis.distributions import t_tail
from analysis.errors import InvalidCounts, InvalidOption
from analysis.intervals.shares import wilson_limits
from analysis.types import Estimates, FloatArray
from analysis.validation import level_of, require_known


def share_differences(
    first: Estimates,
    second: Estimates,
    *,
    n_together: int = 1,
    simultaneous: str = "sidak",
    confidence_level: float = 0.95,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Differences of independent shares or indices in [0, 1] with hybrid score limits, elementwise.

    Parameters
    ----------
    first, second : Estimates
        Of one shape, with `n_effective` and `df`.
    n_together : int >= 1
        How many differences the limits should hold for at once.
    simultaneous : {"sidak", "bonferroni", "none"}
    confidence_level : float in (0, 1)

    Returns
    -------
    value, ci_low, ci_high, p_value : ndarray
        First minus second, NaN where either has no respondents. The p value is of one difference alone: the
        smallest level at which its own limits leave out 0.

    Notes
    -----
    With Wilson limits l, u of each: ``d - sqrt((v1-l1)² + (u2-v2)²)`` to ``d + sqrt((u1-v1)² + (v2-l2)²)``,
    critical value t with Welch-Satterthwaite degrees of freedom.

    References
    ----------
    Newcombe (1998), Statistics in Medicine 17:873-890. Zou and Donner (2008), Statistics in Medicine
    27:1693-1702. Šidák (1967), JASA 62:626-633.

    Examples
    --------
    >>> from analysis.intervals.shares import wilson_interval
    >>> found = share_differences(wilson_interval([56], [70]), wilson_interval([48], [80]))
    >>> [round(part.item(), 4) for part in found]
    [0.2, 0.0524, 0.3339, 0.0081]
    """
    tail = simultaneous_tail(confidence_level, n_together, simultaneous)
    shares, people, freedom = (
        np.stack(np.broadcast_arrays(*(getattr(one, name) for one in (first, second))))
        for name in ("value", "n_effective", "df")
    )
    known = (np.isfinite(shares) & (people > 0)).all(axis=0)
    if ((shares[:, known] < 0) | (shares[:, known] > 1)).any():
        raise InvalidCounts(
            expected="estimates in [0, 1]",
            got="others",
            hint="use mean_differences for scores on a longer scale",
        )
    shares, people = np.where(known, shares, 0.5), np.where(known, people, 1.0)
    df = _welch_df(shares * (1 - shares) / people, freedom)
    low, high = _hybrid_limits(shares, people, special.stdtrit(df, 1 - tail))
    p_value = _p_of_no_difference(shares, people, df)
    value, low, high, p_value = (
        np.where(known, part, np.nan) for part in (shares[0] - shares[1], low, high, p_value)
    )
    return value, low, high, p_value


def mean_differences(
    first: Estimates,
    second: Estimates,
    *,
    n_together: int = 1,
    simultaneous: str = "sidak",
    confidence_level: float = 0.95,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Differences of independent means with Welch's t limits, elementwise.

    Parameters
    ----------
    first, second : Estimates
        With `standard_error` and `df`.
    n_together, simultaneous, confidence_level
        As in `share_differences`.

    Returns
    -------
    value, ci_low, ci_high, p_value : ndarray
        Limits infinite and p value NaN where neither mean has a standard error above 0.

    References
    ----------
    Welch (1947), Biometrika 34:28-35.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"rate": [5, 4, 5, 3, 1, 2, 3, 2], "unit": ["A"] * 4 + ["B"] * 4})
    >>> found = survey.mean("rate", by="unit", df="domain").estimates
    >>> [round(part.item(), 3) for part in mean_differences(found[:1], found[1:])]
    [2.25, 0.816, 3.684, 0.009]
    """
    tail = simultaneous_tail(confidence_level, n_together, simultaneous)
    value = first.value - second.value
    variances = np.stack(np.broadcast_arrays(first.standard_error**2, second.standard_error**2))
    known = np.isfinite(value) & np.isfinite(variances).all(axis=0) & (variances.sum(axis=0) > 0)
    variances = np.where(known, variances, 1.0)
    df = _welch_df(variances, np.stack(np.broadcast_arrays(first.df, second.df)))
    error = np.sqrt(variances.sum(axis=0))
    half = np.where(known, special.stdtrit(df, 1 - tail) * error, np.inf)
    p_value = np.where(known, t_tail(value / error, df), np.nan)
    return value, value - half, value + half, p_value


def simultaneous_tail(confidence_level: float, n_together: int, simultaneous: str) -> float:
    """Upper tail of one of many two-sided limits.

    Parameters
    ----------
    confidence_level : float in (0, 1)
        Of all limits together.
    n_together : int >= 1
    simultaneous : {"sidak", "bonferroni", "none"}

    Returns
    -------
    float

    Examples
    --------
    >>> round(simultaneous_tail(0.95, 10, "bonferroni"), 6)
    0.0025
    """
    require_known(simultaneous, ("sidak", "bonferroni", "none"), name="simultaneous")
    if n_together < 1:
        raise InvalidOption(
            expected="n_together >= 1", got=str(n_together), hint="the differences shown at once"
        )
    miss = 1 - level_of(confidence_level)
    if simultaneous == "sidak":
        return float(-np.expm1(np.log1p(-miss) / n_together)) / 2
    return miss / (2 * n_together) if simultaneous == "bonferroni" else miss / 2


def _welch_df(variances: FloatArray, df: FloatArray) -> FloatArray:
    """Welch-Satterthwaite degrees of freedom of a difference, elementwise; the smaller where both vary not."""
    spread = quotient(variances**2, np.maximum(df, 1.0), empty=0.0).sum(axis=0)
    welch = quotient(variances.sum(axis=0) ** 2, spread, empty=np.inf)
    return np.where(variances.any(axis=0), welch, np.maximum(df.min(axis=0), 1.0))


def _hybrid_limits(
    shares: FloatArray, people: FloatArray, critical: FloatArray
) -> tuple[FloatArray, FloatArray]:
    low, high = wilson_limits(shares, people, critical)
    down, up = shares - low, high - shares
    difference = shares[0] - shares[1]
    return difference - np.hypot(down[0], up[1]), difference + np.hypot(up[0], down[1])


def _p_of_no_difference(shares: FloatArray, people: FloatArray, df: FloatArray) -> FloatArray:
    """Two-sided p value whose limits just touch 0, by bisection on the critical value."""
    ahead = shares[0] > shares[1]
    ordered = np.where(ahead, shares, shares[::-1]), np.where(ahead, people, people[::-1])
    low, high = np.full(df.shape, 1e-12), np.full(df.shape, 1e3)
    for _ in range(64):
        middle = (low + high) / 2
        excludes = _hybrid_limits(*ordered, middle)[0] > 0
        low, high = np.where(excludes, middle, low), np.where(excludes, high, middle)
    return np.where(shares[0] == shares[1], 1.0, t_tail(low, df))
