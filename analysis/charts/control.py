"""The control chart: shares over time, with limits that follow the number of answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.charts.style import (
    ACCENT,
    FAINT,
    HAIRLINE,
    INK,
    MUTED,
    NARROW_PX,
    PAPER,
    SMALL,
    ChartText,
    canvas,
    padded_range,
    plot_area,
    round_ticks,
)
from analysis.types import FloatArray


def control_chart(
    starts_on: Sequence[date],
    share: FloatArray,
    *,
    lower: FloatArray,
    upper: FloatArray,
    center: FloatArray,
    is_signal: Sequence[bool],
    breaks: Sequence[date] = (),
    break_label: str,
    center_label: str,
    limit_label: str,
    text: ChartText,
    width_px: int = 560,
) -> Figure:
    """Shares by period, cut where the form changed; only points outside the limits are marked.

    Parameters
    ----------
    starts_on : sequence of date
        First day of each point.
    share, lower, upper, center : array
        In [0, 1], one entry per point; limits are not clipped here but by the axis.
    is_signal : sequence of bool
        Points outside their limits: larger, open, with their value beside them.
    breaks : sequence of date
        Days from which another form was in use; the line is not joined across them.
    break_label, center_label, limit_label : str
        Translated words written in the chart.
    text : ChartText
        Translated words.
    width_px : int
        Width in CSS pixels.

    Returns
    -------
    Figure
    """
    is_narrow = width_px < NARROW_PX
    figure = canvas(width_px, 250, text)
    axes = plot_area(figure, left=42, top=26, right=12 if is_narrow else 86, bottom=30)
    _scale(axes, starts_on, [*share, *np.clip(lower, 0, 1)], [*share, *np.clip(upper, 0, 1)], text)
    segments = _segments(starts_on, breaks)
    for rows in segments:
        band = np.clip(lower[rows], 0, 1), np.clip(upper[rows], 0, 1)
        axes.fill_between(rows, *band, step="mid", color=FAINT)
        axes.plot(rows, center[rows], color=MUTED, linewidth=1, dashes=(5, 3))
        axes.plot(rows, share[rows], color=ACCENT, linewidth=1.8, marker="o", markersize=5)
    for rows in segments[1:]:
        axes.axvline(rows[0] - 0.5, color=INK, linewidth=1, dashes=(1, 2))
        axes.text(rows[0] - 0.5, 1.0, f" {break_label}", transform=axes.get_xaxis_transform(),
                  va="top", fontsize=SMALL, color=INK)  # fmt: skip
    _mark_signals(axes, share, is_signal, text)
    if not is_narrow and len(share):
        _name_lines(axes, len(share) - 1, [(center[-1], center_label), (min(upper[-1], 1.0), limit_label)])
    return figure


def _scale(
    axes: Axes, starts_on: Sequence[date], lows: list[float], highs: list[float], text: ChartText
) -> None:
    low, high = padded_range(lows, highs)
    axes.set_ylim(low, high + 0.01)
    axes.set_xlim(-0.5, len(starts_on) - 0.5)
    ticks = round_ticks(low, high)
    axes.set_yticks(ticks, [text.percent(tick, digits=0) for tick in ticks])
    for tick in ticks:
        axes.axhline(tick, color=HAIRLINE, linewidth=1, zorder=0)
    every = max(1, -(-len(starts_on) // 5))
    rows = list(range(0, len(starts_on), every))
    axes.set_xticks(rows, [f"{starts_on[row]:%d/%m}" for row in rows])


def _segments(starts_on: Sequence[date], breaks: Sequence[date]) -> list[list[int]]:
    """Rows of each stretch between two changes of the form; empty stretches left out."""
    edges = [date.min, *sorted(breaks), date.max]
    cut = [
        [row for row, day in enumerate(starts_on) if first <= day < last] for first, last in pairwise(edges)
    ]
    return [rows for rows in cut if rows]


def _mark_signals(axes: Axes, share: FloatArray, is_signal: Sequence[bool], text: ChartText) -> None:
    for row in (row for row, outside in enumerate(is_signal) if outside):
        axes.plot([row], [share[row]], marker="D", markersize=9, markerfacecolor=PAPER, markeredgecolor=INK,
                  markeredgewidth=2, clip_on=False)  # fmt: skip
        axes.annotate(text.percent(share[row]), (row, share[row]), xytext=(0, -18), ha="center",
                      textcoords="offset points", fontsize=SMALL, color=INK, fontweight="bold")  # fmt: skip


def _name_lines(axes: Axes, row: int, lines: Sequence[tuple[float, str]]) -> None:
    for y, words in lines:
        axes.annotate(words, (row, y), xytext=(16, 0), textcoords="offset points", va="center",
                      fontsize=SMALL, color=MUTED, annotation_clip=False)  # fmt: skip
