"""Charts over time and over units: control limits, pooled periods and funnel limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.types import FloatArray, IntArray
from analysis.validation import counts_of, level_of

MEAN_RANGE = 1.128
"""Expected range of two standard normal values, rounded as in Laney (2002)."""

MEDIAN_RANGE = 0.954
"""Median range of two standard normal values."""

RUN_LENGTH = 8
"""Points in a row on one side of the centre that signal a shift."""


class Rule(StrEnum):
    """Why a point of a control chart is signalled."""

    BEYOND_LIMITS = "beyond_limits"
    RUN_OF_EIGHT = "run_of_eight"


@dataclass(frozen=True, slots=True)
class Signal:
    """A point of a control chart that chance does not explain."""

    index: int
    rule: Rule


@dataclass(frozen=True, slots=True, eq=False)
class ControlChart:
    """Shares over time with the limits of common chance.

    Attributes
    ----------
    x, n, p : (T,) ndarray
        Satisfied, answering, and their share.
    center, lower, upper : (T,) ndarray
        Limits are not cut at 0 and 1: draw them cut.
    sigma_z : (T,) ndarray
        Spread between neighbours over binomial spread, of the point's segment.
    method : tuple of str
        "p" or "laney", of the point's segment.
    signals : tuple of Signal
        In order of index.
    """

    x: FloatArray
    n: FloatArray
    p: FloatArray
    center: FloatArray
    lower: FloatArray
    upper: FloatArray
    sigma_z: FloatArray
    method: tuple[str, ...]
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PooledPeriods:
    """Consecutive periods joined until each has enough respondents.

    Attributes
    ----------
    x, n : (G,) ndarray
    first, last : (G,) ndarray of int
        Periods joined, both ends included.
    breaks : tuple of int
        The breaks given, as positions among the pooled points.
    """

    x: FloatArray
    n: FloatArray
    first: IntArray
    last: IntArray
    breaks: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Funnel:
    """Units against the centre, with limits that depend on n.

    Attributes
    ----------
    center : float
    p, z : (U,) ndarray
        Share, and its distance from the centre in binomial standard errors.
    limits : dict of float to pair of (U,) ndarray
        By level.
    phi : float
        Over-dispersion: mean of winsorised z².
    tau2 : float
        Variance between units beyond chance.
    z_additive : (U,) ndarray
        Distance with that variance added.
    """

    center: float
    p: FloatArray
    z: FloatArray
    limits: dict[float, tuple[FloatArray, FloatArray]]
    phi: float
    tau2: float
    z_additive: FloatArray


def p_chart(
    x: ArrayLike, n: ArrayLike, *, breaks: Sequence[int] = (), method: str = "auto", n_sigma: float = 3.0
) -> ControlChart:
    """Control chart of a share with varying n.

    Parameters
    ----------
    x, n : (T,) array_like of counts, n >= 1
        Satisfied and answering respondents of each period, in order; pool small ones with `pool_periods`.
    breaks : sequence of int
        Indices at which something else is measured (a new questionnaire): centre and spread start afresh.
    method : {"auto", "p", "laney"}
        "laney" widens the limits by sigma_z. "auto" does so where sigma_z exceeds what chance explains.
    n_sigma : float > 0
        Distance of the limits.

    Returns
    -------
    ControlChart

    Notes
    -----
    ``z_i = (p_i - p̄) / σ_i``, ``σ_i = sqrt(p̄(1-p̄)/n_i)``, ``σ_z = mean|z_i - z_(i-1)| / 1.128``; limits
    ``p̄ ± n_sigma σ_i`` (p) or ``p̄ ± n_sigma σ_i σ_z`` (Laney). "auto" takes Laney where the median of
    |z_i - z_(i-1)| / 0.954 exceeds ``1 + 2.4 / sqrt(T - 1)``, its 95 % point under chance alone (simulated,
    T from 5 to 52): the median, so that one bad week does not widen the limits that should show it.

    References
    ----------
    Laney (2002), Quality Engineering 14:531-537. Montgomery, Introduction to Statistical Quality Control.

    Examples
    --------
    >>> chart = p_chart([90, 88, 91, 60, 89, 90, 92, 88], [100] * 8)
    >>> chart.signals[0].index, str(chart.signals[0].rule), chart.method[0]
    (3, 'beyond_limits', 'p')
    """
    satisfied, people = counts_of(x, n)
    if satisfied.ndim != 1 or (people < 1).any():
        raise InvalidCounts(
            expected="periods with respondents",
            got="an empty period or a table",
            hint="pool periods with pool_periods first",
        )
    if method not in ("auto", "p", "laney"):
        raise InvalidOption(expected="auto, p or laney", got=repr(method), hint="check the spelling")
    segments = [
        _segment(satisfied[part], people[part], method, n_sigma) for part in _parts(len(people), breaks)
    ]
    center, lower, upper, sigma_z = (
        np.concatenate(arrays) for arrays in zip(*(s[:4] for s in segments), strict=True)
    )
    share = satisfied / people
    names = tuple(
        name
        for segment, part in zip(segments, _parts(len(people), breaks), strict=True)
        for name in [segment[4]] * (part.stop - part.start)
    )
    signals = _signals(share, center, lower, upper, _parts(len(people), breaks))
    return ControlChart(satisfied, people, share, center, lower, upper, sigma_z, names, signals)


def pool_periods(x: ArrayLike, n: ArrayLike, *, min_n: int = 30, breaks: Sequence[int] = ()) -> PooledPeriods:
    """Join consecutive periods until each point has enough respondents.

    Parameters
    ----------
    x, n : (T,) array_like of counts
    min_n : int >= 1
        Respondents each point should have.
    breaks : sequence of int
        No point crosses a break.

    Returns
    -------
    PooledPeriods
        Leftover periods at the end of a segment join its last point; a segment that never
        reaches `min_n` is one point, or none if nobody answered.

    Examples
    --------
    >>> pooled = pool_periods([20, 15, 40, 9], [22, 18, 45, 10])
    >>> pooled.n.tolist(), pooled.first.tolist(), pooled.last.tolist()
    ([40.0, 55.0], [0, 2], [1, 3])
    """
    satisfied, people = counts_of(x, n)
    if satisfied.ndim != 1 or min_n < 1:
        raise InvalidShape(
            expected="one series and min_n >= 1",
            got=f"shape {satisfied.shape}, min_n {min_n}",
            hint="pool one unit at a time",
        )
    edges: list[tuple[int, int]] = []
    starts: list[int] = []
    for part in _parts(len(people), breaks):
        starts.append(len(edges))
        edges.extend(_pooled_edges(people[part], min_n, part.start))
    first, last = np.array(edges, dtype=np.int64).reshape(-1, 2).T
    sums_x, sums_n = (np.concatenate([[0.0], np.cumsum(array)]) for array in (satisfied, people))
    pooled_breaks = tuple(sorted({start for start in starts if 0 < start < len(edges)}))
    return PooledPeriods(
        sums_x[last + 1] - sums_x[first], sums_n[last + 1] - sums_n[first], first, last, pooled_breaks
    )


def funnel_limits(
    k: ArrayLike, n: ArrayLike, *, center: float | None = None, levels: Sequence[float] = (0.95, 0.998)
) -> Funnel:
    """Limits of chance around the centre for units of different size.

    Parameters
    ----------
    k, n : (U,) array_like of counts, n >= 1
    center : float in (0, 1), optional
        The pooled share when left out.
    levels : sequence of float in (0, 1)

    Returns
    -------
    Funnel

    Notes
    -----
    ``z = (p - θ)/s``, ``s² = θ(1-θ)/n``; φ = mean of z² winsorised at the 10 % and 90 % quantiles;
    ``τ² = max(0, (Uφ - (U-1)) / (Σw - Σw²/Σw))``, w = 1/s²; additive ``z = (p - θ)/sqrt(s² + τ²)``.

    References
    ----------
    Spiegelhalter (2005), Statistics in Medicine 24:1185-1202.

    Examples
    --------
    >>> funnel = funnel_limits([88, 90, 440], [100, 100, 500])
    >>> [round(limit.item(), 3) for limit in funnel.limits[0.95][0]]
    [0.82, 0.82, 0.855]
    """
    satisfied, people = counts_of(k, n)
    if satisfied.ndim != 1 or not len(people) or (people < 1).any():
        raise InvalidCounts(
            expected="units with respondents", got="an empty unit or none", hint="leave out empty units"
        )
    theta = float(satisfied.sum() / people.sum()) if center is None else center
    if not 0 < theta < 1:
        raise InvalidCounts(
            expected="a centre in (0, 1)",
            got=f"{theta:g}",
            hint="where everyone is satisfied there is no funnel to draw",
        )
    share, error = satisfied / people, np.sqrt(theta * (1 - theta) / people)
    z = (share - theta) / error
    limits = {level: _band(theta, error, level) for level in levels}
    phi = float((np.clip(z, *np.quantile(z, [0.1, 0.9])) ** 2).mean())
    w = error**-2.0
    freedom = w.sum() - (w**2).sum() / w.sum()
    tau2 = max(0.0, (len(z) * phi - (len(z) - 1)) / float(freedom)) if len(z) > 1 else 0.0
    return Funnel(theta, share, z, limits, phi, tau2, (share - theta) / np.sqrt(error**2 + tau2))


def _parts(size: int, breaks: Sequence[int]) -> list[slice]:
    edges = [0, *breaks, size]
    if sorted(set(edges)) != edges and size:
        raise InvalidOption(
            expected=f"ascending breaks inside 1..{size - 1}",
            got=repr(tuple(breaks)),
            hint="a break is the index of the first period after it",
        )
    return [slice(start, stop) for start, stop in pairwise(edges)]


def _segment(
    x: FloatArray, n: FloatArray, method: str, n_sigma: float
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, str]:
    center = x.sum() / n.sum()
    sigma = np.sqrt(center * (1 - center) / n)
    z = np.divide(x / n - center, sigma, out=np.zeros(n.shape), where=sigma > 0)
    ranges = np.abs(np.diff(z)) if len(n) > 1 else np.array([MEAN_RANGE])
    sigma_z = float(ranges.mean() / MEAN_RANGE)
    if method == "auto":
        typical = float(np.median(ranges)) / MEDIAN_RANGE
        method = "laney" if typical > 1 + 2.4 / math.sqrt(len(ranges)) else "p"
    half = n_sigma * sigma * (sigma_z if method == "laney" else 1.0)
    level = np.full(n.shape, center)
    return level, level - half, level + half, np.full(n.shape, sigma_z), method


def _signals(
    p: FloatArray, center: FloatArray, lower: FloatArray, upper: FloatArray, parts: list[slice]
) -> tuple[Signal, ...]:
    tolerance = 1e-12
    beyond = (p < lower - tolerance) | (p > upper + tolerance)
    found = [Signal(int(index), Rule.BEYOND_LIMITS) for index in np.flatnonzero(beyond)]
    for part in parts:
        ends = part.start + _run_ends(np.sign(np.round(p[part] - center[part], 12)))
        found.extend(Signal(int(index), Rule.RUN_OF_EIGHT) for index in ends)
    return tuple(sorted(found, key=lambda signal: (signal.index, signal.rule)))


def _run_ends(sides: FloatArray) -> NDArray[np.int64]:
    """Indices at which a run on one side of the centre reaches its signal length."""
    ends, length = [], 0
    for index, side in enumerate(sides):
        length = length + 1 if side and index and side == sides[index - 1] else int(side != 0)
        if length == RUN_LENGTH:
            ends.append(index)
    return np.array(ends, dtype=np.int64)


def _pooled_edges(n: FloatArray, min_n: int, offset: int) -> list[tuple[int, int]]:
    edges: list[tuple[int, int]] = []
    start, total = 0, 0.0
    for index, size in enumerate(n):
        total += size
        if total >= min_n:
            edges.append((offset + start, offset + index))
            start, total = index + 1, 0.0
    if start < len(n):
        if edges:
            edges[-1] = (edges[-1][0], offset + len(n) - 1)
        elif total:
            edges.append((offset, offset + len(n) - 1))
    return edges


def _band(center: float, error: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    half = float(special.ndtri(0.5 + level_of(level) / 2)) * error
    return center - half, center + half
