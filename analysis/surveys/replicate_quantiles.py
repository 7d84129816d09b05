"""Quantiles of a survey with replicate weights, with Woodruff's limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arithmetic import quotient
from analysis.distributions import t_critical
from analysis.errors import InvalidOption
from analysis.surveys.survey_estimates import SurveyEstimates
from analysis.types import Estimates, FloatArray
from analysis.validation import finite_array

if TYPE_CHECKING:
    from analysis.surveys.columns import Labels
    from analysis.surveys.replicates import ReplicateSurvey


def replicate_quantiles(
    survey: ReplicateSurvey, column: str, probabilities: ArrayLike, *, domains: Labels, is_whole: bool
) -> SurveyEstimates:
    """Quantiles of a column in every domain; called through `ReplicateSurvey.quantile`.

    Parameters
    ----------
    survey : ReplicateSurvey
    column : str
    probabilities : (P,) array_like in (0, 1)
    domains : Labels
    is_whole : bool
        Label by probability alone.

    Returns
    -------
    SurveyEstimates
    """
    asked = finite_array(probabilities, name="probabilities").ravel()
    if ((asked <= 0) | (asked >= 1)).any():
        raise InvalidOption(expected="0 < p < 1", got=str(asked), hint="write 0.5 for the median")
    y = survey.table.numbers(column)
    rows: list[tuple[float, ...]] = []
    labels: list[Any] = []
    for code, domain in enumerate(domains.values):
        inside = (domains.codes == code) & ~np.isnan(y)
        rows += [(*_quantile(survey, y, inside, p), float(inside.sum())) for p in asked]
        labels += asked.tolist() if is_whole else [(domain, p) for p in asked.tolist()]
    value, low, high, n = np.array(rows).T
    unknown, df = np.full(len(value), np.nan), np.full(len(value), survey.df)
    estimates = Estimates(
        value, low, high, n.astype(np.int64), unknown, unknown, df, unknown,
        method="woodruff", confidence_level=survey.confidence_level,
    )  # fmt: skip
    return SurveyEstimates(tuple(labels), estimates)


def _quantile(
    survey: ReplicateSurvey, y: FloatArray, inside: NDArray[np.bool_], p: float
) -> tuple[float, float, float]:
    """One quantile and its limits: NaN where nobody answered, infinite where a replicate has nobody."""
    if not survey.weights[inside].any():
        return np.nan, np.nan, np.nan
    order = np.argsort(y[inside], kind="stable")
    values, cumulative = y[inside][order], np.cumsum(survey.weights[inside][order])

    def at(share: float) -> float:
        reached = int(np.searchsorted(cumulative, share * cumulative[-1] * (1 - 1e-12)))
        return float(values[min(reached, len(values) - 1)])

    estimate = at(p)
    share, error = _share_below(survey, inside & (y <= estimate), inside)
    half = float(t_critical(max(survey.df, 1.0), survey.confidence_level)) * error
    if np.isnan(half):
        return estimate, -np.inf, np.inf
    return estimate, at(max(share - half, 0.0)), at(min(share + half, 1.0))


def _share_below(
    survey: ReplicateSurvey, below: NDArray[np.bool_], inside: NDArray[np.bool_]
) -> tuple[float, float]:
    """Share of the domain at or below the quantile, and its standard error."""
    whole = np.zeros(survey.n, dtype=np.int64)
    (part, parts), (all_, alls) = (
        survey.replicates.sums(rows.astype(np.float64), whole, 1) for rows in (below, inside)
    )
    shares = quotient(parts, alls)
    distances = survey.replicates.deviations(part / all_, shares)
    return float(part[0] / all_[0]), float(np.sqrt((distances**2).sum()))
