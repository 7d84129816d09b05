"""A plot of two measured axes, known in pixels before anything is drawn, so that words can be placed first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from analysis.charts.canvas import Canvas
from analysis.charts.labels import Box
from analysis.charts.style import HAIRLINE


@dataclass(frozen=True, slots=True)
class Plane:
    """Where values fall on the canvas.

    Attributes
    ----------
    left, top, width, height : float
        Plot in pixels of the canvas.
    x, y : (low, high)
        Ends of the axes; y grows upwards.
    is_log : bool
        Whether x is logarithmic.
    """

    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]
    is_log: bool = False

    @property
    def box(self) -> Box:
        return self.left, self.top, self.left + self.width, self.top + self.height

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Pixel of a pair of values."""
        low, high, value = (*self.x, x) if not self.is_log else (*map(math.log, self.x), math.log(x))
        right = (value - low) / (high - low)
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return self.left + right * self.width, self.top + (1 - up) * self.height

    def axes(self, canvas: Canvas) -> Axes:
        """Axes of this plot on a canvas."""
        axes = canvas.area(
            left=self.left, top=self.top, right=canvas.width - self.left - self.width,
            bottom=canvas.height - self.top - self.height,
        )  # fmt: skip
        if self.is_log:
            axes.set_xscale("log")
            axes.minorticks_off()
        axes.set_xlim(*self.x)
        axes.set_ylim(*self.y)
        return axes

    def mark_axes(self, axes: Axes, x: Sequence[tuple[float, str]], y: Sequence[tuple[float, str]]) -> None:
        """Named marks on both axes, with thin rules from those of the vertical one."""
        axes.set_xticks([value for value, _word in x], [word for _value, word in x])
        axes.set_yticks([value for value, _word in y], [word for _value, word in y])
        for value, _word in y:
            axes.axhline(value, color=HAIRLINE, linewidth=1, zorder=0)


def count_ticks(low: float, high: float, *, n_ticks: int, is_log: bool = False) -> list[int]:
    """Round whole numbers inside [low, high]; 1, 2 and 5 times powers of ten on a logarithmic axis."""
    if is_log:
        decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for steps in ((1, 2, 5), (1, 3), (1,)):
            ticks = [step * 10**power for power in decades if power >= 0 for step in steps]
            ticks = [tick for tick in ticks if low <= tick <= high]
            if len(ticks) <= n_ticks:
                return ticks
        return ticks
    for power in range(12):
        for step in (10**power, 2 * 10**power, 5 * 10**power):
            first, last = math.ceil(low / step), math.floor(high / step)
            if last - first + 1 <= n_ticks:
                return [step * index for index in range(first, last + 1)]
    return []
