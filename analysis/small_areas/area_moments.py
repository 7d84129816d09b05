"""Counts, means and products within areas: what the unit-level model needs of the respondents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidCounts, InvalidShape
from analysis.types import FloatArray
from analysis.validation import MOST_REPEATS, finite_array, labels_of, require_whole


@dataclass(frozen=True, slots=True, eq=False)
class AreaMoments:
    """Sufficient statistics of y and covariates, by area.

    Attributes
    ----------
    n : (m,) ndarray
        Respondents.
    mean : (m, 1 + p) ndarray
        Of y, then of the covariates; NaN where n = 0.
    within : (m, 1 + p, 1 + p) ndarray
        Sums of products about the area's own means.
    """

    n: FloatArray
    mean: FloatArray
    within: FloatArray

    def __len__(self) -> int:
        return len(self.n)

    def __add__(self, other: AreaMoments) -> AreaMoments:
        """Of both groups of respondents together, area by area."""
        if self.mean.shape != other.mean.shape:
            raise InvalidShape(
                expected="the same areas and columns",
                got=f"{self.mean.shape}, {other.mean.shape}",
                hint="align",
            )
        n = self.n + other.n
        gap = np.nan_to_num(other.mean) - np.nan_to_num(self.mean)
        share = quotient(other.n, n, empty=0.0)
        mean = np.where((n > 0)[:, None], np.nan_to_num(self.mean) + share[:, None] * gap, np.nan)
        between = (self.n * share)[:, None, None] * gap[:, :, None] * gap[:, None, :]
        return AreaMoments(n, mean, self.within + other.within + between)


@checked
def area_moments(n: ArrayLike, sums: ArrayLike, products: ArrayLike) -> AreaMoments:
    """From plain sums, as a database adds them.

    Parameters
    ----------
    n : (m,) array_like of counts
    sums : (m, 1 + p) array_like
        Of y, then of the covariates (ones included, if the model has an intercept).
    products : (m, 1 + p, 1 + p) array_like
        Of each pair of columns.

    Returns
    -------
    AreaMoments

    Notes
    -----
    ``within = products - sums sums' / n`` loses digits where means are thousands of times the spread: count such
    columns from a rounded centre, or use `area_moments_of_rows`.

    Examples
    --------
    >>> area_moments([2], [[7.0, 2.0]], [[[25.0, 7.0], [7.0, 2.0]]]).within[0].tolist()
    [[0.5, 0.0], [0.0, 0.0]]
    """
    count, total, squares = (
        finite_array(array, name=name) for array, name in ((n, "n"), (sums, "sums"), (products, "products"))
    )
    require_whole(count, name="n")
    width = total.shape[1] if total.ndim == 2 else 0
    if count.ndim != 1 or total.shape != (len(count), width) or squares.shape != (len(count), width, width):
        raise InvalidShape(
            expected="n (m,), sums (m, q), products (m, q, q)",
            got=f"{count.shape}, {total.shape}, {squares.shape}",
            hint="one entry per area",
        )
    people = np.maximum(count, 1)
    within = squares - total[:, :, None] * total[:, None, :] / people[:, None, None]
    spread = np.diagonal(within, axis1=1, axis2=2)
    if (spread < -1e-9 * (1 + np.diagonal(squares, axis1=1, axis2=2))).any():
        raise InvalidCounts(
            expected="sums of squares of at least sums² / n",
            got="less",
            hint="check that all are of the same rows",
        )
    exact = np.where(spread < 1e-12 * np.diagonal(squares, axis1=1, axis2=2), 0.0, 1.0)
    mean = np.where((count > 0)[:, None], total / people[:, None], np.nan)
    return AreaMoments(count, mean, within * exact[:, :, None] * exact[:, None, :])


@checked
def area_moments_of_rows(
    y: ArrayLike, covariates: ArrayLike, *, area: ArrayLike, n_areas: int | None = None
) -> AreaMoments:
    """From one row per respondent.

    Parameters
    ----------
    y : (N,) array_like
    covariates : (N, p) array_like
        The column of ones included.
    area : (N,) array_like of int in [0, n_areas)
    n_areas : int, optional
        More than were seen where some have no respondents.

    Returns
    -------
    AreaMoments

    Examples
    --------
    >>> area_moments_of_rows([3.0, 4.0], np.ones((2, 1)), area=[0, 0]).mean.tolist()
    [[3.5, 1.0]]
    """
    answers, known = finite_array(y, name="y"), finite_array(covariates, name="covariates")
    if answers.ndim != 1 or known.ndim != 2 or len(known) != len(answers):
        raise InvalidShape(
            expected="y (N,) and covariates (N, p)",
            got=f"{answers.shape}, {known.shape}",
            hint="one row each",
        )
    labels = np.asarray(area)
    if labels.dtype.kind in "iu" and labels.max(initial=0) >= MOST_REPEATS:
        raise InvalidShape(
            expected=f"area labels below {MOST_REPEATS}",
            got=str(labels.max()),
            hint="map codes to 0..n-1 first",
        )
    size = n_areas or (int(labels.max(initial=-1)) + 1 if labels.dtype.kind in "iu" else 1)
    labels = labels_of(labels, size=len(answers), below=size, name="area labels")
    rows = np.column_stack([answers, known])
    n = np.bincount(labels, minlength=size).astype(np.float64)
    mean = _totals(rows, labels, size) / np.maximum(n, 1)[:, None]
    away = rows - mean[labels]
    away = away - (_totals(away, labels, size) / np.maximum(n, 1)[:, None])[labels]
    width = rows.shape[1]
    within = np.empty((size, width, width))
    for column in range(width):
        within[:, column] = _totals(away * away[:, [column]], labels, size)
    return AreaMoments(n, np.where((n > 0)[:, None], mean, np.nan), within)


def _totals(rows: FloatArray, labels: np.ndarray, size: int) -> FloatArray:
    columns = [np.bincount(labels, weights=column, minlength=size) for column in rows.T]
    return np.stack(columns, axis=1)
