"""A sample shared out over strata: by size, by spread and cost, by power of size, or equally."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import (
    LARGEST,
    finite_array,
    finite_positive,
    require_whole,
    spread_over,
    together,
)


@dataclass(frozen=True, slots=True, eq=False)
class Allocation:
    """People per stratum.

    Attributes
    ----------
    n : (H,) ndarray of int
        Sums to the total asked for, less `n_unplaced`.
    exact : (H,) ndarray
        Before rounding to whole people.
    is_at_minimum, is_at_maximum : (H,) ndarray of bool
        Strata where the bound decided.
    n_unplaced : int
        People for whom the populations have no room; 0 in an ordinary plan.
    method : str
    """

    n: IntArray
    exact: FloatArray
    is_at_minimum: NDArray[np.bool_]
    is_at_maximum: NDArray[np.bool_]
    n_unplaced: int
    method: str


@checked
def proportional_allocation(
    n_total: int, sizes: ArrayLike, *, minimum: ArrayLike = 0, maximum: ArrayLike | None = None
) -> Allocation:
    """A sample in proportion to the size of the strata.

    Parameters
    ----------
    n_total : int >= 0
    sizes : (H,) array_like of whole numbers >= 0
        People or dossiers per stratum; no stratum gets more than it holds.
    minimum, maximum : int or (H,) array_like of whole numbers
        Fewest and most people per stratum; a smaller population lowers both.

    Returns
    -------
    Allocation

    Notes
    -----
    ``n_h = min(max(t N_h, low_h), high_h)`` with the one t that gives the total, then the largest remainders.

    Examples
    --------
    >>> proportional_allocation(100, [139, 24_000, 84_196], minimum=30).n.tolist()
    [30, 30, 40]
    """
    populations = _sizes_of(sizes)
    return _allocation(n_total, populations, populations, minimum, maximum, method="proportional")


@checked
def equal_allocation(
    n_total: int, sizes: ArrayLike, *, minimum: ArrayLike = 0, maximum: ArrayLike | None = None
) -> Allocation:
    """The same number for every stratum, as far as its population reaches.

    Parameters
    ----------
    n_total, sizes, minimum, maximum
        As in `proportional_allocation`.

    Returns
    -------
    Allocation

    Examples
    --------
    >>> equal_allocation(300, [60, 400, 5000]).n.tolist()
    [60, 120, 120]
    """
    populations = _sizes_of(sizes)
    return _allocation(
        n_total, (populations > 0).astype(np.float64), populations, minimum, maximum, method="equal"
    )


@checked
def neyman_allocation(
    n_total: int,
    sizes: ArrayLike,
    standard_deviation: ArrayLike,
    *,
    cost: ArrayLike = 1.0,
    minimum: ArrayLike = 0,
    maximum: ArrayLike | None = None,
) -> Allocation:
    """The allocation that makes the province's estimate most precise.

    Parameters
    ----------
    n_total, sizes, minimum, maximum
        As in `proportional_allocation`.
    standard_deviation : (H,) array_like >= 0
        Of the answer in each stratum: ``sqrt(p (1 - p))`` for a share.
    cost : array_like > 0
        Of one response in each stratum; 1 for all gives Neyman's allocation.

    Returns
    -------
    Allocation

    Notes
    -----
    ``n_h`` in proportion to ``N_h S_h / sqrt(c_h)``, within its bounds: with the one multiplier that gives the
    total, which is what repeating "take out the full strata, share out the rest" arrives at.

    References
    ----------
    Neyman (1934), JRSS 97:558-625. Cochran (1977), section 5.5.

    Examples
    --------
    >>> neyman_allocation(200, [1000, 1000, 50], [0.2, 0.4, 0.5]).n.tolist()
    [64, 128, 8]
    """
    populations = _sizes_of(sizes)
    return _allocation(
        n_total,
        _priority(populations, standard_deviation, cost),
        populations,
        minimum,
        maximum,
        method="neyman",
    )


@checked
def budget_allocation(
    budget: float,
    sizes: ArrayLike,
    standard_deviation: ArrayLike,
    cost: ArrayLike,
    *,
    minimum: ArrayLike = 0,
    maximum: ArrayLike | None = None,
) -> Allocation:
    """The most precise allocation that a budget pays for.

    Parameters
    ----------
    budget : float >= 0
        For responses, fixed costs apart.
    sizes, standard_deviation, cost, minimum, maximum
        As in `neyman_allocation`.

    Returns
    -------
    Allocation
        Costs at most the budget; rounded down, then one person at a time where it helps most per cost.

    Examples
    --------
    >>> plan = budget_allocation(1000, [5000, 5000], [0.4, 0.4], cost=[1, 4])
    >>> plan.n.tolist()
    [336, 166]
    """
    populations = _sizes_of(sizes)
    ratio = _priority(populations, standard_deviation, cost)
    price = spread_over(finite_positive(cost, name="cost"), populations.shape, name="cost")
    low, high = _bounds_of(populations, minimum, maximum)
    high = np.where(ratio > 0, high, low)
    if not np.isfinite(budget) or budget < (price * low).sum() - 1e-9:
        raise InvalidOption(
            expected="a budget that pays the minimums",
            got=f"{budget:g}",
            hint="lower the minimum per stratum",
        )
    exact = _within_bounds(ratio, low, high, budget, price)
    n = np.floor(exact + 1e-9)
    spread = populations * _spread_of(standard_deviation, populations)
    while True:
        left = budget - (price * n).sum()
        gain = np.where(
            (n < high) & (price <= left + 1e-9), spread**2 / (np.maximum(n, 0.5) * (n + 1)) / price, 0
        )
        if not gain.any():
            return _result(n, exact, (low, high), n_unplaced=0, method="budget")
        n[np.argmax(gain)] += 1


@checked
def power_allocation(
    n_total: int,
    sizes: ArrayLike,
    *,
    exponent: float = 0.5,
    coefficient_of_variation: ArrayLike = 1.0,
    importance: ArrayLike | None = None,
    minimum: ArrayLike = 0,
    maximum: ArrayLike | None = None,
) -> Allocation:
    """A compromise between figures for every stratum and one for all.

    Parameters
    ----------
    n_total, sizes, minimum, maximum
        As in `proportional_allocation`.
    exponent : float in [0, 1]
        0 serves every stratum alike, 1 the whole.
    coefficient_of_variation : array_like >= 0
        Standard deviation over mean of the answer in each stratum.
    importance : (H,) array_like >= 0, optional
        What the power is taken of; the sizes when left out.

    Returns
    -------
    Allocation

    Notes
    -----
    ``n_h`` in proportion to ``X_h^q CV_h``: minimises ``Σ (X_h^q CV(estimate_h))²``.

    References
    ----------
    Bankier (1988), The American Statistician 42:174-177.

    Examples
    --------
    >>> power_allocation(300, [400, 10_000, 90_000]).n.tolist()
    [14, 72, 214]
    """
    if not 0 <= exponent <= 1:
        raise InvalidOption(expected="0 <= exponent <= 1", got=repr(exponent), hint="0.5 is the usual choice")
    populations = _sizes_of(sizes)
    weight = populations if importance is None else _not_negative(importance, name="importance")
    variation = _not_negative(coefficient_of_variation, name="coefficient_of_variation")
    weight, variation, _ = together(weight, variation, populations)
    ratio = np.where(populations > 0, weight**exponent * variation, 0.0)
    return _allocation(n_total, ratio, populations, minimum, maximum, method="power")


@checked
def largest_remainder(exact: ArrayLike, *, total: int, maximum: ArrayLike | None = None) -> IntArray:
    """Whole numbers that keep a total.

    Parameters
    ----------
    exact : (H,) array_like >= 0
        Sums to the total, give or take the last bits.
    total : int >= 0
    maximum : (H,) array_like, optional
        No entry is rounded up past it.

    Returns
    -------
    (H,) ndarray of int
        Each within 1 of its exact value; ties go to the first.

    Examples
    --------
    >>> largest_remainder([33.4, 33.3, 33.3], total=100).tolist()
    [34, 33, 33]
    """
    values = _not_negative(exact, name="exact")
    if values.ndim != 1 or abs(values.sum() - total) > 1e-6 * max(total, 1):
        raise InvalidCounts(
            expected=f"one row that sums to {total}", got=f"{values.sum():g}", hint="scale before rounding"
        )
    whole = np.floor(values + 1e-9)
    highest = spread_over(
        finite_array(LARGEST if maximum is None else maximum, name="maximum"), values.shape, name="maximum"
    )
    missing = int(total - whole.sum())
    remainder = np.where(whole >= highest, -1.0, values - whole)
    whole[np.argsort(-np.round(remainder, 9), kind="stable")[:missing]] += 1
    return whole.astype(np.int64)


def _allocation(
    n_total: int,
    ratio: FloatArray,
    populations: FloatArray,
    minimum: ArrayLike,
    maximum: ArrayLike | None,
    *,
    method: str,
) -> Allocation:
    low, high = _bounds_of(populations, minimum, maximum)
    high = np.where(ratio > 0, high, low)
    if n_total != int(n_total) or n_total < low.sum():
        raise InvalidOption(
            expected=f"a whole n_total >= {low.sum():g}",
            got=repr(n_total),
            hint="the minimums alone need more; lower them or ask for more people",
        )
    placed = int(min(n_total, high.sum()))
    exact = _within_bounds(ratio, low, high, placed, np.ones_like(low))
    n = largest_remainder(exact, total=placed, maximum=high)
    return _result(n, exact, (low, high), n_unplaced=int(n_total) - placed, method=method)


def _within_bounds(
    ratio: FloatArray, low: FloatArray, high: FloatArray, total: float, price: FloatArray
) -> FloatArray:
    """``clip(t ratio, low, high)`` with the t at which its price is the total, or all at their highest."""
    if total >= (price * high).sum():
        return high.copy()
    grows = ratio > 0
    edges = np.unique(np.concatenate([[0.0], low[grows] / ratio[grows], high[grows] / ratio[grows]]))
    first, last = 0, len(edges) - 1
    while last - first > 1:
        middle = (first + last) // 2
        spent = (price * np.clip(edges[middle] * ratio, low, high)).sum()
        first, last = (middle, last) if spent <= total else (first, middle)
    start, end = (np.clip(edges[edge] * ratio, low, high) for edge in (first, last))
    step = (price * (end - start)).sum()
    part = (total - (price * start).sum()) / step if step > 0 else 0.0
    return np.asarray(start + part * (end - start))


def _result(
    n: NDArray[np.generic],
    exact: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
    *,
    n_unplaced: int,
    method: str,
) -> Allocation:
    at_low, at_high = (np.abs(exact - bound) < 1e-9 for bound in bounds)
    return Allocation(n.astype(np.int64), exact, at_low, at_high, n_unplaced, method)


def _bounds_of(
    populations: FloatArray, minimum: ArrayLike, maximum: ArrayLike | None
) -> tuple[FloatArray, FloatArray]:
    low = finite_array(minimum, name="minimum")
    high = populations if maximum is None else finite_array(maximum, name="maximum")
    require_whole(low, name="minimum")
    require_whole(high, name="maximum")
    low, high, _ = together(low, high, populations)
    if maximum is not None and (low > high).any():
        raise InvalidOption(
            expected="minimum <= maximum", got=f"{low.max():g} and {high.min():g}", hint="swap or relax them"
        )
    return np.minimum(low, populations), np.minimum(high, populations)


def _priority(populations: FloatArray, standard_deviation: ArrayLike, cost: ArrayLike) -> FloatArray:
    spread = _spread_of(standard_deviation, populations)
    price = spread_over(finite_positive(cost, name="cost"), populations.shape, name="cost")
    return np.asarray(populations * spread / np.sqrt(price))


def _spread_of(standard_deviation: ArrayLike, populations: FloatArray) -> FloatArray:
    spread = spread_over(
        _not_negative(standard_deviation, name="standard_deviation"),
        populations.shape,
        name="standard_deviation",
    )
    if not (spread * populations).any():
        raise InvalidCounts(
            expected="some stratum with people and spread",
            got="none",
            hint="use proportional_allocation where nothing is known of the spread",
        )
    return spread


def _sizes_of(sizes: ArrayLike) -> FloatArray:
    populations = finite_array(sizes, name="sizes")
    if populations.ndim != 1 or not populations.size:
        raise InvalidShape(
            expected="one size per stratum", got=f"shape {populations.shape}", hint="pass a list of counts"
        )
    require_whole(populations, name="sizes")
    return populations


def _not_negative(values: ArrayLike, *, name: str) -> FloatArray:
    array = finite_array(values, name=name)
    if (array < 0).any():
        raise InvalidCounts(expected=f"{name} >= 0", got=f"{array.min():g}", hint=f"check {name}")
    return array
