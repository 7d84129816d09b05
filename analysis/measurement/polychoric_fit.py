"""Bivariate normal distributions fitted to many contingency tables at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidShape
from analysis.measurement.bivariate_normal import bivariate_normal_density, bounded, rectangle_probabilities
from analysis.types import FloatArray
from analysis.validation import finite_array, require_known

# The search ends here; a correlation found at this bound is reported as one on the boundary.
LARGEST_CORRELATION = 0.9999
METHODS = ("two_step", "ml")
# Probabilities below rounding cannot be told from 0.
LEAST_PROBABILITY = 1e-16
MAX_STEPS = 100
# Log-likelihoods nearer than this are equal.
FLAT = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class FittedTables:
    """Bivariate normal distributions fitted to B tables of one shape.

    Attributes
    ----------
    correlation, standard_error : (B,) ndarray
    rows : (B, R - 1) ndarray
    columns : (B, C - 1) ndarray
        Thresholds; equal neighbours stand for a level nobody used.
    converged : (B,) ndarray of bool
    """

    correlation: FloatArray
    standard_error: FloatArray
    rows: FloatArray
    columns: FloatArray
    converged: NDArray[np.bool_]


@checked
def fit_tables(tables: ArrayLike, *, method: str = "two_step") -> FittedTables:
    """Bivariate normal distributions behind many tables at once.

    Parameters
    ----------
    tables : (B, R, C) array_like >= 0
        With "ml", no level may be unused.
    method : {"two_step", "ml"}

    Returns
    -------
    FittedTables

    Examples
    --------
    >>> fit_tables([[[40, 10], [10, 40]], [[10, 40], [40, 10]]]).correlation.round(4).tolist()
    [0.809, -0.809]
    """
    counts = checked_tables(tables, n_axes=3)
    require_known(method, METHODS, name="method")
    if counts.size == 0 or (counts.sum(axis=(1, 2)) <= 0).any():
        raise InvalidCounts(expected="people in every table", got="an empty table", hint="leave it out")
    two_step = _two_step(counts)
    return two_step if method == "two_step" else _maximum_likelihood(counts, two_step)


def _two_step(counts: FloatArray) -> FittedTables:
    total = counts.sum(axis=(1, 2))
    rows, columns = (
        special.ndtri(np.clip(np.cumsum(counts.sum(axis=axis), axis=1)[:, :-1] / total[:, None], 0.0, 1.0))
        for axis in (2, 1)
    )
    rho = np.zeros(len(counts))
    low, high = rho - LARGEST_CORRELATION, rho + LARGEST_CORRELATION
    for _ in range(MAX_STEPS):
        score, information = _score(counts, rows, columns, rho)
        low, high = np.where(score > 0, rho, low), np.where(score > 0, high, rho)
        new = rho + score / np.maximum(information, LEAST_PROBABILITY)
        new = np.where((new > low) & (new < high), new, (low + high) / 2)
        moved, rho = np.abs(new - rho).max(), new
        if moved < 1e-13:
            break
    # Where the likelihood has gone flat on the way to the bound, the bound is the answer.
    bound = np.copysign(LARGEST_CORRELATION, rho)
    here, there = (table_log_likelihood(counts, np.column_stack([r, rows, columns])) for r in (rho, bound))
    rho = np.where(there >= here - FLAT, bound, rho)
    error = _two_step_error(rows, columns, rho) / np.sqrt(total)
    return FittedTables(rho, error, rows, columns, np.ones(len(counts), dtype=bool))


def _score(
    counts: FloatArray, rows: FloatArray, columns: FloatArray, rho: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Derivative of the log-likelihood in the correlation, and its expected information."""
    p, slope = _probabilities(rows, columns, rho)
    total = counts.sum(axis=(1, 2))
    return (counts * slope / p).sum(axis=(1, 2)), total * (slope**2 / p).sum(axis=(1, 2))


def _probabilities(rows: FloatArray, columns: FloatArray, rho: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cell probabilities and their derivative in the correlation (Plackett's identity)."""
    p = np.maximum(rectangle_probabilities(rows, columns, rho), LEAST_PROBABILITY)
    density = bivariate_normal_density(
        bounded(rows)[:, :, None], bounded(columns)[:, None, :], rho[:, None, None]
    )
    return p, np.diff(np.diff(density, axis=2), axis=1)


def _threshold_slopes(rows: FloatArray, columns: FloatArray, rho: FloatArray) -> FloatArray:
    """Derivative of the cell probabilities in each row threshold, (B, R - 1, R, C)."""
    side = np.sqrt(1 - rho**2)[:, None, None]
    edges = np.clip(bounded(columns), -1e10, 1e10)[:, None, :]
    finite = np.clip(rows, -1e10, 1e10)[:, :, None]
    density = np.exp(-np.minimum(finite**2 / 2, 700.0)) / np.sqrt(2 * np.pi)
    flow = density * np.diff(special.ndtr((edges - rho[:, None, None] * finite) / side), axis=2)
    size = rows.shape[1]
    # Raising a cut moves people from the level above it to the level below.
    direction = np.eye(size, size + 1) - np.eye(size, size + 1, k=1)
    return np.asarray(direction[None, :, :, None] * flow[:, :, None, :])


def _all_slopes(rows: FloatArray, columns: FloatArray, rho: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cell probabilities and their derivatives in correlation, row and column thresholds, (B, q, R, C)."""
    p, slope = _probabilities(rows, columns, rho)
    across = np.swapaxes(_threshold_slopes(columns, rows, rho), 2, 3)
    return p, np.concatenate([slope[:, None], _threshold_slopes(rows, columns, rho), across], axis=1)


def _two_step_error(rows: FloatArray, columns: FloatArray, rho: FloatArray) -> FloatArray:
    """√n times the standard error: delta method on the cell shares, thresholds being functions of them."""
    p, slopes = _all_slopes(rows, columns, rho)
    information = np.einsum("brc,bqrc->bq", slopes[:, 0] / p, slopes)
    influence = slopes[:, 0] / p
    n_rows = p.shape[1]
    for thresholds, found, axis in (
        (rows, information[:, 1:n_rows], 1),
        (columns, information[:, n_rows:], 2),
    ):
        density = np.exp(-np.minimum(thresholds**2 / 2, 700.0)) / np.sqrt(2 * np.pi)
        # The cut above level a rises by 1/density with the share of every level up to a.
        pull = np.divide(found, density, out=np.zeros_like(found), where=density > LEAST_PROBABILITY)
        below = np.cumsum(pull[:, ::-1], axis=1)[:, ::-1]
        per_level = np.pad(below, ((0, 0), (0, 1)))
        influence = influence - (per_level[:, :, None] if axis == 1 else per_level[:, None, :])
    mean = (p * influence).sum(axis=(1, 2))
    variance = (p * influence**2).sum(axis=(1, 2)) - mean**2
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)) / np.maximum(information[:, 0], LEAST_PROBABILITY))


def _maximum_likelihood(counts: FloatArray, start: FittedTables) -> FittedTables:
    """Fisher scoring over the correlation and all thresholds, with halved steps where one overshoots."""
    if (counts.sum(axis=1) == 0).any() or (counts.sum(axis=2) == 0).any():
        raise InvalidCounts(
            expected="every level used", got="an empty row or column", hint="drop it before full ML"
        )
    n_rows = counts.shape[1]
    theta = np.column_stack([start.correlation, start.rows, start.columns])
    on_boundary = np.abs(start.correlation) >= LARGEST_CORRELATION
    likelihood = table_log_likelihood(counts, theta)
    converged = on_boundary.copy()
    for _ in range(MAX_STEPS):
        step = _scoring_step(counts, theta)[0]
        step[converged] = 0.0
        theta, likelihood = _climb(counts, theta, step, likelihood)
        converged |= np.abs(step).max(axis=1) < 1e-9
        if converged.all():
            break
    error = np.where(on_boundary, np.nan, _scoring_step(counts, theta)[1])
    return FittedTables(theta[:, 0], error, theta[:, 1:n_rows], theta[:, n_rows:], converged)


def _scoring_step(counts: FloatArray, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The next step, and the standard error of the correlation here."""
    n_rows = counts.shape[1]
    p, slopes = _all_slopes(theta[:, 1:n_rows], theta[:, n_rows:], theta[:, 0])
    score = np.einsum("brc,bqrc->bq", counts / p, slopes)
    total = counts.sum(axis=(1, 2))[:, None, None]
    information = total * np.einsum("bqrc,bsrc->bqs", slopes / p[:, None], slopes)
    inverse = np.linalg.pinv(information, hermitian=True)
    return np.einsum("bqs,bs->bq", inverse, score), np.sqrt(np.maximum(inverse[:, 0, 0], 0.0))


def _climb(
    counts: FloatArray, theta: FloatArray, step: FloatArray, likelihood: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The step, halved until thresholds ascend, the correlation is allowed and the likelihood does not fall."""
    n_rows = counts.shape[1]
    length = np.ones(len(theta))
    for _ in range(30):
        tried = theta + length[:, None] * step
        allowed = np.abs(tried[:, 0]) < LARGEST_CORRELATION
        for part in (tried[:, 1:n_rows], tried[:, n_rows:]):
            allowed &= (np.diff(part, axis=1) > 0).all(axis=1)
        safe = np.where(allowed[:, None], tried, theta)
        reached = table_log_likelihood(counts, safe)
        good = allowed & (reached >= likelihood - 1e-10 * np.abs(likelihood))
        if good.all():
            break
        length = np.where(good, length, length / 2)
    return np.where(good[:, None], tried, theta), np.where(good, reached, likelihood)


def table_log_likelihood(counts: FloatArray, theta: FloatArray) -> FloatArray:
    """Log-likelihood of tables, ``Σ n_ij ln P_ij``.

    Parameters
    ----------
    counts : (B, R, C) ndarray
    theta : (B, R + C - 1) ndarray
        Correlation, row thresholds, column thresholds.

    Returns
    -------
    (B,) ndarray
    """
    n_rows = counts.shape[1]
    p = rectangle_probabilities(theta[:, 1:n_rows], theta[:, n_rows:], theta[:, 0])
    logs = special.xlogy(counts, np.maximum(p, LEAST_PROBABILITY))
    return np.asarray(logs.sum(axis=(1, 2)), dtype=np.float64)


@checked
def checked_tables(table: ArrayLike, *, n_axes: int) -> FloatArray:
    """Tables of counts, refused where they cannot be.

    Parameters
    ----------
    table : (..., R, C) array_like
    n_axes : int

    Returns
    -------
    (..., R, C) ndarray
    """
    counts = finite_array(table, name="table")
    if counts.ndim != n_axes or min(counts.shape[-2:]) < 2:
        raise InvalidShape(
            expected=f"a table of {n_axes} axes, two levels or more of each item",
            got=f"shape {counts.shape}",
            hint="one row per level of the first item",
        )
    if (counts < 0).any():
        raise InvalidCounts(expected="counts >= 0", got=f"{counts.min():g}", hint="pass counts of people")
    return counts
