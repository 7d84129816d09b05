"""Units against their province: one interval per unit, symbol and colour by tier."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.charts.style import (
    HAIRLINE,
    INK,
    MUTED,
    NARROW_PX,
    SMALL,
    TEXT,
    TIER_COLOURS,
    TIER_MARKERS,
    TIER_SIZES,
    ChartText,
    canvas,
    padded_range,
    plot_area,
    share_axis,
)
from analysis.types import Estimate, Tier

ROW_PX = 22
HEAD_PX = 70
FOOT_PX = 26


def forest_plot(
    names: Sequence[str],
    estimates: Sequence[Estimate],
    tiers: Sequence[Tier],
    *,
    center: Estimate,
    center_label: str,
    text: ChartText,
    width_px: int = 1120,
) -> Figure:
    """One row per unit, in the order given, against the level of all of them together.

    Parameters
    ----------
    names, estimates, tiers
        One entry per unit that has enough answers; shares in [0, 1].
    center : Estimate
        The common level, drawn as a line with its interval as a band.
    center_label : str
        Words at the line, such as "Mức tỉnh 87,4%".
    text : ChartText
        Translated words.
    width_px : int
        Width in CSS pixels; below 480 the written figures are left to the table.

    Returns
    -------
    Figure
    """
    is_narrow = width_px < NARROW_PX
    lines = ["\n".join(wrap(name, 18 if is_narrow else 26)) for name in names]
    at = _row_positions(lines)
    end = at[-1] + 0.6 if at else 1.0
    figure = canvas(width_px, HEAD_PX + FOOT_PX + ROW_PX * (end + 0.6), text)
    axes = plot_area(
        figure, left=134 if is_narrow else 200, top=HEAD_PX, right=20 if is_narrow else 150, bottom=FOOT_PX
    )
    bounds = [*estimates, center]
    low, high = padded_range([e.ci_low for e in bounds], [e.ci_high for e in bounds])
    share_axis(axes, low, high, text, n_ticks=4 if is_narrow else 9)
    axes.tick_params(labeltop=True)
    axes.set_ylim(end, -0.6)
    rules = [(x, y) for y in at for x, y in ((low, y), (high, y), (high, float("nan")))]
    axes.plot([x for x, _y in rules], [y for _x, y in rules], color=HAIRLINE, linewidth=1, zorder=-2)
    _draw_center(axes, center, center_label)
    axes.set_yticks(at, lines, color=INK, fontsize=SMALL if is_narrow else TEXT)
    for tier in TIER_COLOURS:
        rows = [row for row, own in enumerate(tiers) if own is tier]
        _draw_tier(axes, [at[row] for row in rows], [estimates[row] for row in rows], tier)
    if not is_narrow:
        for y, estimate in zip(at, estimates, strict=True):
            axes.text(1 + 145 / (width_px - 350), y, text.estimate(estimate), ha="right", va="center",
                      transform=axes.get_yaxis_transform(), fontsize=SMALL, color=MUTED)  # fmt: skip
    return figure


def _row_positions(lines: Sequence[str]) -> list[float]:
    """Heights of the rows' middles; a name of several lines takes more room."""
    positions, last = [], -1.0
    room_before = 0.0
    for name in lines:
        room = 0.35 * name.count("\n")
        last += 1 + room_before + room
        room_before = room
        positions.append(last)
    return positions


def _draw_center(axes: Axes, center: Estimate, label: str) -> None:
    axes.axvspan(center.ci_low, center.ci_high, color="#eef2f6", zorder=-1)
    axes.axvline(center.value, color=INK, linewidth=1.2, dashes=(4, 3), zorder=1)
    axes.annotate(label, (center.value, 1), xycoords=axes.get_xaxis_transform(), xytext=(0, 22),
                  textcoords="offset points", ha="center", fontsize=SMALL, color=INK,
                  fontweight="bold")  # fmt: skip


def _draw_tier(axes: Axes, at: Sequence[float], estimates: Sequence[Estimate], tier: Tier) -> None:
    """All intervals of a tier as one path: a page of 78 rows stays small."""
    gap = float("nan")
    xs = [x for e in estimates for x in (e.ci_low, e.ci_high, gap)]
    ys = [y for row in at for y in (row, row, gap)]
    emphasis = 2.0 if tier is not Tier.NOT_DIFFERENT else 1.5
    axes.plot(xs, ys, color=TIER_COLOURS[tier], linewidth=emphasis, zorder=2)
    axes.plot(
        [e.value for e in estimates], at, linestyle="none", marker=TIER_MARKERS[tier],
        markersize=TIER_SIZES[tier], color=TIER_COLOURS[tier],
        markeredgecolor="#ffffff", markeredgewidth=0.8, zorder=3,
    )  # fmt: skip
