"""Heights and places of named rows, worked out before anything is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from analysis.charts.columns import Column
from analysis.charts.lettering import LINE, balanced, joined, text_width, widest, wrapped
from analysis.charts.style import SMALL, TEXT

GAP_PX = 16.0
NAME_SHARE = 0.37
PADDING_PX = 7.0
PHONE_INSET_PX = 12.0
AXIS_END_PX = 8.0
"""The last word of the axis reaches beyond the plot; the first heading stays clear of it."""

CELL_PX = 190.0
"""A longer cell, such as the reason for a withheld figure, is broken into lines."""


@dataclass(frozen=True, slots=True)
class LaidColumn:
    """A column with its lines and the pixel where it ends."""

    header: list[str]
    cells: list[list[str]]
    right: float


@dataclass(frozen=True, slots=True)
class RowLayout:
    """Where everything of a table goes.

    Attributes
    ----------
    names : list of lines of each row
    captions : list of lines of each row, on a phone only
    columns : list of LaidColumn, on a wide page only
    tops, heights : list of float
        Of each row, from the top of the plot.
    left, right : float
        Pixels beside the plot.
    is_inline : bool
        Whether captions stand beside their names instead of below.
    """

    names: list[list[str]]
    captions: list[list[str]]
    columns: list[LaidColumn]
    tops: list[float]
    heights: list[float]
    left: float
    right: float
    is_inline: bool = False

    @property
    def total(self) -> float:
        return self.tops[-1] + self.heights[-1]

    @property
    def header_px(self) -> float:
        return max((len(column.header) for column in self.columns), default=0) * SMALL * LINE


def side_by_side(
    names: Sequence[str], columns: Sequence[Column], *, width: float, mark: float, strong: int | None
) -> RowLayout:
    """Names, plot and columns from left to right."""
    cells = [[wrapped(cell, CELL_PX, SMALL) if cell else [] for cell in column.cells] for column in columns]
    widths = [_column_px(column, lines) for column, lines in zip(columns, cells, strict=True)]
    right = sum(own + GAP_PX for own in widths) + AXIS_END_PX
    room = max(NAME_SHARE * (width - right * 0.5), 120.0)
    bold = [row == strong for row in range(len(names))]
    lines = [balanced(name, room - GAP_PX, is_bold=b) for name, b in zip(names, bold, strict=True)]
    left = max(widest(line, is_bold=b) for line, b in zip(lines, bold, strict=True)) + GAP_PX
    ends = [width - own for own in accumulate([0.0, *(own + GAP_PX for own in reversed(widths))])]
    laid = [
        LaidColumn(balanced(column.header, own, SMALL) if column.header else [], lines_of, end)
        for column, lines_of, own, end in zip(columns, cells, widths, reversed(ends[:-1]), strict=True)
    ]
    heights = [
        max(len(line) * TEXT * LINE, mark, *(len(column[row]) * SMALL * LINE for column in cells))
        + PADDING_PX
        for row, line in enumerate(lines)
    ]
    return RowLayout(lines, [], laid, _tops(heights), heights, left, right)


def stacked(
    names: Sequence[str], columns: Sequence[Column], *, width: float, mark: float, strong: int | None
) -> RowLayout:
    """Name, caption and mark of each row below each other."""
    lines = [balanced(name, width - 2, is_bold=row == strong) for row, name in enumerate(names)]
    captions = [joined(_caption(columns, row), width - 2, SMALL) for row in range(len(names))]
    is_inline = all(
        len(line) == 1 >= len(caption) and widest(line, is_bold=True) + widest(caption, SMALL) + 12 <= width
        for line, caption in zip(lines, captions, strict=True)
    )
    heights = [
        len(line) * TEXT * LINE + (0 if is_inline else len(caption)) * SMALL * LINE + mark + PADDING_PX + 4
        for line, caption in zip(lines, captions, strict=True)
    ]
    inset = PHONE_INSET_PX
    return RowLayout(lines, captions, [], _tops(heights), heights, inset, inset, is_inline)


def _tops(heights: Sequence[float]) -> list[float]:
    return [0.0, *accumulate(heights)][:-1]


def _column_px(column: Column, cells: Sequence[Sequence[str]]) -> float:
    """A column is as wide as its cells, and a heading of several lines may widen it a little."""
    word = widest(column.header.split(" "), SMALL)
    own = max((widest(lines, SMALL) for lines in cells), default=0.0)
    return max(own, word, min(text_width(column.header, SMALL), 90.0)) + 1


def _caption(columns: Sequence[Column], row: int) -> list[str]:
    return [
        f"{column.header}: {column.cells[row]}" if column.is_named else column.cells[row]
        for column in columns
        if column.cells[row]
    ]
