"""Exact interval of a share in a small finite population, of which a simple random sample answered."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidOption
from analysis.intervals.sampled_shares import counted_shares
from analysis.types import Estimates, FloatArray
from analysis.validation import counts_of, level_of, population_of, together


@checked
def hypergeometric_interval(
    k: ArrayLike, n: ArrayLike, *, population: ArrayLike, confidence_level: float = 0.95
) -> Estimates:
    """Share of a small finite population with its exact interval.

    Parameters
    ----------
    k, n, population : array_like of whole numbers, 0 <= k <= n <= population
        Satisfied and answering respondents of a simple random sample, and all dossiers.
    confidence_level : float in (0, 1)
        Two-sided level.

    Returns
    -------
    Estimates
        Limits are K/N for whole K. With n = 0 nothing is known: value NaN, limits 0 and 1; with n = N the
        limits are the value.

    Raises
    ------
    InvalidOption
        Where k is not whole.
    InvalidCounts
        Where the population is smaller than the sample.

    Notes
    -----
    Holds every K with P(X >= k | K) > alpha/2 and P(X <= k | K) > alpha/2 (equal-tailed test inversion). The
    tails are monotone in K, so that each limit is found by bisection, in all cells at once.

    References
    ----------
    Konijn (1973), Statistical Theory of Sample Survey Design. Wright (1991), Exact Confidence Bounds.

    Examples
    --------
    >>> small = hypergeometric_interval(27, 30, population=60)
    >>> round(small.ci_low.item() * 60), round(small.ci_high.item() * 60)
    (47, 57)
    """
    satisfied, people = whole_counts_of(k, n)
    satisfied, people, size = together(satisfied, people, population_of(population, people))
    low, high = total_limits(satisfied, people, size, tail=(1 - level_of(confidence_level)) / 2)
    divisor = np.maximum(size, 1)
    return counted_shares(satisfied, people, population=size).with_limits(
        low / divisor, high / divisor, method="hypergeometric", confidence_level=confidence_level
    )


@checked
def whole_counts_of(k: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Satisfied and answering respondents, both whole: exact methods know no fractions of people.

    Parameters
    ----------
    k, n : array_like of whole numbers, 0 <= k <= n

    Returns
    -------
    tuple of ndarray

    Raises
    ------
    InvalidOption
        Where k is not whole.

    Examples
    --------
    >>> whole_counts_of([3, 4], 5)[1].tolist()
    [5.0, 5.0]
    """
    satisfied, people = counts_of(k, n)
    if (satisfied != np.rint(satisfied)).any():
        raise InvalidOption(
            expected="whole k",
            got=f"{satisfied[satisfied != np.rint(satisfied)].flat[0]:g}",
            hint="use wilson_interval or confidence_sequence for weighted counts",
        )
    return satisfied, people


def total_limits(
    k: FloatArray, n: FloatArray, population: FloatArray, *, tail: float
) -> tuple[FloatArray, FloatArray]:
    """Smallest and largest numbers of satisfied people that a sample does not contradict.

    Parameters
    ----------
    k, n, population : ndarray of whole floats, one shape
    tail : float in (0, 1/2)
        Probability of a sample this far out, on each side, at which a total is given up.

    Returns
    -------
    tuple of ndarray of whole floats

    Examples
    --------
    >>> [int(total) for total in total_limits(np.array(0.0), np.array(9.0), np.array(25.0), tail=0.025)]
    [0, 6]
    """
    # The largest total of satisfied people leaves the smallest total of dissatisfied ones.
    marked, people, size = (np.stack(pair) for pair in ((k, n - k), (n, n), (population, population)))
    possible = _smallest_possible_total(marked, people, size, tail)
    return possible[0], population - possible[1]


def _smallest_possible_total(k: FloatArray, n: FloatArray, size: FloatArray, tail: float) -> FloatArray:
    """Smallest K with P(X >= k | K) > tail; a probability of exactly the tail is not above it."""
    from scipy import stats  # noqa: PLC0415 60 MB that whoever only counts shall not carry

    low, high = k.copy(), size - n + k
    while (low < high).any():
        middle = np.floor((low + high) / 2)
        is_possible = stats.hypergeom.sf(k - 1, size, middle, n) > tail * (1 + 1e-10)
        low, high = np.where(is_possible, low, middle + 1), np.where(is_possible, middle, high)
    return high
