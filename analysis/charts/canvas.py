"""A figure measured in CSS pixels from its upper left corner, and the parts every chart has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.transforms import Affine2D, Transform

from analysis.charts.lettering import LINE, balanced, text_width, wrapped
from analysis.charts.style import HEADING, INK, MUTED, RULE, SMALL, TEXT, TINY, UNITS_PER_INCH
from analysis.charts.words import ChartText

NOTICE_PX = 20.0
EMPTY_PX = 72.0
BASELINE = 0.34
"""From the middle of a line down to where its letters stand, over the size of the letters."""


@dataclass(frozen=True, slots=True)
class Canvas:
    """The room of one chart, between the words above and below it.

    Attributes
    ----------
    figure : Figure
    width, height : float
        Room in pixels; y runs downwards from the top of it.
    foot : float
        Pixels of the figure below that room.
    """

    figure: Figure
    width: float
    height: float
    foot: float

    @property
    def pixels(self) -> Transform:
        """From pixels of this room to the display."""
        width, height = (float(side) * UNITS_PER_INCH for side in self.figure.get_size_inches())
        to_shares = Affine2D().scale(1, -1).translate(0, self.foot + self.height).scale(1 / width, 1 / height)
        return to_shares + self.figure.transFigure

    def write(self, x: float, y: float, words: str, **look: Any) -> None:
        """Words at a pixel; from the left and from the vertical middle unless said otherwise.

        Lines stand on baselines a fixed way apart, so that words with and without tails or accents are level.
        Those that are not flush left are written one by one, since each is anchored where it should stand in
        any typeface.
        """
        styled: dict[str, Any] = {"fontsize": SMALL, "color": MUTED} | look
        size = float(styled["fontsize"])
        n_lines = words.count("\n") + 1
        above = {"top": 0.0, "center": n_lines / 2, "bottom": float(n_lines)}[styled.pop("va", "center")]
        first = y - above * size * LINE + (LINE / 2 + BASELINE) * size
        lines = [words] if styled.get("ha", "left") == "left" else words.split("\n")
        for index, line in enumerate(lines):
            last = first + (index + line.count("\n")) * size * LINE
            self.figure.text(
                x,
                last,
                line,
                transform=self.pixels,
                va="baseline",
                parse_math=False,
                linespacing=LINE,
                **styled,
            )

    def line(self, xs: Sequence[float], ys: Sequence[float], **look: Any) -> Line2D:
        """A line, or marks, through pixels."""
        drawn = Line2D(xs, ys, transform=self.pixels, **look)
        self.figure.add_artist(drawn)
        return drawn

    def box(self, x: float, y: float, width: float, height: float, **look: Any) -> Rectangle:
        """A rectangle by its upper left corner."""
        drawn = Rectangle((x, y), width, height, transform=self.pixels, **{"linewidth": 0} | look)
        self.figure.add_artist(drawn)
        return drawn

    def area(self, *, left: float, top: float, right: float = 0.0, bottom: float = 0.0) -> Axes:
        """Axes inset by so many pixels from each edge of the room, without a frame."""
        inches = self.figure.get_size_inches()
        width, height = (float(side) * UNITS_PER_INCH for side in inches)
        axes = self.figure.add_axes(
            (
                left / width,
                (self.foot + bottom) / height,
                (self.width - left - right) / width,
                (self.height - top - bottom) / height,
            )
        )
        axes.patch.set_visible(False)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.tick_params(length=0, labelsize=SMALL, labelcolor=MUTED, pad=5)
        return axes


def canvas(width_px: float, height_px: float, text: ChartText) -> Canvas:
    """An empty figure with so much room for a chart, carrying the notice and its own title for the SVG.

    Parameters
    ----------
    width_px, height_px : float
        Room in CSS pixels; the words above and below it come on top of that.
    text : ChartText

    Returns
    -------
    Canvas
    """
    head = _lines_above(text, width_px)
    foot = [] if text.source is None else wrapped(text.source, width_px - 4, TINY)
    notice_px = NOTICE_PX if text.notice and not _fits_beside_notice(head, text, width_px) else 0.0
    head_px = notice_px + sum(size * LINE for _words, size, _look in head) + (8 if head else 0)
    foot_px = len(foot) * TINY * LINE + 6 if foot else 0.0
    size = (width_px / UNITS_PER_INCH, (head_px + height_px + foot_px) / UNITS_PER_INCH)
    figure = Figure(figsize=size, dpi=UNITS_PER_INCH)
    figure.set_label(f"{text.title}\n{text.description}")
    made = Canvas(figure, width_px, height_px, foot_px)
    y = -head_px
    if text.notice:
        made.write(width_px - 2, y + 2, text.notice, ha="right", va="top", fontsize=TINY, fontweight="bold")
    y += notice_px
    for words, letters, look in head:
        made.write(0, y, words, va="top", fontsize=letters, **look)
        y += letters * LINE
    for index, words in enumerate(foot):
        made.write(0, height_px + 6 + index * TINY * LINE, words, va="top", fontsize=TINY)
    return made


def empty_figure(text: ChartText, width_px: float, *more: str) -> Figure:
    """A figure that says it has nothing to show, and what is known all the same."""
    lines = [line for words in (text.empty, *more) for line in wrapped(words, width_px - 32, TEXT)]
    made = canvas(width_px, EMPTY_PX + (len(lines) - 1) * TEXT * LINE, text)
    made.box(1, 1, width_px - 2, made.height - 2, facecolor="none", edgecolor=RULE, linewidth=1)
    made.write(width_px / 2, made.height / 2, "\n".join(lines), ha="center", fontsize=TEXT)
    return made.figure


def _fits_beside_notice(
    head: Sequence[tuple[str, float, dict[str, Any]]], text: ChartText, width_px: float
) -> bool:
    """Whether the notice may stand at the end of the first line of the title."""
    if not head or not text.notice:
        return False
    title = text_width(head[0][0], HEADING, is_bold=True)
    return title + 24 + text_width(text.notice, TINY, is_bold=True) <= width_px


def _lines_above(text: ChartText, width_px: float) -> list[tuple[str, float, dict[str, Any]]]:
    if not text.is_titled:
        return []
    bold = {"color": INK, "fontweight": "bold"}
    title = balanced(text.title, width_px - 4, HEADING, is_bold=True)
    return [
        *((line, HEADING, bold) for line in title),
        *((line, SMALL, {}) for line in balanced(text.description, width_px - 4, SMALL)),
    ]
