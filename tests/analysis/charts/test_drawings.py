"""Every chart draws, says what it must, and becomes an SVG that a strict policy lets through."""

import re
import xml.etree.ElementTree as ElementTree
from datetime import date, timedelta

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from analysis.charts import (
    ChartText,
    control_chart,
    factor_dots,
    forest_plot,
    funnel_plot,
    level_bars,
    mix_bars,
    reason_bars,
    to_svg,
)
from analysis.charts.scales import padded_range, round_ticks
from analysis.types import Estimate, Tier

TEXT = ChartText("Tỷ lệ <hài lòng>", "Mô tả & số liệu", notice="DỮ LIỆU MÔ PHỎNG")
LONG = "Tiếp nhận, xử lý góp ý, phản ánh, kiến nghị của người dân, tổ chức"
WIDTHS = (312, 1160)


def make_estimate(value: float = 0.886, half: float = 0.04, n: int = 412) -> Estimate:
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), n)


def make_forest(width_px: int, n_units: int = 78) -> Figure:
    shares = np.linspace(0.75, 0.97, n_units)
    tiers = [Tier.LOWER, *[Tier.NOT_DIFFERENT] * (n_units - 2), Tier.HIGHER]
    return forest_plot(
        [f"phường Đơn vị {index}" for index in range(n_units)],
        [make_estimate(share) for share in shares],
        tiers,
        center=make_estimate(0.874, 0.009),
        center_label="Mức tỉnh 87,4%",
        text=TEXT,
        width_px=width_px,
    )


def make_control(width_px: int) -> Figure:
    n = 13
    return control_chart(
        [date(2026, 6, 15) + timedelta(weeks=week) for week in range(n)],
        np.linspace(0.8, 0.95, n),
        lower=np.full(n, 0.7),
        upper=np.full(n, 1.05),
        center=np.full(n, 0.88),
        is_signal=[week == 3 for week in range(n)],
        breaks=[date(2026, 8, 3)],
        break_label="đổi phiếu",
        center_label="trung bình",
        limit_label="giới hạn",
        text=TEXT,
        width_px=width_px,
    )


def make_funnel(width_px: int) -> Figure:
    tiers = [Tier.NOT_DIFFERENT, Tier.HIGHER, Tier.LOWER]
    return funnel_plot(
        ["xã A", "xã B", "xã C"], [60, 300, 1000], [0.9, 0.96, 0.7], tiers,
        center=0.87, n_label="Số phiếu", text=TEXT, width_px=width_px,
    )  # fmt: skip


PAIR = (make_estimate(0.1), make_estimate(0.02))
CHARTS = {
    "forest": make_forest,
    "control": make_control,
    "funnel": make_funnel,
    "levels": lambda px: level_bars(
        ["Rất hài lòng", "Hài lòng", "Bình thường", "Không hài lòng", "Rất không hài lòng"],
        [201, 164, 29, 12, 6], text=TEXT, width_px=px,
    ),
    "reasons": lambda px: reason_bars(["Chờ lâu", LONG], PAIR, text=TEXT, width_px=px),
    "factors": lambda px: factor_dots([LONG, "Kết quả"], PAIR, target=0.9, text=TEXT, width_px=px),
    "mix": lambda px: mix_bars(["Máy tại quầy", "Mã QR"], [0.7, 0.3], text=TEXT, width_px=px),
}  # fmt: skip


@pytest.fixture(params=[(name, width) for name in CHARTS for width in WIDTHS], ids=str)
def svg(request: pytest.FixtureRequest) -> str:
    name, width = request.param
    return to_svg(CHARTS[name](width))


def test_svg_holds_nothing_a_strict_policy_refuses(svg: str) -> None:
    refused = r"\sstyle=|<style|<script|xlink|xmlns|font-family|https?:|\son\w+=|<metadata|<\?xml"
    assert not re.search(refused, svg)


def test_svg_is_well_formed_and_names_itself(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    assert root.attrib["role"] == "img"
    title, description = (root.find(tag) for tag in ("title", "desc"))
    assert title is not None
    assert description is not None
    assert (title.text, description.text) == (TEXT.title, TEXT.description)
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], description.attrib["id"]]


def test_svg_carries_the_notice_inside_the_image(svg: str) -> None:
    assert "DỮ LIỆU MÔ PHỎNG" in svg


def test_svg_refers_only_to_its_own_ids(svg: str) -> None:
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="|url\()#([^")]+)', svg)) <= set(ids)


def test_svg_text_stays_inside_the_drawing(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for text in root.iter("text"):
        moved = re.search(r"translate\(([-\d.]+) ([-\d.]+)\)", text.attrib.get("transform", ""))
        x, y = map(float, moved.groups() if moved else (text.attrib["x"], text.attrib["y"]))
        assert -1 <= x <= width + 1, text.text
        assert 0 <= y <= height + 1, text.text


@pytest.mark.parametrize("name", CHARTS)
def test_svg_of_the_same_figures_is_the_same(name: str) -> None:
    assert to_svg(CHARTS[name](548)) == to_svg(CHARTS[name](548))


def test_two_charts_in_one_page_share_no_id() -> None:
    drawn = (to_svg(CHARTS[name](548)) for name in ("mix", "factors"))
    first, second = (set(re.findall(r'\bid="([^"]+)"', svg)) for svg in drawn)
    assert not first & second


def test_charts_leave_global_settings_alone() -> None:
    before = dict(mpl.rcParams)
    to_svg(make_forest(1160))
    assert dict(mpl.rcParams) == before


def test_forest_of_78_units_stays_small_and_names_each() -> None:
    svg = to_svg(make_forest(1160))
    assert len(svg.encode()) < 40_000
    assert svg.count("phường Đơn vị") == 78


def test_forest_shows_tiers_by_symbol_and_colour() -> None:
    figure = make_forest(1160)
    marked = [line for line in figure.axes[0].lines if line.get_marker() != "None"]
    looks = {(line.get_marker(), line.get_color()) for line in marked}
    assert looks == {("^", "#0b5cad"), ("o", "#5b6b7c"), ("v", "#b35900")}


def test_forest_without_units_still_draws_the_common_level() -> None:
    svg = to_svg(forest_plot([], [], [], center=make_estimate(), center_label="Mức tỉnh", text=TEXT))
    assert "Mức tỉnh" in svg


def test_control_chart_does_not_join_the_line_across_a_new_form() -> None:
    shares = [line for line in make_control(548).axes[0].lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in shares] == [7, 6]


def test_control_chart_marks_only_signals_with_their_value() -> None:
    written = [text.get_text() for text in make_control(548).texts]
    assert [words for words in written if words.endswith("%")] == ["83,8%"]


def test_funnel_names_only_units_that_stand_apart() -> None:
    written = {text.get_text() for text in make_funnel(1160).texts}
    assert {"xã B", "xã C"} <= written
    assert "xã A" not in written


def test_mix_bars_are_measured_against_the_whole() -> None:
    assert mix_bars(["Mã QR"], [0.3], text=TEXT).axes[0].get_xlim() == (0, 1)


def test_numbers_follow_the_language_of_the_page() -> None:
    english = ChartText("t", "d", decimal_comma=False)
    assert TEXT.estimate(make_estimate()) == "88,6% (84,6–92,6)"
    assert english.estimate(make_estimate()) == "88.6% (84.6–92.6)"
    assert (TEXT.count(1234), english.count(1234)) == ("1.234", "1,234")


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.7, 1.0, [0.7, 0.8, 0.9, 1.0]),
        (0.86, 0.9, [0.86, 0.87, 0.88, 0.89, 0.9]),
        (0, 1, [0, 0.25, 0.5, 0.75, 1]),
    ],
)
def test_round_ticks_are_round_and_few(low: float, high: float, ticks: list[float]) -> None:
    assert round_ticks(low, high) == pytest.approx(ticks)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_padded_range_of_one_point_has_width_and_stays_a_share(value: float) -> None:
    low, high = padded_range([value], [value])
    assert 0 <= low < high <= 1
