"""Every chart of a few kinds of data: one row, 78 long names, withheld rows, everyone satisfied, nothing."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
from matplotlib.figure import Figure

from analysis import charts
from analysis.charts import (
    ChartText,
    LikertRow,
    QuadrantItem,
    QuadrantWords,
    RankRow,
    ShrunkenRow,
    TrendPanel,
)
from analysis.intervals.shares import wilson_interval
from analysis.monitoring.control import p_chart
from analysis.types import Estimate, Tier

VIETNAMESE = ChartText(
    "Tỷ lệ <hài lòng>", "Mô tả & số liệu", notice="DỮ LIỆU MÔ PHỎNG", n_label="Số phiếu",
    estimate_label="Hài lòng (khoảng 95%)", withheld="chưa đủ dữ liệu", empty="Không có đơn vị nào.",
)  # fmt: skip
ENGLISH = ChartText(
    "Share <satisfied>", "Description & figures", notice="SIMULATED DATA", decimal_comma=False,
    n_label="Responses", estimate_label="Satisfied (95% interval)", withheld="too few responses",
    empty="No unit to show.", is_titled=True, source="Source: simulated, seed 1.",
)  # fmt: skip
KINDS = ("phường", "xã", "đặc khu", "sở")
PLACES = ("Đồng Hới", "Nam Cửa Việt", "Quảng Trạch", "Hướng Phùng", "Cồn Cỏ", "Vĩnh Hoàng", "Trường Ninh")
SIZES = {"one": 1, "many": 78, "withheld": 5, "ceiling": 4, "empty": 0}
LEVELS = ("Rất hài lòng", "Hài lòng", "Bình thường", "Không hài lòng", "Rất không hài lòng")
WHY = "Không hiển thị để bảo vệ danh tính người trả lời"


def long_names(n: int) -> list[str]:
    return [
        f"Trung tâm Phục vụ hành chính công {KINDS[row % 4]} {PLACES[row % 7]} {row + 1}" for row in range(n)
    ]


def shares(case: str) -> list[Estimate | None]:
    """Estimates of a case: ties, wide and narrow intervals; the second and last withheld where asked."""
    rng = np.random.default_rng(1)
    size = SIZES[case]
    n = rng.integers(3, 2000, size)
    k = n if case == "ceiling" else rng.binomial(n, rng.beta(12, 2, size))
    estimates = wilson_interval(k, n)
    found: list[Estimate | None] = [estimates[row] for row in range(size)]
    if case == "withheld":
        found[1], found[-1] = None, Estimate(float("nan"), 0, 1, 0)
    return found


def tiers(case: str) -> list[Tier]:
    chosen = [Tier.NOT_DIFFERENT, Tier.HIGHER, Tier.NOT_DIFFERENT, Tier.LOWER, Tier.NOT_DIFFERENT]
    return [chosen[row % 5] for row in range(SIZES[case])]


def forest(case: str, text: ChartText, width: int) -> Figure:
    estimates = shares(case)
    return charts.forest_plot(
        long_names(len(estimates)), estimates, tiers(case), center=Estimate(0.874, 0.865, 0.883, 9000),
        center_label="Mức tỉnh 87,4% (86,5–88,3)", text=text, width_px=width, notes=[WHY] * len(estimates),
        tier_words={Tier.HIGHER: "cao hơn", Tier.NOT_DIFFERENT: "không khác rõ", Tier.LOWER: "thấp hơn"},
        shrunken=[e and Estimate((e.value + 0.87) / 2, 0, 1, 0) for e in estimates], shrunken_label="thu hẹp",
    )  # fmt: skip


def funnel(case: str, text: ChartText, width: int) -> Figure:
    estimates = shares(case)
    return charts.funnel_plot(
        long_names(len(estimates)), [e.n_respondents if e else 0 for e in estimates],
        [e.value if e else float("nan") for e in estimates], tiers(case), center=0.86,
        center_label="mức chung", n_label="Số phiếu hiệu dụng", text=text, width_px=width,
    )  # fmt: skip


def control(case: str, text: ChartText, width: int) -> Figure:
    size, rng = SIZES[case], np.random.default_rng(2)
    n = rng.integers(30, 200, size)
    x = n if case == "ceiling" else rng.binomial(n, rng.choice([0.95, 0.85, 0.6], size))
    chart = p_chart(x, n) if size else None
    share = chart.p.copy() if chart else np.array([])
    if case == "withheld":
        share[[1, -1]] = np.nan
    days = [date(2026, 1, 5) + timedelta(weeks=week) for week in range(size)]
    return charts.control_chart(
        days, share, lower=chart.lower if chart else share, upper=chart.upper if chart else share,
        center=chart.center if chart else share, is_signal=[week % 5 == 2 for week in range(size)],
        is_run=[week % 9 == 2 for week in range(size)], n=n.tolist(), breaks=days[3:4] + days[4:5],
        break_label="đổi phiếu", center_label="trung bình", limit_label="giới hạn Laney p′",
        signal_label="ngoài giới hạn", run_label="8 điểm liền một phía", text=text, width_px=width,
        other_limits=(share * 0.9, share * 1.1), other_label="giới hạn p",
    )  # fmt: skip


def ranks(case: str, text: ChartText, width: int) -> Figure:
    size = SIZES[case]
    rows = [
        RankRow(name, None, note=WHY) if estimate is None else RankRow(name, row + 1, 1, size, 30)
        for row, (name, estimate) in enumerate(zip(long_names(size), shares(case), strict=True))
    ]
    return charts.rank_plot(
        rows, text=text, rank_label="Hạng", interval_label="Hạng từ–đến", own=0 if size else None,
        interval_key="hạng có thể có", point_key="hạng theo điểm", own_key="đơn vị đang xem", width_px=width,
        undecided_label="Với số phiếu hiện có, chưa tách được hạng của đơn vị nào.",
    )  # fmt: skip


def quadrants(case: str, text: ChartText, width: int) -> Figure:
    rng = np.random.default_rng(3)
    estimates = shares(case)[:22]
    weights = rng.uniform(0.1, 0.6, len(estimates))
    items = [
        QuadrantItem(name, estimate, Estimate(w, w - 0.08, w + 0.08, 400))
        for name, estimate, w in zip(long_names(len(estimates)), estimates, weights.tolist(), strict=True)
    ]
    words = QuadrantWords(
        "Nên cải thiện trước", "Giữ vững", "Cải thiện sau", "Đã tốt, ít ảnh hưởng", "Chưa phân biệt được",
        "Hài lòng", "Tầm quan trọng", "mức chung của các câu",
    )  # fmt: skip
    return charts.importance_matrix(
        items, performance_cut=0.86, importance_cut=0.35, words=words, text=text, width_px=width
    )


def likert(case: str, text: ChartText, width: int) -> Figure:
    rng = np.random.default_rng(4)
    rows = [
        LikertRow(name, None, note=WHY)
        if estimate is None
        else LikertRow(
            name,
            [40, 0, 0, 0, 0]
            if case == "ceiling"
            else rng.multinomial(400, [0.5, 0.3, 0.1, 0.07, 0.03]).tolist(),
            (12, 3),
            estimate,
        )
        for name, estimate in zip(long_names(SIZES[case]), shares(case), strict=True)
    ]
    return charts.diverging_bars(
        rows, levels=LEVELS, missing_labels=("Không biết", "Không liên quan"), text=text, width_px=width,
        is_neutral_aside=width == 548,
    )  # fmt: skip


def profile(case: str, text: ChartText, width: int) -> Figure:
    estimates = shares(case)
    return charts.factor_profile(
        long_names(len(estimates)), estimates, references=[0.9] * len(estimates), reference_label="mức tỉnh",
        previous=estimates[::-1], previous_label="đợt trước", own_label="đợt này", target=0.9,
        target_label="Mục tiêu 90%", text=text, width_px=width,
    )  # fmt: skip


def multiples(case: str, text: ChartText, width: int) -> Figure:
    rng = np.random.default_rng(5)
    panels = []
    for name, estimate in zip(long_names(SIZES[case]), shares(case), strict=True):
        n = rng.integers(30, 90, 20)
        chart = p_chart(n if case == "ceiling" else rng.binomial(n, 0.85), n)
        signal = [week == 4 for week in range(20)]
        panels.append(
            TrendPanel(name, chart.p, chart.lower, chart.upper, chart.center, signal, estimate, WHY)
        )
    return charts.trend_multiples(
        panels, text=text, line_label="tỷ lệ theo tuần", limit_label="giới hạn", center_label="trung bình",
        signal_label="ngoài giới hạn", scale_label="thang chung", width_px=width,
    )  # fmt: skip


def shrinkage(case: str, text: ChartText, width: int) -> Figure:
    rows = [
        ShrunkenRow(name, estimate, Estimate(0.87, 0.83, 0.9, 0), 0.4, WHY)
        for name, estimate in zip(long_names(SIZES[case]), shares(case), strict=True)
    ]
    return charts.shrinkage_plot(
        rows, center=0.874, center_label="Mức tỉnh 87,4%", direct_label="Trực tiếp", text=text, width_px=width,
        shrunken_label="Thu hẹp về mức chung", weight_label="Phần của riêng đơn vị",
    )  # fmt: skip


def chances(case: str, text: ChartText, width: int) -> Figure:
    estimates = shares(case)
    return charts.top_chance_bars(
        long_names(len(estimates)), [e.value**9 if e else float("nan") for e in estimates], text=text,
        chance_label="Xác suất thuộc 10 đơn vị cao nhất", even_chance=0.128, width_px=width,
        even_label="nếu mọi đơn vị như nhau: 13%", n_respondents=[e.n_respondents if e else 0 for e in estimates],
    )  # fmt: skip


def levels(case: str, text: ChartText, width: int) -> Figure:
    counts = {"one": [1, 0, 0, 0, 0], "empty": [0] * 5, "ceiling": [400, 0, 0, 0, 0]}
    return charts.level_bars(
        LEVELS, counts.get(case, [20100, 16400, 2900, 1200, 600]), text=text, width_px=width
    )


def reasons(case: str, text: ChartText, width: int) -> Figure:
    estimates = shares(case)
    return charts.reason_bars(long_names(len(estimates)), estimates, text=text, width_px=width)


def factors(case: str, text: ChartText, width: int) -> Figure:
    estimates = shares(case)
    return charts.factor_dots(long_names(len(estimates)), estimates, target=0.9, text=text, width_px=width)


def mix(case: str, text: ChartText, width: int) -> Figure:
    parts = [e.value if e else float("nan") for e in shares(case)]
    return charts.mix_bars(long_names(len(parts)), parts, text=text, width_px=width)


CHARTS: dict[str, Callable[[str, ChartText, int], Figure]] = {
    draw.__name__: draw
    for draw in (
        forest, funnel, control, ranks, quadrants, likert, profile, multiples, shrinkage, chances, levels, reasons,
        factors, mix,
    )
}  # fmt: skip
