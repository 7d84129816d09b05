"""Quantiles of a survey with Woodruff's intervals."""

from __future__ import annotations

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
    """
    y = survey.table.numbers(column)
    asked = finite_array(probabilities, name="probabilities").ravel()
    if ((asked <= 0) | (asked >= 1)).any():
        raise InvalidOption(expected="0 < p < 1", got=str(asked), hint="write 0.5 for the median")
    rows: list[tuple[float, float, float]] = []
    labels: list[Any] = []
    n: list[int] = []
    for position, domain in enumerate(domains.values):
        inside = (domains.codes == position) & ~np.isnan(y)
        rows.extend(_woodruff(survey, y, inside, p) for p in asked)
        labels.extend(asked.tolist() if is_whole else [(domain, p) for p in asked.tolist()])
        n.extend([int(inside.sum())] * len(asked))
    value, low, high = np.array(rows).T
    unknown = np.full(len(value), np.nan)
    estimates = Estimates(
        value, low, high, np.array(n), unknown, unknown, np.full(len(value), float(survey.df)), unknown,
        method="woodruff", confidence_level=survey.confidence_level,
    )  # fmt: skip
    return SurveyEstimates(tuple(labels), estimates)


def _woodruff(
    survey: Survey, y: FloatArray, inside: NDArray[np.bool_], p: float
) -> tuple[float, float, float]:
    """One quantile and its limits; NaN where nobody answered."""
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
    totals = survey.totals({"y": np.where(inside, y <= estimate, 0.0), "x": inside.astype(np.float64)})
    people = np.array([inside.sum()])
    level = survey.confidence_level
    share = t_estimates(ratio(totals, "y", "x"), people, method="mean", confidence_level=level)[0]
    return estimate, quantile(max(share.ci_low, 0.0)), quantile(min(share.ci_high, 1.0))
