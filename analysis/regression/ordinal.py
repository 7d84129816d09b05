"""The proportional-odds model of ordered answers, from a survey or from a table of counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.arguments import checked
from analysis.comparing.hypothesis_tests import HypothesisTest, wald_test
from analysis.comparing.t_tests import TTest, figure_test
from analysis.design import Survey
from analysis.errors import InvalidCounts, InvalidShape
from analysis.regression.categories import Categories, categories, text_of
from analysis.regression.cumulative_logit import CumulativeLogit, fit_cumulative_logit
from analysis.regression.design_matrix import DesignMatrix, columns_of_terms, design_matrix
from analysis.regression.models import logistic_influence
from analysis.regression.odds_ratios import OddsRatio, odds_ratio
from analysis.regression.replayed_search import replayed_cumulative_logit
from analysis.surveys.columns import Table
from analysis.types import FloatArray
from analysis.validation import finite_array, level_of, require_known, require_whole


@dataclass(frozen=True, slots=True, eq=False)
class ProportionalOdds:
    """One set of coefficients for every split of an ordered answer into "up to j" and "above j".

    Attributes
    ----------
    response : str
    levels : tuple
        L levels of the response, lowest first.
    names : tuple of str
        L - 1 thresholds ("1|2", ...) and p coefficients.
    values : (L - 1 + p,) ndarray
    covariance : (L - 1 + p, L - 1 + p) ndarray
        Linearised, of the design; or the inverse of the observed information.
    terms : mapping of str to tuple of int
        Positions of each predictor's coefficients.
    log_likelihood : float
        Of the answers; of a survey weighted, to compare models of the same rows only.
    n : int
        Respondents.
    df : float
        Clusters minus strata that hold one of them, minus p; infinite without a design.
    method : str
    confidence_level : float

    Notes
    -----
    ``P(Y <= j) = expit(θ_j - x'β)``: a positive β goes with higher answers.
    """

    response: str
    levels: tuple[Any, ...]
    names: tuple[str, ...]
    values: FloatArray
    covariance: FloatArray
    terms: Mapping[str, tuple[int, ...]]
    log_likelihood: float
    n: int
    df: float
    method: str
    confidence_level: float = 0.95

    def __getitem__(self, name: str) -> TTest:
        """One threshold or coefficient with its interval and test."""
        require_known(name, self.names, name="coefficient")
        at = self.names.index(name)
        return figure_test(
            float(self.values[at]), float(self.covariance[at, at]), self.df, self.n,
            method=self.method, confidence_level=self.confidence_level,
        )  # fmt: skip

    @property
    def thresholds(self) -> FloatArray:
        """θ, (L - 1,)."""
        return self.values[: len(self.levels) - 1]

    @property
    def coefficients(self) -> FloatArray:
        """β, (p,)."""
        return self.values[len(self.levels) - 1 :]

    @property
    def standard_errors(self) -> FloatArray:
        """Of thresholds and coefficients, (L - 1 + p,)."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    def odds_ratios(self) -> dict[str, OddsRatio]:
        """By what each coefficient multiplies the odds of an answer above any level."""
        return {name: odds_ratio(self[name]) for name in self.names[len(self.levels) - 1 :]}

    def term_test(self, *terms: str) -> HypothesisTest:
        """Wald's test that the coefficients of some predictors are all 0; of every predictor without an argument."""
        at = columns_of_terms(self.terms, terms)
        return wald_test(
            self.values[at], self.covariance[np.ix_(at, at)], df_denominator=self.df, method="wald F"
        )

    def level_shares(self, predictors: ArrayLike) -> FloatArray:
        """Fitted shares of the levels.

        Parameters
        ----------
        predictors : (..., p) array_like
            Values of the columns behind the coefficients.

        Returns
        -------
        (..., L) ndarray
            Summing to 1.
        """
        x = finite_array(predictors, name="predictors")
        if x.shape[-1:] != self.coefficients.shape:
            raise InvalidShape(
                expected=f"{len(self.coefficients)} predictors",
                got=str(x.shape),
                hint=f"in the order {self.names}",
            )
        below = special.expit(self.thresholds - (x @ self.coefficients)[..., None])
        edges = np.concatenate([np.zeros((*x.shape[:-1], 1)), below, np.ones((*x.shape[:-1], 1))], axis=-1)
        return np.diff(edges, axis=-1)


@checked
def ordinal_regression(
    survey: Survey,
    response: str,
    predictors: Sequence[str],
    *,
    levels: Sequence[Any] | None = None,
    bases: Mapping[str, Any] | None = None,
    search: str = "newton",
) -> ProportionalOdds:
    """Proportional odds of an ordered answer in a survey, with errors that follow its design.

    Parameters
    ----------
    survey : Survey
    response : str
        Column of levels.
    predictors : sequence of str
        Columns of numbers or categories, and interactions "a:b" of them.
    levels : sequence, optional
        The levels, lowest first; in sorted order by default.
    bases : mapping of str to level, optional
    search : {"newton", "variable metric"}
        Newton's method goes to the maximum. The other replays the search of R's svyolr, which stops at a
        relative change of 1e-8, up to 0.01 standard errors beside it: only for comparing with R.

    Returns
    -------
    ProportionalOdds

    Raises
    ------
    InvalidCounts
        One level, a level that nobody chose, no complete row, or predictors that separate the levels.

    Notes
    -----
    Weighted maximum likelihood; the influence of a respondent is the inverse information times the score.

    References
    ----------
    McCullagh (1980), JRSS B 42:109-142. Binder (1983), International Statistical Review 51:279-292.

    Examples
    --------
    >>> answers = {"rate": [1, 2, 3, 1, 2, 3, 3, 2, 1, 3, 2, 1], "kind": ["A"] * 6 + ["B"] * 6}
    >>> ordinal_regression(Survey(answers), "rate", ["kind"]).names
    ('1|2', '2|3', 'kindB')
    """
    require_known(search, ("newton", "variable metric"), name="search")
    answers, full = ordered_answers(
        survey.table, response, predictors, levels=levels, bases=bases, rows=survey.weights > 0
    )
    matrix, used = _without_intercept(full), full.is_used
    x, codes, weights = matrix.values[used], answers.codes[used], survey.weights[used]
    if search == "newton":
        fit = fit_cumulative_logit(x, codes, weights, names=parameter_names(answers, matrix))
    else:
        require_every_level(answers, response)
        above = (answers.codes >= len(answers) // 2).astype(np.float64)
        split_fit, _ = logistic_influence(survey, full, above, tolerance=1e-8)
        fit = replayed_cumulative_logit(x, codes, weights, n_levels=len(answers), split_fit=split_fit)
    influence = np.zeros((survey.n, len(fit.values)))
    influence[used] = fit.scores @ np.linalg.inv(fit.information)
    df = float(survey.stages.domain_df(used.astype(np.int64), 2)[1]) + 1 - len(full.names)
    return _model(
        response, answers, matrix, fit, survey.covariance(influence), n=int(used.sum()), df=df,
        method="proportional odds, design", confidence_level=survey.confidence_level,
    )  # fmt: skip


@checked
def ordinal_regression_of_counts(
    data: Any,
    response: str,
    predictors: Sequence[str],
    *,
    frequencies: str | None = None,
    levels: Sequence[Any] | None = None,
    bases: Mapping[str, Any] | None = None,
    confidence_level: float = 0.95,
) -> ProportionalOdds:
    """Proportional odds of independent respondents by maximum likelihood, from a table of counts.

    Parameters
    ----------
    data : mapping of str to (M,) array_like, or a dataframe
        One row per combination of answer and predictors, or per respondent.
    response, predictors, levels, bases
        As in `ordinal_regression`.
    frequencies : str, optional
        Column of whole counts; every row counts once without it.
    confidence_level : float in (0, 1)

    Returns
    -------
    ProportionalOdds
        Errors from the observed information; normal limits.

    Examples
    --------
    >>> table = {"rate": [1, 2, 3] * 2, "kind": ["A"] * 3 + ["B"] * 3, "n": [30, 40, 30, 15, 40, 45]}
    >>> model = ordinal_regression_of_counts(table, "rate", ["kind"], frequencies="n")
    >>> round(model["kindB"].value, 3), round(model["kindB"].standard_error, 3)
    (0.734, 0.267)
    """
    answers, matrix, counts = counted_answers(
        data, response, predictors, frequencies=frequencies, levels=levels, bases=bases
    )
    used = matrix.is_used
    fit = fit_cumulative_logit(
        matrix.values[used], answers.codes[used], counts[used], names=parameter_names(answers, matrix)
    )
    covariance: FloatArray = np.asarray(np.linalg.inv(fit.information))
    return _model(
        response, answers, matrix, fit, covariance, n=int(counts[used].sum()), df=np.inf,
        method="proportional odds, maximum likelihood", confidence_level=level_of(confidence_level),
    )  # fmt: skip


def ordered_answers(
    table: Table,
    response: str,
    predictors: Sequence[str],
    *,
    levels: Sequence[Any] | None,
    bases: Mapping[str, Any] | None,
    rows: NDArray[np.bool_],
) -> tuple[Categories, DesignMatrix]:
    """Codes of the answers and the predictors with an intercept, of rows that have both.

    Parameters
    ----------
    table : Table
    response, predictors, levels, bases
        As in `ordinal_regression`.
    rows : (N,) ndarray of bool
        Rows that count.

    Returns
    -------
    answers : Categories
    matrix : DesignMatrix
    """
    known = categories(table, response, levels=levels, rows=rows).is_known
    matrix = design_matrix(table, predictors, bases=bases, rows=known, intercept=True)
    answers = categories(table, response, levels=levels, rows=matrix.is_used)
    return answers, matrix


def _without_intercept(matrix: DesignMatrix) -> DesignMatrix:
    """The thresholds take the intercept's place; it was needed to see which columns depend on each other."""
    terms = {name: tuple(at - 1 for at in own) for name, own in matrix.terms.items()}
    return DesignMatrix(matrix.names[1:], matrix.values[:, 1:], terms, matrix.is_used)


@checked
def counted_answers(
    data: Any,
    response: str,
    predictors: Sequence[str],
    *,
    frequencies: str | None,
    levels: Sequence[Any] | None,
    bases: Mapping[str, Any] | None,
) -> tuple[Categories, DesignMatrix, FloatArray]:
    """Codes of the answers, the predictors without an intercept, and how many people each row stands for.

    Parameters
    ----------
    data, response, predictors, frequencies, levels, bases
        As in `ordinal_regression_of_counts`.

    Returns
    -------
    answers : Categories
    matrix : DesignMatrix
    counts : (M,) ndarray
    """
    table = Table.of(data)
    counts = np.ones(table.n_rows) if frequencies is None else table.complete(frequencies)
    require_whole(counts, name="frequencies")
    answers, matrix = ordered_answers(
        table, response, predictors, levels=levels, bases=bases, rows=counts > 0
    )
    return answers, _without_intercept(matrix), counts


def parameter_names(answers: Categories, matrix: DesignMatrix) -> tuple[str, ...]:
    """Names of the thresholds ("1|2") and the coefficients.

    Parameters
    ----------
    answers : Categories
    matrix : DesignMatrix
        Without an intercept.

    Returns
    -------
    tuple of str
    """
    texts = [text_of(level) for level in answers.levels]
    return (*(f"{low}|{high}" for low, high in pairwise(texts)), *matrix.names)


def require_every_level(answers: Categories, response: str) -> None:
    """Refuse a response with one level, or with a level that nobody chose.

    Parameters
    ----------
    answers : Categories
    response : str

    Returns
    -------
    None
    """
    counts = np.bincount(answers.codes[answers.is_known], minlength=len(answers))
    if len(answers) < 2 or not counts.all():
        unused = [text_of(level) for level, count in zip(answers.levels, counts, strict=True) if not count]
        raise InvalidCounts(
            expected=f"two or more levels of {response}, each chosen by someone",
            got=f"nobody at {', '.join(unused)}" if unused else f"{len(answers)} level",
            hint="leave out or merge levels that nobody chose",
        )


def _model(
    response: str,
    answers: Categories,
    matrix: DesignMatrix,
    fit: CumulativeLogit,
    covariance: FloatArray,
    *,
    n: int,
    df: float,
    method: str,
    confidence_level: float,
) -> ProportionalOdds:
    shift = len(answers) - 1
    terms = {name: tuple(at + shift for at in own) for name, own in matrix.terms.items()}
    names = parameter_names(answers, matrix)
    return ProportionalOdds(
        response, answers.levels, names, fit.values, covariance, terms, fit.log_likelihood, n, df, method,
        confidence_level,
    )  # fmt: skip
