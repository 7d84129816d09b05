"""Quadrants of importance and performance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InvalidCounts, InvalidShape
from analysis.intervals.shares import wilson_interval
from analysis.measurement.importance import correlation_interval
from analysis.measurement.importance_performance import Quadrant, importance_performance

centres = st.floats(-1, 1)


def around(values: list[float], half: float) -> np.ndarray:
    middle = np.array(values)
    return np.column_stack([middle, middle - half, middle + half])


def test_each_corner_has_its_name() -> None:
    found = importance_performance(
        around([0.9, 0.9, 0.1, 0.1], 0.05), around([0.9, 0.1, 0.9, 0.1], 0.05), items="abcd"
    )
    assert found.quadrants == (
        Quadrant.KEEP_UP,
        Quadrant.CONCENTRATE_HERE,
        Quadrant.POSSIBLE_OVERKILL,
        Quadrant.LOW_PRIORITY,
    )
    assert found.nearest == found.quadrants
    assert found.cross_hairs == pytest.approx((0.5, 0.5))


def test_an_interval_over_a_cross_hair_cannot_tell() -> None:
    found = importance_performance(
        around([0.9, 0.1], 0.5), around([0.9, 0.1], 0.05), items="ab", cross_hairs=(0.5, 0.5)
    )
    assert found.quadrants == (Quadrant.CANNOT_TELL, Quadrant.CANNOT_TELL)
    assert found.nearest == (Quadrant.KEEP_UP, Quadrant.LOW_PRIORITY)


def test_an_interval_that_ends_on_the_cross_hair_cannot_tell() -> None:
    found = importance_performance([[0.75, 0.5, 1.0]], [[0.75, 0.6, 1.0]], items="a", cross_hairs=(0.5, 0.5))
    assert found.quadrants == (Quadrant.CANNOT_TELL,)


def test_estimates_carry_their_methods() -> None:
    found = importance_performance(
        correlation_interval([0.8, 0.2], 2_000),
        wilson_interval([600, 950], [1_000, 1_000]),
        items=("wait", "signs"),
    )
    assert found.quadrants == (Quadrant.CONCENTRATE_HERE, Quadrant.POSSIBLE_OVERKILL)
    assert (found.importance_method, found.performance_method) == ("fisher_z", "wilson")


@given(st.lists(st.tuples(centres, centres), min_size=1, max_size=6), st.floats(0, 0.5), st.floats(0, 0.5))
def test_wider_intervals_only_take_items_away(points: list, narrow: float, more: float) -> None:
    first, second = ([point[axis] for point in points] for axis in (0, 1))
    items = [str(position) for position in range(len(points))]
    before, after = (
        importance_performance(around(first, half), around(second, half), items=items, cross_hairs=(0, 0))
        for half in (narrow, narrow + more)
    )
    for old, new, nearest in zip(before.quadrants, after.quadrants, before.nearest, strict=True):
        assert new in (old, Quadrant.CANNOT_TELL)
        assert old in (nearest, Quadrant.CANNOT_TELL)


@pytest.mark.parametrize(
    ("importance", "performance", "items", "error"),
    [
        (around([0.5], 0.1), around([0.5, 0.6], 0.1), "a", InvalidShape),
        ([0.5, 0.6], around([0.5, 0.6], 0.1), "ab", InvalidShape),
        (np.empty((0, 3)), np.empty((0, 3)), "", InvalidShape),
        ([[0.5, 0.6, 0.7]], around([0.5], 0.1), "a", InvalidCounts),
        ([[np.nan, 0.6, 0.7]], around([0.5], 0.1), "a", InvalidCounts),
    ],
)
def test_quadrants_reject_bad_input(
    importance: object, performance: object, items: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        importance_performance(importance, performance, items=items)


def test_cross_hairs_must_be_numbers() -> None:
    with pytest.raises(InvalidCounts):
        importance_performance(around([0.5], 0.1), around([0.5], 0.1), items="a", cross_hairs=(np.nan, 0.5))
