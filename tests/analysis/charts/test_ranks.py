"""Rank intervals: the best on top, the unranked last, and said so when nobody can be told apart."""

from matplotlib.figure import Figure

from analysis.charts import RankRow, rank_plot
from tests.analysis.charts.drawings import VIETNAMESE
from tests.analysis.charts.geometry import from_the_top, marks_of

ROWS = [RankRow("xã B", 2, 1, 3, 40), RankRow("xã D", None, note="dưới 30 phiếu"), RankRow("xã C", 3, 2, 3, 90),
        RankRow("xã A", 1, 1, 2, 300)]  # fmt: skip


def draw(rows=ROWS, **more) -> Figure:
    given = {"rank_label": "Hạng", "interval_label": "Hạng từ–đến", "text": VIETNAMESE} | more
    return rank_plot(rows, **given)


def written(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.texts}


def test_best_rank_is_on_top_and_unranked_last() -> None:
    assert from_the_top(draw(), "xã ") == ["xã A", "xã B", "xã C", "xã D"]


def test_intervals_are_written_and_never_an_ordinal_alone() -> None:
    words = written(draw())
    assert {"1–2", "1–3", "2–3", "dưới 30 phiếu", "300"} <= words


def test_unranked_unit_has_no_mark() -> None:
    assert len(marks_of(draw())) == 3


def test_statement_stands_only_where_every_interval_is_open() -> None:
    undecided = "chưa tách được hạng của đơn vị nào"
    assert undecided not in written(draw(undecided_label=undecided))
    open_rows = [RankRow(f"xã {row}", row, 1, 78, 30) for row in range(1, 79)]
    assert undecided in written(draw(open_rows, undecided_label=undecided))
    assert undecided not in written(draw([RankRow("xã A", 1, 1, 1)], undecided_label=undecided))


def test_own_unit_is_bold_and_its_interval_a_band_through_all_rows() -> None:
    figure = draw(own=0, own_key="đơn vị đang xem")
    (name,) = [text for text in figure.texts if text.get_text() == "xã B"]
    assert name.get_fontweight() == "bold"
    (band,) = figure.axes[0].patches
    low, high = figure.axes[0].get_xlim()
    assert low < band.get_x() < 1
    assert 3 < band.get_x() + band.get_width() < high


def test_own_unit_without_a_rank_draws_no_band() -> None:
    assert not draw(own=1).axes[0].patches


def test_nobody_ranked_is_drawn_with_reasons() -> None:
    assert {"dưới 30 phiếu", "chưa đủ dữ liệu"} <= written(draw([ROWS[1], RankRow("xã E", None)]))
