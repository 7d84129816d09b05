"""Units against their province: one interval per unit, symbol and colour by tier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from analysis.charts.canvas import empty_figure
from analysis.charts.columns import Column, figures_columns
from analysis.charts.key import KeyEntry, tier_entries
from analysis.charts.lanes import band, rule, share_axis, write_above
from analysis.charts.scales import interval_lines, points, range_of
from analysis.charts.style import INK, TIER_COLOURS, TIER_MARKERS, TIER_SIZES
from analysis.charts.table import table
from analysis.charts.words import ChartText, is_shown
from analysis.types import Estimate, Tier


def forest_plot(
    names: Sequence[str],
    estimates: Sequence[Estimate | None],
    tiers: Sequence[Tier],
    *,
    center: Estimate,
    center_label: str,
    text: ChartText,
    tier_words: Mapping[Tier, str] | None = None,
    shrunken: Sequence[Estimate | None] | None = None,
    shrunken_label: str = "",
    notes: Sequence[str] | None = None,
    more: Sequence[Column] = (),
    width_px: int = 1120,
) -> Figure:
    """One row per unit, in the order given, against the level of all of them together.

    Parameters
    ----------
    names, estimates, tiers
        One entry per unit; shares in [0, 1]. A unit without an estimate (None or NaN) keeps its row and says
        why.
    center : Estimate
        The common level, drawn as a line with its interval as a band.
    center_label : str
        Words at the line, such as "Mức tỉnh 87,4%".
    text : ChartText
        Translated words; `n_label` and `estimate_label` head the columns.
    tier_words : mapping of Tier to str, optional
        Words of the key beside each symbol.
    shrunken : sequence of Estimate, optional
        Small-area estimates drawn as hollow diamonds beside the direct ones, never instead of them.
    shrunken_label : str
        Their word in the key.
    notes : sequence of str, optional
        What stands in place of a figure that is not shown; `text.withheld` otherwise.
    more : sequence of Column
        Further written figures, such as design effects.
    width_px : int
        Width in CSS pixels; below 480 name and figures stand above each interval.

    Returns
    -------
    Figure

    Notes
    -----
    The hollow diamond stands a little below the direct interval, so that neither hides the other where the two
    estimates agree.
    """
    if not names:
        return empty_figure(text, width_px, center_label)
    drawn = table(
        names, [*figures_columns(estimates, notes, text), *more], text=text, width_px=width_px,
        key=_key(tiers, estimates, tier_words, shrunken_label if shrunken else ""),
        above=center_label, has_top_axis=True,
    )  # fmt: skip
    beside = [(e.value, y + 5) for e, y in zip(shrunken or (), drawn.at, strict=False) if is_shown(e)]
    marks = [x for x, _y in beside]
    share_axis(drawn, *range_of([*estimates, center], *marks), text)
    band(drawn, center.ci_low, center.ci_high)
    rule(drawn, center.value, color=INK, linewidth=1.2, dashes=(4, 3), zorder=1)
    write_above(drawn, center.value, center_label, has_top_axis=True)
    for tier in TIER_COLOURS:
        rows = [
            (estimate, y)
            for estimate, y, own in zip(estimates, drawn.at, tiers, strict=True)
            if own is tier and is_shown(estimate)
        ]
        emphasis = 2.0 if tier in (Tier.HIGHER, Tier.LOWER) else 1.5
        interval_lines(drawn.axes, rows, colour=TIER_COLOURS[tier], width=emphasis)
        points(
            drawn.axes, [(e.value, y) for e, y in rows], colour=TIER_COLOURS[tier],
            marker=TIER_MARKERS[tier], size=TIER_SIZES[tier], is_hollow=tier is Tier.INSUFFICIENT,
        )  # fmt: skip
    if beside:
        points(drawn.axes, beside, colour=INK, marker="D", size=5.5, is_hollow=True)
    return drawn.figure


def _key(
    tiers: Sequence[Tier],
    estimates: Sequence[Estimate | None],
    words: Mapping[Tier, str] | None,
    shrunken_label: str,
) -> list[KeyEntry]:
    shown = [tier for tier, estimate in zip(tiers, estimates, strict=True) if is_shown(estimate)]
    entries = tier_entries(shown, words)
    if shrunken_label:
        entries.append(KeyEntry(shrunken_label, INK, "D", is_hollow=True, size=5.5))
    return entries
