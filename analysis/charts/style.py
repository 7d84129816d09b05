"""One look for every chart: ink, symbols, type sizes and a canvas measured in CSS pixels."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.types import Estimate, Tier

INK = "#12304f"
MUTED = "#5b6b7c"
RULE = "#c9d3de"
FAINT = "#e6eef7"
HAIRLINE = "#e9edf2"
ACCENT = "#0b5cad"
PAPER = "#ffffff"

TIER_COLOURS = {Tier.HIGHER: ACCENT, Tier.NOT_DIFFERENT: MUTED, Tier.LOWER: "#b35900"}
TIER_MARKERS = {Tier.HIGHER: "^", Tier.NOT_DIFFERENT: "o", Tier.LOWER: "v"}
TIER_SIZES = {Tier.HIGHER: 11, Tier.NOT_DIFFERENT: 8, Tier.LOWER: 11}
LEVEL_COLOURS = ("#0b5cad", "#7fb0dd", "#d5dce4", "#e7b27a", "#b35900")

TEXT = 13.0
SMALL = 12.0
NARROW_PX = 480
# An SVG written by matplotlib has 72 units to the inch; one unit is used as one CSS pixel.
UNITS_PER_INCH = 72.0


@dataclass(frozen=True, slots=True)
class ChartText:
    """Already translated words of one chart; `notice` is drawn inside the image itself."""

    title: str
    description: str
    notice: str | None = None
    decimal_comma: bool = True

    def percent(self, share: float, *, digits: int = 1) -> str:
        """0.8864 as "88,6%"."""
        text = f"{100 * share:.{digits}f}"
        return (text.replace(".", ",") if self.decimal_comma else text) + "%"

    def estimate(self, estimate: Estimate) -> str:
        """A share with its interval: "88,6% (83,8–92,1)"."""
        low, high = (self.percent(bound).removesuffix("%") for bound in (estimate.ci_low, estimate.ci_high))
        return f"{self.percent(estimate.value)} ({low}–{high})"

    def count(self, n: int) -> str:
        """1234 as "1.234"."""
        return f"{n:,}".replace(",", ".") if self.decimal_comma else f"{n:,}"


def canvas(width_px: float, height_px: float, text: ChartText) -> Figure:
    """An empty figure of that many CSS pixels, carrying the notice and its own title for the SVG."""
    figure = Figure(figsize=(width_px / UNITS_PER_INCH, height_px / UNITS_PER_INCH), dpi=UNITS_PER_INCH)
    figure.set_label(f"{text.title}\n{text.description}")
    if text.notice:
        figure.text(
            1 - 2 / width_px, 1 - 2 / height_px, text.notice,
            ha="right", va="top", fontsize=SMALL - 1, color=MUTED, fontweight="bold",
        )  # fmt: skip
    return figure


def plot_area(figure: Figure, *, left: float, top: float, right: float, bottom: float) -> Axes:
    """Axes inset by so many pixels from each edge, without a frame."""
    width, height = figure.get_size_inches() * UNITS_PER_INCH
    axes = figure.add_axes(
        (left / width, bottom / height, (width - left - right) / width, (height - top - bottom) / height)
    )
    axes.patch.set_visible(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, labelsize=SMALL, labelcolor=MUTED, pad=5)
    return axes


def share_axis(axes: Axes, low: float, high: float, text: ChartText, *, n_ticks: int = 5) -> None:
    """A horizontal axis of shares with thin vertical rules at round percentages."""
    axes.set_xlim(low, high)
    ticks = round_ticks(low, high, n_ticks=n_ticks)
    axes.set_xticks(ticks, [text.percent(tick, digits=0) for tick in ticks])
    for tick in ticks:
        axes.axvline(tick, color=FAINT, linewidth=1, zorder=0)


def round_ticks(low: float, high: float, *, n_ticks: int = 5) -> list[float]:
    """Multiples of 1, 2, 5, 10, 20 or 25 percentage points inside [low, high], at most `n_ticks` or so."""
    for step in (1, 2, 5, 10, 20, 25, 50):
        first, last = -(-round(100 * low, 6) // step), round(100 * high, 6) // step
        if last - first + 1 <= n_ticks:
            return [step * index / 100 for index in range(int(first), int(last) + 1)]
    return [low, high]


def padded_range(lows: list[float], highs: list[float], *, step: float = 0.05) -> tuple[float, float]:
    """The smallest range of whole steps inside [0, 1] that holds all bounds."""
    low = max(0.0, step * (min(lows) // step))
    high = min(1.0, step * -(-max(highs) // step))
    return (low, high) if high > low else (max(0.0, low - step), min(1.0, high + step))


def interval_line(axes: Axes, estimate: Estimate, y: float, *, colour: str, marker: str = "o") -> None:
    """One interval with end caps and its point."""
    cap = 0.14
    xs = [estimate.ci_low] * 3 + [estimate.ci_high] * 3
    ys = [y - cap, y + cap, y, y, y + cap, y - cap]
    axes.plot(xs, ys, color=colour, linewidth=1.8, solid_joinstyle="miter", clip_on=False)
    axes.plot([estimate.value], [y], marker=marker, color=colour, markersize=8, clip_on=False)
