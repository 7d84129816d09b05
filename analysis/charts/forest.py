"""Units against their province: one interval per unit, symbol and colour by tier."""

from __future__ import annotations

from collections.abc import Sequence

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
    figure = canvas(width_px, HEAD_PX + FOOT_PX + ROW_PX * len(names), text)
    axes = plot_area(
        figure, left=126 if is_narrow else 190, top=HEAD_PX, right=20 if is_narrow else 170, bottom=FOOT_PX
    )
    low, high = padded_range([e.ci_low for e in estimates] or [center.ci_low],
                             [e.ci_high for e in estimates] or [center.ci_high])  # fmt: skip
    share_axis(axes, low, high, text, n_ticks=4 if is_narrow else 9)
    axes.tick_params(labeltop=True)
    axes.set_ylim(len(names) - 0.4, -0.6)
    for row in range(len(names)):
        axes.axhline(row, color=HAIRLINE, linewidth=1, zorder=-2)
    axes.axvspan(center.ci_low, center.ci_high, color="#eef2f6", zorder=-1)
    axes.axvline(center.value, color=INK, linewidth=1.2, dashes=(4, 3), zorder=1)
    axes.annotate(center_label, (center.value, 1), xycoords=axes.get_xaxis_transform(), xytext=(0, 22),
                  textcoords="offset points", ha="center", fontsize=SMALL, color=INK, fontweight="bold")  # fmt: skip
    axes.set_yticks(range(len(names)), names, color=INK, fontsize=SMALL if is_narrow else TEXT)
    for tier in TIER_COLOURS:
        rows = [row for row, own in enumerate(tiers) if own is tier]
        _draw_tier(axes, rows, [estimates[row] for row in rows], tier)
    if not is_narrow:
        for row, estimate in enumerate(estimates):
            axes.text(1.02, row, text.estimate(estimate), transform=axes.get_yaxis_transform(),
                      va="center", fontsize=SMALL, color=MUTED)  # fmt: skip
    return figure


def _draw_tier(axes: Axes, rows: Sequence[int], estimates: Sequence[Estimate], tier: Tier) -> None:
    """All intervals of a tier as one path: a page of 78 rows stays small."""
    gap = float("nan")
    xs = [x for e in estimates for x in (e.ci_low, e.ci_high, gap)]
    ys = [y for row in rows for y in (row, row, gap)]
    emphasis = 2.0 if tier is not Tier.NOT_DIFFERENT else 1.5
    axes.plot(xs, ys, color=TIER_COLOURS[tier], linewidth=emphasis, zorder=2)
    axes.plot(
        [e.value for e in estimates], rows, linestyle="none", marker=TIER_MARKERS[tier], markersize=TIER_SIZES[tier],
        color=TIER_COLOURS[tier], markeredgecolor="#ffffff", markeredgewidth=0.8, zorder=3,
    )  # fmt: skip
