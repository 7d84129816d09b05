"""Names too long for a plot: numbered there, and written beside or below it with their figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.charts.canvas import Canvas
from analysis.charts.lettering import LINE, balanced, joined, text_width
from analysis.charts.style import INK, PAPER, SMALL, TEXT

NUMBER_PX, SYMBOL_PX, BETWEEN_PX = 18.0, 22.0, 8.0


@dataclass(frozen=True, slots=True)
class Symbol:
    """How a mark looks, in the plot and in the list."""

    marker: str
    colour: str
    size: float = 9.0
    is_hollow: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One numbered name."""

    number: str
    name: str
    caption: Sequence[str]
    symbol: Symbol | None


@dataclass(frozen=True, slots=True)
class _Row:
    entry: Entry
    name: list[str]
    caption: list[str]

    @property
    def height(self) -> float:
        return len(self.name) * TEXT * LINE + len(self.caption) * SMALL * LINE + 7


@dataclass(frozen=True, slots=True)
class NumberedList:
    """Rows laid out in columns, to be drawn where there is room of that height."""

    columns: list[list[_Row]]
    column_px: float

    @property
    def height(self) -> float:
        return max((sum(row.height for row in column) for column in self.columns), default=0.0)

    def draw(self, canvas: Canvas, *, left: float, top: float) -> None:
        """Write all rows, column after column."""
        for index, column in enumerate(self.columns):
            x, y = left + index * self.column_px, top
            for row in column:
                _draw_row(canvas, row, x, y)
                y += row.height


def numbered_list(entries: Sequence[Entry], *, width_px: float, n_columns: int = 1) -> NumberedList:
    """Lay out numbered names with their captions.

    Parameters
    ----------
    entries : sequence of Entry
    width_px : float
        Of all columns together.
    n_columns : int

    Returns
    -------
    NumberedList
    """
    column_px = width_px / n_columns
    room = column_px - NUMBER_PX - SYMBOL_PX - BETWEEN_PX - (14 if n_columns > 1 else 2)
    rows = [_Row(entry, balanced(entry.name, room), joined(entry.caption, room, SMALL)) for entry in entries]
    size = max(-(-len(rows) // n_columns), 1)
    return NumberedList([rows[start : start + size] for start in range(0, len(rows), size)], column_px)


def number_width(number: str) -> float:
    """Room of a number beside its mark."""
    return text_width(number, SMALL, is_bold=True) + 2


def _draw_row(canvas: Canvas, row: _Row, x: float, y: float) -> None:
    bold = {"fontsize": TEXT, "color": INK, "fontweight": "bold"}
    canvas.write(x + NUMBER_PX, y, row.entry.number, ha="right", va="top", **bold)
    if symbol := row.entry.symbol:
        canvas.line(
            [x + NUMBER_PX + 13], [y + TEXT * LINE / 2], linestyle="none", marker=symbol.marker,
            markersize=symbol.size, markerfacecolor=PAPER if symbol.is_hollow else symbol.colour,
            markeredgecolor=symbol.colour if symbol.is_hollow else PAPER,
            markeredgewidth=1.6 if symbol.is_hollow else 0.8,
        )  # fmt: skip
    left = x + NUMBER_PX + SYMBOL_PX + BETWEEN_PX
    canvas.write(left, y, "\n".join(row.name), va="top", fontsize=TEXT, color=INK)
    if row.caption:
        canvas.write(left, y + len(row.name) * TEXT * LINE, "\n".join(row.caption), va="top")
