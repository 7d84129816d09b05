"""Factors of one unit as dots with intervals on one axis: what a radar would show, without its areas and angles."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.figure import Figure

from analysis.charts.canvas import empty_figure
from analysis.charts.columns import figures_columns
from analysis.charts.key import KeyEntry
from analysis.charts.lanes import rule, share_axis, write_above
from analysis.charts.scales import interval_caps, interval_lines, points, range_of
from analysis.charts.style import ACCENT, INK, MUTED, WARM
from analysis.charts.table import Table, table
from analysis.charts.words import ChartText, is_shown
from analysis.types import Estimate


def factor_profile(
    names: Sequence[str],
    estimates: Sequence[Estimate | None],
    *,
    text: ChartText,
    own_label: str = "",
    references: Sequence[float | None] | None = None,
    reference_label: str = "",
    previous: Sequence[Estimate | None] | None = None,
    previous_label: str = "",
    target: float | None = None,
    target_label: str = "",
    is_sorted: bool = True,
    notes: Sequence[str] | None = None,
    width_px: int = 1120,
) -> Figure:
    """One row per factor: its interval now, the common level as a tick, and the wave before as a hollow mark.

    Parameters
    ----------
    names : sequence of str
        Factor of each row.
    estimates : sequence of Estimate, optional entries
        Share of satisfied answers; a factor without one keeps its row and says why.
    text : ChartText
    own_label, reference_label, previous_label, target_label : str
        Words of the key.
    references : sequence of float, optional
        Level of the province for each factor.
    previous : sequence of Estimate, optional
        The wave before, drawn thin and hollow above the present one.
    target : float, optional
        Drawn as a dotted rule through all rows.
    is_sorted : bool
        The lowest lower limit first, as what is to be mended first; else the order given.
    notes : sequence of str, optional
        What stands in place of a figure that is not shown.
    width_px : int
        Width in CSS pixels; below 480 names stand above their rows.

    Returns
    -------
    Figure
    """
    if not names:
        return empty_figure(text, width_px)
    order = _order(estimates) if is_sorted else list(range(len(names)))
    shown = [estimates[row] for row in order]
    marks = [None if references is None else references[row] for row in order]
    before = [None if previous is None else previous[row] for row in order]
    reasons = None if notes is None else [notes[row] for row in order]
    drawn = table(
        [names[row] for row in order],
        figures_columns(shown, reasons, text),
        text=text,
        width_px=width_px,
        key=_key(own_label, marks, reference_label, before, previous_label),
        above=target_label if target is not None else "",
        mark_px=26 if any(is_shown(one) for one in before) else 20,
    )
    extra = [mark for mark in (*marks, target) if mark is not None and math.isfinite(mark)]
    share_axis(drawn, *range_of([*shown, *before], *extra), text)
    if target is not None:
        rule(drawn, target, color=INK, linewidth=1.1, dashes=(1, 2), zorder=1)
        if target_label:
            write_above(drawn, target, target_label, has_top_axis=False)
    draw_dots(drawn, shown, lowered=4.0 if any(is_shown(one) for one in before) else 0.0)
    _draw_previous(drawn, before)
    _draw_references(drawn, marks)
    return drawn.figure


def draw_dots(drawn: Table, estimates: Sequence[Estimate | None], *, lowered: float = 0.0) -> None:
    """An interval with end caps and its point in each row that has one."""
    rows = [(e, y + lowered) for e, y in zip(estimates, drawn.at, strict=True) if is_shown(e)]
    interval_lines(drawn.axes, rows, colour=INK, width=1.8)
    interval_caps(drawn.axes, rows, colour=INK, cap=4)
    points(drawn.axes, [(e.value, y) for e, y in rows], colour=ACCENT, size=9)


def _order(estimates: Sequence[Estimate | None]) -> list[int]:
    def lowest(row: int) -> tuple[bool, float, int]:
        estimate = estimates[row]
        if is_shown(estimate):
            return False, estimate.ci_low if math.isfinite(estimate.ci_low) else estimate.value, row
        return True, 0.0, row

    return sorted(range(len(estimates)), key=lowest)


def _key(
    own: str,
    references: Sequence[float | None],
    reference_label: str,
    previous: Sequence[Estimate | None],
    previous_label: str,
) -> list[KeyEntry]:
    entries = []
    if own:
        entries.append(KeyEntry(own, ACCENT, "o", size=9))
    if reference_label and any(mark is not None for mark in references):
        entries.append(KeyEntry(reference_label, WARM, "|", size=13))
    if previous_label and any(is_shown(one) for one in previous):
        entries.append(KeyEntry(previous_label, MUTED, "o", is_hollow=True, size=7))
    return entries


def _draw_previous(drawn: Table, previous: Sequence[Estimate | None]) -> None:
    rows = [(e, y - 7) for e, y in zip(previous, drawn.at, strict=True) if is_shown(e)]
    interval_lines(drawn.axes, rows, colour=MUTED, width=1.0)
    points(drawn.axes, [(e.value, y) for e, y in rows], colour=MUTED, size=7, is_hollow=True)


def _draw_references(drawn: Table, references: Sequence[float | None]) -> None:
    """A tick as high as the row, so that it is seen beside the interval and not taken for a limit of it."""
    gap = float("nan")
    marks = [
        (mark, y)
        for mark, y in zip(references, drawn.at, strict=True)
        if mark is not None and math.isfinite(mark)
    ]
    xs = [x for mark, _y in marks for x in (mark, mark, gap)]
    ys = [y for _mark, at in marks for y in (at - drawn.room / 2, at + drawn.room / 2, gap)]
    drawn.axes.plot(xs, ys, color=WARM, linewidth=2.4, zorder=2.5, solid_capstyle="butt")
