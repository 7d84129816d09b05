"""Charts of a few named rows: shares with intervals, and shares as bars."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.figure import Figure

from analysis.charts.canvas import empty_figure
from analysis.charts.columns import Column, figures_columns
from analysis.charts.lanes import share_axis
from analysis.charts.profile import draw_dots, factor_profile
from analysis.charts.scales import padded_range
from analysis.charts.style import ACCENT, FAINT
from analysis.charts.table import Table, table
from analysis.charts.words import ChartText, is_shown
from analysis.types import Estimate


def reason_bars(
    names: Sequence[str], estimates: Sequence[Estimate | None], *, text: ChartText, width_px: int = 540
) -> Figure:
    """Reasons given, in the order given, as dots with their intervals on an axis that starts at 0.

    Parameters
    ----------
    names : sequence of str
        Reason of each row.
    estimates : sequence of Estimate, optional entries
        Share of all valid responses that name the reason.
    text : ChartText
        Translated words.
    width_px : int
        Width in CSS pixels; below 480 the names stand above their rows.

    Returns
    -------
    Figure
    """
    if not names:
        return empty_figure(text, width_px)
    drawn = table(names, figures_columns(estimates, None, text), text=text, width_px=width_px)
    high = padded_range([0.0], [e.ci_high for e in estimates if is_shown(e)] or [0.1])[1]
    share_axis(drawn, 0.0, high, text, n_ticks=5)
    draw_dots(drawn, estimates)
    return drawn.figure


def factor_dots(
    names: Sequence[str],
    estimates: Sequence[Estimate | None],
    *,
    text: ChartText,
    target: float | None = None,
    width_px: int = 540,
) -> Figure:
    """Factors in the order given, as dots with their intervals; `factor_profile` without its comparisons.

    Parameters
    ----------
    names : sequence of str
        Factor of each row.
    estimates : sequence of Estimate, optional entries
        Share of satisfied answers.
    text : ChartText
        Translated words.
    target : float, optional
        Drawn as a dotted rule.
    width_px : int
        Width in CSS pixels; below 480 the names stand above their rows.

    Returns
    -------
    Figure
    """
    return factor_profile(names, estimates, text=text, target=target, is_sorted=False, width_px=width_px)


def mix_bars(
    names: Sequence[str], shares: Sequence[float], *, text: ChartText, width_px: int = 540
) -> Figure:
    """Who answered: one bar per slice, its length the share of all responses, its track the whole.

    Parameters
    ----------
    names : sequence of str
        Slice of each row.
    shares : sequence of float
        In [0, 1]; NaN where it is withheld.
    text : ChartText
        Translated words.
    width_px : int
        Width in CSS pixels.

    Returns
    -------
    Figure
    """
    if not names:
        return empty_figure(text, width_px)
    cells = [text.percent(share) if math.isfinite(share) else text.withheld for share in shares]
    drawn = table(names, [Column("", cells)], text=text, width_px=width_px, mark_px=10, has_axis=False)
    drawn.axes.set_xlim(0, 1)
    draw_tracks(drawn, shares)
    return drawn.figure


def draw_tracks(drawn: Table, shares: Sequence[float], *, colour: str = ACCENT) -> None:
    """Bars on a track that is the whole; a withheld row has its track only."""
    height = 8 if drawn.is_narrow else 11
    known = [share if math.isfinite(share) else 0.0 for share in shares]
    drawn.axes.barh(drawn.at, [1.0] * len(known), height=height, color=FAINT)
    drawn.axes.barh(drawn.at, known, height=height, color=colour)
