"""The letters of the groups that cannot be told apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.comparing.letters import compact_letters
from analysis.errors import StatisticsError


def apart_of(seed: int, size: int, density: float) -> np.ndarray:
    upper = np.triu(np.random.default_rng(seed).random((size, size)) < density, 1)
    return upper | upper.T


def pairs_of(table: np.ndarray) -> np.ndarray:
    return table[np.triu_indices(len(table), 1)]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8), st.floats(0, 1))
def test_letters_against_brute_force(seed: int, size: int, density: float) -> None:
    apart = apart_of(seed, size, density)
    found = compact_letters(pairs_of(apart), value=-np.arange(size))
    fits = [
        members
        for bits in range(1, 1 << size)
        if not apart[np.ix_(members := [i for i in range(size) if bits >> i & 1], members)].any()
    ]
    largest = [set(a) for a in fits if not any(set(a) < set(b) for b in fits)]
    assert sorted(map(sorted, largest)) == [np.flatnonzero(column).tolist() for column in found.groups.T]


@given(st.integers(0, 10_000), st.integers(2, 12))
def test_units_share_a_letter_exactly_where_not_told_apart(seed: int, size: int) -> None:
    apart = apart_of(seed, size, 0.5)
    value = np.random.default_rng(seed + 1).random(size)
    groups = compact_letters(pairs_of(apart), value=value).groups.astype(int)
    np.testing.assert_array_equal(groups @ groups.T > 0, ~apart)


def test_the_best_unit_has_the_first_letter_and_nan_none() -> None:
    apart = np.array([[False, False, True], [False, False, False], [True, False, False]])
    assert compact_letters(pairs_of(apart), value=[0.1, np.nan, 0.9]).letters == ("b", "", "a")


def test_nobody_has_no_letters_degenerate() -> None:
    assert compact_letters(np.zeros(0, dtype=bool), value=[]).letters == ()
    assert compact_letters(np.zeros(0, dtype=bool), value=[0.5]).letters == ("a",)


def test_letters_after_z_and_too_many_groups() -> None:
    every = ~np.eye(30, dtype=bool)
    letters = compact_letters(pairs_of(every), value=-np.arange(30)).letters
    assert letters[25:28] == ("z", "a1", "b1")
    pairs = np.kron(np.eye(11, dtype=bool), np.array([[False, True], [True, False]]))
    with pytest.raises(StatisticsError):
        compact_letters(pairs_of(pairs), value=-np.arange(22))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: compact_letters([0.1], value=[1, 2]),
        lambda: compact_letters([True], value=[1, 2, 3]),
        lambda: compact_letters([[False, True], [True, False]], value=[1, 2]),
    ],
)
def test_letters_reject_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
