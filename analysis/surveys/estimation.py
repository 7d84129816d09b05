"""Means, shares, ratios and totals of a survey: what `analysis.design.Survey` answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.errors import InvalidCounts, InvalidShape
from analysis.intervals.shares import design_interval
from analysis.surveys.columns import Labels, Table
from analysis.surveys.design_effects import pooled_design_effect
from analysis.surveys.linearisation import Linearised, ratio
from analysis.surveys.survey_estimates import SurveyEstimates, t_estimates
from analysis.types import FloatArray, IntArray

if TYPE_CHECKING:
    from analysis.design import Survey

Pairs = Mapping[str, tuple[FloatArray, FloatArray]]
"""Numerator and denominator of each figure, row by row; both 0 where not answered."""

LARGEST_INFLUENCE = 50_000_000
"""Entries of the largest table of influence values that is built: rows times figures."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a survey.

    Attributes
    ----------
    columns : str or sequence of str
        One column, or several.
    by : str or sequence of str, optional
        Columns whose labels make the domains.
    df : {"design", "domain"}
    method : str
        Name of the figure, or of its interval.
    """

    columns: str | Sequence[str]
    by: str | Sequence[str] | None
    df: str
    method: str

    @property
    def names(self) -> list[str]:
        """Names of the figures, before domains."""
        return [self.columns] if isinstance(self.columns, str) else list(self.columns)

    def labels(self, domains: Labels) -> tuple[Any, ...]:
        """Columns, domains, or pairs of both where both vary."""
        if self.by is None:
            return tuple(self.names)
        if isinstance(self.columns, str):
            return domains.values
        return tuple((name, domain) for name in self.names for domain in domains.values)


def answered_pairs(table: Table, names: Sequence[str]) -> Pairs:
    """Each column's value and whether it was answered.

    Parameters
    ----------
    table : Table
    names : sequence of str

    Returns
    -------
    mapping of str to pair of (N,) ndarray
    """
    columns = {name: table.numbers(name) for name in names}
    return {name: (np.nan_to_num(y), (~np.isnan(y)).astype(np.float64)) for name, y in columns.items()}


def ratio_estimates(
    survey: Survey, pairs: Pairs, question: Question, *, covariance: bool = False
) -> SurveyEstimates:
    """Ratios of totals with plain t intervals.

    Parameters
    ----------
    survey : Survey
    pairs : mapping of str to pair of (N,) ndarray
    question : Question
    covariance : bool
        Keep the covariance between the figures.

    Returns
    -------
    SurveyEstimates
    """
    domains = survey.domains(question.by)
    found, people, below = _ratios(survey, pairs, question, domains)
    labels = question.labels(domains)
    level = survey.confidence_level
    estimates = t_estimates(found, people, method=question.method, confidence_level=level)
    if not covariance:
        return SurveyEstimates(labels, estimates)
    parts = zip(pairs.values(), found.value.reshape(len(pairs), -1), below, strict=True)
    influence = np.column_stack([_influence(*pair, value, total, domains) for pair, value, total in parts])
    return SurveyEstimates(labels, estimates, survey.covariance(influence))


def share_estimates(survey: Survey, question: Question) -> SurveyEstimates:
    """Shares of 0/1 columns with an interval inside [0, 1].

    Parameters
    ----------
    survey : Survey
    question : Question
        Its method names the interval.

    Returns
    -------
    SurveyEstimates
    """
    pairs = answered_pairs(survey.table, question.names)
    for name, (y, answered) in pairs.items():
        if not np.isin(y[answered > 0], (0.0, 1.0)).all():
            raise InvalidCounts(expected=f"0, 1 or missing in {name}", got="other values", hint="use mean")
    domains = survey.domains(question.by)
    found, people, _ = _ratios(survey, pairs, question, domains)
    value = np.clip(found.value, 0.0, 1.0)
    estimates = design_interval(
        np.nan_to_num(value), found.variance, people, found.df, method=question.method,
        borrowed_design_effect=pooled_design_effect(found), confidence_level=survey.confidence_level,
    )  # fmt: skip
    return SurveyEstimates(question.labels(domains), estimates)


def total_estimates(survey: Survey, question: Question, *, is_complete: bool) -> SurveyEstimates:
    """Totals in the population with plain t intervals.

    Parameters
    ----------
    survey : Survey
    question : Question
    is_complete : bool
        Refuse missing values; else they count as none.

    Returns
    -------
    SurveyEstimates
    """
    domains, table = survey.domains(question.by), survey.table
    values, variances = [], []
    for name in question.names:
        y = table.complete(name) if is_complete else np.nan_to_num(table.numbers(name))
        totals = survey.domain_totals((name,), y[:, None], domains, df=question.df)
        values.append(totals.value[:, 0])
        variances.append(totals.covariance[:, 0, 0])
    size = len(domains) * len(values)
    found = Linearised(
        np.concatenate(values), np.concatenate(variances), np.full(size, np.nan), np.full(size, float(survey.df)),
        np.ones(size),
    )  # fmt: skip
    people = np.tile(np.bincount(domains.codes, minlength=len(domains)), len(values))
    level = survey.confidence_level
    return SurveyEstimates(
        question.labels(domains), t_estimates(found, people, method="total", confidence_level=level)
    )


def _ratios(
    survey: Survey, pairs: Pairs, question: Question, domains: Labels
) -> tuple[Linearised, IntArray, list[FloatArray]]:
    """Every ratio in every domain, its respondents, and by column the denominators."""
    parts, people, below = [], [], []
    for y, x in pairs.values():
        value = _ratio_values(survey, y, x, domains)
        # Around the ratio itself: a small variance far from zero would drown in rounding.
        centred = y - np.nan_to_num(value)[domains.codes] * x
        values = np.column_stack([centred, x, x != 0])
        totals = survey.domain_totals(("y", "x", "n"), values, domains, df=question.df)
        # Independent respondents would be those who answered, with their own weights.
        answered = replace(totals, n=totals.people("n").astype(np.int64), n_weighted=totals.value[:, 2])
        parts.append(replace(ratio(answered, "y", "x"), value=value))
        people.append(answered.n)
        below.append(totals.value[:, 1])
    names = ("value", "variance", "simple_variance", "df", "correction")
    joined = Linearised(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
    return joined, np.concatenate(people), below


def _ratio_values(survey: Survey, y: FloatArray, x: FloatArray, domains: Labels) -> FloatArray:
    """Ratio of the totals in each domain, NaN where the denominator is nothing."""
    above, below = (
        np.bincount(domains.codes, weights=survey.weights * column, minlength=len(domains))
        for column in (y, x)
    )
    value: FloatArray = np.divide(above, below, out=np.full(len(domains), np.nan), where=below > 0)
    return value


def _influence(
    y: FloatArray, x: FloatArray, value: FloatArray, below: FloatArray, domains: Labels
) -> FloatArray:
    """Influence of each row on the ratio of each domain, (N, U)."""
    codes = domains.codes
    if len(y) * len(domains) > LARGEST_INFLUENCE:
        raise InvalidShape(
            expected=f"rows times domains up to {LARGEST_INFLUENCE:,}",
            got=f"{len(y) * len(domains):,}",
            hint="ask for the covariance of fewer domains",
        )
    residual = np.nan_to_num(y - value[codes] * x)
    influence = np.zeros((len(y), len(domains)))
    influence[np.arange(len(y)), codes] = np.divide(
        residual, below[codes], out=np.zeros(len(y)), where=below[codes] > 0
    )
    return influence
