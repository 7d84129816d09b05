"""The funnel plot: share against number of answers, with the spread that chance alone would give."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from scipy.stats import norm

from analysis.charts.style import (
    HAIRLINE,
    INK,
    MUTED,
    NARROW_PX,
    PAPER,
    SMALL,
    TIER_COLOURS,
    TIER_MARKERS,
    TIER_SIZES,
    ChartText,
    canvas,
    padded_range,
    plot_area,
    round_ticks,
)
from analysis.types import FloatArray, Tier

LETTER_PX = 7.2


def funnel_plot(
    names: Sequence[str],
    n: Sequence[float],
    share: Sequence[float],
    tiers: Sequence[Tier],
    *,
    center: float,
    n_label: str,
    levels: Sequence[float] = (0.95, 0.998),
    text: ChartText,
    width_px: int = 1120,
) -> Figure:
    """Units by number of answers; only those outside the crowd are named.

    Parameters
    ----------
    names, n, share, tiers
        One entry per unit: its name, effective number of respondents, share in [0, 1] and tier.
    center : float
        The common level in [0, 1].
    n_label : str
        Words under the horizontal axis.
    levels : sequence of float
        Two-sided probability of each pair of limits, normal approximation.
    text : ChartText
        Translated words.
    width_px : int
        Width in CSS pixels.

    Returns
    -------
    Figure

    References
    ----------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24.
    """
    figure = canvas(width_px, 340 if width_px < NARROW_PX else 400, text)
    axes = plot_area(figure, left=46, top=24, right=16, bottom=48)
    grid = np.linspace(max(min(n, default=30) * 0.8, 1), max(n, default=100) * 1.05, 60)
    low, high = padded_range([*share, center], [*share, center])
    for level, dashes in zip(levels, ((5, 3), (1, 2)), strict=False):
        half = norm.ppf(0.5 + level / 2) * np.sqrt(center * (1 - center) / grid)
        low, high = min(low, float(center - half[30])), max(high, float(center + half[30]))
        for bound in (center - half, center + half):
            axes.plot(grid, bound, color=MUTED, linewidth=1, dashes=dashes)
            axes.text(grid[2], bound[2], text.percent(level, digits=0 if level < 0.99 else 1), ha="left",
                      va="bottom", fontsize=SMALL - 1, color=MUTED)  # fmt: skip
    axes.axhline(center, color=INK, linewidth=1.2)
    _scale(axes, grid, max(0.0, low - 0.01), min(1.0, high + 0.01), text)
    axes.set_xlabel(n_label, fontsize=SMALL, color=MUTED, labelpad=6)
    for tier, colour in TIER_COLOURS.items():
        rows = [row for row, own in enumerate(tiers) if own is tier]
        axes.plot([n[row] for row in rows], [share[row] for row in rows], linestyle="none",
                  markersize=TIER_SIZES[tier], marker=TIER_MARKERS[tier], color=colour,
                  markeredgecolor=PAPER, markeredgewidth=0.8)  # fmt: skip
    apart = [row for row, tier in enumerate(tiers) if tier in (Tier.HIGHER, Tier.LOWER)]
    _name_apart(axes, [(names[row], n[row], share[row], TIER_COLOURS[tiers[row]]) for row in apart])
    return figure


def _scale(axes: Axes, grid: FloatArray, low: float, high: float, text: ChartText) -> None:
    axes.set_xlim(grid[0], grid[-1])
    axes.set_ylim(low, high)
    ticks = round_ticks(low, high, n_ticks=7)
    axes.set_yticks(ticks, [text.percent(tick, digits=0) for tick in ticks])
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    places = [tick for tick in axes.get_xticks() if grid[0] <= tick <= grid[-1]]
    axes.set_xticks(places, [text.count(round(tick)) for tick in places])
    for tick in ticks:
        axes.axhline(tick, color=HAIRLINE, linewidth=1, zorder=0)


def _name_apart(axes: Axes, marks: Sequence[tuple[str, float, float, str]]) -> None:
    """Write a name beside each mark where it hides no other; where there is no room the table has it."""
    room = axes.get_window_extent()
    centers = [axes.transData.transform((x, y)) for _name, x, y, _colour in marks]
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in centers]
    for (name, x, y, colour), at in zip(marks, centers, strict=True):
        width = LETTER_PX * len(name)
        for dx, dy in ((9, 0), (-9 - width, 0), (-width / 2, 15), (-width / 2, -15)):
            box = (at[0] + dx, at[1] + dy - 8, at[0] + dx + width, at[1] + dy + 8)
            if box[0] < room.x0 or box[2] > room.x1 or any(_overlap(box, other) for other in taken):
                continue
            taken.append(box)
            axes.annotate(name, (x, y), xytext=(dx, dy), textcoords="offset points", va="center",
                          fontsize=SMALL, color=colour, fontweight="bold")  # fmt: skip
            break


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
