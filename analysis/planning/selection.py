"""Which people or clusters to draw: how many per cluster, and a systematic draw in proportion to size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import finite_array, positive, together


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """A sample drawn from a list.

    Attributes
    ----------
    chosen : (n,) ndarray of int
        Positions in the list, ascending.
    inclusion_probability : (N,) ndarray in [0, 1]
        Of every entry of the list; the design weight of a chosen one is its inverse.
    is_certain : (N,) ndarray of bool
        Entries so large that they are always taken.
    """

    chosen: IntArray
    inclusion_probability: FloatArray
    is_certain: NDArray[np.bool_]


@checked
def systematic_sample(sizes: ArrayLike, n: int, *, rng: np.random.Generator) -> Selection:
    """A systematic sample of n entries with probability in proportion to size.

    Parameters
    ----------
    sizes : (N,) array_like >= 0
        People per cluster; ones for a list of dossiers. The order of the list stratifies: sort it by unit, then
        field; shuffle it first where no order is wanted.
    n : int
        From 0 to the number of entries with a size.
    rng : numpy.random.Generator

    Returns
    -------
    Selection

    Notes
    -----
    ``π_i = n N_i / ΣN``; entries with ``π_i >= 1`` are taken for certain and the rest shared anew, until none is
    left above 1. One uniform start, then steps of 1 along the running sum of π.

    References
    ----------
    Madow (1949), Annals of Mathematical Statistics 20:333-354.

    Examples
    --------
    >>> drawn = systematic_sample([10, 500, 40, 30, 20], 3, rng=np.random.default_rng(1))
    >>> drawn.is_certain.tolist(), drawn.inclusion_probability.round(2).tolist()
    ([False, True, False, False, False], [0.2, 1.0, 0.8, 0.6, 0.4])
    """
    probability = inclusion_probabilities(sizes, n)
    is_certain = probability >= 1
    others = np.flatnonzero(~is_certain & (probability > 0))
    n_others = n - int(is_certain.sum())
    running = np.cumsum(probability[others])
    ticks = rng.random() + np.arange(n_others)
    if n_others:
        running *= n_others / running[-1]
    drawn = others[np.minimum(np.searchsorted(running, ticks, side="right"), len(others) - 1)]
    chosen = np.sort(np.concatenate([np.flatnonzero(is_certain), drawn])).astype(np.int64)
    return Selection(chosen, probability, is_certain)


@checked
def inclusion_probabilities(sizes: ArrayLike, n: int) -> FloatArray:
    """Probability of each entry to be among n, in proportion to size and never above 1.

    Parameters
    ----------
    sizes : (N,) array_like >= 0
    n : int

    Returns
    -------
    (N,) ndarray
        Sums to n.

    Examples
    --------
    >>> inclusion_probabilities([10, 500, 40, 30, 20], 3).round(2).tolist()
    [0.2, 1.0, 0.8, 0.6, 0.4]
    """
    weight = finite_array(sizes, name="sizes")
    if weight.ndim != 1:
        raise InvalidShape(expected="one size per entry", got=f"shape {weight.shape}", hint="pass a list")
    if (weight < 0).any():
        raise InvalidCounts(expected="sizes >= 0", got=f"{weight.min():g}", hint="sizes are counts of people")
    if n != int(n) or not 0 <= n <= (weight > 0).sum():
        raise InvalidOption(
            expected=f"a whole n from 0 to {(weight > 0).sum()}", got=repr(n), hint="the list holds no more"
        )
    is_certain = np.zeros(len(weight), dtype=bool)
    while True:
        rest = np.where(is_certain, 0.0, weight)
        n_rest = n - is_certain.sum()
        share = rest * (n_rest / rest.sum()) if n_rest else np.zeros(len(weight))
        found = share >= 1 - 1e-12
        if not found.any():
            return np.where(is_certain, 1.0, share)
        is_certain |= found


@checked
def cluster_design_effect(
    take: ArrayLike, intraclass_correlation: ArrayLike, *, cv_of_take: ArrayLike = 0.0
) -> FloatArray:
    """Design effect of asking several people per cluster.

    Parameters
    ----------
    take : array_like >= 1
        Mean number of people per cluster (officer, device-day, hamlet).
    intraclass_correlation : array_like in [0, 1]
    cv_of_take : array_like >= 0
        Standard deviation over mean of the numbers per cluster.

    Returns
    -------
    ndarray >= 1

    Notes
    -----
    ``1 + ((1 + cv²) m - 1) ρ``, and ``1 + (m - 1) ρ`` where all clusters give the same.

    References
    ----------
    Kish (1965), section 5.4. Eldridge, Ashby and Kerry (2006), Int. J. Epidemiology 35:1292-1300.

    Examples
    --------
    >>> cluster_design_effect([10, 30, 100], 0.07).round(2).tolist()
    [1.63, 3.03, 7.93]
    """
    people, rho = finite_array(take, name="take"), _correlation_of(intraclass_correlation)
    variation = finite_array(cv_of_take, name="cv_of_take")
    people, rho, variation = together(people, rho, variation)
    if (people < 1).any() or (variation < 0).any():
        raise InvalidOption(expected="take >= 1 and cv >= 0", got=repr(take)[:60], hint="people per cluster")
    return np.asarray(1 + ((1 + variation**2) * people - 1) * rho)


@checked
def optimal_take(
    intraclass_correlation: ArrayLike, *, cost_of_cluster: ArrayLike, cost_of_person: ArrayLike = 1.0
) -> FloatArray:
    """People per cluster that give the smallest variance for the money.

    Parameters
    ----------
    intraclass_correlation : array_like in [0, 1]
    cost_of_cluster : array_like > 0
        Of reaching one more cluster.
    cost_of_person : array_like > 0
        Of one more person there.

    Returns
    -------
    ndarray >= 1
        Unrounded; infinite where people of a cluster are not alike at all.

    Notes
    -----
    ``m = sqrt(c1 (1 - ρ) / (c2 ρ))``, at least 1.

    References
    ----------
    Cochran (1977), section 10.6.

    Examples
    --------
    >>> optimal_take(0.07, cost_of_cluster=400_000, cost_of_person=20_000).round(1).item()
    16.3
    """
    rho = _correlation_of(intraclass_correlation)
    ratio = positive(
        finite_array(cost_of_cluster, name="cost_of_cluster"), name="cost_of_cluster"
    ) / positive(finite_array(cost_of_person, name="cost_of_person"), name="cost_of_person")
    with np.errstate(divide="ignore"):
        return np.maximum(np.sqrt(ratio * (1 - rho) / rho), 1.0)


def _correlation_of(values: ArrayLike) -> FloatArray:
    rho = finite_array(values, name="intraclass_correlation")
    if ((rho < 0) | (rho > 1)).any():
        raise InvalidOption(
            expected="0 <= intraclass_correlation <= 1",
            got=repr(values)[:60],
            hint="a negative estimate is set to 0",
        )
    return rho
