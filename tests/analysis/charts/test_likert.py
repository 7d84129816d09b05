"""Diverging bars: every bar has length 1, zero is common, missing answers are counted apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from analysis.charts import LikertRow, diverging_bars
from analysis.charts.likert import _layout, _neutral
from analysis.errors import InvalidOption, InvalidShape
from analysis.types import Estimate
from tests.analysis.charts.drawings import LEVELS, VIETNAMESE

ROW = LikertRow("Câu một", [201, 164, 29, 12, 6], (7, 2), Estimate(0.886, 0.846, 0.921, 412))


def draw(rows=(ROW,), levels=LEVELS, **more) -> Figure:
    missing = ("Không biết", "Không liên quan") if any(row.missing for row in rows) else ()
    return diverging_bars(list(rows), levels=levels, missing_labels=missing, text=VIETNAMESE, **more)


def written(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.texts}


@settings(max_examples=60)
@given(
    st.integers(2, 11).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 50), min_size=n, max_size=n), min_size=1, max_size=6)
    ),
    st.booleans(),
)
def test_bars_have_length_one_and_do_not_overlap(counts: list[list[int]], is_aside: bool) -> None:
    n_levels = len(counts[0])
    neutral = _neutral(n_levels, None)
    rows = [LikertRow("a", row) for row in counts]
    layout = _layout(rows, n_levels, neutral, is_aside=is_aside and bool(neutral))
    answered = np.array([sum(row) > 0 for row in counts])
    assert np.allclose(layout.shares.sum(axis=1), answered)
    ends = layout.starts + layout.shares
    order = np.argsort(layout.starts - 1e-9 * np.arange(n_levels), axis=1)
    starts_in, ends_in = (np.take_along_axis(a, order, 1) for a in (layout.starts, ends))
    assert (starts_in[:, 1:] - ends_in[:, :-1] >= -1e-9).all()
    assert (layout.starts >= layout.low - 1e-9).all()
    assert (ends <= layout.high + 1e-9).all()


def test_neutral_is_split_in_half_around_zero() -> None:
    layout = _layout([ROW], 5, [2], is_aside=False)
    assert layout.starts[0, 2] == pytest.approx(-29 / 412 / 2)
    assert layout.starts[0, 1] == pytest.approx(29 / 412 / 2)


def test_neutral_set_aside_leaves_both_sides_at_zero() -> None:
    layout = _layout([ROW], 5, [2], is_aside=True)
    assert layout.starts[0, 1] == 0
    assert layout.starts[0, 3] + layout.shares[0, 3] == pytest.approx(0)
    assert layout.starts[0, 2] == layout.aside_from > layout.starts[0, 0] + layout.shares[0, 0]


def test_respondents_interval_and_missing_reasons_are_written() -> None:
    assert {"412", "88,6% (84,6–92,1)", "Không biết", "7", "2", "49%", "40%"} <= written(draw())


def test_row_without_answers_and_withheld_row_draw_no_bar() -> None:
    blank = LikertRow("Câu hai", [0] * 5, (3, 1), Estimate(float("nan"), 0, 1, 0))
    withheld = LikertRow("Câu ba", None, note="dưới 5 phiếu")
    figure = draw([ROW, blank, withheld])
    assert {"Câu hai", "Câu ba", "dưới 5 phiếu", "0", "3"} <= written(figure)
    outlines = figure.axes[0].patches[-1].get_path()
    assert len(outlines.vertices) == 5


def test_everyone_at_the_best_level_is_one_whole_bar() -> None:
    assert "100%" in written(draw([LikertRow("Câu một", [400, 0, 0, 0, 0])]))


@pytest.mark.parametrize("n_levels", [2, 3, 4, 7, 11])
def test_scales_of_other_lengths_are_drawn(n_levels: int) -> None:
    levels = [f"mức {level}" for level in range(n_levels)]
    assert set(levels) <= written(draw([LikertRow("a", [30] * n_levels)], levels))


def test_several_neutral_levels_are_those_named() -> None:
    layout = _layout([LikertRow("a", [10] * 11)], 11, [2, 3], is_aside=False)
    assert layout.starts[0, 1] == pytest.approx(1 / 11)
    assert layout.starts[0, 3] == pytest.approx(-1 / 11)


def test_diverging_bars_rejects_bad_input() -> None:
    with pytest.raises(InvalidShape, match="two levels"):
        draw([LikertRow("a", [1])], ["một"])
    with pytest.raises(InvalidShape, match="5 counts"):
        draw([LikertRow("a", [1, 2])])
    with pytest.raises(InvalidShape, match="counts >= 0"):
        draw([LikertRow("a", [1, 2, -1, 0, 0])])
    with pytest.raises(InvalidShape, match="missing counts"):
        draw([LikertRow("a", [1] * 5, (1, 2, 3))])
    for neutral in ([0], [4], [1, 3]):
        with pytest.raises(InvalidOption, match="neighbouring"):
            draw(neutral=neutral)
