"""What runs down through all rows of a table: its axis, rules and bands; on a phone only where no words stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analysis.charts.lettering import widest
from analysis.charts.scales import boxes, round_ticks
from analysis.charts.style import BAND, FAINT, INK, SMALL
from analysis.charts.table import Table, lines_above
from analysis.charts.words import ChartText

OVERHANG_PX = 8.0
TICK_PX = 48.0


def share_axis(drawn: Table, low: float, high: float, text: ChartText, *, n_ticks: int = 9) -> None:
    """An axis of shares with thin rules at round percentages.

    Parameters
    ----------
    drawn : Table
    low, high : float
        Ends of the axis; a symbol at an end is still drawn whole.
    text : ChartText
    n_ticks : int
        At most so many marks, and no more than have room.
    """
    ticks = round_ticks(low, high, n_ticks=max(2, min(n_ticks, int(drawn.width // TICK_PX))))
    value_axis(drawn, low, high, [(tick, text.percent(tick, digits=0)) for tick in ticks])


def value_axis(drawn: Table, low: float, high: float, ticks: Sequence[tuple[float, str]]) -> None:
    """An axis with thin rules at named values."""
    beyond = OVERHANG_PX * (high - low) / max(drawn.width - 2 * OVERHANG_PX, 1.0)
    drawn.axes.set_xlim(low - beyond, high + beyond)
    drawn.axes.set_xticks([value for value, _word in ticks], [word for _value, word in ticks])
    for value, _word in ticks:
        rule(drawn, value, color=FAINT, linewidth=1, zorder=0)


def rule(drawn: Table, x: float, **look: Any) -> None:
    """A vertical rule at a value: unbroken on a wide page, one piece in each row on a phone."""
    if not drawn.is_narrow:
        drawn.axes.axvline(x, **look)
        return
    gap = float("nan")
    ys = [y for at in drawn.at for y in (at - drawn.room / 2, at + drawn.room / 2, gap)]
    drawn.axes.plot([x, x, gap] * len(drawn.at), ys, **look)


def band(drawn: Table, low: float, high: float, *, colour: str = BAND) -> None:
    """A vertical band between two values, behind everything else."""
    if not drawn.is_narrow:
        drawn.axes.axvspan(low, high, color=colour, zorder=-1, linewidth=0)
        return
    half = drawn.room / 2
    corners = [(low, at - half, high, at + half) for at in drawn.at]
    boxes(drawn.axes, corners, facecolor=colour, linewidth=0, zorder=-1)


def write_above(drawn: Table, x: float, words: str, *, has_top_axis: bool) -> None:
    """Words above the plot at a value, moved aside where they would leave the picture or meet a column."""
    low, high = drawn.axes.get_xlim()
    at = drawn.left + drawn.width * (x - low) / (high - low)
    right = drawn.canvas.width - drawn.left - drawn.width
    lines = lines_above(words, drawn.canvas.width, right, is_narrow=drawn.is_narrow)
    half = widest(lines, SMALL, is_bold=True) / 2
    last = drawn.canvas.width if drawn.is_narrow else drawn.left + drawn.width
    x_px = min(max(at, half + 1), max(last - half - 1, half + 1))
    y_px = drawn.top - (28 if has_top_axis else 6)
    look = {"ha": "center", "va": "bottom", "color": INK, "fontweight": "bold"}
    drawn.canvas.write(x_px, y_px, "\n".join(lines), **look)
