"""Drawing from a list by random numbers that are given: the lowest, every k-th, clusters by size and people within."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import count_of, finite_array, require_whole


@dataclass(frozen=True, slots=True, eq=False)
class ClusterDraw:
    """Clusters drawn in proportion to size, and how many people to take in each.

    Attributes
    ----------
    chosen : (m,) ndarray of int
        Positions of the drawn clusters in the list, ascending.
    n_hits : (m,) ndarray of int
        How often each was drawn; a cluster larger than the step may be drawn more than once.
    take : (m,) ndarray of int
        People to take: the hits times the take asked for, at most all.
    probability : (M,) ndarray in [0, 1]
        Of one person of each cluster of the list to be in the sample; equal for all where no cluster is too small.
    is_short : (m,) ndarray of bool
        Drawn clusters that hold fewer people than they should give.
    """

    chosen: IntArray
    n_hits: IntArray
    take: IntArray
    probability: FloatArray
    is_short: NDArray[np.bool_]


@checked
def lowest_numbers(numbers: ArrayLike, n: int) -> IntArray:
    """The entries with the n smallest random numbers: a simple random sample without replacement.

    Parameters
    ----------
    numbers : (N,) array_like in [0, 1)
        One independent uniform number per entry, which may be kept as the entry's permanent random number.
    n : int
        From 0 to N.

    Returns
    -------
    (n,) ndarray of int
        Positions in the order of their numbers: the first are the sample, the next its reserves.

    Notes
    -----
    All ``N! / (N - n)!`` orders are equally likely, so ``π = n / N`` for every entry.

    References
    ----------
    Ohlsson (1995), Coordination of samples using permanent random numbers, in: Business Survey Methods, ch. 9.

    Examples
    --------
    >>> lowest_numbers([0.7, 0.1, 0.9, 0.4], 2).tolist()
    [1, 3]
    """
    uniform = _uniform(numbers, name="numbers")
    return np.argsort(uniform, kind="stable")[: count_of(n, name="n", at_most=len(uniform))].astype(np.int64)


@checked
def systematic_positions(size: int, n: int, *, start: float) -> IntArray:
    """Every (N/n)-th entry of a list from a random start on.

    Parameters
    ----------
    size : int >= 0
        Length of the list, in an order that spreads what matters.
    n : int
        From 0 to the length of the list.
    start : float in [0, 1)
        A uniform random number.

    Returns
    -------
    (n,) ndarray of int
        Ascending positions.

    Notes
    -----
    ``floor((start + i) N / n)`` for i = 0 … n - 1: a fractional interval, so ``π = n / N`` for every entry, whether
    or not n divides N.

    References
    ----------
    Cochran (1977), section 8.1. Särndal, Swensson and Wretman (1992), section 3.4.2.

    Examples
    --------
    >>> systematic_positions(10, 4, start=0.5).tolist()
    [1, 3, 6, 8]
    """
    size = count_of(size, name="size", at_most=2**40)
    n = count_of(n, name="n", at_most=size)
    _uniform([start], name="start")
    ticks = np.floor((float(start) + np.arange(n)) * size / max(n, 1))
    return np.minimum(ticks, size - 1).astype(np.int64)


@checked
def cluster_draw(sizes: ArrayLike, n: int, *, take: int, start: float) -> ClusterDraw:
    """First stage of two: clusters by size along the list, the same number of people in each.

    Parameters
    ----------
    sizes : (M,) array_like of whole numbers >= 0
        Households per cluster, in the order of the list.
    n : int >= 1
        Draws of a cluster.
    take : int >= 1
        Households per draw.
    start : float in [0, 1)
        A uniform random number.

    Returns
    -------
    ClusterDraw

    Notes
    -----
    Steps of ``ΣN / n`` along the running sum of the sizes. A cluster is expected to be hit ``n N_i / ΣN`` times
    and gives ``take`` people a hit, so that everybody's probability is ``n take / ΣN``: the sample weights itself.
    Only a cluster with fewer people than it should give departs from that; its probability is computed from the
    chances of one hit more or less.

    References
    ----------
    Madow (1949), Annals of Mathematical Statistics 20:333-354. Kish (1965), section 7.2.

    Examples
    --------
    >>> drawn = cluster_draw([120, 80, 500, 100], 4, take=10, start=0.5)
    >>> drawn.chosen.tolist(), drawn.n_hits.tolist(), drawn.take.tolist()
    ([0, 2, 3], [1, 2, 1], [10, 20, 10])
    >>> drawn.probability.round(3).tolist()
    [0.05, 0.05, 0.05, 0.05]
    """
    people = finite_array(sizes, name="sizes")
    require_whole(people, name="sizes")
    if people.ndim != 1:
        raise InvalidShape(expected="one size per cluster", got=f"shape {people.shape}", hint="pass a list")
    if (people < 0).any() or not people.sum():
        raise InvalidCounts(
            expected="sizes >= 0, one above", got=repr(sizes)[:60], hint="households per cluster"
        )
    n = count_of(n, name="n", at_least=1, at_most=int(people.sum()))
    take = count_of(take, name="take", at_least=1, at_most=int(people.sum()))
    _uniform([start], name="start")
    ends = np.cumsum(people) * n / people.sum()
    ends[-1] = n
    ticks = float(start) + np.arange(n)
    hits = np.bincount(
        np.minimum(np.searchsorted(ends, ticks, side="right"), len(people) - 1), minlength=len(people)
    )
    wanted = hits * take
    chosen = np.flatnonzero(hits)
    return ClusterDraw(
        chosen.astype(np.int64),
        hits[chosen].astype(np.int64),
        np.minimum(wanted, people)[chosen].astype(np.int64),
        _person_probability(people, n, take),
        (wanted > people)[chosen],
    )


def _person_probability(people: FloatArray, n: int, take: int) -> FloatArray:
    """Of one person per cluster: the mean over the two numbers of hits that a cluster can have."""
    expected = n * people / people.sum()
    fewer = np.floor(expected + 1e-12)
    chance_of_more = np.maximum(expected - fewer, 0.0)
    given = np.minimum(fewer * take, people) * (1 - chance_of_more)
    given += np.minimum((fewer + 1) * take, people) * chance_of_more
    return np.asarray(np.divide(given, people, out=np.zeros_like(people), where=people > 0))


def _uniform(values: ArrayLike, *, name: str) -> FloatArray:
    numbers = finite_array(values, name=name)
    if numbers.ndim != 1:
        raise InvalidShape(expected=f"a list of {name}", got=f"shape {numbers.shape}", hint="one per entry")
    if ((numbers < 0) | (numbers >= 1)).any():
        raise InvalidOption(expected=f"0 <= {name} < 1", got=repr(values)[:60], hint="uniform random numbers")
    return numbers
