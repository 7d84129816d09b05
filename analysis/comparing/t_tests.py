"""Design-based t tests: two groups, pairs, one mean against a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.comparing.hypothesis_tests import HypothesisTests, NoTest, joined_codes
from analysis.design import Survey
from analysis.distributions import t_critical, t_tail
from analysis.errors import InvalidCounts, InvalidShape
from analysis.regression.categories import categories
from analysis.types import Estimates, FloatArray
from analysis.validation import finite_array, positive


@dataclass(frozen=True, slots=True)
class TTest:
    """A figure with its interval, tested against a hypothetical value.

    Attributes
    ----------
    value : float
        The figure minus the hypothetical value: a difference of means, a mean, a coefficient.
    standard_error : float
        Linearised, of the design.
    statistic : float
        Value over standard error; infinite where the error is 0 and the value is not.
    df : float
    p_value : float in [0, 1]
        Two-sided; NaN where `df` or the error leaves no test.
    ci_low, ci_high : float
        ``value ± t(df) se``; infinite where `df` is not positive.
    n : int
        Respondents the test rests on.
    method : str
    confidence_level : float
    reason : str
        Why there is no p value; else empty.
    """

    value: float
    standard_error: float
    statistic: float
    df: float
    p_value: float
    ci_low: float
    ci_high: float
    n: int
    method: str
    confidence_level: float = 0.95
    reason: str = ""


@checked
def two_group_t_test(
    survey: Survey, column: str, by: str, *, groups: tuple[Any, Any] | None = None, df: float | None = None
) -> TTest:
    """Difference of the means of two groups of one survey: the first minus the second.

    Parameters
    ----------
    survey : Survey
    column : str
        A score, or 0/1 for shares.
    by : str
        Column of groups.
    groups : pair of levels, optional
        Needed where `by` has more than two levels; by default the last of two levels minus the first.
    df : float > 0, optional
        By default clusters minus strata of the two groups, minus 1.

    Returns
    -------
    TTest

    Raises
    ------
    InvalidShape
        Where the groups are not two, or one is empty.

    Notes
    -----
    The influence of a respondent is ``(y - ȳ_g)/Ŵ_g`` in the first group and its negative in the second, so
    clusters that hold both groups count as they should. Equal to the slope of a regression on the group.

    References
    ----------
    Korn and Graubard (1999), Analysis of Health Surveys, section 3.3.

    Examples
    --------
    >>> survey = Survey({"rate": [5, 4, 5, 2, 3, 1], "kind": ["A", "A", "A", "B", "B", "B"]})
    >>> test = two_group_t_test(survey, "rate", "kind", groups=("A", "B"))
    >>> round(test.value, 3), test.df, round(test.p_value, 3)
    (2.667, 4.0, 0.011)
    """
    y = survey.table.numbers(column)
    answered = ~np.isnan(y) & (survey.weights > 0)
    kinds = categories(survey.table, by, rows=answered)
    if groups is None and len(kinds) != 2:
        raise InvalidShape(
            expected=f"two groups of {by}",
            got=str(len(kinds)),
            hint="name two levels by groups=(first, second)",
        )
    first, second = (1, 0) if groups is None else tuple(kinds.position(level) for level in groups)
    if first == second:
        raise InvalidShape(expected="two different groups", got=repr(groups), hint="name two levels")
    means, influence = [], []
    for code in (first, second):
        mean, own = _mean(survey, y, kinds.codes == code)
        means.append(mean)
        influence.append(own)
    used = (kinds.codes == first) | (kinds.codes == second)
    return _tested(
        survey, means[0] - means[1], influence[0] - influence[1], used, method="two groups", df=df, lost=1
    )


@checked
def paired_t_test(
    survey: Survey, first: str, second: str, *, value: float = 0.0, df: float | None = None
) -> TTest:
    """Mean difference of two answers of the same respondents, first minus second.

    Parameters
    ----------
    survey : Survey
    first, second : str
        Columns; who did not answer both is outside.
    value : float
        Hypothetical mean difference.
    df : float > 0, optional
        By default clusters minus strata that hold a pair.

    Returns
    -------
    TTest

    Examples
    --------
    >>> survey = Survey({"now": [5, 4, 5, 3], "before": [4, 4, 3, 2]})
    >>> paired_t_test(survey, "now", "before").value
    1.0
    """
    difference = survey.table.numbers(first) - survey.table.numbers(second)
    return _one_mean(survey, difference, value, method="paired", df=df)


@checked
def one_sample_t_test(survey: Survey, column: str, *, value: float = 0.0, df: float | None = None) -> TTest:
    """Mean of a survey against a hypothetical value.

    Parameters
    ----------
    survey : Survey
    column : str
        A score, or 0/1 for a share; who did not answer is outside.
    value : float
    df : float > 0, optional
        By default clusters minus strata that hold an answer. (R's survey 4.1 takes one less.)

    Returns
    -------
    TTest
        `value` is the mean minus the hypothetical one. For a share near 0 or 1 prefer a score test:
        `analysis.comparing.targets`.

    Examples
    --------
    >>> test = one_sample_t_test(Survey({"rate": [5, 4, 4, 3]}), "rate", value=3)
    >>> test.value, test.df, round(test.statistic, 3)
    (1.0, 3.0, 2.449)
    """
    return _one_mean(survey, survey.table.numbers(column), value, method="one sample", df=df)


@checked
def t_tests(estimates: Estimates, *, value: float = 0.0) -> HypothesisTests:
    """Every estimate against one value, from its standard error and degrees of freedom.

    Parameters
    ----------
    estimates : Estimates
        Means, indices or differences, with `standard_error` and `df`.
    value : float

    Returns
    -------
    HypothesisTests
        Two-sided; statistic t on `df` degrees of freedom. No test where there is no estimate or its error is
        0 or unknown.

    Examples
    --------
    >>> found = Survey({"rate": [5, 4, 4, 3]}).mean("rate").estimates
    >>> round(t_tests(found, value=3.0)[0].p_value, 3)
    0.092
    """
    target = float(finite_array(value, name="value"))
    error = np.where(estimates.standard_error > 0, estimates.standard_error, np.nan)
    statistic = quotient(estimates.value - target, error)
    codes = joined_codes(
        statistic.shape, (np.isnan(estimates.value), NoTest.NOBODY), (np.isnan(error), NoTest.NO_VARIANCE),
        (~(estimates.df > 0), NoTest.FEW_CLUSTERS),
    )  # fmt: skip
    p_value = np.where(codes == NoTest.TESTED, t_tail(statistic, estimates.df), np.nan)
    return HypothesisTests(
        statistic, np.array(estimates.df), p_value, np.full(statistic.shape, np.inf), codes, "t"
    )


@checked
def figure_test(
    value: float, variance: float, df: float, n: int, *, method: str, confidence_level: float
) -> TTest:
    """A figure with its variance as a t test against 0.

    Parameters
    ----------
    value, variance : float
    df : float
        Infinite for the normal; 0 or less, minus infinity included, says that clusters are too few.
    n : int
    method : str
    confidence_level : float in (0, 1)

    Returns
    -------
    TTest

    Examples
    --------
    >>> round(figure_test(1.0, 0.25, 10, 20, method="mean", confidence_level=0.95).p_value, 3)
    0.073
    """
    error = float(np.sqrt(max(variance, 0.0)))
    code = NoTest.FEW_CLUSTERS if df <= 0 else NoTest.NO_VARIANCE if error == 0 else NoTest.TESTED
    statistic = value / error if error > 0 else float(np.copysign(np.inf, value)) if value else 0.0
    p_value = float(t_tail(statistic, df)) if code is NoTest.TESTED else np.nan
    half = float(t_critical(df, confidence_level)) * error if df > 0 else np.inf
    return TTest(
        value,
        error,
        statistic,
        df,
        p_value,
        value - half,
        value + half,
        n,
        method,
        confidence_level,
        code.reason,
    )


def _one_mean(survey: Survey, y: FloatArray, value: float, *, method: str, df: float | None) -> TTest:
    target = float(finite_array(value, name="value"))
    used = ~np.isnan(y) & (survey.weights > 0)
    mean, influence = _mean(survey, y, used)
    return _tested(survey, mean - target, influence, used, method=method, df=df, lost=0)


def _mean(survey: Survey, y: FloatArray, rows: NDArray[np.bool_]) -> tuple[float, FloatArray]:
    """Weighted mean over rows and the influence of every row on it."""
    size = survey.weights[rows].sum()
    if not size > 0:
        raise InvalidCounts(expected="answers", got="none", hint="nobody in the group answered")
    # Counted from the least answer, equal answers leave no rounding error that would look like a variance.
    least = float(y[rows].min())
    above = np.where(rows, y - least, 0.0)
    mean = float(survey.weights @ above / size)
    return least + mean, np.where(rows, above - mean, 0.0) / size


def _tested(
    survey: Survey,
    value: float,
    influence: FloatArray,
    used: NDArray[np.bool_],
    *,
    method: str,
    df: float | None,
    lost: int,
) -> TTest:
    variance = float(survey.covariance(influence[:, None])[0, 0])
    own = float(survey.stages.domain_df(used.astype(np.int64), 2)[1]) - lost
    freedom = own if df is None else float(positive(df, name="df"))
    return figure_test(
        value, variance, freedom, int(used.sum()), method=method, confidence_level=survey.confidence_level
    )
