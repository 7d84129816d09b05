"""Named rows beside a plot, with written figures: a table on a wide page, stacked rows on a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.charts.canvas import Canvas, canvas
from analysis.charts.columns import Column
from analysis.charts.key import KeyEntry, lay_key
from analysis.charts.lettering import LINE, balanced
from analysis.charts.row_layout import PADDING_PX, RowLayout, side_by_side, stacked
from analysis.charts.style import HAIRLINE, INK, NARROW_PX, SMALL, TEXT
from analysis.charts.words import ChartText

MARK_PX = 20.0
AXIS_PX = 24.0
LEAST_PLOT_PX = 150.0
"""Where columns leave less for the plot, rows are stacked as on a phone."""


@dataclass(frozen=True, slots=True)
class Table:
    """Where the rows are.

    Attributes
    ----------
    canvas : Canvas
    axes : Axes
        x as the chart wants it; y in pixels from the top of the plot downwards.
    at : tuple of float
        Middle of each row's mark.
    room : float
        Height a mark may have.
    left, top, width : float
        The plot on the canvas, in pixels.
    is_narrow : bool
    """

    canvas: Canvas
    axes: Axes
    at: tuple[float, ...]
    room: float
    left: float
    top: float
    width: float
    is_narrow: bool

    @property
    def figure(self) -> Figure:
        return self.canvas.figure


def table(
    names: Sequence[str],
    columns: Sequence[Column],
    *,
    text: ChartText,
    width_px: float,
    key: Sequence[KeyEntry] = (),
    above: str = "",
    mark_px: float = MARK_PX,
    has_axis: bool = True,
    has_top_axis: bool = False,
    strong: int | None = None,
) -> Table:
    """Lay out and write named rows, and leave the plot beside (or in) them empty.

    Parameters
    ----------
    names : sequence of str
        Name of each row, at least one.
    columns : sequence of Column
        To the right of the plot; on a phone below each name.
    text : ChartText
    width_px : float
    key : sequence of KeyEntry
        Drawn above everything.
    above : str
        Words to be written above the plot with `lanes.write_above`; room is kept for them.
    mark_px : float
        Height that a mark needs.
    has_axis, has_top_axis : bool
        Whether marks of the axis stand below and above the plot.
    strong : int, optional
        Row whose name is written in bold.

    Returns
    -------
    Table
    """
    is_narrow = width_px < NARROW_PX
    rows = (stacked if is_narrow else side_by_side)(
        names, columns, width=width_px, mark=mark_px, strong=strong
    )
    if width_px - rows.left - rows.right < LEAST_PLOT_PX:
        is_narrow, rows = True, stacked(names, columns, width=width_px, mark=mark_px, strong=strong)
    laid_key = lay_key(key, width_px)
    words_px = len(lines_above(above, width_px, rows.right, is_narrow=is_narrow)) * SMALL * LINE + 6
    axis_px = AXIS_PX if has_top_axis else 0.0
    head_px = max(rows.header_px + 4, (words_px if above else 0.0) + axis_px)
    top = laid_key.height + (6 if key else 0) + head_px + 2
    bottom = AXIS_PX if has_axis else 2.0
    made = canvas(width_px, top + rows.total + bottom, text)
    laid_key.draw(made, top=0)
    axes = made.area(left=rows.left, top=top, right=rows.right, bottom=bottom)
    axes.set_ylim(rows.total, 0)
    axes.set_yticks([])
    axes.set_xticks([])
    axes.tick_params(labeltop=has_top_axis, labelbottom=has_axis)
    (_write_stacked if is_narrow else _write_side_by_side)(made, rows, top, strong)
    _rule_off(made, rows, top)
    at = tuple(
        start + (height - (mark_px + PADDING_PX) / 2 if is_narrow else height / 2)
        for start, height in zip(rows.tops, rows.heights, strict=True)
    )
    return Table(made, axes, at, mark_px, rows.left, top, width_px - rows.left - rows.right, is_narrow)


def lines_above(words: str, width_px: float, right: float, *, is_narrow: bool) -> list[str]:
    """Lines of words above the plot, no wider than the picture without its columns."""
    return balanced(words, width_px - (0 if is_narrow else right) - 2, SMALL, is_bold=True)


def _name_look(row: int, strong: int | None) -> dict[str, object]:
    return {"fontsize": TEXT, "color": INK, "fontweight": "bold" if row == strong else "normal"}


def _write_side_by_side(made: Canvas, rows: RowLayout, top: float, strong: int | None) -> None:
    for row, lines in enumerate(rows.names):
        y = top + rows.tops[row] + rows.heights[row] / 2
        made.write(0, y, "\n".join(lines), **_name_look(row, strong))
        for column in rows.columns:
            if cell := column.cells[row]:
                made.write(column.right, y, "\n".join(cell), ha="right")
    for column in rows.columns:
        if column.header:
            made.write(column.right, top - 5, "\n".join(column.header), ha="right", va="bottom")


def _write_stacked(made: Canvas, rows: RowLayout, top: float, strong: int | None) -> None:
    for row, (lines, caption) in enumerate(zip(rows.names, rows.captions, strict=True)):
        y = top + rows.tops[row] + 3
        made.write(0, y, "\n".join(lines), va="top", **_name_look(row, strong))
        if caption and rows.is_inline:
            made.write(made.width, y + 1, caption[0], va="top", ha="right")
        elif caption:
            made.write(0, y + len(lines) * TEXT * LINE, "\n".join(caption), va="top")


def _rule_off(made: Canvas, rows: RowLayout, top: float) -> None:
    """A hairline above every row, all as one path."""
    gap = float("nan")
    ys = [y for own in rows.tops for y in (top + own, top + own, gap)]
    made.line([0, made.width, gap] * len(rows.tops), ys, color=HAIRLINE, linewidth=1, zorder=0)
