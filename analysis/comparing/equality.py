"""Whether many units share one figure."""

from __future__ import annotations

import numpy as np

from analysis.arithmetic import quotient
from analysis.comparing.hypothesis_tests import (
    HypothesisTest,
    HypothesisTests,
    NoTest,
    chi_square_tests,
    f_tests,
    joined_codes,
    wald_test,
)
from analysis.errors import InvalidOption
from analysis.surveys.survey_estimates import SurveyEstimates
from analysis.types import Estimates, FloatArray


def equality_of_shares(estimates: Estimates) -> HypothesisTests:
    """Whether independent units share one share or index in [0, 1], for any number of figures.

    Parameters
    ----------
    estimates : Estimates
        (..., U), with `n_effective` and `df`.

    Returns
    -------
    HypothesisTests
        Of shape (...); F, or chi-square where the design effects are assumed.

    Notes
    -----
    ``Q = Σ m_u (p_u - p̄)² / (p̄(1-p̄))`` with m effective respondents and ``p̄ = Σ m p / Σ m``: of plain counts
    the chi-square of homogeneity. ``Q/(U-1)`` has U - 1 and Σ df degrees of freedom.

    References
    ----------
    Rao and Scott (1984), Annals of Statistics 12:46-60.

    Examples
    --------
    >>> from analysis.intervals.shares import wilson_interval
    >>> test = equality_of_shares(wilson_interval([30, 45], [100, 100], design_effect=1.5)).at()
    >>> round(test.statistic, 3), test.df
    (3.2, 1.0)
    """
    known = np.isfinite(estimates.value) & (estimates.n_effective > 0)
    certain = (known & np.isinf(estimates.n_effective)).any(axis=-1)
    weights = np.where(known & np.isfinite(estimates.n_effective), estimates.n_effective, 0.0)
    value = np.where(known, estimates.value, 0.0)
    centre = quotient((weights * value).sum(axis=-1), weights.sum(axis=-1), empty=0.0)
    q = quotient((weights * (value - centre[..., None]) ** 2).sum(axis=-1), centre * (1 - centre))
    units = known.sum(axis=-1)
    codes = joined_codes(
        units.shape, (units == 0, NoTest.NOBODY), (units < 2, NoTest.ONE_GROUP), (certain, NoTest.NO_VARIANCE),
        ((centre <= 0) | (centre >= 1), NoTest.ONE_LEVEL),
    )  # fmt: skip
    df, below = np.maximum(units - 1.0, 0.0), np.where(known, estimates.df, 0.0).sum(axis=-1)
    method = "homogeneity of shares"
    if np.isinf(below).all():
        return chi_square_tests(q, df, codes, method=method)
    return f_tests(q / np.maximum(df, 1), df, below, codes, method=method)


def equality_of_means(estimates: Estimates) -> HypothesisTests:
    """Whether independent units share one mean, for any number of figures.

    Parameters
    ----------
    estimates : Estimates
        (..., U), with `standard_error` > 0 and the `df` of each.

    Returns
    -------
    HypothesisTests
        Of shape (...): Welch's F. No test where a unit's answers are all alike: its error of 0 is no certainty.

    Notes
    -----
    With ``w = 1/se²``: ``F = Σ w (ȳ_u - ȳ)²/(U-1) / (1 + 2(U-2)Λ/(U²-1))`` on U - 1 and ``(U²-1)/(3Λ)``
    degrees of freedom, ``Λ = Σ (1 - w/Σw)²/df``.

    References
    ----------
    Welch (1951), Biometrika 38:330-336.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"rate": [5, 4, 5, 3, 1, 2, 3, 2], "unit": ["A"] * 4 + ["B"] * 4})
    >>> test = equality_of_means(survey.mean("rate", by="unit", df="domain").estimates).at()
    >>> round(test.statistic, 2), round(test.p_value, 3)
    (14.92, 0.009)
    """
    known = np.isfinite(estimates.value) & np.isfinite(estimates.standard_error)
    flat = (known & (estimates.standard_error <= 0)).any(axis=-1)
    usable = known & (estimates.standard_error > 0)
    weights = quotient(1.0, np.where(usable, estimates.standard_error, 0.0) ** 2, empty=0.0)
    value = np.where(usable, estimates.value, 0.0)
    total = weights.sum(axis=-1)
    centre = quotient((weights * value).sum(axis=-1), total, empty=0.0)
    units = known.sum(axis=-1)
    df = np.maximum(units - 1.0, 1.0)
    between = (weights * (value - centre[..., None]) ** 2).sum(axis=-1) / df
    part = np.where(usable, (1 - quotient(weights, total[..., None], empty=0.0)) ** 2, 0.0)
    uneven = quotient(part, np.where(usable, estimates.df, 1.0), empty=np.inf).sum(axis=-1)
    statistic = between / (1 + 2 * (units - 2) * uneven / (units**2 - 1 + (units == 1)))
    codes = joined_codes(
        units.shape, (units == 0, NoTest.NOBODY), (units < 2, NoTest.ONE_GROUP), (flat, NoTest.NO_VARIANCE),
        (np.isinf(uneven), NoTest.FEW_CLUSTERS),
    )  # fmt: skip
    below = quotient(units**2 - 1.0, 3 * uneven, empty=np.inf)
    return f_tests(statistic, df, below, codes, method="welch")


def equality_of_figures(figures: SurveyEstimates) -> HypothesisTest:
    """Whether figures of one survey are all equal, with the covariance between them.

    Parameters
    ----------
    figures : SurveyEstimates
        Estimated with ``covariance=True``.

    Returns
    -------
    HypothesisTest
        Wald's F, adjusted for the clusters: k figures need more than k clusters.

    References
    ----------
    Korn and Graubard (1990), American Statistician 44:270-276.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"rate": [5, 4, 5, 3, 1, 2, 3, 2], "unit": ["A"] * 4 + ["B"] * 4})
    >>> round(equality_of_figures(survey.mean("rate", by="unit", covariance=True)).p_value, 3)
    0.006
    """
    covariance, value = covariance_of(figures), figures.estimates.value
    known = np.flatnonzero(np.isfinite(value))
    if len(known) < 2:
        code = NoTest.ONE_GROUP if len(known) else NoTest.NOBODY
        return HypothesisTest(np.nan, 0, np.nan, method="adjusted wald", reason=code.reason)
    compare = np.column_stack([-np.ones(len(known) - 1), np.eye(len(known) - 1)])
    v = covariance[np.ix_(known, known)]
    return wald_test(
        compare @ value[known], compare @ v @ compare.T, method="adjusted wald", adjusted=True,
        df_denominator=float(figures.estimates.df[known].min()),
    )  # fmt: skip


def covariance_of(figures: SurveyEstimates) -> FloatArray:
    """Covariance of the figures of a survey; an error where it was not kept.

    Parameters
    ----------
    figures : SurveyEstimates

    Returns
    -------
    (K, K) ndarray
    """
    if figures.covariance is None:
        raise InvalidOption(
            expected="figures with their covariance", got="none kept", hint="estimate with covariance=True"
        )
    return figures.covariance
