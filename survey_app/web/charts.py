"""Figures as inline SVG for the staff pages, each in a wide and a narrow drawing, kept for a while."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from flask_babel import gettext as _
from markupsafe import Markup
from matplotlib.figure import Figure

from analysis import charts
from analysis.charts import ChartText, QuadrantItem, QuadrantWords, RankRow, ShrunkenRow
from analysis.types import Estimate, Tier
from survey_app import formatting, sentences
from survey_app.i18n import current_language
from survey_app.services.figures import (
    ComparedUnit,
    Comparison,
    ExpectedFigure,
    FactorFigure,
    Level,
    MixRow,
    ShareFigure,
    Showing,
    TrendFigure,
)

COLUMN_PX, PAGE_PX, PHONE_PX, PRINTED_PX = 548, 1160, 312, 640
BAR_WIDTH, BAR_HEIGHT = 200, 20
# Below this distance two labels of a bar's axis would touch.
LABEL_ROOM = 62
CACHED = 256


@dataclass(frozen=True, slots=True)
class Drawing:
    """The same chart for a wide and for a narrow screen."""

    wide: Markup
    narrow: Markup


def levels(rows: tuple[Level, ...], *, is_simulated: bool) -> Drawing:
    return _levels(rows, is_simulated, current_language())


def trend(figure: TrendFigure, *, is_simulated: bool) -> Drawing:
    return _trend(figure, is_simulated, current_language())


def unit_trend(figure: TrendFigure, *, is_simulated: bool) -> Drawing:
    """Months instead of weeks, cut where the unit changed."""
    return _unit_trend(figure, is_simulated, current_language())


def trend_picture(figure: TrendFigure, *, is_simulated: bool) -> bytes:
    """The weeks as a picture for a printed page."""
    return charts.to_png(_trend_figure(figure, is_simulated, PRINTED_PX), scale=2.5, margin_px=0)


def reasons(rows: tuple[ShareFigure, ...], *, is_simulated: bool) -> Drawing:
    return _reasons(rows, is_simulated, current_language())


def factors(rows: tuple[FactorFigure, ...], *, is_simulated: bool) -> Drawing:
    return _factors(rows, is_simulated, current_language())


def expected(figure: ExpectedFigure, *, is_simulated: bool) -> Drawing:
    """Expectation against satisfaction by factor."""
    return _expected(figure, is_simulated, current_language())


def mix(rows: tuple[MixRow, ...], title: str, *, is_simulated: bool) -> Drawing:
    return _mix(rows, title, is_simulated, current_language())


def forest(comparison: Comparison) -> Drawing:
    """Every unit keeps its row; one that is not shown says why."""
    notes = tuple(
        _("dưới %(n)s phiếu", n=comparison.minimum_base)
        if row.share.showing is Showing.WITHHELD
        else _("chưa đủ dữ liệu")
        for row in comparison.rows
    )
    return _forest(comparison.rows, notes, comparison.province, comparison.is_simulated, current_language())


def ranks(comparison: Comparison) -> Drawing:
    rows = tuple(row for row in comparison.rows if row.rank is not None)
    return _ranks(rows, comparison.is_simulated, current_language())


def shrunk(comparison: Comparison) -> Drawing:
    rows = tuple(row for row in comparison.rows if row.shrunk is not None)
    return _shrunk(rows, comparison.province, comparison.is_simulated, current_language())


def funnel(comparison: Comparison) -> Drawing:
    rows = _compared(comparison)
    return _funnel(rows, comparison.province, comparison.is_simulated, current_language())


def interval_bar(
    estimate: Estimate, low: float, high: float, *, mark: float | None = None, tier: Tier | None = None
) -> Markup:
    """One interval on a fixed axis, small enough for a table cell; the figures stand beside it in words."""
    symbol = "none" if tier is None else tier.name.lower().replace("_", "-")
    left, point, right = (
        _across(value, low, high) for value in (estimate.ci_low, estimate.value, estimate.ci_high)
    )
    middle = BAR_HEIGHT / 2
    parts = [f'<path class="bar-rule" d="M0 {middle}H{BAR_WIDTH}"/>']
    if mark is not None:
        parts.append(f'<path class="bar-mark" d="M{_across(mark, low, high)} 0V{BAR_HEIGHT}"/>')
    parts.append(f'<path class="bar-line" d="M{left} {middle - 4}v8m0-4H{right}m0-4v8"/>')
    parts.append(f'<path class="bar-point" d="{_symbol_path(tier, point, middle)}"/>')
    drawn = Markup("".join(parts))  # noqa: S704 numbers and our own paths
    return Markup(
        '<svg class="bar bar-{}" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">{}</svg>'
    ).format(symbol, BAR_WIDTH, BAR_HEIGHT, BAR_WIDTH, BAR_HEIGHT, drawn)


def axis_bar(low: float, high: float, *, mark: float | None = None) -> Markup:
    """The axis above a column of interval bars: its ends, and the common level."""
    middle = None if mark is None else _across(mark, low, high)
    ends = [(0.0, "start", low), (float(BAR_WIDTH), "end", high)]
    labels = [
        (x, anchor, percent(value, digits=0))
        for x, anchor, value in ends
        if middle is None or abs(x - middle) > LABEL_ROOM
    ]
    if mark is not None and middle is not None:
        anchor = (
            "start" if middle < LABEL_ROOM / 2 else "end" if middle > BAR_WIDTH - LABEL_ROOM / 2 else "middle"
        )
        labels.append((middle, anchor, percent(mark, digits=0 if round(1000 * mark) % 10 == 0 else 1)))
    texts = Markup("").join(
        Markup('<text x="{}" y="14" text-anchor="{}">{}</text>').format(*label) for label in labels
    )
    return Markup(
        '<svg class="bar bar-axis" viewBox="0 0 {} 20" width="{}" height="20" aria-hidden="true">{}</svg>'
    ).format(BAR_WIDTH, BAR_WIDTH, texts)


def bar_range(estimates: tuple[Estimate, ...]) -> tuple[float, float]:
    """One axis for a whole column: whole tens of percent that hold every interval."""
    low = min((estimate.ci_low for estimate in estimates), default=0.0)
    high = max((estimate.ci_high for estimate in estimates), default=1.0)
    return max(0.0, int(10 * low) / 10), min(1.0, -(-high * 10 // 1) / 10)


def _across(value: float, low: float, high: float) -> float:
    """Where a share falls on the bar, kept clear of both ends by the size of a symbol."""
    share = (min(max(value, low), high) - low) / (high - low)
    return round(6 + share * (BAR_WIDTH - 12), 1)


def _symbol_path(tier: Tier | None, x: float, y: float) -> str:
    if tier is Tier.HIGHER:
        return f"M{x} {y - 6}l6 11h-12z"
    if tier is Tier.LOWER:
        return f"M{x} {y + 6}l6-11h-12z"
    return f"M{round(x - 5, 1)} {y}a5 5 0 1 0 10 0a5 5 0 1 0-10 0z"


def chart_text(title: str, description: str, is_simulated: bool, *, source: str | None = None) -> ChartText:
    """Words of a chart; one with a source carries its title, and what n and the lines are, in the image."""
    return ChartText(
        is_titled=source is not None,
        source=source,
        title=title,
        description=description,
        notice=_("DỮ LIỆU MÔ PHỎNG") if is_simulated else None,
        decimal_comma=current_language() == "vi",
        n_label=_("Số phiếu"),
        estimate_label=_("Tỷ lệ (khoảng tin cậy)"),
        withheld=_("không hiển thị"),
        empty=_("Chưa có số liệu."),
    )


def both_sizes(draw: Callable[[int], Figure], wide_px: int = COLUMN_PX) -> Drawing:
    wide, narrow = (Markup(charts.to_svg(draw(width))) for width in (wide_px, PHONE_PX))  # noqa: S704 our own SVG
    return Drawing(wide, narrow)


def percent(share: float, *, digits: int = 1) -> str:
    return formatting.percent(share, digits=digits, language=current_language())


@lru_cache(maxsize=CACHED)
def _levels(rows: tuple[Level, ...], is_simulated: bool, _language: str) -> Drawing:
    text = chart_text(_("Số phiếu theo mức trả lời"), _("Các con số có trong bảng bên cạnh."), is_simulated)
    return both_sizes(
        lambda px: charts.level_bars(
            [row.label for row in rows], [row.n for row in rows], text=text, width_px=px
        )
    )


@lru_cache(maxsize=CACHED)
def _trend(figure: TrendFigure, is_simulated: bool, _language: str) -> Drawing:
    return both_sizes(lambda px: _trend_figure(figure, is_simulated, px))


def _trend_figure(figure: TrendFigure, is_simulated: bool, width_px: int) -> Figure:
    text = chart_text(
        _("Tỷ lệ hài lòng theo tuần"),
        _("Biểu đồ kiểm soát, giới hạn theo số phiếu của từng điểm; số liệu có trong bảng số liệu."),
        is_simulated,
    )
    return control_chart(figure, text, width_px, **week_marks(figure))


def week_marks(figure: TrendFigure) -> dict[str, Any]:
    """Which weeks stand out, and the words for it."""
    return {
        "is_signal": [not point.lower <= point.share <= point.upper for point in figure.points],
        "is_run": [point.is_run for point in figure.points],
        "run_label": _("dãy liền ở một phía"),
        "break_label": _("đổi phiếu"),
    }


@lru_cache(maxsize=CACHED)
def _unit_trend(figure: TrendFigure, is_simulated: bool, _language: str) -> Drawing:
    text = chart_text(
        _("Tỷ lệ hài lòng theo tháng, tính theo đơn vị hiện nay"),
        _("Biểu đồ kiểm soát theo tháng; vạch dọc là ngày đơn vị thay đổi; số liệu có trong bảng bên dưới."),
        is_simulated,
    )
    marks = {
        "is_signal": [point.is_signal for point in figure.points],
        "break_label": _("đơn vị thay đổi"),
        "date_format": "%m/%Y",
    }
    return both_sizes(lambda px: control_chart(figure, text, px, **marks), PAGE_PX)


def control_chart(figure: TrendFigure, text: ChartText, width_px: int, **marks: Any) -> Figure:
    """The points of a trend within their limits; `marks` say which stand out and where the line is cut."""
    points = figure.points
    return charts.control_chart(
        [point.starts_on for point in points],
        np.array([point.share for point in points]),
        lower=np.array([point.lower for point in points]),
        upper=np.array([point.upper for point in points]),
        center=np.array([point.center for point in points]),
        signal_label=_("ngoài giới hạn"),
        ends_on=[point.ends_on for point in points],
        n=[point.n for point in points],
        breaks=figure.breaks,
        center_label=_("trung bình"),
        limit_label=_("giới hạn"),
        text=text,
        width_px=width_px,
        **marks,
    )


@lru_cache(maxsize=CACHED)
def _reasons(rows: tuple[ShareFigure, ...], is_simulated: bool, _language: str) -> Drawing:
    shown = [(row.label, row.estimate) for row in rows if row.estimate is not None]
    text = chart_text(_("Lý do được nêu"), _("Tỷ lệ phiếu nêu từng lý do, kèm khoảng tin cậy."), is_simulated)
    names, estimates = [name for name, _row in shown], [estimate for _row, estimate in shown]
    return both_sizes(lambda px: charts.reason_bars(names, estimates, text=text, width_px=px))


@lru_cache(maxsize=CACHED)
def _factors(rows: tuple[FactorFigure, ...], is_simulated: bool, _language: str) -> Drawing:
    shown = [(row.share.label, row.share.estimate) for row in rows if row.share.estimate is not None]
    text = chart_text(
        _("Các yếu tố, xếp theo cận dưới"), _("Tỷ lệ hài lòng từng yếu tố, kèm khoảng tin cậy."), is_simulated
    )
    names, estimates = [name for name, _row in shown], [estimate for _row, estimate in shown]
    return both_sizes(lambda px: charts.factor_dots(names, estimates, text=text, width_px=px))


@lru_cache(maxsize=CACHED)
def _expected(figure: ExpectedFigure, is_simulated: bool, _language: str) -> Drawing:
    text = chart_text(
        _("Mong đợi và hài lòng theo yếu tố"),
        _("Trục ngang: tỷ lệ hài lòng; trục dọc: tỷ lệ mong cải thiện; số liệu có trong bảng số liệu."),
        is_simulated,
    )
    words = QuadrantWords(
        mend=_("Nên xem trước"),
        keep=_("Giữ"),
        later=_("Sau"),
        ample=_("Đã tốt"),
        undecided=_("chưa xếp được"),
        performance=_("Hài lòng"),
        importance=_("Mong cải thiện"),
        cut=_("mức chung của %(n)s yếu tố", n=len(figure.rows)),
    )
    items = [QuadrantItem(row.label, row.performance, row.importance) for row in figure.rows]
    return both_sizes(
        lambda px: charts.importance_matrix(
            items,
            performance_cut=figure.performance_cut,
            importance_cut=figure.importance_cut,
            words=words,
            text=text,
            is_importance_share=True,
            width_px=px,
        ),
        PAGE_PX,
    )


@lru_cache(maxsize=CACHED)
def _mix(rows: tuple[MixRow, ...], title: str, is_simulated: bool, _language: str) -> Drawing:
    shown = [(row.label, row.share) for row in rows if row.share is not None]
    text = chart_text(title, _("Tỷ lệ trong tổng số phiếu của kỳ."), is_simulated)
    names, shares = [name for name, _row in shown], [share for _row, share in shown]
    return both_sizes(lambda px: charts.mix_bars(names, shares, text=text, width_px=px))


@lru_cache(maxsize=16)
def _forest(
    rows: tuple[ComparedUnit, ...],
    notes: tuple[str, ...],
    province: ShareFigure,
    is_simulated: bool,
    _language: str,
) -> Drawing:
    center = _required(province)
    text = chart_text(
        _("Tỷ lệ hài lòng của từng đơn vị so với mức tỉnh"),
        _("Mỗi dòng là một đơn vị với khoảng tin cậy; số liệu có trong bảng phía trên."),
        is_simulated,
    )
    return both_sizes(
        lambda px: charts.forest_plot(
            [row.unit.label for row in rows],
            [row.share.estimate for row in rows],
            [row.tier for row in rows],
            center=center,
            notes=notes,
            tier_words=_tier_words(),
            center_label=_("Mức tỉnh %(p)s", p=percent(center.value)),
            text=text,
            width_px=px,
        ),
        PAGE_PX,
    )


@lru_cache(maxsize=16)
def _funnel(
    rows: tuple[ComparedUnit, ...], province: ShareFigure, is_simulated: bool, _language: str
) -> Drawing:
    text = chart_text(
        _("Tỷ lệ hài lòng theo số phiếu"),
        _("Hai cặp đường cong là mức dao động ngẫu nhiên quanh mức tỉnh; đơn vị ít phiếu dao động rộng hơn."),
        is_simulated,
    )
    estimates = [_required(row.share) for row in rows]
    return both_sizes(
        lambda px: charts.funnel_plot(
            [row.unit.label for row in rows],
            [estimate.n_respondents / estimate.design_effect for estimate in estimates],
            [estimate.value for estimate in estimates],
            [row.tier for row in rows],
            center=_required(province).value,
            n_label=_("Số phiếu hiệu dụng"),
            tier_words=_tier_words(),
            center_label=_("Mức tỉnh %(p)s", p=percent(_required(province).value)),
            text=text,
            width_px=px,
        ),
        PAGE_PX,
    )


@lru_cache(maxsize=16)
def _ranks(rows: tuple[ComparedUnit, ...], is_simulated: bool, _language: str) -> Drawing:
    text = chart_text(
        _("Hạng có thể có của từng đơn vị"),
        _("Mỗi dòng là một đơn vị với các hạng không thể loại trừ; số liệu có trong bảng phía trên."),
        is_simulated,
    )
    order = sorted(range(len(rows)), key=lambda index: -_required(rows[index].share).value)
    place = {index: rank + 1 for rank, index in enumerate(order)}
    drawn = [
        RankRow(
            row.unit.label, place[index],
            *((row.rank.low, row.rank.high) if row.rank else (1, len(rows))), row.share.n,
        )
        for index, row in enumerate(rows)
    ]  # fmt: skip
    return both_sizes(
        lambda px: charts.rank_plot(
            drawn,
            text=text,
            rank_label=_("Hạng"),
            interval_label=_("Hạng từ–đến"),
            interval_key=_("các hạng có thể có"),
            point_key=_("thứ tự theo tỷ lệ, chưa kể sai số"),
            undecided_label=_("Chưa phân biệt được hạng của đơn vị nào."),
            width_px=px,
        ),
        PAGE_PX,
    )


@lru_cache(maxsize=16)
def _shrunk(
    rows: tuple[ComparedUnit, ...], province: ShareFigure, is_simulated: bool, _language: str
) -> Drawing:
    text = chart_text(
        _("Tỷ lệ của đơn vị và ước lượng co về mức chung"),
        _("Mũi tên đi từ tỷ lệ của đơn vị đến ước lượng co; số liệu có trong bảng số liệu."),
        is_simulated,
    )
    center = _required(province)
    drawn = [
        ShrunkenRow(
            row.unit.label, _required(row.share),
            Estimate(row.shrunk.value, row.shrunk.ci_low, row.shrunk.ci_high, row.share.n or 0),
            row.shrunk.weight,
        )
        for row in rows
        if row.shrunk is not None
    ]  # fmt: skip
    return both_sizes(
        lambda px: charts.shrinkage_plot(
            drawn,
            center=center.value,
            center_label=_("Mức tỉnh %(p)s", p=percent(center.value)),
            direct_label=_("Tỷ lệ của đơn vị"),
            shrunken_label=_("Ước lượng co"),
            weight_label=_("Trọng số của đơn vị"),
            text=text,
            width_px=px,
        ),
        PAGE_PX,
    )


def _tier_words() -> dict[Tier, str]:
    return {tier: sentences.tier_word(tier) for tier in Tier}


def _compared(comparison: Comparison) -> tuple[ComparedUnit, ...]:
    return tuple(row for row in comparison.rows if row.share.estimate is not None)


def _required(share: ShareFigure) -> Estimate:
    if share.estimate is None:
        raise ValueError(f"{share.code} has no estimate to draw")
    return share.estimate
