"""Importance against performance: a quadrant only where both intervals say so."""

import pytest
from matplotlib.figure import Figure

from analysis.charts import QuadrantItem, QuadrantWords, importance_matrix
from analysis.charts.quadrants import Quadrant, quadrant_of
from analysis.types import Estimate
from tests.analysis.charts.drawings import VIETNAMESE

WORDS = QuadrantWords("sửa", "giữ", "sau", "tốt", "chưa rõ", "Hài lòng", "Quan trọng", "mức chung")


def item(name: str, p: float, w: float, *, half: float = 0.04, n: int = 400) -> QuadrantItem:
    return QuadrantItem(name, Estimate(p, p - half, p + half, n), Estimate(w, w - half, w + half, n))


def draw(items: list[QuadrantItem], **more) -> Figure:
    return importance_matrix(
        items, performance_cut=0.8, importance_cut=0.3, words=WORDS, text=VIETNAMESE, **more
    )


def written(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.texts}


@pytest.mark.parametrize(
    ("p", "w", "wanted"),
    [
        (0.7, 0.5, Quadrant.MEND),
        (0.9, 0.5, Quadrant.KEEP),
        (0.7, 0.1, Quadrant.LATER),
        (0.9, 0.1, Quadrant.AMPLE),
        (0.78, 0.5, Quadrant.UNDECIDED),
        (0.9, 0.32, Quadrant.UNDECIDED),
        (0.76, 0.5, Quadrant.UNDECIDED),
    ],
)
def test_quadrant_needs_both_intervals_clear_of_the_cross_hairs(p: float, w: float, wanted: Quadrant) -> None:
    assert quadrant_of(item("a", p, w), 0.8, 0.3) is wanted


def test_item_without_a_figure_is_listed_with_its_reason_and_not_drawn() -> None:
    blank = QuadrantItem("Câu trống", None, item("a", 0.9, 0.5).importance, "dưới 30 phiếu")
    figure = draw([item("Câu một", 0.9, 0.5), blank])
    assert {"Câu trống", "dưới 30 phiếu", "1", "2"} <= written(figure)
    assert quadrant_of(blank, 0.8, 0.3) is Quadrant.WITHHELD
    assert sum(len(line.get_xdata()) for line in figure.axes[0].lines if line.get_linestyle() == "None") == 1


def test_undecided_items_are_hollow_and_the_others_filled() -> None:
    figure = draw([item("a", 0.78, 0.5), item("b", 0.7, 0.5)])
    faces = {line.get_marker(): line.get_markerfacecolor() for line in figure.axes[0].lines}
    assert (faces["o"], faces["v"]) == ("#ffffff", "#b35900")
    assert {"sửa", "chưa rõ"} <= written(figure)


def test_items_are_listed_quadrant_by_quadrant() -> None:
    figure = draw([item("Câu tốt", 0.9, 0.1), item("Câu cần sửa", 0.7, 0.5)])
    listed = [text for text in figure.texts if text.get_text().startswith("Câu")]
    assert [text.get_text() for text in sorted(listed, key=lambda text: text.get_position()[1])] == [
        "Câu cần sửa",
        "Câu tốt",
    ]


def test_number_of_respondents_is_written_once_where_it_is_the_same() -> None:
    same = written(draw([item("a", 0.9, 0.5), item("b", 0.7, 0.5)]))
    assert "Số phiếu: 400" in same
    other = written(draw([item("a", 0.9, 0.5), item("b", 0.7, 0.5, n=90)]))
    assert "Số phiếu: 400" not in other
    assert any("Số phiếu 90" in words for words in other)


def test_importance_is_written_on_its_own_scale() -> None:
    assert any("Quan trọng 0,50 (0,46–0,54)" in words for words in written(draw([item("a", 0.9, 0.5)])))
    shares = written(draw([item("a", 0.9, 0.5)], is_importance_share=True))
    assert any("Quan trọng 50,0% (46,0–54,0)" in words for words in shares)


def test_negative_and_equal_importance_is_drawn() -> None:
    assert "–0,30 (–0,34–0,26)" not in written(draw([item("a", 0.9, -0.3), item("b", 0.9, -0.3)]))
    assert draw([item("a", 0.8, 0.3, half=0.0)]).axes
