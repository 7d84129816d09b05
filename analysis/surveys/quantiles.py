"""Quantiles of a survey with Woodruff's intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import InvalidOption
from analysis.surveys.linearisation import ratio
from analysis.surveys.survey_estimates import SurveyEstimates, t_estimates
from analysis.types import Estimates, FloatArray
from analysis.validation import finite_array

if TYPE_CHECKING:
    from analysis.design import Survey
    from analysis.surveys.columns import Labels
    from analysis.surveys.replicates import ReplicateSurvey

ShareLimits = Callable[[Any, NDArray[np.bool_], NDArray[np.bool_]], tuple[float, float]]
"""Limits of the share of rows of a survey (first mask) among those of a domain (second mask)."""


def woodruff_quantiles(
    survey: Survey, column: str, probabilities: ArrayLike, *, domains: Labels, is_whole: bool
) -> SurveyEstimates:
    """Quantiles of a column in every domain; called through `Survey.quantile`.

    Parameters
    ----------
    survey : Survey
    column : str
    probabilities : (P,) array_like in (0, 1)
    domains : Labels
    is_whole : bool
        Label by probability alone.

    Returns
    -------
    SurveyEstimates
        NaN where nobody answered; limits infinite where the share below has none.

    Notes
    -----
    The smallest value that a share p of the weights does not exceed; its limits are the quantiles at the limits
    of the share of people at or below it.

    References
    ----------
    Woodruff (1952), JASA 47:635-646.

    Examples
    --------
    >>> from analysis import Survey
    >>> median = Survey({"minutes": [5, 7, 8, 10, 12, 15, 20, 30, 45]}).quantile("minutes", [0.5]).estimates[0]
    >>> median.value, median.ci_low, median.ci_high
    (12.0, 7.0, 45.0)
    """
    return quantiles_of_domains(
        survey, column, probabilities, share_limits=_share_limits, domains=domains, is_whole=is_whole
    )


def quantiles_of_domains(
    survey: Survey | ReplicateSurvey,
    column: str,
    probabilities: ArrayLike,
    *,
    share_limits: ShareLimits,
    domains: Labels,
    is_whole: bool,
) -> SurveyEstimates:
    """Quantiles of any kind of survey, given the limits it has for a share.

    Parameters
    ----------
    survey, column, probabilities, domains, is_whole
        As in `woodruff_quantiles`.
    share_limits : callable
        Of the survey, the rows counted and the rows of the domain.

    Returns
    -------
    SurveyEstimates

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"y": [1, 2, 3, 4]})
    >>> found = quantiles_of_domains(survey, "y", [0.5], share_limits=lambda *rows: (0.25, 0.75),
    ...                              domains=survey.domains(None), is_whole=True)
    >>> found.estimates.ci_low.tolist(), found.estimates.ci_high.tolist()
    ([1.0], [3.0])
    """
    y = survey.table.numbers(column)
    asked = finite_array(probabilities, name="probabilities").ravel()
    if not asked.size or ((asked <= 0) | (asked >= 1)).any():
        raise InvalidOption(expected="0 < p < 1", got=str(asked), hint="write 0.5 for the median")
    rows: list[tuple[float, float, float]] = []
    labels: list[Any] = []
    n: list[int] = []
    for position, domain in enumerate(domains.values):
        inside = (domains.codes == position) & ~np.isnan(y)
        rows.extend(_quantile(survey, y, inside, p, share_limits) for p in asked)
        labels.extend(asked.tolist() if is_whole else [(domain, p) for p in asked.tolist()])
        n.extend([int(inside.sum())] * len(asked))
    value, low, high = np.array(rows).T
    unknown = np.full(len(value), np.nan)
    estimates = Estimates(
        value, low, high, np.array(n), unknown, unknown, np.full(len(value), float(survey.df)), unknown,
        method="woodruff", confidence_level=survey.confidence_level,
    )  # fmt: skip
    return SurveyEstimates(tuple(labels), estimates)


def _quantile(
    survey: Survey | ReplicateSurvey,
    y: FloatArray,
    inside: NDArray[np.bool_],
    p: float,
    share_limits: ShareLimits,
) -> tuple[float, float, float]:
    if not survey.weights[inside].any():
        return np.nan, np.nan, np.nan
    order = np.argsort(y[inside], kind="stable")
    values = y[inside][order]
    cumulative = np.cumsum(survey.weights[inside][order])
    cumulative = cumulative / cumulative[-1]

    def quantile(at: float) -> float:
        reached = int(np.searchsorted(cumulative, at * (1 - 1e-12)))
        return float(values[min(reached, len(values) - 1)])

    estimate = quantile(p)
    low, high = share_limits(survey, inside & (y <= estimate), inside)
    if np.isnan(low):
        return estimate, -np.inf, np.inf
    return estimate, quantile(max(low, 0.0)), quantile(min(high, 1.0))


def _share_limits(survey: Survey, below: NDArray[np.bool_], inside: NDArray[np.bool_]) -> tuple[float, float]:
    totals = survey.totals({"y": below.astype(np.float64), "x": inside.astype(np.float64)})
    share = t_estimates(
        ratio(totals, "y", "x"),
        np.array([inside.sum()]),
        method="mean",
        confidence_level=survey.confidence_level,
    )[0]
    return share.ci_low, share.ci_high
