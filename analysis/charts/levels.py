"""All answers to one question as one bar."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from matplotlib.figure import Figure

from analysis.charts.canvas import canvas, empty_figure
from analysis.charts.lettering import LINE, text_width, wrapped
from analysis.charts.style import INK, PAPER, SMALL, TEXT, TINY, ink_on, level_colours
from analysis.charts.words import ChartText

BAR_PX = 28.0


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
    if not sum(counts):
        return empty_figure(text, width_px)
    room = width_px / len(names)
    lines = [wrapped(name, room - 6, TINY) for name in names]
    height = BAR_PX + 28 + max(map(len, lines)) * TINY * LINE
    made = canvas(width_px, height, text)
    axes = made.area(left=0, top=0, right=0, bottom=height - BAR_PX)
    axes.set_xlim(0, sum(counts))
    axes.set_ylim(0, 1)
    axes.set_xticks([])
    axes.set_yticks([])
    colours = level_colours(len(names))
    starts = [0, *accumulate(counts)]
    per_person = width_px / sum(counts)
    for index, (n, colour) in enumerate(zip(counts, colours, strict=True)):
        axes.barh(0.5, n, left=starts[index], height=1, color=colour, edgecolor=PAPER, linewidth=1.5)
        share = text.percent(n / sum(counts), digits=0)
        if text_width(share, SMALL) + 8 < n * per_person:
            made.write(
                (starts[index] + n / 2) * per_person, BAR_PX / 2, share, ha="center", color=ink_on(colour)
            )
        left = index * room
        made.box(left, BAR_PX + 10, 9, 9, facecolor=colour)
        made.write(left + 14, BAR_PX + 15, text.count(n), fontsize=TEXT, color=INK, fontweight="bold")
        made.write(left, BAR_PX + 26, "\n".join(lines[index]), va="top", fontsize=TINY)
    return made.figure
