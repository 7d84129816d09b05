"""Diverging bars: how answers spread over the levels of a scale, dissatisfied to the left, satisfied to the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from analysis.charts.canvas import empty_figure
from analysis.charts.columns import Column
from analysis.charts.key import KeyEntry
from analysis.charts.lanes import rule, value_axis
from analysis.charts.lettering import text_width
from analysis.charts.scales import STEPS, boxes
from analysis.charts.style import (
    BLUES,
    INK,
    LEVEL_COLOURS,
    ORANGES,
    PAPER,
    TINY,
    ink_on,
    level_colours,
    shades,
)
from analysis.charts.table import Table, table
from analysis.charts.words import ChartText, is_shown
from analysis.errors import InvalidOption, InvalidShape
from analysis.types import Estimate, FloatArray

BAR_PX = 20.0
LONG_ROWS = 15
"""More rows than this have the axis above as well."""
OUTLINE = "#7f91a4"
ASIDE_GAP = 0.06
"""Room between the diverging bars and a neutral level set aside, as a part of the axis."""


@dataclass(frozen=True, slots=True)
class LikertRow:
    """Answers to one item, or of one unit.

    Attributes
    ----------
    name : str
    counts : sequence of int, optional
        Answers at each level, best first; None where the row is withheld.
    missing : sequence of int
        Answers without a level, one count for each reason of the chart, never part of the bars.
    estimate : Estimate, optional
        Share of the satisfied levels with its interval.
    note : str
        Why the row is withheld.
    """

    name: str
    counts: Sequence[int] | None
    missing: Sequence[int] = ()
    estimate: Estimate | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Shares of each level and where they lie on the axis."""

    shares: FloatArray
    starts: FloatArray
    aside_from: float | None
    low: float
    high: float


def diverging_bars(
    rows: Sequence[LikertRow],
    *,
    levels: Sequence[str],
    text: ChartText,
    missing_labels: Sequence[str] = (),
    neutral: Sequence[int] | None = None,
    is_neutral_aside: bool = False,
    width_px: int = 1120,
) -> Figure:
    """Rows of stacked shares around a common zero.

    Parameters
    ----------
    rows : sequence of LikertRow
        In the order given.
    levels : sequence of str
        Names of the levels, best first; two or more.
    text : ChartText
        `n_label` heads the counts, `estimate_label` the share of satisfied answers.
    missing_labels : sequence of str
        Reasons for a missing answer, such as "Không biết"; a column of counts each.
    neutral : sequence of int, optional
        Indices of the neutral levels; the middle one of an odd number when left out, and none of an even number.
    is_neutral_aside : bool
        Draw the neutral share apart at the right instead of half on each side of zero.
    width_px : int
        Width in CSS pixels.

    Returns
    -------
    Figure

    Notes
    -----
    Split in half, a neutral level keeps every bar of length 1 and shifts both sides alike; set aside, both sides
    start at zero and can be compared exactly. Shares are of answers with a level: missing ones are counted
    beside, as a different number of them in each row would otherwise be seen as satisfaction.

    References
    ----------
    Robbins and Heiberger (2011), Plotting Likert and other rating scales, JSM Proceedings.
    """
    if not rows:
        return empty_figure(text, width_px)
    middle = _neutral(len(levels), neutral)
    _require_levels(rows, levels, missing_labels)
    colours = level_colours_of(len(levels), middle)
    key = [KeyEntry(levels[index], colours[index], is_patch=True) for index in reversed(range(len(levels)))]
    drawn = table(
        [row.name for row in rows], _columns(rows, missing_labels, text), text=text, width_px=width_px,
        key=key, mark_px=BAR_PX + 2, has_top_axis=len(rows) > LONG_ROWS,
    )  # fmt: skip
    layout = _layout(rows, len(levels), middle, is_aside=is_neutral_aside and bool(middle))
    value_axis(drawn, layout.low, layout.high, _ticks(layout, drawn.width, text))
    for start in (0.0, layout.aside_from):
        if start is not None:
            rule(drawn, start, color=INK, linewidth=1.1, zorder=1)
    _draw_bars(drawn, layout, colours, middle)
    _write_shares(drawn, layout, colours, text)
    return drawn.figure


def level_colours_of(n_levels: int, neutral: Sequence[int]) -> list[str]:
    """Blue down to the neutral levels, grey there, orange below them."""
    if not neutral:
        return level_colours(n_levels)
    best, worst = neutral[0], n_levels - neutral[-1] - 1
    return [*shades(BLUES, best), *[LEVEL_COLOURS[2]] * len(neutral), *reversed(shades(ORANGES, worst))]


def _neutral(n_levels: int, neutral: Sequence[int] | None) -> list[int]:
    if neutral is None:
        return [n_levels // 2] if n_levels % 2 else []
    middle = sorted(neutral)
    if middle and (
        middle != list(range(middle[0], middle[-1] + 1)) or not 0 < middle[0] <= middle[-1] < n_levels - 1
    ):
        raise InvalidOption(
            expected="neighbouring levels between the best and the worst",
            got=repr(list(neutral)),
            hint="indices count from the best level, 0",
        )
    return middle


def _require_levels(rows: Sequence[LikertRow], levels: Sequence[str], missing: Sequence[str]) -> None:
    if len(levels) < 2:
        raise InvalidShape(expected="two levels or more", got=str(len(levels)), hint="name every level")
    for row in rows:
        if row.counts is not None and (len(row.counts) != len(levels) or min(row.counts) < 0):
            raise InvalidShape(
                expected=f"{len(levels)} counts >= 0",
                got=f"{list(row.counts)} in {row.name!r}",
                hint="one count for each level",
            )
        if row.missing and len(row.missing) != len(missing):
            raise InvalidShape(
                expected=f"{len(missing)} missing counts",
                got=f"{len(row.missing)} in {row.name!r}",
                hint="one count for each reason named in missing_labels",
            )


def _columns(rows: Sequence[LikertRow], missing: Sequence[str], text: ChartText) -> list[Column]:
    def cell(row: LikertRow, words: str) -> str:
        return words if row.counts is not None else ""

    has_estimates = any(is_shown(row.estimate) for row in rows)
    columns = [
        Column(text.n_label, [cell(row, text.count(sum(row.counts or ()))) for row in rows], is_named=True)
    ]
    notes = [row.note or text.withheld for row in rows]
    if has_estimates:
        shares = [
            note if row.counts is None else text.estimate(row.estimate)
            for row, note in zip(rows, notes, strict=True)
        ]
        columns.append(Column(text.estimate_label, shares))
    elif any(row.counts is None for row in rows):
        columns.append(
            Column(
                "", ["" if row.counts is not None else note for row, note in zip(rows, notes, strict=True)]
            )
        )
    for index, label in enumerate(missing):
        cells = [cell(row, text.count(row.missing[index]) if row.missing else "") for row in rows]
        columns.append(Column(label, cells, is_named=True))
    return columns


def _layout(rows: Sequence[LikertRow], n_levels: int, neutral: list[int], *, is_aside: bool) -> _Layout:
    counts = np.array(
        [row.counts if row.counts is not None else [0] * n_levels for row in rows], dtype=np.float64
    )
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    first = neutral[0] if neutral else n_levels // 2
    after = neutral[-1] + 1 if neutral else first
    # From zero to the right: the neutral half, then satisfied levels from the weakest to the best.
    half = np.zeros(len(rows)) if is_aside else shares[:, first:after].sum(axis=1) / 2
    starts = np.zeros_like(shares)
    right, left = half.copy(), -half
    for index in reversed(range(first)):
        starts[:, index] = right
        right = right + shares[:, index]
    for index in range(after, n_levels):
        left = left - shares[:, index]
        starts[:, index] = left
    low, high = _tens(-left.min()), _tens(right.max())
    aside_from = high + ASIDE_GAP if is_aside else None
    begin = np.full(len(rows), aside_from) if aside_from is not None else -half
    for index in reversed(range(first, after)):
        starts[:, index] = begin
        begin = begin + shares[:, index]
    end = aside_from + _tens(float(begin.max()) - aside_from) if aside_from is not None else high
    return _Layout(shares, starts, aside_from, -low, end)


def _draw_bars(drawn: Table, layout: _Layout, colours: Sequence[str], neutral: Sequence[int]) -> None:
    """Pieces of each level as one path, and an outline that shows where a pale bar ends."""
    half = BAR_PX / 2
    ends = layout.starts + layout.shares
    for index, colour in enumerate(colours):
        corners = [
            (float(start), y - half, float(end), y + half)
            for start, end, y in zip(layout.starts[:, index], ends[:, index], drawn.at, strict=True)
            if end > start
        ]
        boxes(drawn.axes, corners, facecolor=colour, edgecolor=PAPER, linewidth=0.7, zorder=2)
    apart = list(neutral) if layout.aside_from is not None else []
    together = [index for index in range(len(colours)) if index not in apart]
    outlines = [
        (float(layout.starts[row, group].min()), y - half, float(ends[row, group].max()), y + half)
        for group in (together, apart)
        if group
        for row, y in enumerate(drawn.at)
        if layout.shares[row, group].sum() > 0
    ]
    boxes(drawn.axes, outlines, facecolor="none", edgecolor=OUTLINE, linewidth=0.8, zorder=3)


def _tens(share: float) -> float:
    """The next whole ten percent, one at least."""
    return max(float(np.ceil(round(10 * share, 6))) / 10, 0.1)


def _ticks(layout: _Layout, width: float, text: ChartText) -> list[tuple[float, str]]:
    """Shares counted from zero in both directions, and from its own start for a neutral level set aside."""
    high = layout.high if layout.aside_from is None else layout.aside_from - ASIDE_GAP
    per_share = width / (layout.high - layout.low)
    step = next((step / 100 for step in STEPS[3:] if step / 100 * per_share >= 44), 0.5)
    right = np.arange(0, high + 1e-9, step)
    left = -np.arange(step, -layout.low + 1e-9, step)
    ticks = [(float(value), text.percent(abs(value), digits=0)) for value in (*left[::-1], *right)]
    if layout.aside_from is not None:
        ticks = [tick for tick in ticks if (layout.aside_from - tick[0]) * per_share >= 40]
        end = layout.high - layout.aside_from
        ticks.append((layout.aside_from, text.percent(0, digits=0)))
        if end * per_share >= 40:
            ticks.append((layout.high, text.percent(end, digits=0)))
    return ticks


def _write_shares(drawn: Table, layout: _Layout, colours: Sequence[str], text: ChartText) -> None:
    """Whole percent in every piece that is wide enough for it."""
    low, high = drawn.axes.get_xlim()
    per_share = drawn.width / (high - low)
    for row, y in enumerate(drawn.at):
        for index, colour in enumerate(colours):
            share = float(layout.shares[row, index])
            words = text.percent(share, digits=0)
            if share * per_share >= text_width(words, TINY) + 6:
                x = drawn.left + (layout.starts[row, index] + share / 2 - low) * per_share
                drawn.canvas.write(x, drawn.top + y, words, ha="center", fontsize=TINY, color=ink_on(colour))
