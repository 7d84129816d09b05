"""Rank tests of a survey: groups compared by the population ranks of their answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.arguments import checked
from analysis.comparing.hypothesis_tests import HypothesisTest, wald_test
from analysis.design import Survey
from analysis.errors import InvalidShape
from analysis.regression.categories import categories
from analysis.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class SurveyRankTest:
    """Groups of a survey compared by ranks.

    Attributes
    ----------
    groups : tuple
        Levels compared, in sorted order.
    mean_ranks : (G,) ndarray in [0, 1]
        Mean of the part of the population that answers lower, ties counted half. Of two groups the second
        minus the first, plus 1/2, is the chance that someone of the second answers higher.
    test : HypothesisTest
        Wald's F that all are equal.
    n : int
        Respondents with an answer.
    """

    groups: tuple[Any, ...]
    mean_ranks: FloatArray
    test: HypothesisTest
    n: int


@checked
def survey_rank_test(survey: Survey, column: str, by: str) -> SurveyRankTest:
    """Whether groups of a survey answer alike on an ordered scale: Wilcoxon's and Kruskal-Wallis's test by design.

    Parameters
    ----------
    survey : Survey
    column : str
        Ordered answers as numbers; who did not answer is outside.
    by : str
        Column of two or more groups.

    Returns
    -------
    SurveyRankTest

    Raises
    ------
    InvalidShape
        Fewer than two groups with answers.

    Notes
    -----
    Ranks are estimated population ranks, ``F(y-) + f(y)/2`` of the weighted answers; their group means are
    compared as means of known scores, which is right if the groups are alike. F has G - 1 and (clusters -
    strata - G + 1) degrees of freedom.

    References
    ----------
    Lumley and Scott (2013), Biometrika 100:831-842.

    Examples
    --------
    >>> survey = Survey({"rate": [5, 4, 5, 3, 4, 1, 2, 3, 2, 1], "kind": ["A"] * 5 + ["B"] * 5})
    >>> found = survey_rank_test(survey, "rate", "kind")
    >>> found.mean_ranks.round(2).tolist(), round(found.test.p_value, 4)
    ([0.74, 0.26], 0.0013)
    """
    y = survey.table.numbers(column)
    kinds = categories(survey.table, by, rows=~np.isnan(y) & (survey.weights > 0))
    if len(kinds) < 2:
        raise InvalidShape(
            expected=f"two or more groups of {by} with answers",
            got=str(len(kinds)),
            hint="nothing to compare",
        )
    members = kinds.indicators()
    weights = survey.weights[:, None] * members
    size = weights.sum(axis=0)
    ranks = _population_ranks(y, weights.sum(axis=1))
    means = ranks @ weights / size
    influence = members * (ranks[:, None] - means) / size
    against_first = influence[:, 1:] - influence[:, :1]
    used = kinds.is_known
    df = float(survey.stages.domain_df(used.astype(np.int64), 2)[1]) + 1 - len(kinds)
    test = wald_test(
        means[1:] - means[0], survey.covariance(against_first), df_denominator=df, method="rank F"
    )
    return SurveyRankTest(kinds.levels, means, test, int(used.sum()))


def _population_ranks(y: FloatArray, weights: FloatArray) -> FloatArray:
    """Weighted mid-distribution of each answer among the rows of positive weight; 0 elsewhere."""
    used = weights > 0
    values, codes = np.unique(y[used], return_inverse=True)
    share = np.bincount(codes, weights=weights[used], minlength=len(values)) / weights.sum()
    ranks = np.zeros(len(y))
    ranks[used] = (np.cumsum(share) - share / 2)[codes]
    return ranks
