"""A device's own day: how its responses usually spread over the hours, and how much that varies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.types import FloatArray
from analysis.validation import finite_array, number_of, require_whole, whole_numbers


@checked
def shrunken_profile(history: ArrayLike, pool: ArrayLike, *, weight: float = 50.0) -> FloatArray:
    """Share of a device's responses by bucket of the day, drawn towards that of its channel.

    Parameters
    ----------
    history : (..., B) array_like >= 0
        The device's responses by bucket, summed over other days.
    pool : (B,) array_like >= 0
        Those of all devices of the channel; a bucket in which the desk may be open should not be empty.
    weight : float > 0
        Responses that the pool counts for.

    Returns
    -------
    (..., B) ndarray
        Sums to 1 along the last axis; every bucket gets a little.

    Notes
    -----
    ``(h_b + w q_b) / (Σh + w)``, q the pool's shares with half a response added to each bucket.

    Examples
    --------
    >>> shrunken_profile([30, 10, 0], [100, 100, 100], weight=20).round(2).tolist()
    [0.61, 0.28, 0.11]
    """
    own, all_devices = finite_array(history, name="history"), finite_array(pool, name="pool")
    if all_devices.ndim != 1 or own.shape[-1:] != all_devices.shape:
        raise InvalidShape(
            expected="the same buckets in both",
            got=f"{own.shape} and {all_devices.shape}",
            hint="align the day",
        )
    if (own < 0).any() or (all_devices < 0).any():
        raise InvalidCounts(expected="counts >= 0", got="a negative one", hint="profiles are counts")
    share = (all_devices + 0.5) / (all_devices + 0.5).sum()
    pull = number_of(weight, name="weight", above=0)
    return np.asarray((own + pull * share) / (own.sum(axis=-1, keepdims=True) + pull))


@checked
def arrival_dispersion(counts: ArrayLike, profile: ArrayLike, *, windows: Sequence[int] = (1,)) -> FloatArray:
    """Variance over mean of arrivals within a window: 1 for people who come one by one, more for mailings.

    Parameters
    ----------
    counts : (H, B) array_like of whole numbers
        Past days of one channel, or of one device with a long past.
    profile : (B,) or (H, B) array_like > 0
        Expected shares. Of a device's own past, each day's from the **other** days: a profile that has seen the
        day fits it too well.
    windows : sequence of int >= 1
        Widths in buckets. Answers to a mailing arrive over several buckets, so wide windows vary more.

    Returns
    -------
    (W,) ndarray >= 1
        1 where no day has two responses.

    Notes
    -----
    Mean over days and windows of ``D = (x - nπ)²/(nπ(1-π))``, given the days' totals. If arrivals vary φ times more
    than Poisson, D is ``nφ/(n + φ - 1)``, so ``φ = D (n - 1)/(n - D)`` at the mean n.

    Examples
    --------
    >>> arrival_dispersion([[4, 6, 5, 5], [5, 5, 6, 4]], [0.25] * 4).tolist()
    [1.0]
    >>> past, pool = np.array([[9, 1, 2], [2, 8, 2], [1, 2, 9]]), np.array([40, 40, 40])
    >>> others = shrunken_profile(past.sum(axis=0) - past, pool)
    >>> arrival_dispersion(past, others, windows=(1, 2)).round(1).tolist()
    [11.0, 12.5]
    """
    past, share = days_of(counts, profile)
    ratios = [_pearson_ratio(past, share, width) for width in widths_of(windows, past.shape[1])]
    return np.array([max(1.0, ratio * (n - 1) / (n - ratio)) for ratio, n in ratios])


@checked
def share_concentration(counts: ArrayLike, profile: ArrayLike) -> float:
    """How firmly shares keep to their usual values: the concentration of a Dirichlet law.

    Parameters
    ----------
    counts : (H, D) array_like of whole numbers
        Past periods, by device.
    profile : (D,) or (H, D) array_like > 0
        Usual shares, summing to 1.

    Returns
    -------
    float > 0
        Infinite where they vary by chance alone.

    Notes
    -----
    Pearson's D as in `arrival_dispersion` is ``(n + κ)/(1 + κ)``, so ``κ = (n - D)/(D - 1)``.

    Examples
    --------
    >>> share_concentration([[50, 50], [48, 52]], [0.5, 0.5])
    inf
    >>> round(share_concentration([[80, 20], [30, 70], [45, 55]], [0.5, 0.5]), 1)
    4.9
    """
    past, share = days_of(counts, profile)
    pearson, n = _pearson_ratio(past, share, 1)
    return max((n - pearson) / (pearson - 1), 0.01) if pearson > 1 else float("inf")


@checked
def days_of(counts: ArrayLike, profile: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Checked counts by day and bucket, with positive shares that sum to 1 on each day.

    Parameters
    ----------
    counts : (H, B) array_like of whole numbers
    profile : (B,) or (H, B) array_like > 0

    Returns
    -------
    tuple of (H, B) ndarray

    Examples
    --------
    >>> days_of([[1, 2]], [1, 3])[1].tolist()
    [[0.25, 0.75]]
    """
    table, weight = finite_array(counts, name="counts"), finite_array(profile, name="profile")
    if table.ndim != 2 or weight.shape not in (table.shape, table.shape[1:]):
        raise InvalidShape(
            expected="days by buckets, and a profile of as many buckets",
            got=f"{table.shape} and {weight.shape}",
            hint="one row per day",
        )
    require_whole(table, name="counts")
    if (weight <= 0).any():
        raise InvalidCounts(
            expected="profile > 0",
            got=f"{weight.min():g}",
            hint="draw it from shrunken_profile; nothing is impossible",
        )
    share = np.broadcast_to(weight / weight.sum(axis=-1, keepdims=True), table.shape)
    return table, share


def window_sums(table: FloatArray, width: int) -> FloatArray:
    """Sums over every stretch of `width` buckets.

    Parameters
    ----------
    table : (D, B) ndarray
    width : int in [1, B]

    Returns
    -------
    (D, B - width + 1) ndarray

    Examples
    --------
    >>> window_sums(np.array([[1.0, 2, 3]]), 2).tolist()
    [[3.0, 5.0]]
    """
    running = np.concatenate([np.zeros((len(table), 1)), np.cumsum(table, axis=1)], axis=1)
    return np.asarray(running[:, width:] - running[:, :-width])


@checked
def widths_of(windows: Sequence[int], n_buckets: int) -> list[int]:
    """Checked widths, none wider than the day.

    Parameters
    ----------
    windows : sequence of int >= 1
        Ascending.
    n_buckets : int >= 1

    Returns
    -------
    list of int
        As many as given.

    Examples
    --------
    >>> widths_of((1, 2, 4), 3)
    [1, 2, 3]
    """
    widths = list(whole_numbers(windows, name="windows"))
    if not widths or widths[0] < 1 or widths != sorted(set(widths)) or not n_buckets:
        raise InvalidOption(
            expected="ascending whole widths >= 1", got=repr(windows), hint="widths are in buckets"
        )
    return [min(width, n_buckets) for width in widths]


def _pearson_ratio(past: FloatArray, share: FloatArray, width: int) -> tuple[float, float]:
    """Squared distance from the mean over its binomial variance, kept below the mean total, and that mean."""
    total = past.sum(axis=1, keepdims=True)
    busy = total[:, 0] > 1
    if not busy.any() or width >= past.shape[1]:
        return 1.0, 2.0
    part, n = np.clip(window_sums(share[busy], width), 1e-12, 1 - 1e-12), total[busy]
    distance = window_sums(past[busy], width) - n * part
    ratio, mean = float((distance**2 / (n * part * (1 - part))).mean()), float(n.mean())
    return min(ratio, 0.99 * mean), mean
