"""Cells with too few respondents join others by a rule."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.weighting.collapsing import Collapsing, collapsed_cells, summed_cells

TABLES = hnp.arrays(np.int64, (5, 6), elements=st.integers(0, 6))
PARENTS = Collapsing(2, (["a", "a", "b", "b", "c", "c"], [0, 0, 0, 0, 1, 1]))


def test_empty_cell_joins_the_largest_of_its_parent() -> None:
    rule = Collapsing(parents=(["tax", "tax", "tax", "land"],))
    assert collapsed_cells([[3, 0, 7, 90]], [5, 5, 9, 99], rule).tolist() == [[0, 2, 2, 3]]


def test_parent_without_anyone_is_left_for_the_next() -> None:
    rule = Collapsing(parents=(["tax", "tax", "land"],))
    assert collapsed_cells([[0, 0, 8]], [5, 5, 9], rule).tolist() == [[2, 2, 2]]


def test_respondents_of_a_cell_without_dossiers_are_not_lost() -> None:
    assert collapsed_cells([[4, 8]], [0, 9], Collapsing()).tolist() == [[1, 1]]


def test_cell_without_anything_stays_alone() -> None:
    assert collapsed_cells([[0, 8]], [0, 9], Collapsing()).tolist() == [[0, 1]]


def test_unit_without_respondents_is_left_as_it_is() -> None:
    assert collapsed_cells([[0, 0]], [3, 9], Collapsing()).tolist() == [[0, 1]]


@given(TABLES, TABLES)
@settings(max_examples=60)
def test_sums_are_kept_and_no_short_cell_is_left_beside_others(n: np.ndarray, size: np.ndarray) -> None:
    cells = collapsed_cells(n, size, PARENTS)
    people, population = (summed_cells(part.astype(float), cells) for part in (n, size))
    np.testing.assert_array_equal(people.sum(axis=1), n.sum(axis=1))
    np.testing.assert_array_equal(population.sum(axis=1), size.sum(axis=1))
    np.testing.assert_array_equal(np.take_along_axis(cells, cells, axis=1), cells)
    short = ((people < 2) & (population > 0)) | ((people > 0) & (population == 0))
    alone = (people > 0).sum(axis=1) <= 1
    assert not (short.any(axis=1) & ~alone & (n.sum(axis=1) >= 2) & (size.sum(axis=1) > 0)).any()


@given(TABLES)
@settings(max_examples=30)
def test_units_are_collapsed_each_by_itself(n: np.ndarray) -> None:
    size = np.arange(1, 7)
    together = collapsed_cells(n, size, PARENTS)
    np.testing.assert_array_equal(together, [collapsed_cells([row], size, PARENTS)[0] for row in n])


def test_collapsing_rejects_bad_input() -> None:
    with pytest.raises(InvalidOption, match="min_n"):
        Collapsing(min_n=0)
    with pytest.raises(InvalidShape, match="2 labels"):
        collapsed_cells([[1, 2]], [1, 2], Collapsing(parents=(["a"],)))
    with pytest.raises(InvalidShape, match=r"\(U, G\)"):
        collapsed_cells([1, 2], [1, 2], Collapsing())
    with pytest.raises(InvalidCounts, match="whole"):
        collapsed_cells([[0.5, 2]], [1, 2], Collapsing())
