"""Quantiles of a survey with replicate weights, with Woodruff's limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arithmetic import quotient
from analysis.distributions import t_critical
from analysis.surveys.quantiles import quantiles_of_domains
from analysis.surveys.survey_estimates import SurveyEstimates

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

    Notes
    -----
    As in `analysis.surveys.quantiles.woodruff_quantiles`, with the share's error from the replicates.

    Examples
    --------
    >>> from analysis import Survey
    >>> survey = Survey({"minutes": [5, 7, 8, 10, 12, 15, 20, 30, 45]}).jackknife()
    >>> median = survey.quantile("minutes", [0.5]).estimates[0]
    >>> median.value, median.ci_low, median.ci_high
    (12.0, 7.0, 45.0)
    """
    return quantiles_of_domains(
        survey, column, probabilities, share_limits=_share_limits, domains=domains, is_whole=is_whole
    )


def _share_limits(
    survey: ReplicateSurvey, below: NDArray[np.bool_], inside: NDArray[np.bool_]
) -> tuple[float, float]:
    """Plain t limits of the share; NaN where a replicate has nobody of the domain."""
    whole = np.zeros(survey.n, dtype=np.int64)
    (part, parts), (all_, alls) = (
        survey.replicates.sums(rows.astype(np.float64), whole, 1) for rows in (below, inside)
    )
    shares = quotient(parts, alls)
    distances = survey.replicates.deviations(part / all_, shares)
    share, error = float(part[0] / all_[0]), float(np.sqrt((distances**2).sum()))
    half = float(t_critical(max(survey.df, 1.0), survey.confidence_level)) * error
    return share - half, share + half
