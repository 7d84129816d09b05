"""Charts of the office's analyses, each with its title, its n and what its lines are inside the image."""

from functools import lru_cache

from flask_babel import gettext as _

from analysis import charts
from analysis.charts import TrendPanel
from analysis.types import Estimate
from survey_app.i18n import current_language
from survey_app.services.crosstabs import Crosstab
from survey_app.services.equity import EquityTable
from survey_app.services.figures import ComparedUnit, Comparison, TrendFigure
from survey_app.services.measurement import Drivers
from survey_app.services.province_trends import ProvinceTrend, UnitPanel
from survey_app.web.charts import (
    CACHED,
    PAGE_PX,
    Drawing,
    both_sizes,
    chart_text,
    control_chart,
    percent,
    week_marks,
)

# Units that are hardly ever among the first stand in the table only.
LEAST_CHANCE = 0.01


def multiples(trend: ProvinceTrend) -> Drawing:
    """A small chart for each unit by month, all on one scale, in the order of names."""
    return _multiples(trend, current_language())


def province_weeks(figure: TrendFigure, *, is_simulated: bool) -> Drawing:
    """The weeks of all units together, as wide as the page."""
    return _province_weeks(figure, is_simulated, current_language())


def crosstab(table: Crosstab) -> Drawing:
    """The overall share of each row of a cross-table."""
    rows = tuple((row.label, row.satisfied) for row in table.rows if row.satisfied is not None)
    title = _("Tỷ lệ hài lòng theo: %(rows)s", rows=table.by_rows.label)
    return _shares(rows, title, table.is_simulated, current_language())


def equity(table: EquityTable, *, is_simulated: bool) -> Drawing:
    """The overall share of each group."""
    rows = tuple((group.label, group.satisfied) for group in table.groups if group.satisfied is not None)
    return _shares(rows, table.label, is_simulated, current_language())


def drivers(found: Drivers) -> Drawing:
    """Each factor's part of what explains the overall answer."""
    rows = tuple((each.label, each.share) for each in found.drivers)
    return _shares(rows, _("Phần của từng yếu tố trong R²"), found.heading.is_simulated, current_language())


def chances(comparison: Comparison) -> Drawing:
    """The units most probably among the first places, the most probable first."""
    rows = tuple(row for row in comparison.rows if row.chances and row.chances.top >= LEAST_CHANCE)
    even = comparison.n_places / comparison.n_ranked
    return _chances(rows, comparison.n_places, even, comparison.is_simulated, current_language())


@lru_cache(maxsize=CACHED)
def _shares(
    rows: tuple[tuple[str, Estimate], ...], title: str, is_simulated: bool, _language: str
) -> Drawing:
    text = chart_text(
        title,
        _("Mỗi dòng một nhóm với khoảng tin cậy; số liệu có trong bảng."),
        is_simulated,
        source=_(
            "Đoạn ngang: khoảng tin cậy %(level)s. Số phiếu ghi ở từng dòng.",
            level=percent(rows[0][1].confidence_level, digits=0),
        ),
    )
    names, estimates = [name for name, _row in rows], [estimate for _row, estimate in rows]
    return both_sizes(lambda px: charts.factor_dots(names, estimates, text=text, width_px=px), PAGE_PX)


@lru_cache(maxsize=8)
def _multiples(trend: ProvinceTrend, _language: str) -> Drawing:
    text = chart_text(
        _("Tỷ lệ hài lòng theo tháng của từng đơn vị"),
        _("Mỗi ô là một đơn vị, cùng một thang; số liệu có trong bảng số liệu."),
        trend.is_simulated,
        source=_(
            "Dưới tên: tỷ lệ của tháng gần nhất, khoảng tin cậy 95% và số phiếu. Dải: giới hạn 3 sigma."
        ),
    )

    def column(panel: UnitPanel, name: str) -> list[float]:
        values = (getattr(point, name) for point in panel.points)
        return [float("nan") if value is None else value for value in values]

    panels = [
        TrendPanel(
            panel.unit.label, column(panel, "share"), column(panel, "lower"), column(panel, "upper"),
            column(panel, "center"), [point.is_signal for point in panel.points], panel.latest,
            "" if panel.latest else _("chưa đủ dữ liệu"),
        )
        for panel in trend.panels
    ]  # fmt: skip
    return both_sizes(
        lambda px: charts.trend_multiples(
            panels,
            text=text,
            line_label=_("tỷ lệ theo tháng"),
            limit_label=_("giới hạn"),
            center_label=_("trung bình của đơn vị"),
            signal_label=_("ngoài giới hạn"),
            scale_label=_("thang chung"),
            width_px=px,
        ),
        PAGE_PX,
    )


@lru_cache(maxsize=16)
def _province_weeks(figure: TrendFigure, is_simulated: bool, _language: str) -> Drawing:
    text = chart_text(
        _("Tỷ lệ hài lòng theo tuần, mọi đơn vị"),
        _("Biểu đồ kiểm soát, giới hạn theo số phiếu của từng điểm; số liệu có trong bảng số liệu."),
        is_simulated,
        source=_("Cột phía dưới: số phiếu của tuần. Dải: giới hạn 3 sigma quanh trung bình."),
    )
    return both_sizes(lambda px: control_chart(figure, text, px, **week_marks(figure)), PAGE_PX)


@lru_cache(maxsize=16)
def _chances(
    rows: tuple[ComparedUnit, ...], n_places: int, even: float, is_simulated: bool, _language: str
) -> Drawing:
    text = chart_text(
        _("Xác suất thuộc %(k)s đơn vị cao nhất", k=n_places),
        _("Chỉ vẽ đơn vị có xác suất từ 1%; mọi đơn vị có trong bảng số liệu."),
        is_simulated,
        source=_(
            "Xác suất tính trên ước lượng co về mức chung; không phải khoảng tin cậy, không phải thứ hạng."
        ),
    )
    return both_sizes(
        lambda px: charts.top_chance_bars(
            [row.unit.label for row in rows],
            [row.chances.top if row.chances else float("nan") for row in rows],
            text=text,
            chance_label=_("Xác suất"),
            even_chance=even,
            even_label=_("nếu mọi đơn vị như nhau"),
            n_respondents=[row.share.n or 0 for row in rows],
            width_px=px,
        ),
        PAGE_PX,
    )
