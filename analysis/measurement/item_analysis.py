"""What each item adds to a scale: item-rest correlation, alpha without it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidShape
from analysis.measurement.covariance import checked_covariance, correlation_of
from analysis.measurement.reliability import (
    NO_TOTAL_VARIANCE,
    cronbach_alpha,
    guttman_lambda6,
    squared_multiple_correlations,
)
from analysis.types import Estimate, FloatArray
from analysis.validation import require_known


@dataclass(frozen=True, slots=True, eq=False)
class ItemAnalysis:
    """A scale of p items and what each item adds to it.

    Attributes
    ----------
    items : tuple of str
    n_respondents : int
        People behind the covariances.
    alpha : Estimate
        Raw alpha with its interval.
    standardised_alpha, average_r, guttman_lambda6 : float
        Of the correlation matrix; NaN where an item has no variance.
    item_total_r, item_rest_r : (p,) ndarray
        Correlation with the sum of all items, and of all other items; NaN for constants.
    squared_multiple_r : (p,) ndarray
        R² on all other items.
    alpha_if_dropped : (p,) ndarray
        Alpha of the other items; NaN with two items.
    missing : str
        "complete" or "pairwise": the convention of the covariances.
    is_positive_definite : bool
        False for pairwise covariances that no complete table can have.
    reasons : tuple of str
        Why a figure above is NaN; empty when none is.
    """

    items: tuple[str, ...]
    n_respondents: int
    alpha: Estimate
    standardised_alpha: float
    average_r: float
    guttman_lambda6: float
    item_total_r: FloatArray
    item_rest_r: FloatArray
    squared_multiple_r: FloatArray
    alpha_if_dropped: FloatArray
    missing: str
    is_positive_definite: bool
    reasons: tuple[str, ...]

    @property
    def items_against_the_rest(self) -> tuple[str, ...]:
        """Items that fall when the others rise: keyed the other way round, or not part of the scale."""
        return tuple(
            name for name, r in zip(self.items, np.nan_to_num(self.item_rest_r), strict=True) if r < 0
        )

    @property
    def items_better_dropped(self) -> tuple[str, ...]:
        """Items without which alpha would be higher."""
        gains = np.nan_to_num(self.alpha_if_dropped, nan=-np.inf) > self.alpha.value
        return tuple(name for name, gain in zip(self.items, gains, strict=True) if gain)


@checked
def item_analysis(
    covariance: ArrayLike,
    *,
    n: int,
    items: Sequence[str] | None = None,
    missing: str = "complete",
    interval: str = "feldt",
    replicates: ArrayLike | None = None,
    confidence_level: float = 0.95,
) -> ItemAnalysis:
    """Reliability of a scale and the part of each item.

    Parameters
    ----------
    covariance : (p, p) array_like, p >= 2
    n : int >= 3
        Respondents; with pairwise covariances the fewest of any pair.
    items : sequence of p str, optional
        Names; "1", "2", ... unless given.
    missing : {"complete", "pairwise"}
        Convention of the covariances, reported with the result.
    interval, replicates, confidence_level
        As in `cronbach_alpha`.

    Returns
    -------
    ItemAnalysis

    Notes
    -----
    With row sums c_j of S, its variance v_j and T = 1'S1: item-total ``c_j / √(v_j T)``, item-rest
    ``(c_j - v_j) / √(v_j (T - 2c_j + v_j))``.

    References
    ----------
    Nunnally and Bernstein (1994), Psychometric Theory, chapter 8.

    Examples
    --------
    >>> found = item_analysis([[1, 0.5, 0.5], [0.5, 1, 0.5], [0.5, 0.5, 1]], n=100)
    >>> found.alpha_if_dropped.round(3).tolist(), found.item_rest_r.round(3).tolist()
    ([0.667, 0.667, 0.667], [0.577, 0.577, 0.577])
    """
    matrix = checked_covariance(covariance, n_items_at_least=2)
    names = _names_of(items, matrix)
    require_known(missing, ("complete", "pairwise"), name="missing")
    alpha = cronbach_alpha(
        matrix, n=n, interval=interval, replicates=replicates, confidence_level=confidence_level
    ).at()
    variances, shared = np.diag(matrix), matrix.sum(axis=0) - np.diag(matrix)
    whole = np.full(len(matrix), matrix.sum())
    standardised, average, lambda6, explained = _of_correlations(matrix, n=n)
    return ItemAnalysis(
        names,
        int(n),
        alpha,
        standardised,
        average,
        lambda6,
        _correlation(shared + variances, variances, whole),
        _correlation(shared, variances, whole - 2 * shared - variances),
        explained,
        _alpha_if_dropped(matrix, n=n),
        missing,
        bool(np.linalg.eigvalsh(matrix)[0] >= -NO_TOTAL_VARIANCE * variances.sum()),
        _reasons(names, matrix, alpha.value),
    )


def _of_correlations(matrix: FloatArray, *, n: int) -> tuple[float, float, float, FloatArray]:
    """Standardised alpha, average correlation, lambda 6 and R² of each item; NaN where an item is constant."""
    size = len(matrix)
    if (np.diag(matrix) == 0).any():
        return float("nan"), float("nan"), float("nan"), np.full(size, np.nan)
    correlation = correlation_of(matrix)
    return (
        cronbach_alpha(correlation, n=n).value.item(),
        float((correlation.sum() - size) / (size * (size - 1))),
        guttman_lambda6(correlation).item(),
        squared_multiple_correlations(correlation),
    )


def _alpha_if_dropped(matrix: FloatArray, *, n: int) -> FloatArray:
    size = len(matrix)
    if size < 3:
        return np.full(size, np.nan)
    kept = np.array([np.delete(np.arange(size), item) for item in range(size)])
    return cronbach_alpha(matrix[kept[:, :, None], kept[:, None, :]], n=n).value


def _correlation(covariance: FloatArray, first: FloatArray, second: FloatArray) -> FloatArray:
    """Covariance over both standard deviations, NaN where one is 0."""
    product = first * second
    known = (first > 0) & (second > NO_TOTAL_VARIANCE * first.sum())
    ratio = np.where(known, covariance / np.sqrt(np.where(known, product, 1.0)), np.nan)
    return np.asarray(np.clip(ratio, -1.0, 1.0))


def _names_of(items: Sequence[str] | None, matrix: FloatArray) -> tuple[str, ...]:
    if matrix.ndim != 2:
        raise InvalidShape(
            expected="one covariance matrix", got=f"shape {matrix.shape}", hint="analyse one unit at a time"
        )
    names = tuple(items) if items is not None else tuple(str(item + 1) for item in range(len(matrix)))
    if len(names) != len(matrix) or len(set(names)) != len(names):
        raise InvalidShape(
            expected=f"{len(matrix)} different item names", got=f"{names!r}"[:60], hint="one name per row"
        )
    return names


def _reasons(names: tuple[str, ...], matrix: FloatArray, alpha: float) -> tuple[str, ...]:
    constant = [name for name, variance in zip(names, np.diag(matrix), strict=True) if variance == 0]
    reasons = []
    if constant:
        reasons.append(f"no variance, so no correlation: {', '.join(constant)}")
    if len(names) == 2:
        reasons.append("one item left after dropping the other, so no alpha if dropped")
    if not np.isfinite(alpha):
        reasons.append("the sum of the items does not vary, so no alpha")
    return tuple(reasons)
