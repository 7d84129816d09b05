"""The funnel plot: share against number of answers, with the spread that chance alone would give."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from analysis.charts.canvas import canvas, empty_figure
from analysis.charts.key import KeyEntry, lay_key, tier_entries
from analysis.charts.labels import Placed, along, place, write_placed
from analysis.charts.lettering import LINE, text_width
from analysis.charts.numbered import Entry, NumberedList, Symbol, number_width, numbered_list
from analysis.charts.plane import Plane, count_ticks
from analysis.charts.scales import points, round_ticks, tips
from analysis.charts.style import (
    INK,
    MUTED,
    NARROW_PX,
    SMALL,
    TIER_COLOURS,
    TIER_MARKERS,
    TIER_SIZES,
)
from analysis.charts.words import ChartText
from analysis.ranking.funnel import binomial_limits
from analysis.types import Tier

DASHES = ((5.0, 3.0), (1.0, 2.0), (8.0, 2.0), (3.0, 1.0))
LEFT_PX, RIGHT_PX, BOTTOM_PX = 46.0, 16.0, 46.0
LIST_COLUMN_PX = 340.0
LOG_ABOVE = 30.0
"""Largest over smallest n from which the axis is logarithmic."""


@dataclass(frozen=True, slots=True, eq=False)
class FunnelBand:
    """One pair of limits, worked out elsewhere: exact, over-dispersed or normal.

    Attributes
    ----------
    label : str
        Such as "99,8%" or "99,8%, gồm phân tán thật".
    n, lower, upper : (G,) array_like
        Limits at numbers of answers in ascending order; in [0, 1], or cut there.
    """

    label: str
    n: ArrayLike
    lower: ArrayLike
    upper: ArrayLike


@dataclass(frozen=True, slots=True)
class _Unit:
    name: str
    n: float
    share: float
    tier: Tier


def funnel_plot(
    names: Sequence[str],
    n: Sequence[float],
    share: Sequence[float],
    tiers: Sequence[Tier],
    *,
    center: float,
    n_label: str,
    text: ChartText,
    levels: Sequence[float] = (0.95, 0.998),
    bands: Sequence[FunnelBand] | None = None,
    tier_words: Mapping[Tier, str] | None = None,
    center_label: str = "",
    width_px: int = 1120,
) -> Figure:
    """Units by number of answers; only those outside the crowd are named.

    Parameters
    ----------
    names, n, share, tiers
        One entry per unit: its name, effective number of respondents, share in [0, 1] and tier. Units with a
        NaN share are counted beside the key, not drawn.
    center : float
        The common level in [0, 1].
    n_label : str
        Words under the horizontal axis.
    text : ChartText
        Translated words; `withheld` names the units that are not drawn.
    levels : sequence of float
        Two-sided probability of each pair of exact binomial limits, used where no `bands` are given.
    bands : sequence of FunnelBand, optional
        Limits worked out elsewhere, narrowest first.
    tier_words : mapping of Tier to str, optional
    center_label : str
        Words of the key.
    width_px : int
        Width in CSS pixels; below 480, and where names would hide each other, marks are numbered and the
        names are written below.

    Returns
    -------
    Figure

    References
    ----------
    Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24.
    """
    rows = [_Unit(*row) for row in zip(names, n, share, tiers, strict=True)]
    units = [unit for unit in rows if math.isfinite(unit.share) and unit.n > 0]
    if not units:
        return empty_figure(text, width_px)
    grid = _grid(units)
    drawn_bands = _exact_bands(np.unique(np.ceil(grid)), center, levels, text) if bands is None else bands
    entries = _key(units, drawn_bands, tier_words, center_label)
    if len(rows) > len(units):
        entries.append(KeyEntry(f"{text.withheld}: {text.count(len(rows) - len(units))}", MUTED))
    key = lay_key(entries, width_px - LEFT_PX if width_px >= NARROW_PX else width_px)
    top = key.height + (14 if key.height else 6)
    height = 300.0 if width_px < NARROW_PX else 360.0
    plane = Plane(
        LEFT_PX, top, width_px - LEFT_PX - RIGHT_PX, height, (float(grid[0]), float(grid[-1])),
        _share_range(units, center, drawn_bands), is_log=bool(grid[-1] / grid[0] > LOG_ABOVE),
    )  # fmt: skip
    apart = [unit for unit in units if unit.tier in (Tier.HIGHER, Tier.LOWER)]
    apart.sort(key=lambda unit: (-unit.share, unit.name))
    curves = [limit for band in drawn_bands for limit in _curves(band, plane)]
    placed, listed = _names(apart, units, plane, text, curves)
    made = canvas(width_px, top + height + BOTTOM_PX + (listed.height + 10 if listed else 0), text)
    key.draw(made, top=0, left=LEFT_PX if width_px >= NARROW_PX else 0)
    axes = plane.axes(made)
    _draw_limits(axes, plane, drawn_bands, center, text)
    made.write(plane.left + plane.width / 2, top + height + 33, n_label, ha="center")
    for tier, colour in TIER_COLOURS.items():
        at = [(unit.n, unit.share) for unit in units if unit.tier is tier]
        points(
            axes, at, colour=colour, marker=TIER_MARKERS[tier], size=TIER_SIZES[tier],
            is_hollow=tier is Tier.INSUFFICIENT,
        )  # fmt: skip
    tips(
        axes,
        [
            (unit.n, unit.share, f"{unit.name}: {text.percent(unit.share)} · {text.count(unit.n)}")
            for unit in units
        ],
    )
    words = [str(index + 1) if listed else unit.name for index, unit in enumerate(apart)]
    write_placed(made, placed, words, [TIER_COLOURS[unit.tier] for unit in apart])
    if listed:
        listed.draw(made, left=0, top=top + height + BOTTOM_PX + 6)
    return made.figure


def _grid(units: Sequence[_Unit]) -> np.ndarray:
    smallest, largest = min(unit.n for unit in units), max(unit.n for unit in units)
    return np.geomspace(max(0.8 * smallest, 1.0), max(1.06 * largest, 3.0), 90)


def _exact_bands(
    grid: np.ndarray, center: float, levels: Sequence[float], text: ChartText
) -> list[FunnelBand]:
    """Limits of chance for whole numbers of answers; none where everyone, or nobody, is satisfied."""
    if not 0 < center < 1:
        return []
    labels = [text.percent(level, digits=0 if level < 0.99 else 1) for level in levels]
    limits = [binomial_limits(center, grid, level=level) for level in levels]
    return [FunnelBand(label, grid, *limit) for label, limit in zip(labels, limits, strict=True)]


def _share_range(units: Sequence[_Unit], center: float, bands: Sequence[FunnelBand]) -> tuple[float, float]:
    """Every unit, and the limits of units of middling size: those of the smallest may run out of the picture."""
    middling = float(np.median([unit.n for unit in units]))
    marks = [center, *(unit.share for unit in units)]
    for band in bands:
        marks += [float(np.interp(middling, np.asarray(band.n), np.asarray(limit)))
                  for limit in (band.lower, band.upper)]  # fmt: skip
    low, high = max(0.0, min(marks)), min(1.0, max(marks))
    margin = max(0.05 * (high - low), 0.004)
    return low - margin, high + 1.5 * margin


def _key(
    units: Sequence[_Unit],
    bands: Sequence[FunnelBand],
    words: Mapping[Tier, str] | None,
    center_label: str,
) -> list[KeyEntry]:
    entries = tier_entries([unit.tier for unit in units], words)
    if center_label:
        entries.append(KeyEntry(center_label, INK, is_line=True))
    entries += [
        KeyEntry(band.label, MUTED, dashes=dashes) for band, dashes in zip(bands, DASHES, strict=False)
    ]
    return entries


def _draw_limits(
    axes: Axes, plane: Plane, bands: Sequence[FunnelBand], center: float, text: ChartText
) -> None:
    ticks = round_ticks(max(0.0, plane.y[0]), min(1.0, plane.y[1]), n_ticks=7)
    counts = count_ticks(*plane.x, n_ticks=5 if plane.width < NARROW_PX else 8, is_log=plane.is_log)
    plane.mark_axes(
        axes,
        [(tick, text.count(tick)) for tick in counts],
        [(tick, text.percent(tick, digits=0)) for tick in ticks],
    )
    for band, dashes in zip(bands, DASHES, strict=False):
        for limit in (band.lower, band.upper):
            inside = np.clip(np.asarray(limit, dtype=np.float64), 0, 1)
            axes.plot(np.asarray(band.n), inside, color=MUTED, linewidth=1.1, dashes=dashes, zorder=1)
    axes.axhline(center, color=INK, linewidth=1.2, zorder=1)


def _curves(band: FunnelBand, plane: Plane) -> list[tuple[list[float], list[float]]]:
    """Pixels of both limits, so that no word is written over them."""
    curves = []
    for limit in (band.lower, band.upper):
        pixels = [
            plane.at(float(n), min(max(float(share), 0.0), 1.0))
            for n, share in zip(np.asarray(band.n), np.asarray(limit), strict=True)
        ]
        curves.append(([x for x, _y in pixels], [y for _x, y in pixels]))
    return curves


def _names(
    apart: Sequence[_Unit],
    units: Sequence[_Unit],
    plane: Plane,
    text: ChartText,
    curves: Sequence[tuple[list[float], list[float]]],
) -> tuple[list[Placed], NumberedList | None]:
    """Names beside their marks where all of them fit, else numbers there and a list."""
    marks = [plane.at(unit.n, unit.share) for unit in apart]
    others = [plane.at(unit.n, unit.share) for unit in units if unit not in apart]
    bounds = (plane.left, plane.top - 8, plane.left + plane.width + RIGHT_PX - 2, plane.top + plane.height)
    width_px = plane.left + plane.width + RIGHT_PX
    lines = [box for curve in curves for box in along(*curve)]
    if width_px >= NARROW_PX:
        sizes = [(text_width(unit.name, SMALL, is_bold=True) + 2, SMALL * LINE) for unit in apart]
        placed = place(marks, sizes, bounds=bounds, others=others, taken=lines, reach=56)
        if all(one.box for one in placed):
            return placed, None
    numbers = [str(index + 1) for index in range(len(apart))]
    placed = place(
        marks,
        [(number_width(number), SMALL * LINE) for number in numbers],
        bounds=bounds,
        others=others,
        taken=lines,
    )
    rows = [
        Entry(
            number,
            unit.name,
            (text.percent(unit.share), f"{text.n_label}: {text.count(unit.n)}"),
            Symbol(TIER_MARKERS[unit.tier], TIER_COLOURS[unit.tier]),
        )
        for number, unit in zip(numbers, apart, strict=True)
    ]
    return placed, numbered_list(rows, width_px=width_px, n_columns=max(int(width_px // LIST_COLUMN_PX), 1))
