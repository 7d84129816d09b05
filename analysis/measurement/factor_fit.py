"""How well a covariance model fits: chi-square, comparative and absolute indices."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.measurement.covariance import checked_covariance
from analysis.types import FloatArray
from analysis.validation import MOST_COUNTED, count_of, level_of, number_of


@dataclass(frozen=True, slots=True)
class FitIndices:
    """Fit of a covariance model.

    Attributes
    ----------
    chi_square, df, p_value : float, int, float
        Against the unrestricted covariance matrix; p NaN with df = 0, where nothing can be tested.
    baseline_chi_square, baseline_df : float, int
        Of the model in which items are unrelated.
    cfi, tli : float
        Comparative fit and Tucker-Lewis indices; 1 with df = 0. TLI is NaN where items are unrelated.
    rmsea, rmsea_ci_low, rmsea_ci_high, rmsea_level : float
        Root mean square error of approximation with its interval; 0 with df = 0.
    srmr : float
        Root mean square of the residual correlations, diagonal included.
    log_likelihood, aic, bic : float
    n : int
    """

    chi_square: float
    df: int
    p_value: float
    baseline_chi_square: float
    baseline_df: int
    cfi: float
    tli: float
    rmsea: float
    rmsea_ci_low: float
    rmsea_ci_high: float
    rmsea_level: float
    srmr: float
    log_likelihood: float
    aic: float
    bic: float
    n: int


@checked
def fit_indices(
    covariance: ArrayLike,
    implied: ArrayLike,
    *,
    n: int,
    n_parameters: int,
    multiplier: float | None = None,
    rmsea_level: float = 0.90,
) -> FitIndices:
    """Fit of an implied covariance matrix to the one observed.

    Parameters
    ----------
    covariance, implied : (p, p) array_like
        Positive definite, of one divisor.
    n : int
        Respondents.
    n_parameters : int
        Free parameters of the covariance model.
    multiplier : float, optional
        What the discrepancy is multiplied by: n unless given.
    rmsea_level : float in (0, 1)

    Returns
    -------
    FitIndices

    Notes
    -----
    ``chi² = n [ln|Σ| - ln|S| + tr(S Σ⁻¹) - p]``; ``CFI = 1 - max(chi² - df, 0) / max(chi² - df, chi²_b - df_b, 0)``;
    ``TLI = (chi²_b/df_b - chi²/df) / (chi²_b/df_b - 1)``; ``RMSEA = √(max(chi² - df, 0) / (n df))``, limits from
    the noncentral chi-square; SRMR over the p(p + 1)/2 residuals ``(s_jk - σ_jk) / √(s_jj s_kk)``.

    References
    ----------
    Bentler (1990), Psychological Bulletin 107:238-246. Tucker and Lewis (1973), Psychometrika 38:1-10.
    Browne and Cudeck (1992), Sociological Methods & Research 21:230-258.

    Examples
    --------
    >>> fit = fit_indices([[1, 0.3], [0.3, 1]], [[1, 0], [0, 1]], n=100, n_parameters=2)
    >>> round(fit.chi_square, 3), fit.df, round(fit.p_value, 4), round(fit.cfi, 4), round(fit.srmr, 4)
    (9.431, 1, 0.0021, 0.0, 0.1732)
    """
    observed, model = checked_covariance(covariance), checked_covariance(implied)
    if observed.ndim != 2 or observed.shape != model.shape:
        raise InvalidShape(
            expected=f"an implied matrix of shape {observed.shape}", got=str(model.shape), hint="same items"
        )
    n = count_of(n, name="n", at_least=1, at_most=MOST_COUNTED)
    n_parameters = count_of(n_parameters, name="n_parameters")
    if multiplier is not None:
        number_of(multiplier, name="multiplier", above=0, at_most=MOST_COUNTED)
    size = len(observed)
    df, factor = size * (size + 1) // 2 - n_parameters, float(n if multiplier is None else multiplier)
    if df < 0:
        raise InvalidOption(
            expected=f"at most {size * (size + 1) // 2} parameters",
            got=str(n_parameters),
            hint="the model is not identified",
        )
    saturated, scale = log_determinant(observed), np.sqrt(np.diag(observed))
    fitted = log_determinant(model) + float(np.trace(_solved(model, observed)))
    chi_square = max(factor * (fitted - saturated - size), 0.0)
    baseline = max(factor * (2 * float(np.log(scale).sum()) - saturated), 0.0)
    comparative = _comparative(chi_square, df, baseline, size * (size - 1) // 2)
    limits = rmsea_interval(chi_square, df, factor, confidence_level=rmsea_level)
    residuals = ((observed - model) / np.outer(scale, scale))[np.tril_indices(size)]
    likelihood = -n / 2 * (size * math.log(2 * math.pi) + fitted)
    return FitIndices(
        chi_square,
        df,
        float(special.chdtrc(df, chi_square)) if df else float("nan"),
        baseline,
        size * (size - 1) // 2,
        *comparative,
        math.sqrt(max(chi_square - df, 0.0) / (factor * df)) if df else 0.0,
        *limits,
        rmsea_level,
        float(np.sqrt(np.mean(residuals**2))),
        likelihood,
        2 * n_parameters - 2 * likelihood,
        n_parameters * math.log(n) - 2 * likelihood,
        n,
    )


@checked
def rmsea_interval(
    chi_square: float, df: int, n: float, *, confidence_level: float = 0.90
) -> tuple[float, float]:
    """Limits of the root mean square error of approximation.

    Parameters
    ----------
    chi_square : float >= 0
    df : int >= 0
    n : float
        Respondents.
    confidence_level : float in (0, 1)

    Returns
    -------
    tuple of float
        0 and 0 with df = 0.

    Examples
    --------
    >>> low, high = rmsea_interval(85.306, 24, 301)
    >>> round(low, 3), round(high, 3)
    (0.071, 0.114)
    """
    number_of(chi_square, name="chi_square", at_least=0)
    count_of(df, name="df")
    number_of(n, name="n", above=0)
    upper = 0.5 + level_of(confidence_level) / 2
    if df == 0:
        return 0.0, 0.0
    low, high = (math.sqrt(_noncentrality(chi_square, df, tail) / (n * df)) for tail in (upper, 1 - upper))
    return low, high


def log_determinant(matrix: FloatArray) -> float:
    """Logarithm of the determinant of a positive definite matrix.

    Parameters
    ----------
    matrix : (p, p) ndarray

    Returns
    -------
    float

    Examples
    --------
    >>> round(log_determinant(np.diag([2.0, 3.0])), 4)
    1.7918
    """
    try:
        return 2 * float(np.log(np.diag(np.linalg.cholesky(matrix))).sum())
    except np.linalg.LinAlgError:
        raise InvalidCounts(
            expected="a positive definite covariance matrix",
            got="a singular or indefinite one",
            hint="use complete cases, more people than items, and no item twice",
        ) from None


def _solved(matrix: FloatArray, right: FloatArray) -> FloatArray:
    try:
        return np.asarray(np.linalg.solve(matrix, right))
    except np.linalg.LinAlgError:
        raise InvalidCounts(
            expected="an invertible implied matrix", got="a singular one", hint="no two items may be one"
        ) from None


def _comparative(chi_square: float, df: int, baseline: float, baseline_df: int) -> tuple[float, float]:
    """CFI and TLI."""
    misfit, reference = max(chi_square - df, 0.0), max(baseline - baseline_df, chi_square - df, 0.0)
    cfi = 1 - misfit / reference if reference > 0 else 1.0
    if df == 0:
        return 1.0, 1.0
    ratio = baseline / baseline_df
    return cfi, (ratio - chi_square / df) / (ratio - 1) if abs(ratio - 1) > 1e-12 else float("nan")


def _noncentrality(chi_square: float, df: int, tail: float) -> float:
    """Noncentrality at which `chi_square` is the `tail` quantile; 0 where even none puts it lower."""
    if special.chdtr(df, chi_square) <= tail:
        return 0.0
    # Far beyond the degrees of freedom the law is normal to the digits that count.
    if chi_square > 1e8:
        return max(chi_square - df - 2 * float(special.ndtri(tail)) * math.sqrt(chi_square), 0.0)
    high = chi_square + 10 * math.sqrt(chi_square) + 50
    return float(optimize.brentq(lambda nc: special.chndtr(chi_square, df, nc) - tail, 0.0, high, xtol=1e-10))
