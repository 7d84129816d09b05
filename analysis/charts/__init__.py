"""Results in, a matplotlib Figure out; nothing global is touched."""

from analysis.charts.columns import Column
from analysis.charts.control import control_chart
from analysis.charts.forest import forest_plot
from analysis.charts.funnel import FunnelBand, funnel_plot
from analysis.charts.levels import level_bars
from analysis.charts.likert import LikertRow, diverging_bars
from analysis.charts.multiples import TrendPanel, trend_multiples
from analysis.charts.png import to_png
from analysis.charts.profile import factor_profile
from analysis.charts.quadrants import QuadrantItem, QuadrantWords, importance_matrix
from analysis.charts.ranks import RankRow, rank_plot
from analysis.charts.rows import factor_dots, mix_bars, reason_bars
from analysis.charts.shrinkage import ShrunkenRow, shrinkage_plot, top_chance_bars
from analysis.charts.svg import to_svg
from analysis.charts.words import ChartText

__all__ = [
    "ChartText", "Column", "FunnelBand", "LikertRow", "QuadrantItem", "QuadrantWords", "RankRow", "ShrunkenRow",
    "TrendPanel", "control_chart", "diverging_bars", "factor_dots", "factor_profile", "forest_plot", "funnel_plot",
    "importance_matrix", "level_bars", "mix_bars", "rank_plot", "reason_bars", "shrinkage_plot", "to_png", "to_svg",
    "top_chance_bars", "trend_multiples",
]  # fmt: skip
