"""Importance against performance: what to mend first, and what the data cannot tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidShape
from analysis.types import Estimates, FloatArray
from analysis.validation import finite_array


class Quadrant(StrEnum):
    """Where an item lies between the cross-hairs."""

    CONCENTRATE_HERE = "concentrate_here"
    KEEP_UP = "keep_up"
    LOW_PRIORITY = "low_priority"
    POSSIBLE_OVERKILL = "possible_overkill"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True, eq=False)
class ImportancePerformance:
    """Quadrant of each of p items.

    Attributes
    ----------
    items : tuple of str
    importance, performance : (p, 3) ndarray
        Estimate, lower and upper limit.
    cross_hairs : tuple of float
        Importance and performance that divide the quadrants.
    quadrants : tuple of Quadrant
        CANNOT_TELL where either interval holds its cross-hair.
    nearest : tuple of Quadrant
        The quadrant of the estimates alone, for a picture; never CANNOT_TELL.
    importance_method, performance_method : str
    """

    items: tuple[str, ...]
    importance: FloatArray
    performance: FloatArray
    cross_hairs: tuple[float, float]
    quadrants: tuple[Quadrant, ...]
    nearest: tuple[Quadrant, ...]
    importance_method: str
    performance_method: str


@checked
def importance_performance(
    importance: Estimates | ArrayLike,
    performance: Estimates | ArrayLike,
    *,
    items: Sequence[str],
    cross_hairs: tuple[float, float] | None = None,
) -> ImportancePerformance:
    """Martilla and James's importance-performance analysis, with intervals on both axes.

    Parameters
    ----------
    importance : Estimates of shape (p,), or (p, 3) array_like
        For example `RelativeImportance.share` with its limits, or `correlation_interval` with the overall answer.
    performance : Estimates of shape (p,), or (p, 3) array_like
        Shares of satisfied respondents or mean scores, with limits.
    items : sequence of p str
    cross_hairs : (importance, performance), optional
        Unless given, the mean of the estimates on each axis. They are taken as fixed.

    Returns
    -------
    ImportancePerformance

    Notes
    -----
    An item is placed only when both intervals lie on one side of their cross-hair. An interval that ends on it
    holds it.

    References
    ----------
    Martilla and James (1977), Journal of Marketing 41:77-79.

    Examples
    --------
    >>> found = importance_performance(
    ...     [[0.5, 0.4, 0.6], [0.1, 0.0, 0.2], [0.3, 0.2, 0.4]],
    ...     [[0.7, 0.6, 0.75], [0.9, 0.85, 0.95], [0.8, 0.75, 0.9]],
    ...     items=("waiting", "signs", "staff"),
    ... )
    >>> [quadrant.value for quadrant in found.quadrants]
    ['concentrate_here', 'possible_overkill', 'cannot_tell']
    """
    first, second = _with_limits(importance, "importance"), _with_limits(performance, "performance")
    names = tuple(items)
    if len(first) != len(names) or len(second) != len(names) or not names:
        raise InvalidShape(
            expected=f"importance and performance of {len(names)} items, one or more",
            got=f"{len(first)} and {len(second)}",
            hint="one row per item",
        )
    middle = (
        (float(first[:, 0].mean()), float(second[:, 0].mean()))
        if cross_hairs is None
        else (float(cross_hairs[0]), float(cross_hairs[1]))
    )
    finite_array(middle, name="cross_hairs")
    sides = [_side(axis, centre) for axis, centre in zip((first, second), middle, strict=True)]
    estimates = [
        np.where(axis[:, 0] >= centre, 1, -1) for axis, centre in zip((first, second), middle, strict=True)
    ]
    return ImportancePerformance(
        names,
        first,
        second,
        middle,
        _quadrants(*sides),
        _quadrants(*estimates),
        importance.method if isinstance(importance, Estimates) else "",
        performance.method if isinstance(performance, Estimates) else "",
    )


def _with_limits(figures: Estimates | ArrayLike, name: str) -> FloatArray:
    """Estimate, lower and upper limit of each item."""
    columns = (
        np.column_stack([figures.value, figures.ci_low, figures.ci_high])
        if isinstance(figures, Estimates)
        else figures
    )
    rows = finite_array(columns, name=name)
    if rows.ndim != 2 or rows.shape[1] != 3:
        raise InvalidShape(
            expected=f"{name} of shape (items, 3)",
            got=str(rows.shape),
            hint="estimate, lower and upper limit",
        )
    if ((rows[:, 1] > rows[:, 0]) | (rows[:, 0] > rows[:, 2])).any():
        raise InvalidCounts(
            expected=f"{name} inside its limits", got="an estimate outside", hint="order: estimate, low, high"
        )
    return rows


def _side(axis: FloatArray, centre: float) -> NDArray[np.int64]:
    """1 above the cross-hair, -1 below, 0 where the interval holds it."""
    return np.where(axis[:, 1] > centre, 1, np.where(axis[:, 2] < centre, -1, 0))


QUADRANTS = {
    (1, 1): Quadrant.KEEP_UP,
    (1, -1): Quadrant.CONCENTRATE_HERE,
    (-1, 1): Quadrant.POSSIBLE_OVERKILL,
    (-1, -1): Quadrant.LOW_PRIORITY,
}


def _quadrants(importance: NDArray[np.int64], performance: NDArray[np.int64]) -> tuple[Quadrant, ...]:
    pairs = zip(importance.tolist(), performance.tolist(), strict=True)
    return tuple(QUADRANTS.get(pair, Quadrant.CANNOT_TELL) for pair in pairs)
