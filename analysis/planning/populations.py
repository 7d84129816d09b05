"""Finite populations and people who do not answer: what every planning formula shares."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidOption
from analysis.types import FloatArray, IntArray
from analysis.validation import MOST_COUNTED, finite_array, numbers_of, positive, require_whole


def correction(n: FloatArray, population: FloatArray) -> FloatArray:
    """Finite population correction of a variance.

    Parameters
    ----------
    n, population : ndarray
        Sample and population; an infinite population needs none.

    Returns
    -------
    ndarray in [0, 1]
        ``(N - n)/(N - 1)``; 0 for a census.

    Examples
    --------
    >>> correction(np.array([30.0, 60.0]), np.array([60.0, 60.0])).round(3).tolist()
    [0.508, 0.0]
    """
    is_listed = np.isfinite(population)
    sizes = np.where(is_listed, population, 2.0)
    left = np.maximum(sizes - np.minimum(n, sizes), 0) / np.maximum(sizes - 1, 1)
    return np.where(is_listed, left, 1.0)


def invitations(
    n: IntArray, response_rate: FloatArray, population: FloatArray
) -> tuple[IntArray, NDArray[np.bool_]]:
    """People to invite for `n` responses, and whether there are as many.

    Parameters
    ----------
    n : ndarray of int
    response_rate : ndarray in (0, 1]
    population : ndarray
        Infinite where unlimited.

    Returns
    -------
    tuple of ndarray
        Invitations, at most the population, and whether they can be enough.

    Examples
    --------
    >>> invitations(np.array([100, 100]), np.array([0.4, 0.4]), np.array([np.inf, 180.0]))
    (array([250, 180]), array([ True, False]))
    """
    needed = whole_above(n / response_rate)
    return np.minimum(needed, np.minimum(population, 2.0**62)).astype(np.int64), needed <= population


def whole_above(n: FloatArray) -> IntArray:
    """Smallest whole number that is not below, forgiving the last bits of a float; at least 1.

    Parameters
    ----------
    n : ndarray

    Returns
    -------
    ndarray of int

    Examples
    --------
    >>> whole_above(np.array([138.3, 139.0000000001, 0.2])).tolist()
    [139, 139, 1]
    """
    if (n > MOST_COUNTED).any():
        raise InvalidOption(
            expected=f"a size up to {MOST_COUNTED:g}", got=f"{n.max():g}", hint="no population is so large"
        )
    return np.maximum(np.ceil(n - 1e-9 * np.maximum(n, 1)), 1).astype(np.int64)


@checked
def population_size(population: ArrayLike | None) -> FloatArray:
    """Checked population sizes, infinite where none is given.

    Parameters
    ----------
    population : array_like of whole numbers >= 1, or None

    Returns
    -------
    ndarray

    Examples
    --------
    >>> population_size(None).item()
    inf
    """
    sizes = numbers_of(np.inf if population is None else population, name="population")
    if np.isnan(sizes).any() or (sizes < 1).any():
        raise InvalidCounts(
            expected="population >= 1", got=repr(population)[:60], hint="write inf where there is no list"
        )
    require_whole(sizes, name="population")
    return sizes


@checked
def share_of(share: ArrayLike) -> FloatArray:
    """Checked shares in [0, 1].

    Parameters
    ----------
    share : array_like

    Returns
    -------
    ndarray

    Examples
    --------
    >>> share_of([0.5, 1]).tolist()
    [0.5, 1.0]
    """
    p = finite_array(share, name="share")
    if ((p < 0) | (p > 1)).any():
        raise InvalidOption(expected="0 <= share <= 1", got=repr(share)[:60], hint="write 0.9, not 90")
    return p


@checked
def response_rate_of(response_rate: ArrayLike) -> FloatArray:
    """Checked response rates in (0, 1].

    Parameters
    ----------
    response_rate : array_like

    Returns
    -------
    ndarray

    Examples
    --------
    >>> response_rate_of(1).item()
    1.0
    """
    rate = positive(finite_array(response_rate, name="response_rate"), name="response_rate")
    if (rate > 1).any():
        raise InvalidOption(
            expected="response_rate <= 1", got=repr(response_rate)[:60], hint="write 0.4, not 40"
        )
    return rate
