"""All pairs of units, and the letters of the groups that cannot be told apart."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest

from analysis.comparing.pairwise_tests import compact_letters, pairwise_share_tests, pairwise_tests
from analysis.errors import StatisticsError

K, N = np.array([83, 90, 129, 70]), np.array([100, 93, 136, 82])


def apart_of(seed: int, size: int, density: float) -> np.ndarray:
    upper = np.triu(np.random.default_rng(seed).random((size, size)) < density, 1)
    return upper | upper.T


@pytest.mark.parametrize("adjustment", ["holm", "bonferroni"])
def test_share_tests_against_statsmodels(adjustment: str) -> None:
    found = pairwise_share_tests(K, N, adjustment=adjustment)
    rows, columns = np.triu_indices(4, 1)
    p = [proportions_ztest(K[[i, j]], N[[i, j]])[1] for i, j in zip(rows, columns, strict=True)]
    np.testing.assert_allclose(found.p_values[rows, columns], p, rtol=1e-10)
    np.testing.assert_allclose(
        found.adjusted[rows, columns], multipletests(p, method=adjustment)[1], rtol=1e-10
    )
    np.testing.assert_array_equal(found.adjusted, found.adjusted.T)


def test_covariance_enters_the_difference() -> None:
    covariance = np.array([[0.02, 0.015], [0.015, 0.02]])
    plain = pairwise_tests([0.8, 0.6], standard_error=np.sqrt([0.02, 0.02]))
    shared = pairwise_tests([0.8, 0.6], covariance=covariance)
    assert shared.p_values[0, 1] == pytest.approx(2 * 0.02275013, rel=1e-5)
    assert shared.p_values[0, 1] < plain.p_values[0, 1]
    assert pairwise_tests([0.8, 0.6], covariance=covariance, df=4).p_values[0, 1] > shared.p_values[0, 1]


def test_all_satisfied_and_empty_units_degenerate() -> None:
    found = pairwise_share_tests([10, 20, 0], [10, 20, 0])
    assert found.p_values[0, 1] == 1
    assert np.isnan(found.adjusted[2]).all()
    assert len(pairwise_share_tests([], [])) == 0
    assert compact_letters(np.zeros((0, 0), dtype=bool), value=[]).letters == ()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 8), st.floats(0, 1))
def test_letters_against_brute_force(seed: int, size: int, density: float) -> None:
    apart = apart_of(seed, size, density)
    found = compact_letters(apart, value=-np.arange(size))
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
    groups = compact_letters(apart, value=value).groups.astype(int)
    np.testing.assert_array_equal(groups @ groups.T > 0, ~apart)


def test_the_best_unit_has_the_first_letter_and_nan_none() -> None:
    apart = np.array([[False, False, True], [False, False, False], [True, False, False]])
    assert compact_letters(apart, value=[0.1, np.nan, 0.9]).letters == ("b", "", "a")


def test_letters_after_z_and_too_many_groups() -> None:
    every = ~np.eye(30, dtype=bool)
    letters = compact_letters(every, value=-np.arange(30)).letters
    assert letters[25:28] == ("z", "a1", "b1")
    pairs = np.kron(np.eye(11, dtype=bool), np.array([[False, True], [True, False]]))
    with pytest.raises(StatisticsError):
        compact_letters(pairs, value=-np.arange(22))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: pairwise_tests([0.5, 0.6]),
        lambda: pairwise_tests([0.5, 0.6], standard_error=[0.1, 0.1], df=0),
        lambda: pairwise_tests([0.5, 0.6], standard_error=[0.1, 0.1], adjustment="none"),
        lambda: pairwise_share_tests([5, 11], [10, 10]),
        lambda: pairwise_share_tests([[5]], [[10]]),
        lambda: compact_letters([[0.1, 0.2], [0.2, 0.1]], value=[1, 2]),
        lambda: compact_letters([[False, True], [False, False]], value=[1, 2]),
        lambda: compact_letters([[True]], value=[1]),
    ],
)
def test_pairwise_tests_reject_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
