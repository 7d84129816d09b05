"""Polychoric correlations of tables and of many items."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.measurement.bivariate_normal import rectangle_probabilities
from analysis.measurement.polychoric import cross_tables, polychoric_correlation, polychoric_matrix
from analysis.measurement.polychoric_fit import fit_tables, table_log_likelihood

# Lambs born to 227 ewes in two years (Tallis 1962), a standard example since Olsson (1979) and Drasgow (1988).
EWES = np.array([[58, 52, 1], [26, 58, 3], [8, 12, 9]])
seeds = st.integers(0, 10_000)


def levels(seed: int, *, n: int = 300, size: int = 4, missing: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    opinion = 0.7 * rng.normal(size=(n, 1)) + 0.7 * rng.normal(size=(n, size))
    found = np.digitize(opinion, [-1.2, -0.4, 0.5, 1.3])
    return np.where(rng.random(found.shape) < missing, -1, found)


def table_of(seed: int, *, n: int = 300) -> np.ndarray:
    return cross_tables(levels(seed, n=n, size=2), n_levels=5)[0, 1]


def test_polychoric_against_paper() -> None:
    two_step, ml = (polychoric_correlation(EWES, method=method) for method in ("two_step", "ml"))
    assert two_step.value == pytest.approx(0.4199, abs=5e-5)
    assert ml.value == pytest.approx(0.4192, abs=5e-5)
    np.testing.assert_allclose(ml.row_thresholds, [-0.0297, 1.1331], atol=5e-5)
    np.testing.assert_allclose(ml.column_thresholds, [-0.2421, 1.5938], atol=5e-5)


def test_full_likelihood_against_a_general_optimiser() -> None:
    counts = table_of(1)
    found = polychoric_correlation(counts, method="ml")
    theta = np.concatenate([[found.value], found.row_thresholds, found.column_thresholds])

    def loss(at: np.ndarray) -> float:
        return -table_log_likelihood(counts[None].astype(float), at[None])[0]

    best = optimize.minimize(
        loss, theta + 0.01, method="Nelder-Mead", options={"maxiter": 4_000, "xatol": 1e-7}
    )
    assert loss(theta) <= best.fun + 1e-7
    assert found.value == pytest.approx(best.x[0], abs=1e-4)


def test_tetrachoric_at_the_median_against_theory() -> None:
    # Sheppard (1899): with both cuts at the median, the share in two opposite cells gives sin(2π (p - 1/4)).
    found = polychoric_correlation([[40, 10], [10, 40]])
    assert found.value == pytest.approx(np.sin(2 * np.pi * (0.4 - 0.25)), abs=1e-12)
    assert found.df == 0 and np.isnan(found.p_value)


def test_exact_shares_give_the_correlation_back() -> None:
    rows, columns = np.array([-1.0, 0.2, 1.1]), np.array([-0.5, 0.8])
    for rho in (-0.95, -0.3, 0.0, 0.7):
        shares = rectangle_probabilities(rows, columns, rho)
        for method in ("two_step", "ml"):
            found = polychoric_correlation(1e4 * shares, method=method)
            assert found.value == pytest.approx(rho, abs=1e-6)
            np.testing.assert_allclose(found.row_thresholds, rows, atol=1e-6)
            assert found.chi_square == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("method", ["two_step", "ml"])
def test_standard_error_against_simulation(method: str) -> None:
    rng = np.random.default_rng(20_260_101)
    shares = rectangle_probabilities(np.array([-1.2, -0.3, 0.9]), np.array([-0.8, 0.4]), 0.6)
    tables = rng.multinomial(400, shares.ravel(), size=1_000).reshape(-1, 4, 3)
    found = fit_tables(tables, method=method)
    assert found.converged.all()
    assert found.standard_error.mean() == pytest.approx(found.correlation.std(), rel=0.08)


@settings(max_examples=30)
@given(seeds, st.sampled_from(["two_step", "ml"]))
def test_reversing_one_scale_turns_the_sign(seed: int, method: str) -> None:
    counts = table_of(seed)
    straight, turned, across = (
        polychoric_correlation(table, method=method) for table in (counts, counts[::-1], counts.T)
    )
    assert turned.value == pytest.approx(-straight.value, abs=1e-7)
    assert across.value == pytest.approx(straight.value, abs=1e-7)
    assert straight.ci_low <= straight.value <= straight.ci_high
    assert turned.standard_error == pytest.approx(straight.standard_error, rel=1e-4)


@settings(max_examples=20)
@given(seeds, st.integers(2, 20))
def test_more_people_narrow_the_interval_and_leave_the_estimate(seed: int, times: int) -> None:
    few, many = (polychoric_correlation(factor * table_of(seed)) for factor in (1, times))
    assert many.value == pytest.approx(few.value, abs=1e-9)
    assert many.standard_error == pytest.approx(few.standard_error / np.sqrt(times), rel=1e-6)


def test_unused_levels_change_nothing() -> None:
    wide = np.insert(np.insert(EWES, 1, 0, axis=0), 3, 0, axis=1)
    for method in ("two_step", "ml"):
        first, second = (polychoric_correlation(table, method=method) for table in (EWES, wide))
        assert second.value == pytest.approx(first.value, abs=1e-9)
        assert second.df == first.df


@pytest.mark.parametrize("method", ["two_step", "ml"])
@pytest.mark.parametrize("table", [[[40, 0], [10, 40]], [[20, 0, 0], [0, 20, 0], [0, 0, 20]]])
def test_empty_corner_is_said_to_be_at_the_boundary_degenerate(method: str, table: list) -> None:
    found = polychoric_correlation(table, method=method)
    assert found.is_at_boundary and np.isnan(found.standard_error)
    assert 0.8 < found.ci_low < found.value < found.ci_high == 1.0
    turned = polychoric_correlation(np.array(table)[::-1], method=method)
    assert (turned.ci_low, turned.ci_high) == (-1.0, pytest.approx(-found.ci_low, abs=1e-5))


def test_two_people_say_nothing_degenerate() -> None:
    found = polychoric_correlation([[1, 0], [0, 1]])
    assert found.is_at_boundary
    assert found.ci_low < 0


def test_cross_tables_against_a_plain_loop_and_add_up() -> None:
    answers = levels(3, missing=0.2)
    found = cross_tables(answers, n_levels=5)
    expected = np.zeros((5, 5), dtype=int)
    for first, second in answers[:, [1, 3]]:
        if first >= 0 and second >= 0:
            expected[first, second] += 1
    np.testing.assert_array_equal(found[1, 3], expected)
    np.testing.assert_array_equal(found[3, 1], expected.T)
    parts = cross_tables(answers[:100], n_levels=5) + cross_tables(answers[100:], n_levels=5)
    np.testing.assert_array_equal(parts, found)


@pytest.mark.parametrize("method", ["two_step", "ml"])
def test_matrix_equals_pairs(method: str) -> None:
    tables = cross_tables(levels(4, missing=0.1), n_levels=5)
    found = polychoric_matrix(tables, items="abcd", method=method)
    alone = polychoric_correlation(tables[1, 3], method=method)
    assert found.correlation[3, 1] == pytest.approx(alone.value, abs=1e-9)
    assert found.standard_error[1, 3] == pytest.approx(alone.standard_error, rel=1e-6)
    assert not found.is_smoothed and found.n[1, 3] == alone.n


def test_matrix_of_items_with_different_levels() -> None:
    answers = levels(5)
    answers[:, 0] = np.minimum(answers[:, 0], 2)
    tables = cross_tables(answers, n_levels=5)
    for method in ("two_step", "ml"):
        found = polychoric_matrix(tables, method=method)
        alone = polychoric_correlation(tables[0, 2], method=method)
        assert found.correlation[0, 2] == pytest.approx(alone.value, abs=1e-8)


def test_contradicting_pairs_are_smoothed_and_said_to_be() -> None:
    def pair(rho: float) -> np.ndarray:
        return 1e4 * rectangle_probabilities(np.zeros(1), np.zeros(1), rho)

    tables = np.ones((3, 3, 2, 2))
    tables[0, 1], tables[1, 2], tables[0, 2] = pair(0.9), pair(0.9), pair(-0.9)
    found = polychoric_matrix(tables)
    assert found.is_smoothed and found.least_eigenvalue < 0
    assert np.linalg.eigvalsh(found.correlation)[0] > 0
    assert found.unsmoothed[0, 2] == pytest.approx(-0.9, abs=1e-6)
    np.testing.assert_allclose(np.diag(found.correlation), 1.0)


def test_latent_correlation_is_recovered_where_pearson_falls_short() -> None:
    rng = np.random.default_rng(7)
    latent = rng.multivariate_normal([0, 0], [[1, 0.7], [0.7, 1]], size=20_000)
    answers = np.digitize(latent, [-1.8, -1.2, -0.6])
    found = polychoric_matrix(cross_tables(answers, n_levels=4)).correlation[0, 1]
    assert found == pytest.approx(0.7, abs=0.02)
    assert stats.pearsonr(*answers.T.astype(float)).statistic < 0.62


def test_231_pairs_in_less_than_two_seconds() -> None:
    tables = cross_tables(levels(8, n=2_000, size=22), n_levels=5)
    start = time.perf_counter()
    for method in ("two_step", "ml"):
        polychoric_matrix(tables, method=method)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("table", "error"),
    [
        ([1, 2], InvalidShape),
        ([[1]], InvalidShape),
        ([[1, 2]], InvalidShape),
        ([[1, -2], [3, 4]], InvalidCounts),
        ([[1, np.nan], [3, 4]], InvalidCounts),
        ([[1, 2], [0, 0]], InvalidCounts),
        ([[0, 0], [0, 0]], InvalidCounts),
    ],
)
def test_polychoric_rejects_bad_input(table: list, error: type[Exception]) -> None:
    with pytest.raises(error):
        polychoric_correlation(table)


def test_polychoric_rejects_bad_options() -> None:
    with pytest.raises(InvalidOption):
        polychoric_correlation(EWES, method="pearson")
    with pytest.raises(InvalidOption):
        polychoric_correlation(EWES, confidence_level=95)
    with pytest.raises(InvalidCounts, match="empty table"):
        fit_tables([[[0, 0], [0, 0]]])
    with pytest.raises(InvalidCounts, match="empty row"):
        fit_tables([[[1, 2], [0, 0]]], method="ml")


def test_matrix_rejects_bad_input() -> None:
    constant = levels(9)
    constant[:, 2] = 4
    with pytest.raises(InvalidCounts, match="table of 1 and 3"):
        polychoric_matrix(cross_tables(constant, n_levels=5))
    with pytest.raises(InvalidShape):
        polychoric_matrix(np.ones((2, 3, 5, 5)))
    with pytest.raises(InvalidShape):
        polychoric_matrix(np.ones((2, 2, 5, 5)), items="abc")
    with pytest.raises(InvalidShape):
        cross_tables([[0.5, 1.0]], n_levels=2)
    with pytest.raises(InvalidShape):
        cross_tables([[0, 5]], n_levels=5)
