"""Ceiling, floor, missing answers and entropy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.errors import InvalidCounts, InvalidShape
from analysis.intervals.shares import wilson_interval
from analysis.measurement.level_use import level_use

tables = st.lists(st.lists(st.integers(0, 50), min_size=5, max_size=5), min_size=1, max_size=4)


def test_entropy_and_ends_against_scipy() -> None:
    counts = np.array([[3, 1, 4, 15, 80], [10, 10, 10, 10, 10]])
    found = level_use(counts, n_missing=[7, 0])
    expected = [stats.entropy(row) / np.log(5) for row in counts]
    np.testing.assert_allclose(found.entropy, expected)
    assert found.ceiling.ci_low[0] == wilson_interval(80, 103).ci_low
    assert found.floor.value.tolist() == [3 / 103, 0.2]
    assert found.nonresponse.value.tolist() == [7 / 110, 0.0]
    assert found.n_levels_used.tolist() == [5, 5]


@given(tables)
def test_entropy_lies_between_none_and_all_and_ignores_the_order_of_levels(counts: list) -> None:
    straight, turned = level_use(counts), level_use([row[::-1] for row in counts])
    known = np.isfinite(straight.entropy)
    assert ((straight.entropy[known] >= 0) & (straight.entropy[known] <= 1 + 1e-12)).all()
    np.testing.assert_allclose(straight.entropy, turned.entropy)
    np.testing.assert_array_equal(straight.floor.value, turned.ceiling.value)


def test_nobody_answered_degenerate() -> None:
    found = level_use([[0, 0, 0]], n_missing=[4])
    assert np.isnan(found.entropy).all()
    assert (found.ceiling.ci_low.item(), found.ceiling.ci_high.item()) == (0.0, 1.0)
    assert found.nonresponse.value.item() == 1.0


def test_design_effect_widens_the_interval() -> None:
    plain, clustered = level_use([[0, 5, 95]]), level_use([[0, 5, 95]], design_effect=3)
    assert clustered.ceiling.ci_low < plain.ceiling.ci_low


@pytest.mark.parametrize(
    ("counts", "missing", "error"),
    [
        ([1, 2, 3], 0, InvalidShape),
        ([[1], [2]], 0, InvalidShape),
        ([[1, -1]], 0, InvalidCounts),
        ([[1, 0.5]], 0, InvalidCounts),
        ([[1, 2]], [1, 2], InvalidShape),
        ([[1, 2]], -1, InvalidCounts),
    ],
)
def test_level_use_rejects_bad_input(counts: list, missing: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        level_use(counts, n_missing=missing)
