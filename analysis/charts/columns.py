"""Columns of written figures beside a plot, and what stands there when a figure is not shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.charts.words import ChartText, is_shown
from analysis.types import Estimate


@dataclass(frozen=True, slots=True)
class Column:
    """Written figures of every row.

    Attributes
    ----------
    header : str
        Above the column; on a phone before each cell where `is_named`.
    cells : sequence of str
        One for each row; an empty one is left out.
    is_named : bool
    """

    header: str
    cells: Sequence[str]
    is_named: bool = False


def figures_of(
    estimates: Sequence[Estimate | None], notes: Sequence[str] | None, text: ChartText
) -> list[str]:
    """Each figure with its interval, or the reason why it is not shown."""
    reasons = notes or [text.withheld] * len(estimates)
    return [
        text.estimate(estimate) if is_shown(estimate) else reason or text.withheld
        for estimate, reason in zip(estimates, reasons, strict=True)
    ]


def counts_of(estimates: Sequence[Estimate | None], text: ChartText) -> list[str]:
    """Respondents of each row; nothing where the figure is withheld, since a count may tell what it hides."""
    return [text.count(estimate.n_respondents) if is_shown(estimate) else "" for estimate in estimates]


def figures_columns(
    estimates: Sequence[Estimate | None], notes: Sequence[str] | None, text: ChartText
) -> list[Column]:
    """The columns of respondents and of figures with their intervals."""
    return [
        Column(text.n_label, counts_of(estimates, text), is_named=True),
        Column(text.estimate_label, figures_of(estimates, notes, text)),
    ]
