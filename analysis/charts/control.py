"""The control chart: shares over time, with limits that follow the number of answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.charts.canvas import Canvas, canvas, empty_figure
from analysis.charts.key import KeyEntry, lay_key
from analysis.charts.labels import Point, place, write_placed
from analysis.charts.lettering import LINE, text_width, widest
from analysis.charts.plane import Plane
from analysis.charts.scales import padded_range, round_ticks
from analysis.charts.style import ACCENT, FAINT, HAIRLINE, INK, MUTED, PAPER, SMALL, TINY
from analysis.charts.timeline import Timeline, date_ticks, timeline
from analysis.charts.words import ChartText
from analysis.types import FloatArray

LEFT_PX, RIGHT_PX, AXIS_PX = 44.0, 14.0, 24.0
PLOT_PX, STRIP_PX = 190.0, 78.0
STRIP_HEAD_PX = 28.0
BARS = "#8fa3b8"
BREAK_PX = 18.0


@dataclass(frozen=True, slots=True)
class _Frame:
    """What every part of the chart is drawn on."""

    canvas: Canvas
    axes: Axes
    plane: Plane
    series: Timeline
    breaks: list[date]
    text: ChartText
    date_format: str


def control_chart(
    starts_on: Sequence[date],
    share: FloatArray,
    *,
    lower: FloatArray,
    upper: FloatArray,
    center: FloatArray,
    is_signal: Sequence[bool],
    break_label: str,
    center_label: str,
    limit_label: str,
    text: ChartText,
    breaks: Sequence[date] = (),
    ends_on: Sequence[date] | None = None,
    n: Sequence[float] | None = None,
    is_run: Sequence[bool] = (),
    signal_label: str = "",
    run_label: str = "",
    other_limits: tuple[FloatArray, FloatArray] | None = None,
    other_label: str = "",
    date_format: str = "%d/%m",
    width_px: int = 560,
) -> Figure:
    """Shares by period, cut where the form changed; only points outside the limits are marked.

    Parameters
    ----------
    starts_on : sequence of date
        First day of each point, ascending.
    share, lower, upper, center : (T,) array
        In [0, 1]; limits beyond 0 and 1 are cut there. A NaN share is a gap.
    is_signal : sequence of bool
        Points outside their limits: a hollow diamond with the value beside it.
    break_label, center_label, limit_label : str
        Translated words.
    text : ChartText
        Translated words; `n_label` heads the strip of counts.
    breaks : sequence of date
        Days from which another form was in use; the line is not joined across them.
    ends_on : sequence of date, optional
        Last day of each point. A point that pools several periods stands in their middle on a bar as long as
        they are; where days are missing between two points the line is cut.
    n : sequence of float, optional
        Respondents of each point, drawn as bars below.
    is_run : sequence of bool
        Points at which a run on one side of the centre is complete: a hollow square.
    signal_label, run_label : str
        Words of the key for both signals.
    other_limits : pair of (T,) array, optional
        A second pair of limits, such as those of the plain p chart beside Laney's: dotted.
    other_label : str
    date_format : str
        Of the marks of the axis, for `strftime`.
    width_px : int
        Width in CSS pixels.

    Returns
    -------
    Figure
    """
    if not len(starts_on):
        return empty_figure(text, width_px)
    series = timeline(starts_on, ends_on, breaks, [share, lower, upper, center])
    signals = list(is_signal), list(is_run) or [False] * len(series.share)
    key = lay_key(_key(signals, (center_label, limit_label, other_label, signal_label, run_label)), width_px)
    inside = [day for day in sorted(breaks) if starts_on[0] < day <= starts_on[-1]]
    top = key.height + 10 + (BREAK_PX if inside else 0)
    strip = STRIP_PX if n is not None else 0.0
    made = canvas(width_px, top + PLOT_PX + strip + AXIS_PX, text)
    key.draw(made, top=0)
    plane = _plane(series, other_limits, width_px, top)
    frame = _Frame(made, plane.axes(made), plane, series, inside, text, date_format)
    _mark_shares(frame)
    for day, words in date_ticks(series, starts_on, plane, date_format=date_format, right=width_px):
        made.write(plane.at(day, 0)[0], top + PLOT_PX + strip + 13, words, ha="center")
    _draw_limits(frame.axes, series, other_limits)
    _draw_shares(frame.axes, series)
    _mark_breaks(frame, break_label)
    _mark_signals(frame, signals)
    if n is not None:
        _draw_counts(frame, n)
    return made.figure


def _key(signals: tuple[list[bool], list[bool]], words: tuple[str, str, str, str, str]) -> list[KeyEntry]:
    center_label, limit_label, other_label, signal_label, run_label = words
    entries = [
        KeyEntry(center_label, MUTED, dashes=(5, 3)),
        KeyEntry(limit_label, FAINT, is_patch=True),
    ]
    if other_label:
        entries.append(KeyEntry(other_label, INK, dashes=(1, 2)))
    if signal_label and any(signals[0]):
        entries.append(KeyEntry(signal_label, INK, "D", is_hollow=True))
    if run_label and any(signals[1]):
        entries.append(KeyEntry(run_label, INK, "s", is_hollow=True))
    return entries


def _plane(
    series: Timeline, other: tuple[FloatArray, FloatArray] | None, width_px: float, top: float
) -> Plane:
    bounds = [*series.share, *series.lower, *series.upper]
    if other is not None:
        bounds += [*np.clip(other[0], 0, 1), *np.clip(other[1], 0, 1)]
    low, high = padded_range(bounds, bounds)
    margin = 0.03 * (high - low)
    days = float(series.starts[0]), float(series.ends[-1])
    return Plane(LEFT_PX, top, width_px - LEFT_PX - RIGHT_PX, PLOT_PX, days, (low - margin, high + margin))


def _mark_shares(frame: _Frame) -> None:
    low, high = frame.plane.y
    ticks = round_ticks(max(low, 0.0), min(high, 1.0), n_ticks=6)
    words = [(tick, frame.text.percent(tick, digits=0)) for tick in ticks]
    frame.plane.mark_axes(frame.axes, [], words)


def _draw_limits(axes: Axes, series: Timeline, other: tuple[FloatArray, FloatArray] | None) -> None:
    for rows in series.pieces:
        days = series.edges(rows)
        axes.fill_between(
            days, np.repeat(series.lower[rows], 2), np.repeat(series.upper[rows], 2), color=FAINT, linewidth=0
        )
        axes.plot(days, np.repeat(series.center[rows], 2), color=MUTED, linewidth=1.1, dashes=(5, 3))
        for limit in other or ():
            inside = np.clip(np.asarray(limit, dtype=np.float64)[rows], 0, 1)
            axes.plot(days, np.repeat(inside, 2), color=INK, linewidth=1, dashes=(1, 2))


def _draw_shares(axes: Axes, series: Timeline) -> None:
    gap = float("nan")
    for rows in series.pieces:
        bars = rows[series.is_pooled[rows]]
        xs = [x for row in bars for x in (series.starts[row], series.ends[row], gap)]
        ys = [y for row in bars for y in (series.share[row], series.share[row], gap)]
        if len(bars):
            axes.plot(xs, ys, color=ACCENT, linewidth=1.1)
        axes.plot(
            series.middles[rows], series.share[rows], color=ACCENT, linewidth=1.6, marker="o", markersize=5
        )


def _mark_breaks(frame: _Frame, label: str) -> None:
    last = float("-inf")
    for day in frame.breaks:
        frame.axes.axvline(day.toordinal(), color=INK, linewidth=1.1, dashes=(1, 2))
        words = f"{label} {day.strftime(frame.date_format)}"
        half = text_width(words, SMALL) / 2
        x = frame.plane.at(day.toordinal(), 0)[0]
        x = min(max(x, half + 1), frame.canvas.width - half - 1)
        # Two changes so near that their words would meet: the second keeps its line and its date in the table.
        if x - half > last:
            frame.canvas.write(x, frame.plane.top - BREAK_PX / 2 - 1, words, ha="center", color=INK)
            last = x + half + 8


def _mark_signals(frame: _Frame, signals: tuple[list[bool], list[bool]]) -> None:
    days, shares = frame.series.middles, frame.series.share
    known = np.isfinite(shares)
    beyond, run = (np.flatnonzero(np.array(flags, dtype=bool) & known) for flags in signals)
    for rows, marker, size in ((run, "s", 10), (beyond, "D", 8)):
        frame.axes.plot(
            days[rows], shares[rows], linestyle="none", marker=marker, markersize=size, clip_on=False,
            markerfacecolor=PAPER, markeredgecolor=INK, markeredgewidth=1.8, zorder=3,
        )  # fmt: skip
    flagged = np.union1d(beyond, run).astype(np.int64).tolist()
    pixels = {int(row): frame.plane.at(float(days[row]), float(shares[row])) for row in np.flatnonzero(known)}
    _write_values(
        frame,
        [pixels[row] for row in flagged],
        [frame.text.percent(float(shares[row])) for row in flagged],
        others=[point for row, point in pixels.items() if row not in flagged],
    )


def _write_values(
    frame: _Frame, marks: Sequence[Point], words: Sequence[str], *, others: Sequence[Point]
) -> None:
    left, top, _right, bottom = frame.plane.box
    lines = [*frame.series.lines(frame.plane)]
    for day in frame.breaks:
        x = frame.plane.at(day.toordinal(), 0)[0]
        lines.append((x - 3, top, x + 3, bottom))
    placed = place(
        marks,
        [(text_width(word, SMALL, is_bold=True) + 2, SMALL * LINE) for word in words],
        bounds=(left, top - 8, frame.canvas.width - 1, bottom + 4),
        others=others,
        taken=lines,
    )
    write_placed(frame.canvas, placed, words)


def _draw_counts(frame: _Frame, n: Sequence[float]) -> None:
    """Respondents of each point as a bar, with its number where all have room, else with an axis."""
    made, series, plane = frame.canvas, frame.series, frame.plane
    counts = [float(count) if np.isfinite(count) else 0.0 for count in n]
    words = [frame.text.count(count) for count in n]
    top = plane.top + plane.height
    per_day = plane.width / (series.ends[-1] - series.starts[0])
    spacing = per_day * float(np.min(np.diff(series.middles), initial=series.ends[-1] - series.starts[0]))
    has_numbers = widest(words, TINY) + 4 <= spacing
    foot, largest = top + STRIP_PX, max(*counts, 1.0)
    room = STRIP_PX - STRIP_HEAD_PX - (16 if has_numbers else 2)
    made.write(0, top + STRIP_HEAD_PX - 13, frame.text.n_label, fontsize=TINY)
    if not has_numbers:
        made.write(plane.left - 5, foot - room, frame.text.count(largest), ha="right", fontsize=TINY)
        for y in (foot - room, foot):
            made.line([plane.left, plane.left + plane.width], [y, y], color=HAIRLINE, linewidth=1)
    gap = float("nan")
    xs = [plane.at(float(day), 0)[0] for day in series.middles]
    ends = [foot - room * count / largest for count in counts]
    made.line(
        [x for at in xs for x in (at, at, gap)], [y for end in ends for y in (foot, end, gap)],
        color=BARS, linewidth=min(max(0.6 * spacing, 1.5), 22.0), solid_capstyle="butt",
    )  # fmt: skip
    for x, end, word in zip(xs, ends, words, strict=True):
        if has_numbers:
            made.write(x, end - 2, word, ha="center", va="bottom", fontsize=TINY)
