"""The forest plot: tiers by symbol, shrunken estimates beside direct ones, nobody left out."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from analysis.charts import Column, forest_plot
from analysis.types import Estimate, Tier
from tests.analysis.charts.drawings import VIETNAMESE
from tests.analysis.charts.geometry import marks_of, outside, overlapping, words_of

CENTER = Estimate(0.874, 0.865, 0.883, 9000)
APART = [Estimate(0.75, 0.7, 0.8, 300), Estimate(0.87, 0.83, 0.9, 400), Estimate(0.97, 0.95, 0.98, 500)]
TIERS = [Tier.LOWER, Tier.NOT_DIFFERENT, Tier.HIGHER]
NAMES = ["xã A", "xã B", "xã C"]


def draw(estimates=APART, tiers=TIERS, **more) -> Figure:
    return forest_plot(
        NAMES[: len(estimates)], estimates, tiers, center=CENTER, center_label="Mức tỉnh 87,4%", text=VIETNAMESE,
        **more,
    )  # fmt: skip


def written(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.texts}


def test_tiers_are_shown_by_symbol_and_colour() -> None:
    marked = [line for line in draw().axes[0].lines if line.get_marker() != "None"]
    looks = {(line.get_marker(), line.get_color()) for line in marked}
    assert looks == {("^", "#0b5cad"), ("o", "#5b6b7c"), ("v", "#b35900")}


def test_key_names_only_tiers_that_are_there() -> None:
    words = {Tier.LOWER: "thấp hơn", Tier.NOT_DIFFERENT: "không khác", Tier.INSUFFICIENT: "ít phiếu"}
    assert {"thấp hơn", "không khác"} <= written(draw(tier_words=words))
    assert "ít phiếu" not in written(draw(tier_words=words))


def test_unit_with_too_few_responses_is_drawn_hollow() -> None:
    line = draw([APART[0]], [Tier.INSUFFICIENT]).axes[0].lines[-1]
    assert (line.get_marker(), line.get_markerfacecolor()) == ("o", "#ffffff")


def test_figures_and_respondents_are_written() -> None:
    assert {"75,0% (70,0–80,0)", "300", "Số phiếu", "(khoảng 95%)"} <= written(draw())


def test_withheld_unit_has_its_reason_and_no_mark() -> None:
    estimates = [APART[0], None, Estimate(float("nan"), 0, 1, 3)]
    figure = draw(estimates, notes=["", "dưới 5 phiếu", ""])
    assert {"dưới 5 phiếu", "chưa đủ dữ liệu"} <= written(figure)
    assert "3" not in written(figure)
    assert len(marks_of(figure)) == 1


def test_shrunken_estimates_stand_beside_the_direct_ones() -> None:
    shrunken = [Estimate(0.8, 0, 1, 0), None, Estimate(0.95, 0, 1, 0)]
    figure = draw(shrunken=shrunken, shrunken_label="thu hẹp")
    assert "thu hẹp" in written(figure)
    diamonds = figure.axes[0].lines[-1]
    assert (diamonds.get_marker(), diamonds.get_markerfacecolor()) == ("D", "#ffffff")
    assert diamonds.get_xdata().tolist() == [0.8, 0.95]
    assert len(marks_of(figure)) == 5


def test_further_columns_are_written() -> None:
    more = [Column("Hệ số thiết kế", ["1,00", "1,61", "1,07"])]
    assert {"Hệ số thiết kế", "1,61"} <= written(draw(more=more))


def test_estimates_at_the_ceiling_and_of_everything_share_one_axis() -> None:
    low, high = (
        draw([Estimate(1.0, 0.886, 1.0, 30), Estimate(0.5, 0.0, 1.0, 1)], TIERS[:2]).axes[0].get_xlim()
    )
    assert low < 0 < 1 < high


def test_rows_keep_the_order_given_and_ties_apart() -> None:
    tied = [Estimate(0.9, 0.85, 0.94, 100)] * 3
    marks = marks_of(draw(tied, [Tier.NOT_DIFFERENT] * 3))
    assert np.all(np.diff(marks[:, 1]) < -15)
    assert marks[:, 0] == pytest.approx(marks[0, 0])


def test_without_units_the_common_level_is_still_said() -> None:
    assert any("Mức tỉnh 87,4%" in words for words in written(draw([], [])))


@pytest.mark.parametrize("width", [312, 1120])
def test_long_words_of_the_common_level_are_broken_and_stay_inside(width: int) -> None:
    everyone = Estimate(1.0, 1.0, 1.0, 9)
    label = "Mức chung của tất cả các đơn vị trong toàn tỉnh 100,0% (100,0–100,0)"
    figure = forest_plot(
        ["xã A"], [everyone], [Tier.NOT_DIFFERENT], center=everyone, center_label=label, text=VIETNAMESE,
        tier_words={Tier.NOT_DIFFERENT: "không khác biệt rõ"}, width_px=width,
    )  # fmt: skip
    words, boxes = words_of(figure)
    assert outside(figure, words, boxes) == []
    assert overlapping(words, boxes) == []
    assert set(label.split()) <= set(" ".join(words).split())
