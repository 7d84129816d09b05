"""Every chart draws, says what it must, and becomes an SVG that a strict policy lets through."""

import re
import xml.etree.ElementTree as ElementTree
from functools import cache

import matplotlib as mpl
import pytest

from analysis.charts import to_svg
from tests.analysis.charts.drawings import CHARTS, ENGLISH, VIETNAMESE, WHY

WIDTHS = (312, 1160)


@pytest.fixture(params=[(name, width) for name in CHARTS for width in WIDTHS], ids=str)
def svg(request: pytest.FixtureRequest) -> str:
    return drawn_once(*request.param)


@cache
def drawn_once(name: str, width: int) -> str:
    return to_svg(CHARTS[name]("withheld", VIETNAMESE, width))


def words_in(svg: str) -> str:
    return " ".join("".join(text.itertext()) for text in ElementTree.fromstring(svg).iter("text"))


def test_svg_holds_nothing_a_strict_policy_refuses(svg: str) -> None:
    refused = r"\sstyle=|<style|<script|xlink|xmlns|font-family|https?:|\son\w+=|<metadata|<\?xml"
    assert not re.search(refused, svg)


def test_svg_is_well_formed_and_names_itself(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    assert root.attrib["role"] == "img"
    title, description = (root.find(tag) for tag in ("title", "desc"))
    assert title is not None
    assert description is not None
    assert (title.text, description.text) == (VIETNAMESE.title, VIETNAMESE.description)
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], description.attrib["id"]]


def test_svg_carries_the_notice_inside_the_image(svg: str) -> None:
    assert "DỮ LIỆU MÔ PHỎNG" in words_in(svg)


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


def test_svg_is_as_wide_as_asked() -> None:
    for name, draw in CHARTS.items():
        assert ElementTree.fromstring(to_svg(draw("one", VIETNAMESE, 312))).attrib["width"] == "312", name


@pytest.mark.parametrize("name", CHARTS)
def test_svg_of_the_same_figures_is_the_same(name: str) -> None:
    first, second = (to_svg(CHARTS[name]("withheld", VIETNAMESE, 548)) for _time in range(2))
    assert first == second


def test_two_charts_in_one_page_share_no_id() -> None:
    drawn = (to_svg(CHARTS[name]("one", VIETNAMESE, 548)) for name in ("mix", "factors"))
    first, second = (set(re.findall(r'\bid="([^"]+)"', svg)) for svg in drawn)
    assert not first & second


def test_charts_leave_global_settings_alone() -> None:
    before = dict(mpl.rcParams)
    for draw in CHARTS.values():
        to_svg(draw("one", VIETNAMESE, 1160))
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", CHARTS)
def test_chart_of_nothing_says_so(name: str) -> None:
    assert VIETNAMESE.empty in words_in(to_svg(CHARTS[name]("empty", VIETNAMESE, 548)))


@pytest.mark.parametrize("name", ["forest", "ranks", "likert", "multiples", "shrinkage"])
@pytest.mark.parametrize("width", WIDTHS)
def test_withheld_row_keeps_its_name_and_says_why(name: str, width: int) -> None:
    words = words_in(to_svg(CHARTS[name]("withheld", VIETNAMESE, width)))
    assert "Nam Cửa Việt 2" in words.replace("Nam Cửa Việt  2", "Nam Cửa Việt 2")
    assert WHY.split()[0] in words


@pytest.mark.parametrize("name", ["profile", "reasons", "factors", "mix", "chances", "quadrants"])
def test_withheld_row_says_that_it_is(name: str) -> None:
    assert VIETNAMESE.withheld in words_in(to_svg(CHARTS[name]("withheld", VIETNAMESE, 1160)))


@pytest.mark.parametrize("name", [name for name in CHARTS if name not in ("levels", "mix")])
def test_numbers_of_respondents_are_written(name: str) -> None:
    assert re.search(r"Số phiếu|Phiếu", words_in(to_svg(CHARTS[name]("one", VIETNAMESE, 312))))


@pytest.mark.parametrize("name", CHARTS)
def test_numbers_follow_the_language(name: str) -> None:
    words = words_in(to_svg(CHARTS[name]("many", ENGLISH, 1160)))
    # The names and labels of the test are Vietnamese, its numbers are not; 87,4% is part of a label.
    assert not re.search(r"\d,\d\D", words.replace("87,4% (86,5–88,3)", "").replace("87,4%", ""))


def test_title_and_source_are_drawn_where_the_picture_leaves_its_page() -> None:
    alone = words_in(to_svg(CHARTS["mix"]("one", ENGLISH, 548)))
    assert ENGLISH.title in alone
    assert ENGLISH.source in alone
    assert VIETNAMESE.title not in words_in(to_svg(CHARTS["mix"]("one", VIETNAMESE, 548)))


def test_a_dollar_sign_in_a_name_is_a_dollar_sign() -> None:
    from analysis.charts import mix_bars

    svg = to_svg(mix_bars(["Phí $x_1$ và $y^2$ \\frac"], [0.3], text=VIETNAMESE, width_px=548))
    assert "Phí $x_1$ và $y^2$ \\frac" in words_in(svg)


def test_forest_of_78_units_stays_small() -> None:
    assert len(to_svg(CHARTS["forest"]("many", VIETNAMESE, 1160)).encode()) < 60_000
