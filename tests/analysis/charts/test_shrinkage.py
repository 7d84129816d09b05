"""Direct and shrunken estimates, and chances of being among the best."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from analysis.charts import ShrunkenRow, shrinkage_plot, top_chance_bars
from analysis.types import Estimate
from tests.analysis.charts.drawings import VIETNAMESE
from tests.analysis.charts.geometry import from_the_top

ROWS = [
    ShrunkenRow("xã lớn", Estimate(0.9, 0.87, 0.92, 800), Estimate(0.898, 0.87, 0.92, 0), 0.9),
    ShrunkenRow("xã nhỏ", Estimate(1.0, 0.8, 1.0, 12), Estimate(0.9, 0.85, 0.94, 0), 0.1),
    ShrunkenRow("xã ẩn", None, None, note="dưới 5 phiếu"),
]


def draw(rows=ROWS, **more) -> Figure:
    return shrinkage_plot(
        rows, center=0.88, center_label="Mức tỉnh 88,0%", direct_label="Trực tiếp", shrunken_label="Thu hẹp",
        weight_label="Phần riêng", text=VIETNAMESE, **more,
    )  # fmt: skip


def written(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.texts}


def test_fewest_respondents_stand_first_and_withheld_last() -> None:
    assert from_the_top(draw(), "xã ") == ["xã nhỏ", "xã lớn", "xã ẩn"]
    assert from_the_top(draw(is_sorted=False), "xã ") == ["xã lớn", "xã nhỏ", "xã ẩn"]


def test_both_estimates_and_the_own_part_are_written() -> None:
    assert {"100,0% (80,0–100,0)", "90,0% (85,0–94,0)", "10%", "90%", "dưới 5 phiếu"} <= written(draw())


def test_weights_are_left_out_where_none_is_known() -> None:
    rows = [ShrunkenRow("xã A", ROWS[0].direct, ROWS[0].shrunken)]
    assert not any("Phần" in words for words in written(draw(rows)))


def test_a_line_joins_the_two_estimates_of_each_unit() -> None:
    line = next(
        line for line in draw().axes[0].lines if line.get_linewidth() == 1 and line.get_color() == "#12304f"
    )
    xs = line.get_xdata()
    assert xs[np.isfinite(xs)].tolist() == [1.0, 0.9, 0.9, 0.898]


def test_chances_are_sorted_and_withheld_units_last() -> None:
    figure = top_chance_bars(
        ["xã A", "xã B", "xã C"], [0.2, float("nan"), 0.995], text=VIETNAMESE, chance_label="Xác suất",
        even_chance=0.13, even_label="nếu như nhau: 13%", n_respondents=[100, 3, 50],
    )  # fmt: skip
    assert from_the_top(figure, "xã ") == ["xã C", "xã A", "xã B"]
    assert {"> 99%", "20%", "chưa đủ dữ liệu", "nếu như nhau: 13%", "100"} <= written(figure)
    assert "3" not in written(figure)


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_certain_chances_are_written_as_such(chance: float) -> None:
    figure = top_chance_bars(["xã A"], [chance], text=VIETNAMESE, chance_label="Xác suất")
    assert f"{round(100 * chance)}%" in written(figure)
