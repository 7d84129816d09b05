"""The small tables beside a plan: how wide an interval is, how many people a margin or a change needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.arguments import checked
from analysis.intervals.shares import wilson_interval
from analysis.planning.comparison_sizes import change_sample_size
from analysis.planning.sizes import sample_size, yamane_sample_size
from analysis.validation import finite_array, together


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """Wilson's interval where 90 % of n, and where all of them, are satisfied."""

    n: int
    low: float
    high: float
    all_low: float


@dataclass(frozen=True, slots=True)
class MarginRow:
    margin: float
    n: int


@dataclass(frozen=True, slots=True)
class ChangeRow:
    before: float
    after: float
    n: int


@dataclass(frozen=True, slots=True)
class YamaneRow:
    population: int
    n: int


@dataclass(frozen=True, slots=True)
class ReferenceCard:
    """Four tables.

    Attributes
    ----------
    share : float
        Expected share of the first two.
    intervals : tuple of IntervalRow
    margins : tuple of MarginRow
    changes : tuple of ChangeRow
        Responses in each of two periods.
    yamane : tuple of YamaneRow
    """

    share: float
    intervals: tuple[IntervalRow, ...]
    margins: tuple[MarginRow, ...]
    changes: tuple[ChangeRow, ...]
    yamane: tuple[YamaneRow, ...]


@checked
def reference_card(
    *,
    share: float = 0.9,
    n: ArrayLike = (10, 20, 30, 50, 100, 200, 400, 1000),
    margins: ArrayLike = (0.05, 0.03, 0.025),
    before: ArrayLike = (0.80, 0.85, 0.90, 0.80),
    after: ArrayLike = (0.90, 0.90, 0.93, 0.83),
    populations: ArrayLike = (139, 500, 1000, 5000, 24_000, 84_196),
    power: float = 0.8,
    confidence_level: float = 0.95,
) -> ReferenceCard:
    """The tables of the card, computed.

    Parameters
    ----------
    share : float in (0, 1)
        Expected share of the intervals and margins.
    n : array_like of whole numbers >= 1
        Responses of the intervals.
    margins : array_like in (0, 1)
    before, after : array_like in [0, 1]
        Shares of two periods.
    populations : array_like of whole numbers >= 1
        For Yamane's formula with its margin of 5 points.
    power, confidence_level : float in (0, 1)

    Returns
    -------
    ReferenceCard

    Notes
    -----
    `wilson_interval`, `sample_size`, `change_sample_size` and `yamane_sample_size`, side by side.

    Examples
    --------
    >>> card = reference_card()
    >>> [row.n for row in card.margins], [row.n for row in card.changes]
    ([139, 385, 554], [199, 686, 1356, 2629])
    """
    people, asked, sizes = (
        np.ravel(finite_array(values, name=name))
        for name, values in (("n", n), ("margins", margins), ("populations", populations))
    )
    first, second = (
        np.ravel(each)
        for each in together(finite_array(before, name="before"), finite_array(after, name="after"))
    )
    most = wilson_interval(people * share, people, confidence_level=confidence_level)
    everybody = wilson_interval(people, people, confidence_level=confidence_level)
    margin_sizes = sample_size(share, asked, confidence_level=confidence_level).n
    change_sizes = change_sample_size(first, second, power=power, confidence_level=confidence_level).n_first
    return ReferenceCard(
        share,
        tuple(
            IntervalRow(int(each), float(low), float(high), float(all_low))
            for each, low, high, all_low in zip(
                people, most.ci_low, most.ci_high, everybody.ci_low, strict=True
            )
        ),
        tuple(MarginRow(float(e), int(size)) for e, size in zip(asked, margin_sizes, strict=True)),
        tuple(
            ChangeRow(float(p1), float(p2), int(size))
            for p1, p2, size in zip(first, second, change_sizes, strict=True)
        ),
        tuple(
            YamaneRow(int(size), int(small))
            for size, small in zip(sizes, yamane_sample_size(sizes), strict=True)
        ),
    )
