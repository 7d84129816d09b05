"""Correlation of the opinions behind two items answered on ordered levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from analysis.arguments import checked
from analysis.distributions import normal_critical
from analysis.errors import InvalidCounts, InvalidShape, NoConvergence
from analysis.measurement.bivariate_normal import rectangle_probabilities
from analysis.measurement.covariance import correlation_of
from analysis.measurement.polychoric_fit import (
    LARGEST_CORRELATION,
    LEAST_PROBABILITY,
    MAX_STEPS,
    FittedTables,
    checked_tables,
    fit_tables,
    table_log_likelihood,
)
from analysis.types import FloatArray, IntArray

CHUNK_ROWS = 16_384
LEAST_EIGENVALUE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class PolychoricCorrelation:
    """Polychoric correlation of one table.

    Attributes
    ----------
    value, ci_low, ci_high : float in [-1, 1]
        Limits through Fisher's z; on the boundary from the likelihood.
    standard_error : float
        NaN on the boundary.
    n : int
        People in the table.
    row_thresholds, column_thresholds : ndarray
        Ascending cuts of the two normal variables, between the levels somebody used.
    chi_square, df, p_value : float, int, float
        Likelihood ratio test that a bivariate normal lies behind the table; NaN with df = 0.
    method : str
    confidence_level : float
    is_at_boundary : bool
        The likelihood grows up to correlation 1 or -1, as with an empty cell of a 2 x 2 table.
    """

    value: float
    ci_low: float
    ci_high: float
    standard_error: float
    n: int
    row_thresholds: FloatArray
    column_thresholds: FloatArray
    chi_square: float
    df: int
    p_value: float
    method: str
    confidence_level: float
    is_at_boundary: bool


@checked
def polychoric_correlation(
    table: ArrayLike, *, method: str = "two_step", confidence_level: float = 0.95
) -> PolychoricCorrelation:
    """Polychoric correlation of a contingency table; tetrachoric for 2 x 2.

    Parameters
    ----------
    table : (R, C) array_like >= 0
        Counts, possibly weighted. Levels nobody used are left out; empty cells are kept as they are.
    method : {"two_step", "ml"}
        "two_step" takes the thresholds from the margins; "ml" maximises over all parameters.
    confidence_level : float in (0, 1)

    Returns
    -------
    PolychoricCorrelation

    Raises
    ------
    InvalidCounts
        When fewer than two levels of an item are used.
    NoConvergence
        When full maximum likelihood finds no maximum.

    Notes
    -----
    Maximises ``Σ n_ij ln P_ij`` with P_ij the bivariate normal probability of the cell. The standard error of the
    two-step estimate includes that of its thresholds, by the delta method on the cell shares.

    References
    ----------
    Olsson (1979), Psychometrika 44:443-460.

    Examples
    --------
    >>> found = polychoric_correlation([[40, 10], [10, 40]])
    >>> round(found.value, 6), round(found.ci_low, 3), round(found.ci_high, 3)
    (0.809017, 0.608, 0.913)
    """
    counts = _used(checked_tables(table, n_axes=2))
    fitted = fit_tables(counts[None], method=method)
    if not fitted.converged[0]:
        raise NoConvergence(
            expected="a maximum of the likelihood",
            got=f"none in {MAX_STEPS} steps",
            hint='use method="two_step"',
        )
    rho, error = fitted.correlation[0].item(), fitted.standard_error[0].item()
    at_boundary = abs(rho) >= LARGEST_CORRELATION
    critical = normal_critical(confidence_level)
    half = 0.0 if at_boundary else critical * error / (1 - rho**2)
    low, high = np.tanh(np.arctanh(rho) + np.array([-half, half])).tolist()
    if at_boundary:
        low, high = _boundary_limits(counts, fitted, critical)
    chi_square, df = _likelihood_ratio(counts, fitted)
    return PolychoricCorrelation(
        rho,
        low,
        high,
        float("nan") if at_boundary else error,
        round(counts.sum()),
        fitted.rows[0],
        fitted.columns[0],
        chi_square,
        df,
        special.chdtrc(df, chi_square).item() if df else float("nan"),
        method,
        confidence_level,
        at_boundary,
    )


@checked
def cross_tables(levels: ArrayLike, *, n_levels: int) -> IntArray:
    """Contingency tables of every pair of items; tables of disjoint people add.

    Parameters
    ----------
    levels : (N, p) array_like of int in [0, n_levels), or -1 for no answer
    n_levels : int

    Returns
    -------
    (p, p, n_levels, n_levels) ndarray of int
        People who answered both; an item with itself has its level counts on the diagonal.

    Examples
    --------
    >>> cross_tables([[0, 1], [1, 1], [1, -1]], n_levels=2)[0, 1].tolist()
    [[0, 1], [0, 1]]
    """
    answers = np.asarray(levels)
    if answers.ndim != 2 or not np.issubdtype(answers.dtype, np.integer):
        raise InvalidShape(
            expected="integer levels of shape (N, p)",
            got=f"{answers.dtype} of shape {answers.shape}",
            hint="map scores to 0..L-1 and no answer to -1",
        )
    if answers.size and not -1 <= answers.min() <= answers.max() < n_levels:
        raise InvalidShape(
            expected=f"levels from -1 to {n_levels - 1}",
            got=f"{answers.min()} to {answers.max()}",
            hint="map scores to 0..L-1 and no answer to -1",
        )
    size = answers.shape[1] * n_levels
    counts = np.zeros((size, size))
    for start in range(0, len(answers), CHUNK_ROWS):
        columns = np.ascontiguousarray(answers[start : start + CHUNK_ROWS].T)
        # Single precision counts whole numbers exactly up to 2**24, more than a chunk holds.
        chosen = np.empty((size, columns.shape[1]), dtype=np.float32)
        for item, level in np.ndindex(len(columns), n_levels):
            chosen[item * n_levels + level] = columns[item] == level
        counts += chosen @ chosen.T
    shape = (answers.shape[1], n_levels) * 2
    return np.ascontiguousarray(counts.astype(np.int64).reshape(shape).transpose(0, 2, 1, 3))


@dataclass(frozen=True, slots=True, eq=False)
class PolychoricMatrix:
    """Polychoric correlations of p items.

    Attributes
    ----------
    items : tuple of str
    correlation : (p, p) ndarray
        Positive definite.
    unsmoothed : (p, p) ndarray
        As estimated pair by pair.
    standard_error : (p, p) ndarray
        Of the unsmoothed; 0 on the diagonal, NaN for pairs on the boundary.
    n : (p, p) ndarray
        People in each table.
    is_at_boundary : (p, p) ndarray of bool
    least_eigenvalue : float
        Of the unsmoothed matrix.
    is_smoothed : bool
        Whether `correlation` had to differ from `unsmoothed`.
    method : str
    """

    items: tuple[str, ...]
    correlation: FloatArray
    unsmoothed: FloatArray
    standard_error: FloatArray
    n: FloatArray
    is_at_boundary: NDArray[np.bool_]
    least_eigenvalue: float
    is_smoothed: bool
    method: str


@checked
def polychoric_matrix(
    tables: ArrayLike, *, items: Sequence[str] | None = None, method: str = "two_step"
) -> PolychoricMatrix:
    """Polychoric correlations of many items, made positive definite where need be.

    Parameters
    ----------
    tables : (p, p, L, L) array_like >= 0
        From `cross_tables`; only those above the diagonal are read.
    items : sequence of p str, optional
        Names, used in messages too.
    method : {"two_step", "ml"}

    Returns
    -------
    PolychoricMatrix

    Notes
    -----
    Each pair is fitted by itself, so the matrix need not be one of a joint distribution. Where its least
    eigenvalue is below 1e-6, eigenvalues are raised to that and the diagonal brought back to 1.

    References
    ----------
    Olsson (1979), Psychometrika 44:443-460. Knol and Berger (1991), Multivariate Behavioral Research 26:457-477.

    Examples
    --------
    >>> levels = np.array([[0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 1, 1], [0, 0, 0], [1, 0, 0], [0, 0, 1]])
    >>> polychoric_matrix(cross_tables(levels, n_levels=2)).correlation.round(2).tolist()
    [[1.0, 0.61, -0.61], [0.61, 1.0, 0.26], [-0.61, 0.26, 1.0]]
    """
    counts = checked_tables(tables, n_axes=4)
    size = len(counts)
    if counts.shape[1] != size or size < 2:
        raise InvalidShape(
            expected="tables of shape (p, p, L, L)", got=str(counts.shape), hint="use cross_tables"
        )
    names = tuple(items) if items is not None else tuple(str(item + 1) for item in range(size))
    if len(names) != size:
        raise InvalidShape(expected=f"{size} item names", got=f"{len(names)}", hint="one name per item")
    first, second = np.triu_indices(size, 1)
    pairs = counts[first, second]
    _require_varied(pairs, [(names[i], names[j]) for i, j in zip(first, second, strict=True)])
    rho, error = np.eye(size), np.zeros((size, size))
    rho[first, second], error[first, second] = _fitted_pairs(pairs, method=method)
    rho[second, first], error[second, first] = rho[first, second], error[first, second]
    at_boundary = (np.abs(rho) >= LARGEST_CORRELATION) & ~np.eye(size, dtype=bool)
    smoothed, least = _positive_definite(rho)
    return PolychoricMatrix(
        names,
        smoothed,
        rho,
        np.where(at_boundary, np.nan, error),
        counts.sum(axis=(2, 3)),
        at_boundary,
        least,
        least < LEAST_EIGENVALUE,
        method,
    )


def _fitted_pairs(pairs: FloatArray, *, method: str) -> tuple[FloatArray, FloatArray]:
    """Correlation and standard error of each table; full likelihood goes by tables of one used shape."""
    if method != "ml":
        fitted = fit_tables(pairs, method=method)
        return fitted.correlation, fitted.standard_error
    tables = [_used(pair) for pair in pairs]
    rho, error = np.empty(len(pairs)), np.empty(len(pairs))
    for shape in {table.shape for table in tables}:
        at = [position for position, table in enumerate(tables) if table.shape == shape]
        fitted = fit_tables(np.array([tables[position] for position in at]), method=method)
        if not fitted.converged.all():
            raise NoConvergence(
                expected="a maximum of every likelihood",
                got=f"none in {MAX_STEPS} steps for {int((~fitted.converged).sum())} pairs",
                hint='use method="two_step"',
            )
        rho[at], error[at] = fitted.correlation, fitted.standard_error
    return rho, error


def _positive_definite(rho: FloatArray) -> tuple[FloatArray, float]:
    """The nearest usable correlation matrix, and the least eigenvalue of the one given."""
    values, vectors = np.linalg.eigh(rho)
    if values[0] >= LEAST_EIGENVALUE:
        return rho, float(values[0])
    raised = (vectors * np.maximum(values, LEAST_EIGENVALUE)) @ vectors.T
    return correlation_of(raised), float(values[0])


def _require_varied(pairs: FloatArray, names: list[tuple[str, str]]) -> None:
    used = [(pairs.sum(axis=axis) > 0).sum(axis=1) for axis in (1, 2)]
    fewest = np.minimum(*used)
    if fewest.min() < 2:
        first, second = names[int(np.argmin(fewest))]
        raise InvalidCounts(
            expected="two used levels or more of every item in every pair",
            got=f"{fewest.min()} in the table of {first} and {second}",
            hint="leave out items nearly everyone answers alike",
        )


def _boundary_limits(counts: FloatArray, fitted: FittedTables, critical: float) -> tuple[float, float]:
    """From the bound to where the likelihood, thresholds fixed, has fallen by critical² / 2."""

    def likelihood(rho: float) -> float:
        theta = np.column_stack([[rho], fitted.rows, fitted.columns])
        return float(table_log_likelihood(counts[None], theta)[0])

    bound = fitted.correlation[0].item()
    least = likelihood(bound) - critical**2 / 2
    if likelihood(-bound) >= least:
        return -1.0, 1.0
    other = float(optimize.brentq(lambda rho: likelihood(rho) - least, -bound, bound, xtol=1e-6))
    return (other, 1.0) if bound > 0 else (-1.0, other)


def _likelihood_ratio(counts: FloatArray, fitted: FittedTables) -> tuple[float, int]:
    p = rectangle_probabilities(fitted.rows[0], fitted.columns[0], fitted.correlation[0])
    expected = counts.sum() * np.maximum(p, LEAST_PROBABILITY)
    statistic = 2 * (special.xlogy(counts, counts) - special.xlogy(counts, expected)).sum()
    n_rows, n_columns = counts.shape
    return max(float(statistic), 0.0), (n_rows - 1) * (n_columns - 1) - 1


def _used(counts: FloatArray) -> FloatArray:
    """The table of levels somebody used."""
    used: FloatArray = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(used.shape) < 2:
        raise InvalidCounts(
            expected="two used levels or more of both items",
            got=f"{used.shape[0]} x {used.shape[1]}",
            hint="an item everyone answers alike has no correlation",
        )
    return used
