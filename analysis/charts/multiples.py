"""Small multiples: one small control chart per unit, all on one scale, for as many units as a province has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import ArrayLike

from analysis.charts.canvas import canvas, empty_figure
from analysis.charts.key import KeyEntry, lay_key
from analysis.charts.lettering import LINE, balanced, joined
from analysis.charts.scales import padded_range
from analysis.charts.style import ACCENT, FAINT, INK, MUTED, NARROW_PX, PAPER, RULE, SMALL, TINY
from analysis.charts.words import ChartText, is_shown
from analysis.types import Estimate, FloatArray

PANEL_PX, WIDE_COLUMN_PX, GAP_PX = 44.0, 180.0, 20.0


@dataclass(frozen=True, slots=True, eq=False)
class TrendPanel:
    """One unit over time.

    Attributes
    ----------
    name : str
    share, lower, upper, center : (T,) array_like
        In [0, 1], the same periods for every panel; NaN where there is no point.
    is_signal : (T,) array_like of bool
    latest : Estimate, optional
        Written below the name; None where the unit is withheld, which then has no line either.
    note : str
        Why it is withheld.
    """

    name: str
    share: ArrayLike
    lower: ArrayLike
    upper: ArrayLike
    center: ArrayLike
    is_signal: ArrayLike
    latest: Estimate | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Cell:
    panel: TrendPanel
    name: list[str]
    caption: list[str]
    left: float
    top: float
    width: float

    @property
    def plot_top(self) -> float:
        return self.top + len(self.name) * SMALL * LINE + len(self.caption) * TINY * LINE + 4


def trend_multiples(
    panels: Sequence[TrendPanel],
    *,
    text: ChartText,
    line_label: str = "",
    limit_label: str = "",
    center_label: str = "",
    signal_label: str = "",
    scale_label: str = "",
    width_px: int = 1120,
) -> Figure:
    """A small control chart for each unit, in the order given, without a map or a ranking.

    Parameters
    ----------
    panels : sequence of TrendPanel
    text : ChartText
    line_label, limit_label, center_label, signal_label : str
        Words of the key.
    scale_label : str
        Says what the two marks of the scale mean, such as "thang chung"; the ends follow it.
    width_px : int
        Width in CSS pixels; about six panels in a row on a wide page, two on a phone.

    Returns
    -------
    Figure

    References
    ----------
    Tufte (1983), The Visual Display of Quantitative Information, chapter 8.
    """
    if not panels:
        return empty_figure(text, width_px)
    low, high = _scale(panels)
    words = (line_label, limit_label, center_label, signal_label)
    key = lay_key(_key(panels, words, f"{scale_label} {text.span(low, high, digits=0)}%".strip()), width_px)
    cells, bottom = _cells(panels, text, width_px, key.height + 10)
    made = canvas(width_px, bottom, text)
    key.draw(made, top=0)
    axes = made.area(left=0, top=0)
    axes.set_axis_off()
    axes.set_xlim(0, width_px)
    axes.set_ylim(bottom, 0)
    for cell in cells:
        made.write(cell.left, cell.top, "\n".join(cell.name), va="top", fontsize=SMALL, color=INK)
        y = cell.top + len(cell.name) * SMALL * LINE
        made.write(cell.left, y, "\n".join(cell.caption), va="top", fontsize=TINY)
    _draw(axes, [cell for cell in cells if is_shown(cell.panel.latest)], low, high)
    return made.figure


def _scale(panels: Sequence[TrendPanel]) -> tuple[float, float]:
    shown = [panel for panel in panels if is_shown(panel.latest)]
    values = [np.asarray(column, dtype=np.float64) for p in shown for column in (p.share, p.center)]
    known = np.concatenate([*values, np.array([])])
    return padded_range(known.tolist(), known.tolist(), step=0.1)


def _key(panels: Sequence[TrendPanel], words: tuple[str, str, str, str], scale: str) -> list[KeyEntry]:
    line, limit, center, signal = words
    has_signal = any(np.any(panel.is_signal) for panel in panels)
    entries = [
        (line, KeyEntry(line, ACCENT, is_line=True)),
        (limit, KeyEntry(limit, FAINT, is_patch=True)),
        (center, KeyEntry(center, MUTED, dashes=(3, 2))),
        (signal if has_signal else "", KeyEntry(signal, INK, "D", is_hollow=True, size=6)),
        (scale, KeyEntry(scale, INK)),
    ]
    return [entry for word, entry in entries if word]


def _cells(
    panels: Sequence[TrendPanel], text: ChartText, width: float, top: float
) -> tuple[list[_Cell], float]:
    n_columns = 2 if width < NARROW_PX else max(int((width + GAP_PX) // (WIDE_COLUMN_PX + GAP_PX)), 2)
    room = (width - GAP_PX * (n_columns - 1)) / n_columns
    cells: list[_Cell] = []
    for start in range(0, len(panels), n_columns):
        row = [
            _Cell(panel, balanced(panel.name, room - 2, SMALL), _caption(panel, text, room),
                  column * (room + GAP_PX), top, room)
            for column, panel in enumerate(panels[start : start + n_columns])
        ]  # fmt: skip
        cells += row
        top = max(cell.plot_top for cell in row) + PANEL_PX + 18
    return cells, top - 10


def _caption(panel: TrendPanel, text: ChartText, room: float) -> list[str]:
    latest = panel.latest
    if not is_shown(latest):
        return joined([panel.note or text.withheld], room, TINY)
    count = f"{text.n_label} {text.count(latest.n_respondents)}"
    return joined([text.estimate(latest), count], room - 2, TINY)


def _draw(axes: Axes, cells: Sequence[_Cell], low: float, high: float) -> None:
    """Every kind of line of all panels as one path."""
    bands: list[FloatArray] = []
    lines: dict[str, list[FloatArray]] = {"frame": [], "center": [], "share": []}
    signals: list[FloatArray] = []
    last: list[FloatArray] = []
    for cell in cells:
        foot = max(other.plot_top for other in cells if other.top == cell.top) + PANEL_PX
        panel = cell.panel
        share, lower, upper, center = (
            foot - PANEL_PX * (np.clip(np.asarray(column, dtype=np.float64), low, high) - low) / (high - low)
            for column in (panel.share, panel.lower, panel.upper, panel.center)
        )
        x = (
            cell.left + 4 + np.linspace(0, cell.width - 8, len(share))
            if len(share) > 1
            else np.array([cell.left + cell.width / 2])
        )
        bands += _polygons(x, lower, upper)
        ends = np.array([cell.left, cell.left + cell.width])
        lines["frame"] += [np.column_stack([ends, [y, y]]) for y in (foot, foot - PANEL_PX)]
        lines["center"].append(np.column_stack([x, center]))
        lines["share"].append(np.column_stack([x, share]))
        points = np.column_stack([x, share])
        flagged = np.asarray(panel.is_signal, dtype=bool) & np.isfinite(share)
        signals.append(points[flagged])
        last.append(points[np.isfinite(share)][-1:])
    if bands:
        axes.add_patch(PathPatch(_compound(bands), facecolor=FAINT, linewidth=0, zorder=0))
    axes.plot(*_joined(lines["frame"]), color=RULE, linewidth=0.8)
    axes.plot(*_joined(lines["center"]), color=MUTED, linewidth=1, dashes=(3, 2))
    axes.plot(*_joined(lines["share"]), color=ACCENT, linewidth=1.4)
    axes.plot(*_joined(last), linestyle="none", marker="o", markersize=4.5, color=ACCENT, clip_on=False)
    axes.plot(*_joined(signals), linestyle="none", marker="D", markersize=5.5, markerfacecolor=PAPER,
              markeredgecolor=INK, markeredgewidth=1.4, clip_on=False)  # fmt: skip


def _joined(pieces: Sequence[FloatArray]) -> tuple[FloatArray, FloatArray]:
    gap = np.full((1, 2), np.nan)
    together = np.vstack([part for piece in pieces for part in (piece, gap)] or [gap])
    return together[:, 0], together[:, 1]


def _polygons(x: FloatArray, lower: FloatArray, upper: FloatArray) -> list[FloatArray]:
    """The band between both limits, one polygon for each stretch without a gap."""
    known = np.isfinite(lower) & np.isfinite(upper)
    stretches = np.split(np.arange(len(x)), np.flatnonzero(np.diff(known.astype(int))) + 1)
    return [
        np.vstack([np.column_stack([x[rows], upper[rows]]), np.column_stack([x[rows], lower[rows]])[::-1]])
        for rows in stretches
        if len(rows) and known[rows[0]]
    ]


def _compound(polygons: Sequence[FloatArray]) -> Path:
    vertices = np.vstack([part for polygon in polygons for part in (polygon, polygon[:1])])
    codes = [
        code
        for polygon in polygons
        for code in (Path.MOVETO, *[Path.LINETO] * (len(polygon) - 1), Path.CLOSEPOLY)
    ]
    return Path(vertices, codes)
