"""Words beside marks: none over another word or a mark, none outside, none taken for another's."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.charts.labels import MARK_PX, along, crosses, overlap, place

BOUNDS = (0.0, 0.0, 400.0, 300.0)
PIXELS = st.tuples(st.integers(5, 395), st.integers(5, 295))


@settings(max_examples=40, deadline=None)
@given(st.lists(PIXELS, min_size=1, max_size=12), st.lists(PIXELS, max_size=20), st.integers(8, 90))
def test_placed_words_hide_nothing(marks: list, others: list, width: int) -> None:
    taken = [(100.0, 100.0, 180.0, 120.0)]
    placed = place(marks, [(width, 15.0)] * len(marks), bounds=BOUNDS, others=others, taken=taken)
    boxes = [one.box for one in placed if one.box is not None]
    around = [(x - MARK_PX, y - MARK_PX, x + MARK_PX, y + MARK_PX) for x, y in (*marks, *others)]
    for index, box in enumerate(boxes):
        assert BOUNDS[0] <= box[0] and BOUNDS[1] <= box[1] and box[2] <= BOUNDS[2] and box[3] <= BOUNDS[3]
        assert not any(overlap(box, other) for other in (*boxes[:index], *around, *taken))


@settings(max_examples=40, deadline=None)
@given(st.lists(PIXELS, min_size=1, max_size=10, unique=True))
def test_lines_to_marks_strike_through_no_word(marks: list) -> None:
    placed = place(marks, [(40.0, 15.0)] * len(marks), bounds=BOUNDS)
    for one in placed:
        if one.box is not None and one.has_leader:
            assert not any(
                crosses(other.box, one.leader) for other in placed if other.box not in (None, one.box)
            )


def test_word_without_a_line_is_nearest_to_its_own_mark() -> None:
    rng = np.random.default_rng(1)
    marks = [tuple(mark) for mark in rng.uniform(20, 280, (14, 2)).tolist()]
    for one in place(marks, [(30.0, 15.0)] * 14, bounds=BOUNDS):
        if one.box is not None and not one.has_leader:
            left, top, right, bottom = one.box
            nearest = [(min(max(x, left), right), min(max(y, top), bottom)) for x, y in marks]
            gaps = [math.dist(mark, edge) for mark, edge in zip(marks, nearest, strict=True)]
            assert marks[int(np.argmin(gaps))] == one.at


def test_a_word_with_no_room_has_no_box() -> None:
    (placed,) = place([(50, 50)], [(900.0, 15.0)], bounds=BOUNDS)
    assert placed.box is None


def test_no_mark_needs_no_room() -> None:
    assert place([], [], bounds=BOUNDS) == []


@given(
    st.tuples(st.integers(-50, 50), st.integers(-50, 50)),
    st.tuples(st.integers(-50, 50), st.integers(-50, 50)),
)
def test_crosses_agrees_with_points_along_the_line(start: tuple, end: tuple) -> None:
    box = (-10.0, -5.0, 12.0, 7.0)
    steps = np.linspace(0, 1, 4001)[:, None]
    line = np.array(start) * (1 - steps) + np.array(end) * steps
    is_inside = ((line > np.array(box[:2])) & (line < np.array(box[2:]))).all(1).any()
    if is_inside:
        assert crosses(box, (start, end))
    wider = ((line > np.array(box[:2]) - 0.1) & (line < np.array(box[2:]) + 0.1)).all(1).any()
    if not wider:
        assert not crosses(box, (start, end))


def test_boxes_along_a_curve_cover_it() -> None:
    boxes = along([0, 100], [0, 50])
    assert all(
        any(b[0] <= x <= b[2] and b[1] - 2 <= x / 2 <= b[3] + 2 for b in boxes) for x in range(0, 97, 3)
    )
