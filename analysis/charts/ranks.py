"""Ranks as the intervals they are: which places each unit may hold, all of them at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from analysis.charts.canvas import empty_figure
from analysis.charts.columns import Column
from analysis.charts.key import KeyEntry
from analysis.charts.lanes import band, value_axis, write_above
from analysis.charts.lettering import text_width
from analysis.charts.scales import points
from analysis.charts.style import INK, SMALL
from analysis.charts.table import table
from analysis.charts.words import ChartText

BAR = "#7fb0dd"
OWN_BAR = "#0b5cad"
OWN_BAND = "#e6eef7"


@dataclass(frozen=True, slots=True)
class RankRow:
    """One unit of a rank plot.

    Attributes
    ----------
    name : str
    rank : int, optional
        Point rank, 1 = best; None where the unit has too few respondents to be ranked.
    low, high : int
        Best and worst rank it may hold, jointly with all others.
    n_respondents : int, optional
    note : str
        Why it is not ranked; the text's `withheld` otherwise.
    """

    name: str
    rank: int | None
    low: int = 0
    high: int = 0
    n_respondents: int | None = None
    note: str = ""


def rank_plot(
    rows: Sequence[RankRow],
    *,
    text: ChartText,
    rank_label: str,
    interval_label: str,
    interval_key: str = "",
    point_key: str = "",
    own: int | None = None,
    own_key: str = "",
    undecided_label: str = "",
    width_px: int = 1120,
) -> Figure:
    """Every unit's rank interval, the best point rank on top, so that the overlap is seen at once.

    Parameters
    ----------
    rows : sequence of RankRow
        In any order; units that are not ranked stand last and say why.
    text : ChartText
    rank_label : str
        Above the axis, such as "Hạng".
    interval_label : str
        Heading of the written interval, such as "Hạng từ–đến".
    interval_key, point_key : str
        Words of the key for the bar and the dot.
    own : int, optional
        Index in `rows` of the unit whose interval is drawn as a band through all rows: every bar that the band
        meets belongs to a unit that may stand above or below it.
    own_key : str
        Word of the key for that band.
    undecided_label : str
        Written above the plot when every interval runs from first to last.
    width_px : int
        Width in CSS pixels.

    Returns
    -------
    Figure
    """
    if not rows:
        return empty_figure(text, width_px)
    order = sorted(range(len(rows)), key=lambda index: _place(rows[index], index))
    shown = [rows[index] for index in order]
    ranked = [row for row in shown if row.rank is not None]
    last = max([row.high for row in ranked] or [2])
    is_undecided = len(ranked) > 1 and all((row.low, row.high) == (1, last) for row in ranked)
    drawn = table(
        [row.name for row in shown], _columns(shown, interval_label, text), text=text, width_px=width_px,
        key=_key(interval_key, point_key, own_key if own is not None else "",
                 undecided_label if is_undecided else ""),
        above=rank_label, has_top_axis=True, mark_px=16, strong=order.index(own) if own is not None else None,
    )  # fmt: skip
    value_axis(drawn, 1, max(last, 2), [(rank, str(rank)) for rank in rank_ticks(last, drawn.width)])
    write_above(drawn, 1, rank_label, has_top_axis=True)
    # A bar of one rank still has a length, and the first and last ranks stay inside the plot.
    reach = min(0.4, 6 * max(last - 1, 1) / drawn.width)
    if own is not None and rows[own].rank is not None:
        band(drawn, rows[own].low - reach, rows[own].high + reach, colour=OWN_BAND)
    gap = float("nan")
    for is_own, colour in ((False, BAR), (True, OWN_BAR)):
        bars = [
            (row, y) for row, y, index in zip(shown, drawn.at, order, strict=True)
            if row.rank is not None and (index == own) is is_own
        ]  # fmt: skip
        xs = [x for row, _y in bars for x in (row.low - reach, row.high + reach, gap)]
        ys = [y for _row, at in bars for y in (at, at, gap)]
        drawn.axes.plot(xs, ys, color=colour, linewidth=7, solid_capstyle="butt", zorder=1, clip_on=False)
    dots = [(float(row.rank), y) for row, y in zip(shown, drawn.at, strict=True) if row.rank is not None]
    points(drawn.axes, dots, colour=INK, size=6.5)
    return drawn.figure


def rank_ticks(last: int, width: float) -> list[int]:
    """The first, the last, and round ranks between that stand clear of both.

    Examples
    --------
    >>> rank_ticks(78, 290)
    [1, 10, 20, 30, 40, 50, 60, 70, 78]
    >>> rank_ticks(1, 500)
    [1]
    """
    if last < 2:
        return [1]
    room = text_width(str(last), SMALL) + 14
    per_rank = width / (last - 1)
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10**6) if step * per_rank >= room)
    between = [rank for rank in range(step, last, step) if rank > 1]
    return [1, *(r for r in between if (r - 1) * per_rank >= room and (last - r) * per_rank >= room), last]


def _place(row: RankRow, index: int) -> tuple[float, int, int, int]:
    return (math.inf if row.rank is None else row.rank, row.low, row.high, index)


def _columns(rows: Sequence[RankRow], interval_label: str, text: ChartText) -> list[Column]:
    spans = [f"{row.low}–{row.high}" if row.rank is not None else row.note or text.withheld for row in rows]
    columns = [Column(interval_label, spans, is_named=True)]
    if any(row.n_respondents is not None for row in rows):
        counts = [
            "" if row.n_respondents is None or row.rank is None else text.count(row.n_respondents)
            for row in rows
        ]
        columns.insert(0, Column(text.n_label, counts, is_named=True))
    return columns


def _key(interval: str, point: str, own: str, undecided: str) -> list[KeyEntry]:
    entries = []
    if interval:
        entries.append(KeyEntry(interval, BAR, is_patch=True))
    if point:
        entries.append(KeyEntry(point, INK, "o", size=6.5))
    if own:
        entries.append(KeyEntry(own, OWN_BAR, is_patch=True))
    if undecided:
        entries.append(KeyEntry(undecided, INK, is_bold=True))
    return entries
