"""Charts of all units of a simulated province, in the words of the pages."""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from analysis import charts
from analysis.charts import RankRow, ShrunkenRow, TrendPanel
from analysis.monitoring.control import p_chart
from bench.gallery.language import Language
from bench.gallery.simulated import (
    N_UNITS,
    SEED,
    TOP,
    over_dispersed_bands,
    province,
    shrunken,
    simulated_text,
)


def forest(say: Language, width: int) -> Figure:
    data, drawn_in = province(), shrunken()
    center = data.tiers.province
    text = simulated_text(
        say,
        say.say(
            "Tỷ lệ hài lòng của 78 đơn vị so với mức tỉnh", "Satisfaction in 78 units against the province"
        ),
        say.say(
            "Mỗi dòng là một đơn vị với khoảng tin cậy 95%; nhóm đã kiểm soát so sánh nhiều lần (Holm, 5%).",
            "Each row is a unit with its 95% interval; tiers allow for many comparisons (Holm, 5%).",
        ),
    )
    return charts.forest_plot(
        say.units(is_long=True), [data.shown(row) for row in range(N_UNITS)],
        [data.tiers[row] for row in range(N_UNITS)], center=center, text=text, width_px=width,
        center_label=say.say("Mức tỉnh", "Province") + " " + text.estimate(center),
        tier_words=say.tiers,
        shrunken=[e if own else None for e, own in zip(drawn_in.estimates, data.is_shown, strict=True)],
        shrunken_label=say.say("ước lượng thu hẹp về mức chung", "estimate drawn towards the common level"),
        notes=[say.say("dưới 30 phiếu", "under 30 responses")] * N_UNITS,
    )  # fmt: skip


def _funnel(say: Language, width: int, words: str, *, is_dispersed: bool) -> Figure:
    data = province()
    shares = np.where(data.is_shown, data.estimates.value, np.nan)
    center = data.tiers.province.value
    text = simulated_text(
        say,
        say.say("Tỷ lệ hài lòng theo số phiếu", "Satisfaction by number of responses") + f": {words}",
        say.say(
            "Đường giới hạn cho biết mức dao động có thể chỉ do ngẫu nhiên quanh mức tỉnh.",
            "The limits show how far chance alone may carry a unit from the level of the province.",
        ),
    )
    bands = (
        over_dispersed_bands((text.percent(0.95, digits=0), text.percent(0.998))) if is_dispersed else None
    )
    return charts.funnel_plot(
        say.units(is_long=False), data.n.tolist(), shares.tolist(), [data.tiers[row] for row in range(N_UNITS)],
        center=center, n_label=text.n_label, bands=bands,
        tier_words=say.tiers, text=text, width_px=width,
        center_label=say.say("mức tỉnh", "province") + " " + text.percent(center),
    )  # fmt: skip


def funnel_exact(say: Language, width: int) -> Figure:
    return _funnel(
        say, width, say.say("giới hạn nhị thức chính xác", "exact binomial limits"), is_dispersed=False
    )


def funnel_overdispersed(say: Language, width: int) -> Figure:
    return _funnel(
        say, width, say.say("giới hạn có tính phân tán", "over-dispersed limits"), is_dispersed=True
    )


def ranks(say: Language, width: int) -> Figure:
    data = province()
    names = say.units(is_long=False)
    rows = [
        RankRow(
            names[row],
            int(data.ranks.rank[row]),
            int(data.ranks.low[row]),
            int(data.ranks.high[row]),
            int(data.n[row]),
        )
        if data.is_shown[row]
        else RankRow(names[row], None, note=say.say("dưới 30 phiếu", "under 30 responses"))
        for row, place in enumerate(data.ranks.rank)
    ]
    return charts.rank_plot(rows, own=3, width_px=width, **_rank_words(say))


def ranks_undecided(say: Language, width: int) -> Figure:
    """What thirty responses in each unit allow to say: nothing."""
    rows = [RankRow(name, place, 1, 78, 30) for place, name in enumerate(say.units(is_long=False), start=1)]
    return charts.rank_plot(rows, width_px=width, **_rank_words(say))


def _rank_words(say: Language) -> dict:
    return {
        "text": simulated_text(
            say,
            say.say("Thứ hạng có thể có của từng đơn vị", "Ranks each unit may hold"),
            say.say(
                "Khoảng hạng đúng đồng thời cho mọi đơn vị với xác suất 95%.",
                "The intervals hold for all units at once with probability 95%.",
            ),
        ),
        "rank_label": say.say("Hạng", "Rank"),
        "interval_label": say.say("Hạng từ–đến", "Rank from–to"),
        "interval_key": say.say("hạng có thể có", "possible ranks"),
        "point_key": say.say("hạng theo điểm ước lượng", "rank of the estimate"),
        "own_key": say.say("đơn vị đang xem và khoảng hạng của nó", "the unit looked at and its interval"),
        "undecided_label": say.say(
            "Với số phiếu hiện có, chưa tách được hạng của đơn vị nào.",
            "With these responses no unit can be told from another.",
        ),
    }


def multiples(say: Language, width: int) -> Figure:
    rng = np.random.default_rng(SEED + 5)
    data = province()
    panels = []
    for row, name in enumerate(say.units(is_long=False)):
        n = rng.integers(30, 90, 26)
        p = np.full(26, data.estimates.value[row])
        p[20:] -= 0.2 if row % 13 == 3 else 0.0
        chart = p_chart(rng.binomial(n, p.clip(0, 1)), n)
        flagged = {signal.index for signal in chart.signals}
        panels.append(
            TrendPanel(name, chart.p, chart.lower, chart.upper, chart.center,
                       [week in flagged for week in range(26)], data.shown(row),
                       say.say("dưới 30 phiếu", "under 30 responses"))
        )  # fmt: skip
    return charts.trend_multiples(
        panels, line_label=say.say("tỷ lệ theo tuần", "share by week"), width_px=width,
        limit_label=say.say("giới hạn kiểm soát", "control limits"), center_label=say.say("trung bình", "mean"),
        signal_label=say.say("dấu hiệu khác thường", "signal"), scale_label=say.say("thang chung", "common scale"),
        text=simulated_text(
            say,
            say.say("78 đơn vị theo tuần", "78 units by week"),
            say.say(
                "Mỗi ô là một đơn vị, cùng một thang; bên dưới tên là tỷ lệ của kỳ với khoảng 95%.",
                "One panel for each unit on a common scale; below each name its share with the 95% interval.",
            ),
        ),
    )  # fmt: skip


def shrinkage(say: Language, width: int) -> Figure:
    data, drawn_in = province(), shrunken()
    names = say.units(is_long=False)
    rows = [
        ShrunkenRow(names[row], data.estimates[row], drawn_in.estimates[row], float(drawn_in.own_weight[row]))
        for row in range(N_UNITS)
    ]
    center = data.tiers.province.value
    text = simulated_text(
        say,
        say.say("Ước lượng trực tiếp và ước lượng thu hẹp", "Direct and shrunken estimates"),
        say.say(
            "Đơn vị ít phiếu được kéo về mức chung nhiều hơn; không dùng ước lượng thu hẹp để xếp loại.",
            "Units with few responses are drawn closer to the common level; not to be used for ratings.",
        ),
    )
    return charts.shrinkage_plot(
        rows, center=center, center_label=say.say("Mức tỉnh", "Province") + " " + text.percent(center),
        direct_label=say.say("Trực tiếp", "Direct"), shrunken_label=say.say("Thu hẹp", "Shrunken"),
        weight_label=say.say("Phần riêng", "Own part"), text=text, width_px=width,
    )  # fmt: skip


def top_chances(say: Language, width: int) -> Figure:
    data, drawn_in = province(), shrunken()
    even = TOP / N_UNITS
    text = simulated_text(
        say,
        say.say("Khả năng thuộc 10 đơn vị cao nhất", "Chance of being among the ten highest"),
        say.say(
            "Xác suất hậu nghiệm, 4.000 lần mô phỏng từ mô hình beta-nhị thức.",
            "Posterior probability, 4,000 draws from a beta-binomial model.",
        ),
    )
    return charts.top_chance_bars(
        say.units(is_long=False), np.where(data.is_shown, drawn_in.top_chance, np.nan).tolist(), text=text,
        chance_label=say.say("Xác suất", "Probability"), even_chance=even, width_px=width,
        even_label=say.say("nếu như nhau", "if all were alike") + f": {text.percent(even, digits=0)}",
        n_respondents=data.n.tolist(),
    )  # fmt: skip


def empty(say: Language, width: int) -> Figure:
    text = simulated_text(
        say, say.say("Chưa có đơn vị", "No unit yet"), say.say("Biểu đồ trống.", "An empty chart.")
    )
    center = province().tiers.province
    words = say.say("Mức tỉnh", "Province") + " " + text.estimate(center)
    return charts.forest_plot([], [], [], center=center, center_label=words, text=text, width_px=width)


UNITS: dict[str, Callable[[Language, int], Figure]] = {
    draw.__name__: draw
    for draw in (
        forest, funnel_exact, funnel_overdispersed, ranks, ranks_undecided, multiples, shrinkage, top_chances, empty,
    )
}  # fmt: skip
