"""The control chart over time: what is joined, what is cut, and what is marked."""

from datetime import date, timedelta

import numpy as np
import pytest
from matplotlib.figure import Figure

from analysis.charts import control_chart
from tests.analysis.charts.drawings import VIETNAMESE

FIRST = date(2026, 6, 15)


def draw(share=None, *, n_points: int = 13, **more) -> Figure:
    share = np.linspace(0.8, 0.95, n_points) if share is None else np.array(share)
    size = len(share)
    given = {
        "lower": np.full(size, 0.7), "upper": np.full(size, 1.05), "center": np.full(size, 0.88),
        "is_signal": [False] * size, "break_label": "đổi phiếu", "center_label": "trung bình",
        "limit_label": "giới hạn", "text": VIETNAMESE,
    } | more  # fmt: skip
    return control_chart([FIRST + timedelta(weeks=week) for week in range(size)], share, **given)


def pieces(figure: Figure) -> list[int]:
    return [len(line.get_xdata()) for line in figure.axes[0].lines if line.get_marker() == "o"]


def written(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts]


def test_line_is_not_joined_across_a_new_form() -> None:
    figure = draw(breaks=[date(2026, 8, 3)])
    assert pieces(figure) == [7, 6]
    assert "đổi phiếu 03/08" in written(figure)


def test_line_is_cut_where_days_are_missing() -> None:
    days = [FIRST + timedelta(weeks=week, days=6) for week in range(13)]
    days[4] -= timedelta(days=2)
    assert pieces(draw(ends_on=days)) == [5, 8]


def test_line_is_cut_at_a_point_without_a_share() -> None:
    assert pieces(draw([0.8, 0.9, float("nan"), 0.9, 0.8])) == [2, 2]


def test_all_points_withheld_still_draws() -> None:
    assert pieces(draw([float("nan")] * 3)) == []


def test_pooled_point_stands_in_the_middle_of_its_weeks_on_a_bar() -> None:
    ends = [FIRST + timedelta(weeks=week, days=6) for week in range(5)]
    ends[4] += timedelta(weeks=2)
    axes = draw(n_points=5, ends_on=ends).axes[0]
    (bar,) = [line for line in axes.lines if len(line.get_xdata()) == 3 and line.get_color() == "#0b5cad"]
    start, end = bar.get_xdata()[:2]
    assert end - start == 21
    points = next(line for line in axes.lines if line.get_marker() == "o")
    assert points.get_xdata()[-1] == (start + end) / 2


def test_only_signals_are_marked_and_written() -> None:
    figure = draw(is_signal=[week == 3 for week in range(13)], signal_label="ngoài giới hạn")
    assert [words for words in written(figure) if words.endswith("%")] == ["83,8%"]
    assert "ngoài giới hạn" in written(figure)


def test_runs_have_their_own_symbol_and_word() -> None:
    figure = draw(is_run=[week == 8 for week in range(13)], run_label="8 điểm liền một phía")
    squares = [line for line in figure.axes[0].lines if line.get_marker() == "s"]
    assert [len(line.get_xdata()) for line in squares] == [1]
    assert {"8 điểm liền một phía", "90,0%"} <= set(written(figure))


def test_words_of_signals_that_are_not_there_are_left_out() -> None:
    words = written(draw(signal_label="ngoài giới hạn", run_label="8 điểm liền một phía"))
    assert "ngoài giới hạn" not in words
    assert "8 điểm liền một phía" not in words


def test_respondents_are_written_where_there_is_room_and_scaled_where_not() -> None:
    n = list(range(101, 114))
    assert {str(count) for count in n} <= set(written(draw(n=n, width_px=1120)))
    narrow = written(draw(n=n, width_px=312))
    assert "113" in narrow
    assert "101" not in narrow


def test_second_limits_are_dotted_and_named() -> None:
    other = np.full(13, 0.6), np.full(13, 1.2)
    figure = draw(other_limits=other, other_label="giới hạn p")
    assert "giới hạn p" in written(figure)
    dotted = [line for line in figure.axes[0].lines if line.get_color() == "#12304f" and line.is_dashed()]
    assert {tuple(line.get_ydata()[:2]) for line in dotted} == {(0.6, 0.6), (1.0, 1.0)}


@pytest.mark.parametrize(("date_format", "wanted"), [("%d/%m", "15/06"), ("%m/%Y", "06/2026")])
def test_dates_are_written_as_asked_and_once(date_format: str, wanted: str) -> None:
    assert written(draw(date_format=date_format)).count(wanted) == 1


def test_one_point_and_two_points_are_drawn() -> None:
    assert pieces(draw([0.9])) == [1]
    assert pieces(draw([0.9, 0.8], n=[30, float("nan")])) == [2]
