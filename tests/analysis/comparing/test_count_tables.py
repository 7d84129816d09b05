"""Chi-square tests from counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.comparing.count_tables import fit_tests, homogeneity_tests
from analysis.comparing.hypothesis_tests import NoTest
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape, StatisticsError


@given(st.integers(2, 6), st.integers(2, 5), st.integers(0, 9999))
@settings(max_examples=60, deadline=None)
def test_homogeneity_against_scipy(units: int, levels: int, seed: int) -> None:
    table = np.random.default_rng(seed).integers(1, 80, (units, levels))
    found, wanted = homogeneity_tests(table).at(), stats.chi2_contingency(table, correction=False)
    assert (found.statistic, found.df, found.p_value) == pytest.approx(
        (wanted.statistic, wanted.dof, wanted.pvalue), rel=1e-9
    )


def test_many_tables_at_once_are_each_as_alone() -> None:
    tables = np.random.default_rng(1).integers(0, 30, (7, 4, 5))
    found = homogeneity_tests(tables)
    assert found.p_value.shape == (7,)
    np.testing.assert_allclose(found.statistic, [homogeneity_tests(table).statistic for table in tables])


@given(st.integers(0, 9999), st.floats(1.1, 5.0))
@settings(max_examples=30, deadline=None)
def test_order_of_units_and_levels_does_not_matter_and_design_effects_divide(
    seed: int, effect: float
) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(1, 50, (4, 3))
    alone = homogeneity_tests(table).statistic
    mixed = table[rng.permutation(4)][:, rng.permutation(3)]
    assert homogeneity_tests(mixed).statistic == pytest.approx(alone.item())
    assert homogeneity_tests(table, design_effect=effect).statistic == pytest.approx(alone.item() / effect)
    assert homogeneity_tests(3 * table).statistic == pytest.approx(3 * alone.item())


def test_design_effect_of_each_unit_weighs_it() -> None:
    table = [[40, 60], [60, 40], [50, 50]]
    loud, quiet = (homogeneity_tests(table, design_effect=d).statistic.item() for d in ([1, 1, 9], [9, 1, 1]))
    assert quiet < loud < homogeneity_tests(table).statistic.item() + 1e-9


def test_empty_units_and_levels_are_left_out_of_the_degrees_of_freedom() -> None:
    padded = homogeneity_tests([[30, 0, 20], [0, 0, 0], [10, 0, 40]]).at()
    plain = homogeneity_tests([[30, 20], [10, 40]]).at()
    assert (padded.statistic, padded.df) == pytest.approx((plain.statistic, plain.df))


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ([[0, 0], [0, 0]], NoTest.NOBODY),
        ([[3, 4], [0, 0]], NoTest.ONE_GROUP),
        ([[5]], NoTest.ONE_GROUP),
        ([[5, 0], [7, 0]], NoTest.ONE_LEVEL),
    ],
)
def test_degenerate_tables_say_why_there_is_no_test(table: list[list[int]], code: NoTest) -> None:
    found = homogeneity_tests(table).at()
    assert found.reason == code.reason
    assert found.reason
    assert np.isnan(found.p_value)


def test_fit_against_scipy_and_with_design_effect() -> None:
    counts, shares = np.array([[18, 22, 20, 40], [25, 25, 25, 25]]), np.array([0.2, 0.2, 0.2, 0.4])
    found = fit_tests(counts, shares, design_effect=[1.0, 2.0])
    for row, count in enumerate(counts):
        wanted = stats.chisquare(count, shares * count.sum()).statistic
        assert found[row].statistic == pytest.approx(wanted / (row + 1))
        assert found[row].df == 3


def test_fit_without_answers_or_with_one_level_says_why() -> None:
    found = fit_tests([[0, 0], [3, 0]], [[0.5, 0.5], [1.0, 0.0]])
    assert [found[row].reason for row in (0, 1)] == [NoTest.NOBODY.reason, NoTest.ONE_LEVEL.reason]


def test_counts_rejects_bad_input() -> None:
    for bad in ([[1, -1], [2, 3]], [[1.5, 1], [2, 3]], [[np.nan, 1], [2, 3]]):
        with pytest.raises(InvalidCounts):
            homogeneity_tests(bad)
    with pytest.raises(InvalidShape):
        homogeneity_tests([1, 2, 3])
    with pytest.raises(InvalidShape):
        homogeneity_tests(np.zeros((2, 0)))
    with pytest.raises(InvalidOption):
        homogeneity_tests([[1, 2], [3, 4]], design_effect=0)
    with pytest.raises(InvalidShape):
        homogeneity_tests([[1, 2], [3, 4]], design_effect=[1, 1, 1])
    with pytest.raises(InvalidCounts):
        fit_tests([1, 2], [0.5, 0.6])
    with pytest.raises(InvalidCounts):
        fit_tests([1, 2], [1.0, 0.0])
    with pytest.raises(StatisticsError):
        fit_tests([1, 2], [0.2, 0.3, 0.5])
