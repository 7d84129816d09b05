"""Results in, a matplotlib Figure out; nothing global is touched."""

from analysis.charts.control import control_chart
from analysis.charts.forest import forest_plot
from analysis.charts.funnel import funnel_plot
from analysis.charts.rows import factor_dots, level_bars, mix_bars, reason_bars
from analysis.charts.style import ChartText
from analysis.charts.svg import to_svg

__all__ = [
    "ChartText", "control_chart", "factor_dots", "forest_plot", "funnel_plot", "level_bars", "mix_bars",
    "reason_bars", "to_svg",
]  # fmt: skip
