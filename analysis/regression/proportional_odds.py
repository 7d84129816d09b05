"""Whether one set of coefficients serves every split of an ordered answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.arguments import checked
from analysis.comparing.hypothesis_tests import HypothesisTest, NoTest, wald_test
from analysis.design import Survey
from analysis.regression.cumulative_logit import fit_cumulative_logit, parallel_score_test
from analysis.regression.models import logistic_influence
from analysis.regression.ordinal import counted_answers, ordered_answers, parameter_names, require_every_level


@checked
def proportional_odds_score_test(
    data: Any,
    response: str,
    predictors: Sequence[str],
    *,
    frequencies: str | None = None,
    levels: Sequence[Any] | None = None,
    bases: Mapping[str, Any] | None = None,
) -> HypothesisTest:
    """Whether the odds are proportional: one set of coefficients against one for every split.

    Parameters
    ----------
    data, response, predictors, frequencies, levels, bases
        As in `ordinal_regression_of_counts`.

    Returns
    -------
    HypothesisTest
        Chi-square on p (L - 2) degrees of freedom; too ready to reject where cells are small.

    References
    ----------
    Peterson and Harrell (1990), Applied Statistics 39:205-217.

    Examples
    --------
    >>> table = {"rate": [1, 2, 3] * 2, "kind": ["A"] * 3 + ["B"] * 3, "n": [30, 40, 30, 15, 40, 45]}
    >>> test = proportional_odds_score_test(table, "rate", ["kind"], frequencies="n")
    >>> test.df, round(test.p_value, 2)
    (1, 0.5)
    """
    answers, matrix, counts = counted_answers(
        data, response, predictors, frequencies=frequencies, levels=levels, bases=bases
    )
    used = matrix.is_used
    fit = fit_cumulative_logit(
        matrix.values[used], answers.codes[used], counts[used], names=parameter_names(answers, matrix)
    )
    return parallel_score_test(matrix.values[used], counts[used], fit)


@checked
def proportional_odds_survey_test(
    survey: Survey,
    response: str,
    predictors: Sequence[str],
    *,
    levels: Sequence[Any] | None = None,
    bases: Mapping[str, Any] | None = None,
) -> HypothesisTest:
    """Whether the odds are proportional in a survey: the separate logistic fits of every split, compared.

    Parameters
    ----------
    survey, response, predictors, levels, bases
        As in `ordinal_regression`.

    Returns
    -------
    HypothesisTest
        F, adjusted for the clusters, on p (L - 2) degrees of freedom.

    Raises
    ------
    InvalidCounts
        Where a split has no finite coefficients.

    References
    ----------
    Brant (1990), Biometrics 46:1171-1178.

    Examples
    --------
    >>> answers = {"rate": [1, 2, 3, 1, 2, 3, 3, 2, 1, 3, 2, 1] * 5, "kind": (["A"] * 6 + ["B"] * 6) * 5}
    >>> proportional_odds_survey_test(Survey(answers), "rate", ["kind"]).df
    1
    """
    answers, matrix = ordered_answers(
        survey.table, response, predictors, levels=levels, bases=bases, rows=survey.weights > 0
    )
    require_every_level(answers, response)
    splits, p = len(answers) - 1, len(matrix.names) - 1
    if splits < 2 or not p:
        return HypothesisTest(np.nan, 0, np.nan, method="brant", reason=NoTest.ONE_LEVEL.reason)
    fits = [
        logistic_influence(survey, matrix, (answers.codes > split).astype(float)) for split in range(splits)
    ]
    slopes = np.concatenate([coefficients[1:] for coefficients, _ in fits])
    covariance = survey.covariance(np.hstack([influence[:, 1:] for _, influence in fits]))
    compare = np.kron(np.column_stack([-np.ones(splits - 1), np.eye(splits - 1)]), np.eye(p))
    df = float(survey.stages.domain_df(matrix.is_used.astype(np.int64), 2)[1])
    return wald_test(
        compare @ slopes, compare @ covariance @ compare.T, df_denominator=df, method="brant", adjusted=True
    )
