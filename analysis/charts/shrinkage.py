"""Direct estimates beside small-area ones, and the chance of being among the best: both with what they rest on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from analysis.charts.canvas import empty_figure
from analysis.charts.columns import Column
from analysis.charts.key import KeyEntry
from analysis.charts.lanes import rule, share_axis, value_axis, write_above
from analysis.charts.rows import draw_tracks
from analysis.charts.scales import interval_lines, points, range_of
from analysis.charts.style import ACCENT, INK, MUTED
from analysis.charts.table import Table, table
from analysis.charts.words import ChartText, is_shown
from analysis.types import Estimate

APART_PX = 6.0


@dataclass(frozen=True, slots=True)
class ShrunkenRow:
    """One unit: what its own answers say, and what they say together with those of all others.

    Attributes
    ----------
    name : str
    direct, shrunken : Estimate, optional
    own_weight : float
        Part of the shrunken estimate that comes from the unit's own answers, in [0, 1]; NaN if unknown.
    note : str
        Why the direct estimate is not shown.
    """

    name: str
    direct: Estimate | None
    shrunken: Estimate | None
    own_weight: float = float("nan")
    note: str = ""


def shrinkage_plot(
    rows: Sequence[ShrunkenRow],
    *,
    center: float,
    center_label: str,
    direct_label: str,
    shrunken_label: str,
    weight_label: str,
    text: ChartText,
    is_sorted: bool = True,
    width_px: int = 1120,
) -> Figure:
    """An arrow for each unit from its direct estimate to the one drawn towards the common level.

    Parameters
    ----------
    rows : sequence of ShrunkenRow
    center : float
        The common level.
    center_label, direct_label, shrunken_label, weight_label : str
        Words at the line, of both estimates, and of the part that the unit's own answers decide.
    text : ChartText
    is_sorted : bool
        The fewest respondents first, where shrinkage is strongest; else the order given.
    width_px : int
        Width in CSS pixels.

    Returns
    -------
    Figure
    """
    if not rows:
        return empty_figure(text, width_px, center_label)
    if is_sorted:
        rows = sorted(rows, key=lambda row: row.direct.n_respondents if is_shown(row.direct) else math.inf)
    drawn = table(
        [row.name for row in rows], _columns(rows, direct_label, shrunken_label, weight_label, text),
        text=text, width_px=width_px, above=center_label, has_top_axis=True, mark_px=26,
        key=[
            KeyEntry(direct_label, MUTED, "o", is_line=True),
            KeyEntry(shrunken_label, ACCENT, "D", is_line=True, is_hollow=True, size=6.5),
        ],
    )  # fmt: skip
    share_axis(drawn, *range_of([e for row in rows for e in (row.direct, row.shrunken)], center), text)
    rule(drawn, center, color=INK, linewidth=1.2, dashes=(4, 3), zorder=1)
    write_above(drawn, center, center_label, has_top_axis=True)
    _draw_arrows(drawn, rows)
    return drawn.figure


def top_chance_bars(
    names: Sequence[str],
    chances: Sequence[float],
    *,
    text: ChartText,
    chance_label: str,
    even_chance: float | None = None,
    even_label: str = "",
    n_respondents: Sequence[int] | None = None,
    is_sorted: bool = True,
    width_px: int = 1120,
) -> Figure:
    """The probability that each unit is truly among the best k, beside what blind chance would give.

    Parameters
    ----------
    names : sequence of str
    chances : sequence of float
        In [0, 1]; NaN where the unit is withheld.
    text : ChartText
    chance_label : str
        Heading, such as "Xác suất thuộc 10 đơn vị cao nhất".
    even_chance : float, optional
        k over the number of units, drawn as a rule.
    even_label : str
        Words at that rule.
    n_respondents : sequence of int, optional
    is_sorted : bool
        The most probable first; else the order given.
    width_px : int
        Width in CSS pixels.

    Returns
    -------
    Figure
    """
    if not names:
        return empty_figure(text, width_px)
    order = list(range(len(names)))
    if is_sorted:
        order.sort(
            key=lambda row: (
                not math.isfinite(chances[row]),
                -chances[row] if math.isfinite(chances[row]) else 0,
            )
        )
    shown = [chances[row] for row in order]
    columns = [Column(chance_label, [chance_words(chance, text) for chance in shown], is_named=True)]
    if n_respondents is not None:
        counts = [text.count(n_respondents[row]) if math.isfinite(chances[row]) else "" for row in order]
        columns.insert(0, Column(text.n_label, counts, is_named=True))
    drawn = table(
        [names[row] for row in order], columns, text=text, width_px=width_px, mark_px=14,
        above=even_label if even_chance is not None else "", has_top_axis=True,
    )  # fmt: skip
    value_axis(drawn, 0.0, 1.0, [(tick, text.percent(tick, digits=0)) for tick in (0, 0.25, 0.5, 0.75, 1)])
    draw_tracks(drawn, shown)
    if even_chance is not None:
        rule(drawn, even_chance, color=INK, linewidth=1.2, dashes=(4, 3), zorder=4)
        if even_label:
            write_above(drawn, even_chance, even_label, has_top_axis=True)
    return drawn.figure


def chance_words(chance: float, text: ChartText) -> str:
    """Whole percent; what is neither impossible nor certain is not written as if it were.

    Examples
    --------
    >>> words = ChartText("", "")
    >>> chance_words(0.004, words), chance_words(0.128, words), chance_words(0.9996, words)
    ('< 1%', '13%', '> 99%')
    """
    if not math.isfinite(chance):
        return text.withheld
    if 0 < chance < 0.01:
        return f"< {text.percent(0.01, digits=0)}"
    if 0.99 < chance < 1:
        return f"> {text.percent(0.99, digits=0)}"
    return text.percent(chance, digits=0)


def _columns(
    rows: Sequence[ShrunkenRow], direct: str, shrunken: str, weight: str, text: ChartText
) -> list[Column]:
    counts = [text.count(row.direct.n_respondents) if is_shown(row.direct) else "" for row in rows]
    own = [text.estimate(row.direct) if is_shown(row.direct) else row.note or text.withheld for row in rows]
    drawn_in = [text.estimate(row.shrunken) if is_shown(row.shrunken) else "" for row in rows]
    columns = [
        Column(text.n_label, counts, is_named=True),
        Column(direct, own, is_named=True),
        Column(shrunken, drawn_in, is_named=True),
    ]
    if any(math.isfinite(row.own_weight) for row in rows):
        weights = [
            text.percent(row.own_weight, digits=0) if math.isfinite(row.own_weight) else "" for row in rows
        ]
        columns.append(Column(weight, weights, is_named=True))
    return columns


def _draw_arrows(drawn: Table, rows: Sequence[ShrunkenRow]) -> None:
    direct = [
        (row.direct, y - APART_PX) for row, y in zip(rows, drawn.at, strict=True) if is_shown(row.direct)
    ]
    shrunken = [
        (row.shrunken, y + APART_PX) for row, y in zip(rows, drawn.at, strict=True) if is_shown(row.shrunken)
    ]
    interval_lines(drawn.axes, direct, colour=MUTED, width=1.3)
    interval_lines(drawn.axes, shrunken, colour=ACCENT, width=1.8)
    gap = float("nan")
    arrows = [
        (row.direct.value, row.shrunken.value, y)
        for row, y in zip(rows, drawn.at, strict=True)
        if is_shown(row.direct) and is_shown(row.shrunken)
    ]
    xs = [x for start, end, _y in arrows for x in (start, end, gap)]
    ys = [y for _start, _end, at in arrows for y in (at - APART_PX, at + APART_PX, gap)]
    drawn.axes.plot(xs, ys, color=INK, linewidth=1, zorder=2, clip_on=False)
    points(drawn.axes, [(e.value, y) for e, y in direct], colour=MUTED, size=7)
    points(drawn.axes, [(e.value, y) for e, y in shrunken], colour=ACCENT, marker="D", size=6, is_hollow=True)
