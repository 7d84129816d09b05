"""Charts of a few named rows: shares with intervals, and shares as bars."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.charts.style import (
    ACCENT,
    FAINT,
    INK,
    LEVEL_COLOURS,
    MUTED,
    NARROW_PX,
    PAPER,
    SMALL,
    TEXT,
    UNITS_PER_INCH,
    ChartText,
    canvas,
    interval_line,
    padded_range,
    plot_area,
    share_axis,
)
from analysis.types import Estimate

ROW_PX = 34
STACKED_ROW_PX = 52
# Typical advance of a letter, and the room that "100,0% (88,8–100,0)" takes, at the sizes used here.
LETTER_PX = 7.0
VALUE_PX = 130.0


def reason_bars(
    names: Sequence[str], estimates: Sequence[Estimate], *, text: ChartText, width_px: int = 540
) -> Figure:
    """Reasons given, the most frequent first, as dots with their intervals on an axis that starts at 0.

    Parameters
    ----------
    names : sequence of str
        Reason of each row.
    estimates : sequence of Estimate
        Share of all valid responses that name the reason.
    text : ChartText
        Translated words.
    width_px : int
        Width in CSS pixels; below 480 the names stand above their rows.

    Returns
    -------
    Figure
    """
    high = padded_range([0.0], [estimate.ci_high for estimate in estimates] or [0.1])[1]
    return _dot_rows(names, estimates, (0.0, high), text, width_px)


def factor_dots(
    names: Sequence[str],
    estimates: Sequence[Estimate],
    *,
    text: ChartText,
    target: float | None = None,
    width_px: int = 540,
) -> Figure:
    """Factors in the order given, as dots with their intervals.

    Parameters
    ----------
    names : sequence of str
        Factor of each row.
    estimates : sequence of Estimate
        Share of satisfied answers.
    text : ChartText
        Translated words.
    target : float, optional
        Drawn as a dotted rule.
    width_px : int
        Width in CSS pixels; below 480 the names stand above their rows.

    Returns
    -------
    Figure
    """
    marks = [] if target is None else [target]
    limits = padded_range(
        [estimate.ci_low for estimate in estimates] + marks or [0.0],
        [estimate.ci_high for estimate in estimates] + marks or [1.0],
    )
    figure = _dot_rows(names, estimates, limits, text, width_px)
    if target is not None:
        figure.axes[0].axvline(target, color=INK, linewidth=1, dashes=(1, 2), zorder=1)
    return figure


def mix_bars(
    names: Sequence[str], shares: Sequence[float], *, text: ChartText, width_px: int = 540
) -> Figure:
    """Who answered: one bar per slice, its length the share of all responses, its track the whole.

    Parameters
    ----------
    names : sequence of str
        Slice of each row.
    shares : sequence of float
        In [0, 1].
    text : ChartText
        Translated words.
    width_px : int
        Width in CSS pixels.

    Returns
    -------
    Figure
    """
    figure, axes = _rows(names, [text.percent(share) for share in shares], text, width_px, foot_px=2)
    rows = [_mark_y(row, width_px) for row in range(len(shares))]
    height = 0.2 if width_px < NARROW_PX else 0.3
    axes.set_xlim(0, 1)
    axes.barh(rows, [1.0] * len(shares), height=height, color=FAINT)
    axes.barh(rows, shares, height=height, color=ACCENT)
    axes.set_xticks([])
    return figure


def level_bars(
    names: Sequence[str], counts: Sequence[int], *, text: ChartText, width_px: int = 540
) -> Figure:
    """All answers to one question as one bar, cut by level in the order of the scale.

    Parameters
    ----------
    names : sequence of str
        Name of each level, best first.
    counts : sequence of int
        Responses at each level.
    text : ChartText
        Translated words.
    width_px : int
        Width in CSS pixels.

    Returns
    -------
    Figure
    """
    top, bottom, bar = (20 if text.notice else 4), 56, 26
    height = top + bar + bottom
    figure = canvas(width_px, height, text)
    axes = plot_area(figure, left=0, top=top, right=0, bottom=bottom)
    axes.set_xlim(0, max(sum(counts), 1))
    axes.set_ylim(0, 1)
    axes.set_xticks([])
    axes.set_yticks([])
    starts = np.concatenate(([0], np.cumsum(counts)))
    for index, (name, n) in enumerate(zip(names, counts, strict=True)):
        colour = LEVEL_COLOURS[index % len(LEVEL_COLOURS)]
        axes.barh(0.5, n, left=starts[index], height=1, color=colour, edgecolor=PAPER, linewidth=1.5)
        left, room = index * width_px / len(names), width_px / len(names)
        figure.add_artist(_swatch(figure, left, bottom - 19, colour))
        _write(figure, left + 14, bottom - 10, text.count(n), fontsize=TEXT, color=INK, fontweight="bold")
        for row, line in enumerate(wrap(name, max(8, int(room / 6.4)))):
            _write(figure, left, bottom - 27 - 14 * row, line, fontsize=SMALL - 1, color=MUTED)
    return figure


def _swatch(figure: Figure, x_px: float, y_px: float, colour: str) -> Rectangle:
    width, height = figure.get_size_inches() * UNITS_PER_INCH
    return Rectangle((x_px / width, y_px / height), 9 / width, 9 / height, color=colour)


def _write(figure: Figure, x_px: float, y_px: float, words: str, **look: Any) -> None:
    """Text whose upper left corner is so many pixels from the lower left corner of the figure."""
    width, height = figure.get_size_inches() * UNITS_PER_INCH
    figure.text(x_px / width, y_px / height, words, va="top", **look)


def _dot_rows(
    names: Sequence[str],
    estimates: Sequence[Estimate],
    limits: tuple[float, float],
    text: ChartText,
    width_px: int,
) -> Figure:
    figure, axes = _rows(names, [text.estimate(estimate) for estimate in estimates], text, width_px)
    share_axis(axes, *limits, text, n_ticks=4 if width_px < NARROW_PX else 5)
    for row, estimate in enumerate(estimates):
        interval_line(axes, estimate, _mark_y(row, width_px), colour=INK)
    return figure


def _rows(
    names: Sequence[str], values: Sequence[str], text: ChartText, width_px: int, *, foot_px: int = 26
) -> tuple[Figure, Axes]:
    """Named rows with a written value: beside the plot, or above each row where it is narrow."""
    is_narrow = width_px < NARROW_PX
    left, right = (16.0, 18.0) if is_narrow else (0.36 * width_px, 140.0)
    room = width_px - VALUE_PX if is_narrow else left - 10
    lines = [wrap(name, int(room / LETTER_PX)) or [""] for name in names]
    n_lines = max(map(len, lines), default=1)
    row_px = STACKED_ROW_PX + 15 * (n_lines - 1) if is_narrow else max(ROW_PX, 18 * n_lines)
    top = 22 if text.notice else 4
    figure = canvas(width_px, top + row_px * len(names) + foot_px, text)
    axes = plot_area(figure, left=left, top=top, right=right, bottom=foot_px)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks([])
    across, inner = axes.get_yaxis_transform(), width_px - left - right
    for row, (name, value) in enumerate(zip(lines, values, strict=True)):
        y = row - 0.5 + 8 / row_px if is_narrow else row
        vertical = "top" if is_narrow else "center"
        axes.text(-left / inner, y, "\n".join(name), transform=across, va=vertical, fontsize=TEXT, color=INK)
        axes.text(1 + right / inner, y, value, transform=across, ha="right", va=vertical, fontsize=SMALL,
                  color=MUTED)  # fmt: skip
    return figure, axes


def _mark_y(row: int, width_px: int) -> float:
    """Where a row's mark stands: in the middle, or in the lower part where the name is above it."""
    return row + 0.24 if width_px < NARROW_PX else float(row)
