"""Linear and logistic regression of a survey, with errors that follow its design."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.comparing.hypothesis_tests import HypothesisTest, wald_test
from analysis.comparing.t_tests import TTest, figure_test
from analysis.design import Survey
from analysis.errors import InvalidCounts, InvalidOption
from analysis.regression.categories import categories
from analysis.regression.design_matrix import DesignMatrix, columns_of_terms, design_matrix, is_categorical
from analysis.regression.odds_ratios import OddsRatio, odds_ratio
from analysis.regression.separation import require_overlap
from analysis.types import FloatArray
from analysis.validation import require_known

MOST_STEPS = 60
"""Newton steps after which a likelihood is taken to have no maximum."""

SUSPECT_LOG_ODDS = 12.0
"""Fitted log odds beyond which separation is looked for: a chance of one in 160,000."""


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """Coefficients of a regression with their design covariance.

    Attributes
    ----------
    response : str
    names : tuple of str
        Coefficients; the first is "(Intercept)".
    coefficients : (p,) ndarray
    covariance : (p, p) ndarray
        Linearised, of the design.
    terms : mapping of str to tuple of int
        Coefficients of each predictor.
    n : int
        Rows that have every answer.
    df : float
        Clusters minus strata that hold one of them, minus p, plus 1; where not positive there are no tests.
    r_squared : float
        Weighted share of variance explained (linear), or of deviance (logistic).
    method : str
    confidence_level : float

    Notes
    -----
    A model says what goes with what in the population surveyed, not what causes what.
    """

    response: str
    names: tuple[str, ...]
    coefficients: FloatArray
    covariance: FloatArray
    terms: Mapping[str, tuple[int, ...]]
    n: int
    df: float
    r_squared: float
    method: str
    confidence_level: float = 0.95

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __getitem__(self, name: str) -> TTest:
        """One coefficient with its t interval and test; an unknown one is an error that lists those present."""
        require_known(name, self.names, name="coefficient")
        at = self.names.index(name)
        return figure_test(
            float(self.coefficients[at]), float(self.covariance[at, at]), self.df, self.n,
            method=self.method, confidence_level=self.confidence_level,
        )  # fmt: skip

    @property
    def standard_errors(self) -> FloatArray:
        """Linearised standard errors, (p,)."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    def term_test(self, *terms: str) -> HypothesisTest:
        """Wald's F test that all coefficients of some predictors are 0; of every predictor without an argument."""
        at = columns_of_terms(self.terms, terms)
        return wald_test(
            self.coefficients[at], self.covariance[np.ix_(at, at)], df_denominator=self.df, method="wald F"
        )

    def odds_ratios(self) -> dict[str, OddsRatio]:
        """Odds ratio of every coefficient but the intercept of a logistic regression."""
        if self.method != "logistic regression":
            raise InvalidOption(
                expected="a logistic regression", got=self.method, hint="a difference of means has no odds"
            )
        return {name: odds_ratio(self[name]) for name in self.names[1:]}


@checked
def linear_regression(
    survey: Survey, response: str, predictors: Sequence[str], *, bases: Mapping[str, Any] | None = None
) -> Regression:
    """Least squares of a score on predictors, weighted as the survey is.

    Parameters
    ----------
    survey : Survey
    response : str
        A column of numbers.
    predictors : sequence of str
        Columns of numbers or categories, and interactions "a:b" of them; none for the mean alone.
    bases : mapping of str to level, optional
        Level of a category that the others are compared with; the first in sorted order by default.

    Returns
    -------
    Regression

    Raises
    ------
    InvalidCounts
        No complete row, or predictors that determine each other.

    Notes
    -----
    ``b = (X'WX)⁻¹ X'Wy``, with the design covariance of the weighted sums of the influences
    ``(X'WX)⁻¹ x_i (y_i - x_i b)``. Rows with a missing answer are outside the domain, not outside the design.

    References
    ----------
    Binder (1983), International Statistical Review 51:279-292. Fuller (1975), Sankhya C 37:117-132.

    Examples
    --------
    >>> survey = Survey({"rate": [5, 4, 3, 2, 4, 1], "kind": ["A", "A", "A", "B", "B", "B"]})
    >>> model = linear_regression(survey, "rate", ["kind"])
    >>> round(model["kindB"].value, 4), model.df
    (-1.6667, 4.0)
    """
    y = survey.table.numbers(response)
    matrix = _predictors(survey, predictors, bases, ~np.isnan(y))
    y, weights = np.where(matrix.is_used, y, 0.0), np.where(matrix.is_used, survey.weights, 0.0)
    root = np.sqrt(weights / weights.sum())
    coefficients = np.linalg.lstsq(root[:, None] * matrix.values, root * y, rcond=None)[0]
    residuals = np.where(matrix.is_used, y - matrix.values @ coefficients, 0.0)
    influence = _influence(matrix, weights, np.ones(survey.n), residuals)
    around = y - (weights @ y) / weights.sum()
    explained = _explained(float(weights @ residuals**2), float(weights @ around**2))
    return _regression(
        survey, response, matrix, coefficients=coefficients, influence=influence, r_squared=explained,
        method="linear regression",
    )  # fmt: skip


@checked
def logistic_regression(
    survey: Survey,
    response: str,
    predictors: Sequence[str],
    *,
    bases: Mapping[str, Any] | None = None,
    tolerance: float = 1e-13,
) -> Regression:
    """Log odds of a yes on predictors, by weighted maximum likelihood.

    Parameters
    ----------
    survey : Survey
    response : str
        A column of 0 and 1, or of two labels of which the last in sorted order is the yes.
    predictors, bases
        As in `linear_regression`.
    tolerance : float > 0
        Relative change of the deviance at which the steps stop. (R's glm stops at 1e-8, which leaves errors
        of the standard errors near 1e-4 of their size.)

    Returns
    -------
    Regression

    Raises
    ------
    InvalidCounts
        Everyone answered alike, or predictors separate the answers so that no finite coefficients exist.

    Notes
    -----
    The weighted score equations ``Σ w_i x_i (y_i - p_i) = 0`` by iteratively reweighted least squares;
    influences ``(Σ w p(1-p) xx')⁻¹ x_i (y_i - p_i)``, p(1-p) that of the last step.

    References
    ----------
    Binder (1983), International Statistical Review 51:279-292.

    Examples
    --------
    >>> survey = Survey({"top": [1] * 8 + [0] * 2 + [1] * 4 + [0] * 6, "kind": ["A"] * 10 + ["B"] * 10})
    >>> model = logistic_regression(survey, "top", ["kind"])
    >>> round(model.odds_ratios()["kindB"].value, 4)
    0.1667
    """
    y = _yes(survey, response)
    matrix = _predictors(survey, predictors, bases, ~np.isnan(y))
    y, weights = np.where(matrix.is_used, y, 0.0), np.where(matrix.is_used, survey.weights, 0.0)
    share = float(weights @ y / weights.sum())
    if not 0 < share < 1:
        raise InvalidCounts(
            expected=f"both answers to {response}", got=f"all {share:g}", hint="everyone answered alike"
        )
    coefficients, influence = logistic_influence(survey, matrix, y, tolerance=tolerance)
    left = _logistic_loss(matrix.values @ coefficients, y, weights)
    whole = -weights.sum() * (share * math.log(share) + (1 - share) * math.log1p(-share))
    return _regression(
        survey, response, matrix, coefficients=coefficients, influence=influence,
        r_squared=_explained(left, float(whole)), method="logistic regression",
    )  # fmt: skip


def logistic_influence(
    survey: Survey, matrix: DesignMatrix, y: FloatArray, *, tolerance: float = 1e-13
) -> tuple[FloatArray, FloatArray]:
    """Coefficients of a logistic regression and the influence of every row on them.

    Parameters
    ----------
    survey : Survey
    matrix : DesignMatrix
        With an intercept.
    y : (N,) ndarray of 0 and 1
    tolerance : float > 0

    Returns
    -------
    coefficients : (p,) ndarray
    influence : (N, p) ndarray
        Unweighted, 0 outside the rows used; those of several models side by side give their joint covariance.

    Raises
    ------
    InvalidCounts
        Where predictors separate the answers.
    """
    weights = np.where(matrix.is_used, survey.weights / survey.weights.mean(), 0.0)
    coefficients, spread = _logistic_fit(matrix, y, weights, tolerance)
    log_odds = np.clip(np.where(matrix.is_used, matrix.values @ coefficients, 0.0), -700, 700)
    # (y - p)/(p(1-p)), the working residual, in the form that does not cancel near 0 and 1.
    working = np.where(y == 1, 1 + np.exp(-log_odds), -1 - np.exp(log_odds))
    influence = _influence(matrix, survey.weights, spread, working * spread)
    return coefficients, influence


def _predictors(
    survey: Survey, predictors: Sequence[str], bases: Mapping[str, Any] | None, answered: NDArray[np.bool_]
) -> DesignMatrix:
    if isinstance(predictors, str):
        raise InvalidOption(
            expected="a sequence of predictors", got=repr(predictors), hint="write [name], with brackets"
        )
    return design_matrix(survey.table, predictors, bases=bases, rows=answered & (survey.weights > 0))


def _yes(survey: Survey, response: str) -> FloatArray:
    """A response as 0 and 1, NaN where missing."""
    if is_categorical(survey.table, response):
        found = categories(survey.table, response, rows=survey.weights > 0)
        if len(found) == 2:
            return np.where(found.is_known, found.codes.astype(np.float64), np.nan)
        raise InvalidCounts(
            expected=f"two answers to {response}", got=repr(found.levels[:5]), hint="code a yes as 1, else 0"
        )
    y = survey.table.numbers(response)
    if not np.isin(y[~np.isnan(y)], (0.0, 1.0)).all():
        raise InvalidCounts(
            expected=f"0 and 1 in {response}", got="other numbers", hint="code satisfied as 1, else 0"
        )
    return y


def _logistic_fit(
    matrix: DesignMatrix, y: FloatArray, weights: FloatArray, tolerance: float
) -> tuple[FloatArray, FloatArray]:
    """Coefficients, and p(1-p) of the last step."""
    x = matrix.values
    log_odds = special.logit((weights * y + 0.5) / (weights + 1))
    coefficients, loss = np.zeros(x.shape[1]), np.inf
    for _ in range(MOST_STEPS):
        p = special.expit(log_odds)
        spread = p * (1 - p)
        root = np.sqrt(weights * spread)
        target = log_odds + quotient(y - p, spread, empty=0.0)
        step = np.linalg.lstsq(root[:, None] * x, root * target, rcond=None)[0] - coefficients
        size = 1.0
        while (new := _logistic_loss(x @ (coefficients + size * step), y, weights)) > loss and size > 1e-6:
            size /= 2
        coefficients = coefficients + size * step
        log_odds = x @ coefficients
        is_done, loss = abs(new - loss) <= tolerance * (abs(new) + 0.05), new
        if is_done:
            break
    if np.abs(log_odds).max() > SUSPECT_LOG_ODDS:
        require_overlap((np.where(y == 1, 1.0, -1.0)[:, None] * x)[matrix.is_used], matrix.names)
    return coefficients, spread


def _logistic_loss(log_odds: FloatArray, y: FloatArray, weights: FloatArray) -> float:
    return float(weights @ np.logaddexp(0.0, np.where(y == 1, -log_odds, log_odds)))


def _influence(
    matrix: DesignMatrix, weights: FloatArray, spread: FloatArray, residuals: FloatArray
) -> FloatArray:
    """Inverse information times score, row by row; the information is Σ w s x x'."""
    x, used = matrix.values, matrix.is_used
    information = x.T @ (np.where(used, weights * spread, 0.0)[:, None] * x)
    scores = x * np.where(used, residuals, 0.0)[:, None]
    return np.asarray(np.linalg.solve(information, scores.T).T, dtype=np.float64)


def _explained(left: float, whole: float) -> float:
    return 1 - left / whole if whole > 0 else math.nan


def _regression(
    survey: Survey,
    response: str,
    matrix: DesignMatrix,
    *,
    coefficients: FloatArray,
    influence: FloatArray,
    r_squared: float,
    method: str,
) -> Regression:
    used = matrix.is_used
    df = float(survey.stages.domain_df(used.astype(np.int64), 2)[1]) + 1 - len(matrix.names)
    return Regression(
        response, matrix.names, coefficients, survey.covariance(influence), matrix.terms, int(used.sum()), df,
        r_squared, method, survey.confidence_level,
    )  # fmt: skip
