"""The words and numbers of a chart, already translated, written as the page writes them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeGuard

from analysis.types import Estimate

MINUS = "–"


@dataclass(frozen=True, slots=True)
class ChartText:
    """Already translated words that every chart may need.

    Attributes
    ----------
    title, description : str
        What the picture shows, and what somebody who cannot see it should know. Always in the SVG.
    notice : str, optional
        Such as "DỮ LIỆU MÔ PHỎNG": drawn inside the image itself.
    decimal_comma : bool
        Vietnamese numbers, 88,6% and 1.234, or English ones.
    is_titled : bool
        Draw title and description above the chart, for a picture that leaves its page.
    source : str, optional
        Drawn below the chart: source, period, method.
    n_label, estimate_label : str
        Headings of the number of respondents and of the figure with its interval.
    withheld : str
        Stands where a figure is not shown.
    empty : str
        Stands in a chart that has nothing to show.

    Examples
    --------
    >>> text = ChartText("Hài lòng", "Tỷ lệ")
    >>> text.estimate(Estimate(0.8864, 0.838, 0.921, 412)), text.count(1234), text.number(-0.25)
    ('88,6% (83,8–92,1)', '1.234', '–0,25')
    """

    title: str
    description: str
    notice: str | None = None
    decimal_comma: bool = True
    is_titled: bool = False
    source: str | None = None
    n_label: str = "n"
    estimate_label: str = ""
    withheld: str = "–"
    empty: str = "–"

    def number(self, value: float, *, digits: int = 2) -> str:
        """-0.254 as "–0,25"; halves are rounded up, as on the page."""
        rounded = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
        return self._localised(f"{rounded if rounded else abs(rounded):,.{digits}f}")

    def percent(self, share: float, *, digits: int = 1) -> str:
        """0.8864 as "88,6%"."""
        return self.number(100 * share, digits=digits) + "%"

    def estimate(self, estimate: Estimate | None, *, digits: int = 1) -> str:
        """A share with its interval: "88,6% (83,8–92,1)"; a missing one as the word for it."""
        if estimate is None or not is_shown(estimate):
            return self.withheld
        value = self.percent(estimate.value, digits=digits)
        if math.isnan(estimate.ci_low) or math.isnan(estimate.ci_high):
            return value
        return f"{value} ({self.span(estimate.ci_low, estimate.ci_high, digits=digits)})"

    def span(self, low: float, high: float, *, digits: int = 1) -> str:
        """Two shares as "83,8–92,1"."""
        return f"{self.number(100 * low, digits=digits)}–{self.number(100 * high, digits=digits)}"

    def count(self, n: float) -> str:
        """1234 as "1.234"; what cannot be counted as a dash."""
        return self._localised(f"{round(n):,}") if math.isfinite(n) else MINUS

    def _localised(self, plain: str) -> str:
        if self.decimal_comma:
            plain = plain.translate(str.maketrans(",.", ".,"))
        return plain.replace("-", MINUS)


def is_shown(estimate: Estimate | None) -> TypeGuard[Estimate]:
    """Whether there is a figure to draw: it was given, and is a number."""
    return estimate is not None and math.isfinite(estimate.value)
