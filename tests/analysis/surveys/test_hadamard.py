"""Hadamard matrices of small orders."""

import numpy as np
import pytest

from analysis.errors import InvalidOption
from analysis.surveys.hadamard import hadamard_matrix

ORDERS = {
    1: 1,
    2: 2,
    3: 4,
    5: 8,
    9: 12,
    13: 16,
    17: 20,
    21: 24,
    25: 28,
    33: 36,
    37: 40,
    49: 56,
    61: 64,
    73: 76,
    97: 104,
}


@pytest.mark.parametrize(("least", "order"), ORDERS.items())
def test_smallest_order_is_found(least: int, order: int) -> None:
    assert len(hadamard_matrix(least)) == order


@pytest.mark.parametrize("least", [1, 2, *range(3, 180, 4)])
def test_columns_are_orthogonal_and_the_first_is_one(least: int) -> None:
    found = hadamard_matrix(least)
    assert len(found) >= least
    np.testing.assert_array_equal(found.T @ found, len(found) * np.eye(len(found), dtype=int))
    assert (found[:, 0] == 1).all()
    assert (found[:, 1:].sum(axis=0) == 0).all()


def test_hadamard_rejects_bad_input() -> None:
    with pytest.raises(InvalidOption):
        hadamard_matrix(0)
