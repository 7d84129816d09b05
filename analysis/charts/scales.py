"""Scales of shares: round marks, ranges that hold every interval, and intervals drawn on them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from analysis.charts.style import PAPER
from analysis.charts.words import is_shown
from analysis.types import Estimate

STEPS = (1, 2, 5, 10, 20, 25, 50)


def round_ticks(low: float, high: float, *, n_ticks: int = 5) -> list[float]:
    """Multiples of 1, 2, 5, 10, 20, 25 or 50 percentage points inside [low, high], at most `n_ticks`."""
    for step in STEPS:
        first, last = math.ceil(round(100 * low / step, 6)), math.floor(round(100 * high / step, 6))
        if 0 < last - first + 1 <= n_ticks:
            return [step * index / 100 for index in range(first, last + 1)]
    return [low, high]


def padded_range(lows: Iterable[float], highs: Iterable[float], *, step: float = 0.05) -> tuple[float, float]:
    """The smallest range of whole steps inside [0, 1] that holds all bounds; [0, 1] where there are none."""
    known = [[value for value in bounds if math.isfinite(value)] for bounds in (lows, highs)]
    if not all(known):
        return 0.0, 1.0
    low = max(0.0, step * math.floor(round(min(known[0]) / step, 9)))
    high = min(1.0, step * math.ceil(round(max(known[1]) / step, 9)))
    return (low, high) if high > low else (max(0.0, low - step), min(1.0, high + step))


def range_of(estimates: Iterable[Estimate | None], *marks: float) -> tuple[float, float]:
    """The axis that holds every interval and every mark."""
    shown = [estimate for estimate in estimates if is_shown(estimate)]
    return padded_range(
        [*(bound for e in shown for bound in (e.ci_low, e.value)), *marks],
        [*(bound for e in shown for bound in (e.ci_high, e.value)), *marks],
    )


def interval_lines(axes: Axes, rows: Sequence[tuple[Estimate, float]], *, colour: str, width: float) -> None:
    """Many intervals as one path: a page of 78 rows stays small."""
    if not rows:
        return
    gap = float("nan")
    xs = [x for estimate, _y in rows for x in (estimate.ci_low, estimate.ci_high, gap)]
    ys = [y for _estimate, at in rows for y in (at, at, gap)]
    axes.plot(xs, ys, color=colour, linewidth=width, zorder=2, clip_on=False)


def interval_caps(axes: Axes, rows: Sequence[tuple[Estimate, float]], *, colour: str, cap: float) -> None:
    """End caps of intervals, as one path."""
    gap = float("nan")
    bounds = [(bound, y) for estimate, y in rows for bound in (estimate.ci_low, estimate.ci_high)]
    xs = [x for bound, _y in bounds for x in (bound, bound, gap)]
    ys = [y for _bound, at in bounds for y in (at - cap, at + cap, gap)]
    axes.plot(xs, ys, color=colour, linewidth=1.5, zorder=2, clip_on=False)


def boxes(axes: Axes, corners: Sequence[tuple[float, float, float, float]], **look: Any) -> None:
    """Many rectangles (left, top, right, bottom) as one path."""
    if not corners:
        return
    path = [
        point
        for left, top, right, bottom in corners
        for point in ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    ]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY] * len(corners)
    axes.add_patch(PathPatch(Path(np.array(path), codes), clip_on=False, **look))


def points(
    axes: Axes,
    rows: Sequence[tuple[float, float]],
    *,
    colour: str,
    marker: str = "o",
    size: float = 8,
    is_hollow: bool = False,
) -> None:
    """Many marks of one kind."""
    if not rows:
        return
    axes.plot(
        [x for x, _y in rows], [y for _x, y in rows], linestyle="none", marker=marker, markersize=size,
        color=colour, markerfacecolor=PAPER if is_hollow else colour,
        markeredgecolor=colour if is_hollow else PAPER, markeredgewidth=1.6 if is_hollow else 0.8,
        zorder=3, clip_on=False,
    )  # fmt: skip


def tips(axes: Axes, rows: Sequence[tuple[float, float, str]], *, size: float = 12) -> None:
    """Unseen marks that say their words under the pointer, where a script shows them."""
    for x, y, words in rows:
        axes.plot(
            [x], [y], linestyle="none", marker="o", markersize=size, color=PAPER, alpha=0, zorder=5,
            clip_on=False, gid=f"tip:{words}",
        )  # fmt: skip


def nice_ticks(low: float, high: float, *, n_ticks: int = 5) -> list[float]:
    """At most `n_ticks` multiples of 1, 2 or 5 times a power of ten inside [low, high].

    Examples
    --------
    >>> nice_ticks(0.13, 0.58)
    [0.2, 0.3, 0.4, 0.5]
    """
    for power in range(math.floor(math.log10(high - low)) - 2, 12):
        for step in (1, 2, 5):
            unit = step * 10.0**power
            first, last = math.ceil(round(low / unit, 6)), math.floor(round(high / unit, 6))
            if last - first + 1 <= n_ticks:
                return [round(unit * index, 10) for index in range(first, last + 1)]
    return [low, high]


def nice_range(values: Iterable[float]) -> tuple[float, float]:
    """The values' range with a little room on both sides."""
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    room = 0.05 * (high - low) or max(abs(high), 1.0) * 0.1
    return low - room, high + room
