"""Independence and fit of answers of a survey: Pearson's statistic under the design, and Wald tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.comparing.chi_square_sums import chi_square_sum_tail
from analysis.comparing.hypothesis_tests import HypothesisTest, NoTest, wald_test
from analysis.design import Survey
from analysis.distributions import f_tail
from analysis.errors import InvalidCounts, InvalidShape
from analysis.regression.categories import Categories, categories
from analysis.types import FloatArray
from analysis.validation import finite_array


@dataclass(frozen=True, slots=True, eq=False)
class RaoScottTest:
    """Pearson's statistic of one table of a survey, referred to its law under the design.

    Attributes
    ----------
    levels : tuple of tuple
        Levels of the rows and of the columns; of the only variable in a test of fit.
    shares : (R, C) or (L,) ndarray
        Weighted shares of the cells.
    n : int
        Respondents with an answer to all.
    df : float
        Clusters minus strata that hold one of them.
    pearson : float
        ``n Σ (p - p₀)² / p₀`` of the weighted shares.
    design_effects : (d,) ndarray
        Generalised design effects, largest first: the statistic is the sum of d squares weighted by them.
    second_order, first_order, saddlepoint : HypothesisTest
        Rao and Scott's F (the default), their first-order chi-square, and the weighted sum itself.
    wald, adjusted_wald : HypothesisTest
        Quadratic forms in the residuals; unreliable where clusters are few.
    """

    levels: tuple[tuple[Any, ...], ...]
    shares: FloatArray
    n: int
    df: float
    pearson: float
    design_effects: FloatArray
    second_order: HypothesisTest
    first_order: HypothesisTest
    saddlepoint: HypothesisTest
    wald: HypothesisTest
    adjusted_wald: HypothesisTest

    @property
    def cramers_v(self) -> float:
        """Strength of the association in [0, 1]; of a test of fit, the distance in units of n."""
        smaller = min(self.shares.shape) - 1 if self.shares.ndim > 1 else 1
        return float(np.sqrt(self.pearson / (self.n * smaller)))


@checked
def rao_scott_test(survey: Survey, rows: str, columns: str) -> RaoScottTest:
    """Independence of two questions in a survey.

    Parameters
    ----------
    survey : Survey
    rows, columns : str
        Columns of levels. Who did not answer both is outside the table, not outside the design.

    Returns
    -------
    RaoScottTest

    Raises
    ------
    InvalidCounts
        Where nobody answered both, or one of the questions has a single level.

    Notes
    -----
    With p the cell shares, D = diag(p), V their design covariance and C a basis of the interactions, the
    generalised design effects δ are the eigenvalues of ``(C'D⁻¹C/n)⁻¹ C'D⁻¹VD⁻¹C``. Pearson's X² behaves as
    ``Σ δ_i χ²₁``. First order: ``X²/δ̄`` on (R-1)(C-1) degrees of freedom. Second order: ``F = X²/Σδ`` on
    ``k = (Σδ)²/Σδ²`` and ``k ν``, ν clusters minus strata. The Wald statistics take the totals
    ``N_ij - N_i. N_.j / N``.

    References
    ----------
    Rao and Scott (1984), Annals of Statistics 12:46-60. Thomas and Rao (1987), JASA 82:630-636.

    Examples
    --------
    >>> survey = Survey({"kind": ["A", "A", "B", "B"] * 25, "top": ([1, 0, 0, 0] * 20) + [1, 1, 1, 0] * 5})
    >>> test = rao_scott_test(survey, "kind", "top")
    >>> round(test.pearson, 2), test.second_order.p_value < 0.001
    (27.47, True)
    """
    first, second = categories(survey.table, rows), categories(survey.table, columns)
    used = first.is_known & second.is_known & (survey.weights > 0)
    first, second = (categories(survey.table, name, rows=used) for name in (rows, columns))
    _require_levels({rows: first, columns: second})
    a, b = first.indicators(), second.indicators()
    cells = (a[:, :, None] * b[:, None, :]).reshape(survey.n, -1)
    table = _Table.of(survey, cells, used)
    shares = table.shares.reshape(len(first), len(second))
    margins = shares.sum(axis=1), shares.sum(axis=0)
    expected = np.outer(*margins)
    basis: Any = np.kron(_contrasts(len(first)), _contrasts(len(second)))
    residuals = ((a - margins[0])[:, 1:, None] * (b - margins[1])[:, None, 1:]).reshape(survey.n, -1)
    walds = _wald_tests(survey, np.where(used[:, None], residuals, 0.0), table.df)
    scale = _cell_scale(table.shares, expected.ravel(), basis)
    return table.tested((first.levels, second.levels), expected, basis, scale, walds)


@checked
def rao_scott_fit_test(survey: Survey, column: str, shares: Mapping[Any, float]) -> RaoScottTest:
    """Whether the answers to one question have given shares in the population.

    Parameters
    ----------
    survey : Survey
    column : str
    shares : mapping of level to float > 0
        Hypothetical shares of every level; scaled to sum to 1.

    Returns
    -------
    RaoScottTest

    Examples
    --------
    >>> survey = Survey({"top": [1] * 60 + [0] * 40})
    >>> round(rao_scott_fit_test(survey, "top", {0: 0.5, 1: 0.5}).pearson, 6)
    4.0
    """
    values = finite_array(list(shares.values()), name="shares")
    if not np.isfinite(values).all() or (values <= 0).any() or values.ndim != 1 or len(values) < 2:
        raise InvalidCounts(
            expected="two or more positive shares", got=repr(dict(shares))[:80], hint="one per level"
        )
    used = categories(survey.table, column).is_known & (survey.weights > 0)
    answers = categories(survey.table, column, levels=list(shares), rows=used)
    table, expected = _Table.of(survey, answers.indicators(), used), values / values.sum()
    walds = _wald_tests(
        survey, np.where(used[:, None], answers.indicators() - expected, 0.0)[:, 1:], table.df
    )
    return table.tested((answers.levels,), expected, _contrasts(len(values)), expected, walds)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Weighted shares of K cells with their design covariance."""

    shares: FloatArray
    covariance: FloatArray
    n: int
    df: float

    @classmethod
    def of(cls, survey: Survey, cells: FloatArray, used: NDArray[np.bool_]) -> _Table:
        if not used.any():
            raise InvalidCounts(expected="answers", got="none", hint="nobody answered all the questions")
        kept = np.where(used[:, None], cells, 0.0)
        size = survey.weights[used].sum()
        shares = survey.weights @ kept / size
        covariance = survey.covariance(np.where(used[:, None], cells - shares, 0.0) / size)
        df = float(survey.stages.domain_df(used.astype(np.int64), 2)[1])
        return cls(shares, covariance, int(used.sum()), df)

    def tested(
        self,
        levels: tuple[tuple[Any, ...], ...],
        expected: FloatArray,
        basis: FloatArray,
        scale: FloatArray,
        walds: tuple[HypothesisTest, HypothesisTest],
    ) -> RaoScottTest:
        shares = self.shares.reshape(expected.shape)
        pearson = float(self.n * ((shares - expected) ** 2 / expected).sum())
        effects = _generalised_design_effects(basis, scale, self.covariance, self.n)
        return RaoScottTest(
            levels,
            shares,
            self.n,
            self.df,
            pearson,
            effects,
            *_pearson_tests(pearson, effects, self.df),
            *walds,
        )


def _pearson_tests(
    pearson: float, effects: FloatArray, df: float
) -> tuple[HypothesisTest, HypothesisTest, HypothesisTest]:
    names = ("rao-scott second order", "rao-scott first order", "saddlepoint")
    total, d = float(effects.sum()), len(effects)
    code = NoTest.NO_VARIANCE if total <= 0 else NoTest.FEW_CLUSTERS if df <= 0 else NoTest.TESTED
    if code is not NoTest.TESTED:
        second, first, sums = (
            HypothesisTest(np.nan, d, np.nan, method=name, reason=code.reason) for name in names
        )
        return second, first, sums
    k = total**2 / float(effects @ effects)
    f, corrected = pearson / total, pearson / (total / d)
    return (
        HypothesisTest(f, k, float(f_tail(f, k, k * df)), k * df, names[0]),
        HypothesisTest(corrected, d, float(f_tail(corrected / d, d)), method=names[1]),
        HypothesisTest(
            pearson, np.nan, chi_square_sum_tail(pearson, effects, df_denominator=k * df), k * df, names[2]
        ),
    )


def _wald_tests(survey: Survey, residuals: FloatArray, df: float) -> tuple[HypothesisTest, HypothesisTest]:
    values, covariance = survey.weights @ residuals, survey.covariance(residuals)
    plain, adjusted = (
        wald_test(values, covariance, df_denominator=df, method=name, adjusted=adjust)
        for name, adjust in (("wald", False), ("adjusted wald", True))
    )
    return plain, adjusted


def _generalised_design_effects(
    basis: FloatArray, scale: FloatArray, covariance: FloatArray, n: int
) -> FloatArray:
    scaled = basis * quotient(1.0, scale, empty=0.0)[:, None]
    simple = basis.T @ scaled / n
    effects: FloatArray = linalg.eigvalsh(scaled.T @ covariance @ scaled, simple)[::-1]
    return np.where(effects > 1e-10 * max(effects[0], 1e-300), effects, 0.0)


def _cell_scale(shares: FloatArray, expected: FloatArray, basis: FloatArray) -> FloatArray:
    """Observed cell shares; those of independence where empty cells leave too little of the basis."""
    kept = basis[shares > 0]
    return shares if np.linalg.matrix_rank(kept) == basis.shape[1] else expected


def _contrasts(size: int) -> FloatArray:
    """Orthonormal contrasts between levels, (size, size - 1)."""
    contrasts: FloatArray = linalg.helmert(size).T
    return contrasts


def _require_levels(found: Mapping[str, Categories]) -> None:
    for name, levels in found.items():
        if len(levels) < 2:
            raise InvalidShape(
                expected=f"two or more levels of {name} among those who answered",
                got=", ".join(map(repr, levels.levels)) or "none",
                hint="with one level there is nothing to depend on; show the counts",
            )
