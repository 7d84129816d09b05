"""Trends of a share over periods: Cochran-Armitage, and a slope whose error knows that weeks resemble each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analysis.arguments import checked
from analysis.errors import InvalidOption, InvalidShape
from analysis.monitoring.period_errors import period_coefficient, period_counts
from analysis.types import FloatArray
from analysis.validation import finite_array, level_of, whole_numbers

CONSTANT = "every period has the same share, 0 or 1: there is nothing to test"


@dataclass(frozen=True, slots=True)
class TrendTest:
    """Whether a share follows a line over periods, and whether it differs between them at all.

    Attributes
    ----------
    statistic, p_value : float
        Cochran-Armitage chi-square of one degree of freedom.
    slope, slope_se : float
        Of the share per unit of score; the error that of no trend.
    equality_statistic, equality_df, equality_p_value : float, int, float
        Pearson chi-square of any difference between periods.
    departure_statistic, departure_df, departure_p_value : float, int, float
        What of it the line leaves; NaN where two periods leave nothing.
    n_periods : int
    n_respondents : int
    method : str
    reason : str
        Why the statistics are 0; empty where they are not.
    """

    statistic: float
    p_value: float
    slope: float
    slope_se: float
    equality_statistic: float
    equality_df: int
    equality_p_value: float
    departure_statistic: float
    departure_df: int
    departure_p_value: float
    n_periods: int
    n_respondents: int
    method: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ShareTrend:
    """Slope of a share over periods.

    Attributes
    ----------
    slope, ci_low, ci_high, standard_error : float
        Of the share per unit of score; limits and error NaN where there is nothing to test.
    p_value : float
        Two-sided, of no trend.
    df : float
    dispersion : float >= 1
        Variance of a period about the line over the binomial one.
    autocorrelation : float in [0, 0.95]
    inflation : float >= 1
        Variance of the slope over the binomial one.
    n_periods : int
    n_respondents : int
    breaks : tuple of int
        Where the level starts afresh.
    method : str
        Of the error.
    confidence_level : float
    reason : str
    """

    slope: float
    ci_low: float
    ci_high: float
    standard_error: float
    p_value: float
    df: float
    dispersion: float
    autocorrelation: float
    inflation: float
    n_periods: int
    n_respondents: int
    breaks: tuple[int, ...]
    method: str
    confidence_level: float
    reason: str = ""


@checked
def cochran_armitage_trend(
    x: ArrayLike, n: ArrayLike, *, score: ArrayLike | None = None, design_effect: ArrayLike = 1.0
) -> TrendTest:
    """Test of a linear trend of a share, with the test of equality beside it.

    Parameters
    ----------
    x, n : (T,) array_like of counts, n >= 1
        Satisfied and answering respondents of each period.
    score : (T,) array_like, optional
        Of the periods; 0, 1, 2, ... when left out. Use months since the first where they are uneven.
    design_effect : array_like > 0
        x and n are divided by it.

    Returns
    -------
    TrendTest

    Notes
    -----
    ``X² = [Σ n (s - s̄) p]² / (p̄(1-p̄) Σ n (s - s̄)²)``, without continuity correction; equality
    ``Σ n (p - p̄)² / (p̄(1-p̄))``. Both take the periods as independent samples of people: for weeks of one desk use
    `share_trend`.

    References
    ----------
    Cochran (1954), Biometrics 10:417-451. Armitage (1955), Biometrics 11:375-386.

    Examples
    --------
    >>> test = cochran_armitage_trend([83, 90, 129, 70], [86, 93, 136, 82])
    >>> f"{test.statistic:.3f} {test.p_value:.4f} {test.equality_statistic:.2f}"
    '8.225 0.0041 12.60'
    """
    satisfied, people, effects = period_counts(x, n, design_effect)
    scores = _scores(score, len(people))
    size = len(people)
    weight, share = people / effects, satisfied / people
    pooled = float(np.average(share, weights=weight))
    variance = pooled * (1 - pooled)
    away = scores - np.average(scores, weights=weight)
    length = float((weight * away**2).sum())
    slope = float((weight * away * share).sum()) / length
    if variance <= 1e-15:
        return TrendTest(
            0.0, 1.0, 0.0, 0.0, 0.0, size - 1, 1.0, 0.0 if size > 2 else np.nan, size - 2, 1.0 if size > 2 else np.nan,
            size, int(people.sum()), "cochran_armitage", CONSTANT,
        )  # fmt: skip
    trend = slope**2 * length / variance
    equality = float((weight * (share - pooled) ** 2).sum()) / variance
    departure = max(equality - trend, 0.0) if size > 2 else np.nan
    return TrendTest(
        trend, _chi_square_tail(1, trend), slope, float(np.sqrt(variance / length)),
        equality, size - 1, _chi_square_tail(size - 1, equality),
        departure, size - 2, _chi_square_tail(size - 2, departure) if size > 2 else np.nan,
        size, int(people.sum()), "cochran_armitage",
    )  # fmt: skip


@checked
def share_trend(
    x: ArrayLike,
    n: ArrayLike,
    *,
    score: ArrayLike | None = None,
    design_effect: ArrayLike = 1.0,
    breaks: Sequence[int] = (),
    error: str = "autoregressive",
    lags: int | None = None,
    confidence_level: float = 0.95,
) -> ShareTrend:
    """Slope of a share over equally spaced periods, with an error that allows for more than chance.

    Parameters
    ----------
    x, n : (T,) array_like of counts, n >= 1
    score : (T,) array_like, optional
        0, 1, 2, ... when left out: the slope is then the change per period.
    design_effect : array_like > 0
        By period, where answers of a device-day resemble each other.
    breaks : sequence of int
        Indices at which something else is measured: the level may jump there, the slope is that within the parts.
    error : {"autoregressive", "over_dispersed", "newey_west", "binomial"}
        "autoregressive" is the default for weeks and months of one unit; its false alarms, and those of the
        others, are in `analysis.monitoring.period_errors.period_coefficient`. Below about 15 periods none of
        them can see autocorrelation well: pool to longer periods, or trust the slope less than its p value.
    lags : int >= 0, optional
        Of "newey_west".
    confidence_level : float in (0, 1)

    Returns
    -------
    ShareTrend

    Notes
    -----
    Weighted least squares with weights n / deff. With error "binomial" and no break, (slope / error)² is the
    Cochran-Armitage statistic. A line is no law: read it within the range of 0 to 1 and of the periods seen.

    Examples
    --------
    >>> trend = share_trend([160, 164, 162, 172, 170, 176, 175, 180], [200] * 8)
    >>> f"{trend.slope:.3f} per period, p {trend.p_value:.3f}"
    '0.014 per period, p 0.012'
    """
    level_of(confidence_level)
    satisfied, people, effects = period_counts(x, n, design_effect)
    scores, size = _scores(score, len(people)), len(people)
    weight, share = people / effects, satisfied / people
    common = (size, int(people.sum()), whole_numbers(breaks, name="breaks"), error, confidence_level)
    levels = levels_between(breaks, size)
    pooled = float(np.average(share, weights=weight))
    if not 1e-15 < pooled < 1 - 1e-15:
        nan = float("nan")
        return ShareTrend(0.0, nan, nan, nan, 1.0, np.inf, 1.0, 0.0, 1.0, *common, CONSTANT)
    found = period_coefficient(share, weight, others=levels, column=scores, error=error, lags=lags)
    half = -float(special.stdtrit(found.df, (1 - confidence_level) / 2)) * found.standard_error
    p_value = 2 * float(special.stdtr(found.df, -abs(found.value) / found.standard_error))
    return ShareTrend(
        found.value, found.value - half, found.value + half, found.standard_error, p_value, found.df,
        found.dispersion, found.autocorrelation, found.inflation, *common,
    )  # fmt: skip


@checked
def levels_between(breaks: Sequence[int], size: int) -> FloatArray:
    """One column of 0 and 1 for each part between breaks.

    Parameters
    ----------
    breaks : sequence of int
        Ascending, each the index of the first period after it.
    size : int
        Periods.

    Returns
    -------
    (T, parts) ndarray

    Examples
    --------
    >>> levels_between([2], 3).tolist()
    [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]
    """
    edges = [0, *whole_numbers(breaks, name="breaks"), size]
    if sorted(set(edges)) != edges:
        raise InvalidOption(
            expected=f"ascending breaks inside 1..{size - 1}",
            got=repr(tuple(breaks)),
            hint="a break is the index of the first period after it",
        )
    part = np.searchsorted(np.asarray(edges[1:-1], dtype=np.int64), np.arange(size), side="right")
    return np.eye(len(edges) - 1)[part]


def _scores(score: ArrayLike | None, size: int) -> FloatArray:
    scores = np.arange(size, dtype=np.float64) if score is None else finite_array(score, name="score")
    if scores.shape != (size,) or size < 2:
        raise InvalidShape(
            expected="two periods or more, one score each",
            got=f"{size} periods, {scores.shape}",
            hint="check both",
        )
    if np.ptp(scores) == 0:
        raise InvalidOption(expected="scores that differ", got="one value", hint="0, 1, 2, ... by period")
    return scores


def _chi_square_tail(df: int, statistic: float) -> float:
    return float(special.chdtrc(df, statistic))
