"""Limits of a share made of weighted cells: how wide they are when small cells weigh much."""

from __future__ import annotations

import numpy as np

from analysis.arithmetic import quotient
from analysis.distributions import t_critical
from analysis.intervals.shares import wilson_limits
from analysis.types import Estimates, FloatArray

BORROWED_PEOPLE = 4.0
"""People with the unit's own rate who are added to each cell, for the width of the interval only."""


def wilson_estimates(
    value: FloatArray,
    n: FloatArray,
    *,
    rate: FloatArray,
    width: FloatArray,
    standard_error: FloatArray,
    df: FloatArray,
    method: str,
    confidence_level: float,
) -> Estimates:
    """Shares with Wilson's limits on ``rate (1 - rate) / width`` people.

    Parameters
    ----------
    value : (U,) ndarray in [0, 1]
        NaN where there is no share; its limits are then 0 and 1.
    n : (U,) ndarray
        Respondents.
    rate, width : (U,) ndarray
        A share away from 0 and 1 and its variance; a width of 0 is a census.
    standard_error, df : ndarray
    method : str
    confidence_level : float in (0, 1)

    Returns
    -------
    Estimates
    """
    known = np.isfinite(value)
    n_effective = quotient(rate * (1 - rate), width, empty=np.inf)
    n_effective = np.where(known, n_effective, 0.0)
    freedom = np.broadcast_to(df, n.shape)
    critical = t_critical(freedom, confidence_level)
    low, high = wilson_limits(value, n_effective, critical)
    effect = quotient(n, n_effective, empty=1.0)
    return Estimates(
        value, low, high, n.astype(np.int64), effect, n_effective, freedom, standard_error,
        method=method, confidence_level=confidence_level,
    )  # fmt: skip


def smoothed_cells(satisfied: FloatArray, people: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Share of each cell with `BORROWED_PEOPLE` of the unit's own rate added, and its variance.

    Parameters
    ----------
    satisfied, people : (U, G) ndarray

    Returns
    -------
    share, variance : (U, G) ndarray
        0 where nobody answered.

    Examples
    --------
    >>> share, _ = smoothed_cells(np.array([[1.0, 49.0]]), np.array([[1.0, 50.0]]))
    >>> share.round(3).tolist()
    [[0.977, 0.979]]
    """
    n = people.sum(axis=1, keepdims=True)
    rate = (satisfied.sum(axis=1, keepdims=True) + 0.5) / (n + 1)
    near = (satisfied + BORROWED_PEOPLE * rate) / (people + BORROWED_PEOPLE)
    variance = near * (1 - near) / np.maximum(people, 1)
    return np.where(people > 0, near, 0.0), np.where(people > 0, variance, 0.0)


def ended_share(share: FloatArray, satisfied: FloatArray, people: FloatArray) -> FloatArray:
    """A weighted share that is exactly 1, or 0, where everyone, or nobody, is satisfied.

    Parameters
    ----------
    share : (U,) ndarray
    satisfied, people : (U, G) ndarray

    Returns
    -------
    (U,) ndarray in [0, 1]

    Examples
    --------
    >>> ended_share(np.array([0.999999]), np.array([[3.0, 4.0]]), np.array([[3.0, 4.0]])).tolist()
    [1.0]
    """
    none, everyone = (satisfied == 0).all(axis=1), (satisfied == people).all(axis=1)
    return np.where(none, 0.0, np.where(everyone, 1.0, np.clip(share, 0.0, 1.0)))
