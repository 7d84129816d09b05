"""Charts over time: control limits, signals and pooled periods."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analysis.arguments import checked
from analysis.arithmetic import quotient
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.monitoring.run_rules import DEFAULT_RULES, Rule, rule_hits
from analysis.ranking.funnel import binomial_limits
from analysis.types import FloatArray, IntArray
from analysis.validation import counts_of, require_known, whole_numbers

MEAN_RANGE = 1.128
"""Expected range of two standard normal values, rounded as in Laney (2002)."""

MEDIAN_RANGE = 0.954
"""Median range of two standard normal values."""


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
        Normal limits are not cut at 0 and 1: draw them cut.
    z : (T,) ndarray
        Distance from the centre in the chart's own standard error; 0 where there is none.
    sigma_z : (T,) ndarray
        Spread between neighbours over binomial spread, of the point's segment.
    method : tuple of str
        "p" or "laney", of the point's segment.
    limits : tuple of str
        "normal" or "exact", of the point's segment.
    signals : tuple of Signal
        In order of index.
    rules : tuple of Rule
        Looked for; `analysis.monitoring.run_rules.false_alarms` says how often chance alone is signalled.
    """

    x: FloatArray
    n: FloatArray
    p: FloatArray
    center: FloatArray
    lower: FloatArray
    upper: FloatArray
    z: FloatArray
    sigma_z: FloatArray
    method: tuple[str, ...]
    limits: tuple[str, ...]
    signals: tuple[Signal, ...]
    rules: tuple[Rule, ...]


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


@checked
def p_chart(
    x: ArrayLike,
    n: ArrayLike,
    *,
    breaks: Sequence[int] = (),
    method: str = "auto",
    limits: str = "normal",
    n_sigma: float = 3.0,
    rules: Sequence[Rule] = DEFAULT_RULES,
) -> ControlChart:
    """Control chart of a share with varying n.

    Parameters
    ----------
    x, n : (T,) array_like of counts, n >= 1
        Satisfied and answering respondents of each period, in order; pool small ones with `pool_periods`.
    breaks : sequence of int
        Indices at which something else is measured (a new questionnaire): centre and spread start afresh, and
        no run or trend is followed across.
    method : {"auto", "p", "laney"}
        "laney" widens the limits by sigma_z. "auto" does so where sigma_z exceeds what chance explains.
    limits : {"normal", "exact"}
        "exact" takes binomial quantiles of the same tail in segments without Laney's widening. At 97 % and 30
        people a week, normal limits give nine times the false alarms below and none above.
    n_sigma : float > 0
        Distance of the limits.
    rules : sequence of Rule
        `DEFAULT_RULES`, `WESTERN_ELECTRIC_RULES`, `NELSON_RULES` of `analysis.monitoring.run_rules`, or a
        choice of one's own. Each rule added finds more, and cries wolf more often.

    Returns
    -------
    ControlChart

    Notes
    -----
    ``z_i = (p_i - p̄) / σ_i``, ``σ_i = sqrt(p̄(1-p̄)/n_i)``, ``σ_z = mean|z_i - z_(i-1)| / 1.128``; limits
    ``p̄ ± n_sigma σ_i`` (p) or ``p̄ ± n_sigma σ_i σ_z`` (Laney). "auto" takes Laney where the median of
    |z_i - z_(i-1)| / 0.954 exceeds ``1 + 2.4 / sqrt(T - 1)``, its 95 % point under chance alone (simulated,
    T from 5 to 52): the median, so that one bad week does not widen the limits that should show it.
    Runs and zones are judged on the chart's own z, since limits of uneven periods are not level.

    References
    ----------
    Laney (2002), Quality Engineering 14:531-537. Montgomery, Introduction to Statistical Quality Control.

    Examples
    --------
    >>> chart = p_chart([90, 88, 91, 60, 89, 90, 92, 88], [100] * 8)
    >>> chart.signals[0].index, str(chart.signals[0].rule), chart.method[0]
    (3, 'beyond_limits', 'p')
    """
    satisfied, people = _periods(x, n)
    _require_options(method, limits, n_sigma)
    parts = _parts(len(people), breaks)
    segments = [_segment(satisfied[part], people[part], method, limits, n_sigma) for part in parts]
    center, lower, upper, z, sigma_z, methods, kinds = (
        np.concatenate([getattr(segment, name) for segment in segments]) for name in _Segment._fields
    )
    return ControlChart(
        satisfied, people, satisfied / people, center, lower, upper, z, sigma_z,
        tuple(methods.tolist()), tuple(kinds.tolist()),
        _signals(satisfied / people, lower, upper, z=z, parts=parts, rules=rules), tuple(rules),
    )  # fmt: skip


@checked
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


def _parts(size: int, breaks: Sequence[int]) -> list[slice]:
    edges = [0, *whole_numbers(breaks, name="breaks"), size]
    if sorted(set(edges)) != edges and size:
        raise InvalidOption(
            expected=f"ascending breaks inside 1..{size - 1}",
            got=repr(tuple(breaks)),
            hint="a break is the index of the first period after it",
        )
    return [slice(start, stop) for start, stop in pairwise(edges)]


class _Segment(NamedTuple):
    """Arrays of the points between two breaks."""

    center: FloatArray
    lower: FloatArray
    upper: FloatArray
    z: FloatArray
    sigma_z: FloatArray
    method: NDArray[np.str_]
    limits: NDArray[np.str_]


def _periods(x: ArrayLike, n: ArrayLike) -> tuple[FloatArray, FloatArray]:
    satisfied, people = counts_of(x, n)
    if satisfied.ndim != 1 or not len(people) or (people < 1).any():
        raise InvalidCounts(
            expected="periods with respondents",
            got="an empty period, none, or a table",
            hint="pool periods with pool_periods first",
        )
    return satisfied, people


def _require_options(method: str, limits: str, n_sigma: float) -> None:
    require_known(method, ("auto", "p", "laney"), name="method")
    require_known(limits, ("normal", "exact"), name="limits")
    if method == "laney" and limits == "exact":
        raise InvalidOption(
            expected="normal limits with Laney's widening", got="exact", hint="exact limits are binomial"
        )
    if not 0 < n_sigma < math.inf:
        raise InvalidOption(expected="n_sigma > 0", got=repr(n_sigma), hint="3 is the custom")


def _segment(x: FloatArray, n: FloatArray, method: str, limits: str, n_sigma: float) -> _Segment:
    center = float(x.sum() / n.sum())
    sigma = np.sqrt(center * (1 - center) / n)
    away = np.where(np.abs(x / n - center) > 1e-12, x / n - center, 0.0)
    z = quotient(away, sigma, empty=0.0)
    ranges = np.abs(np.diff(z)) if len(n) > 1 else np.array([MEAN_RANGE])
    sigma_z = float(ranges.mean() / MEAN_RANGE)
    if method == "auto":
        typical = float(np.median(ranges)) / MEDIAN_RANGE
        method = "laney" if typical > 1 + 2.4 / math.sqrt(len(ranges)) else "p"
    if method == "laney":
        sigma = sigma * sigma_z
        z = z / sigma_z if sigma_z else z
    limits = limits if method == "p" and 0 < center < 1 else "normal"
    level = np.full(n.shape, center)
    lower, upper = level - n_sigma * sigma, level + n_sigma * sigma
    if limits == "exact":
        lower, upper = binomial_limits(center, n, level=1 - 2 * float(special.ndtr(-n_sigma)))
    return _Segment(
        level, lower, upper, z, np.full(n.shape, sigma_z),
        np.full(n.shape, method), np.full(n.shape, limits),
    )  # fmt: skip


def _signals(
    p: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
    *,
    z: FloatArray,
    parts: list[slice],
    rules: Sequence[Rule],
) -> tuple[Signal, ...]:
    """Points beyond their limits; the other rules segment by segment, on z."""
    tolerance = 1e-12
    beyond = (p < lower - tolerance) | (p > upper + tolerance)
    found: list[Signal] = []
    for rule in dict.fromkeys(Rule(rule) for rule in rules):
        if rule == Rule.BEYOND_LIMITS:
            hits = beyond
        else:
            hits = np.concatenate([rule_hits(z[part], rule) for part in parts])
        found.extend(Signal(int(index), rule) for index in np.flatnonzero(hits))
    return tuple(sorted(found, key=lambda signal: (signal.index, signal.rule)))


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
