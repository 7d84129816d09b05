"""Iterative proportional fitting of cells to margins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from analysis.errors import InvalidCounts, InvalidShape, NoConvergence
from analysis.weighting.collapsing import Collapsing
from analysis.weighting.raked_cells import raked_cells

ROWS, COLUMNS = np.arange(12) // 4, np.arange(12) % 4


def random_tables(seed: int, n_units: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    size = rng.uniform(50, 500, (n_units, 1))
    rows, columns = (rng.dirichlet(np.full(a, 5.0), n_units) * size for a in (3, 4))
    return rng.poisson(6, (n_units, 12)) + 1.0, rows, columns


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_margins_are_met_and_odds_ratios_kept(seed: int) -> None:
    base, rows, columns = random_tables(seed)
    found = raked_cells(base, [(ROWS, rows), (COLUMNS, columns)])
    table = found.weights.reshape(-1, 3, 4)
    np.testing.assert_allclose(table.sum(axis=2), rows, rtol=1e-9)
    np.testing.assert_allclose(table.sum(axis=1), columns, rtol=1e-9)
    log_factor = np.log(table / base.reshape(-1, 3, 4))
    interaction = log_factor - log_factor[:, :1] - log_factor[:, :, :1] + log_factor[:, :1, :1]
    np.testing.assert_allclose(interaction, 0, atol=1e-10)
    assert (found.largest_error <= 1e-10).all()


@given(st.integers(0, 10_000), st.floats(0.1, 50))
@settings(max_examples=15, deadline=None)
def test_scale_of_the_base_and_order_of_margins_do_not_matter(seed: int, scale: float) -> None:
    base, rows, columns = random_tables(seed)
    first = raked_cells(base, [(ROWS, rows), (COLUMNS, columns)]).weights
    np.testing.assert_allclose(
        raked_cells(scale * base, [(COLUMNS, columns), (ROWS, rows)]).weights, first, rtol=1e-8
    )
    np.testing.assert_allclose(
        raked_cells(base[1], [(ROWS, rows[1]), (COLUMNS, columns[1])]).weights[0], first[1]
    )


def test_closest_table_against_brute_force() -> None:
    base, rows, columns = (part[0] for part in random_tables(1, 1))
    constraints = np.vstack([np.eye(3)[:, ROWS], np.eye(4)[1:, COLUMNS]])
    start, wanted = base * rows.sum() / base.sum(), np.r_[rows, columns[1:]]
    best = optimize.minimize(
        lambda w: np.sum(w * np.log(w / base) - w + base), start, method="trust-constr",
        jac=lambda w: np.log(w / base), hess=lambda w: np.diag(1 / w),
        constraints=optimize.LinearConstraint(constraints, wanted, wanted),
        bounds=optimize.Bounds(1e-6, np.inf), options={"gtol": 1e-10, "maxiter": 3000},
    )  # fmt: skip
    np.testing.assert_allclose(
        raked_cells(base, [(ROWS, rows), (COLUMNS, columns)]).weights[0], best.x, rtol=1e-4
    )


def test_inconsistent_margins_are_named() -> None:
    with pytest.raises(InvalidCounts, match="margin 0 sums to 100, margin 1 to 90"):
        raked_cells([1, 1, 1, 1], [([0, 0, 1, 1], [40, 60]), ([0, 1, 0, 1], [40, 50])])


def test_rounding_of_margins_is_no_contradiction() -> None:
    found = raked_cells([1, 1, 1, 1], [([0, 0, 1, 1], [40, 60]), ([0, 1, 0, 1], [40, 60.00001])])
    assert found.largest_error[0] <= 1e-10


def test_empty_category_is_refused_collapsed_or_kept() -> None:
    base, margins = [[5, 0, 3, 0], [2, 2, 2, 2]], [([0, 0, 1, 1], [40, 60]), ([0, 1, 0, 1], [70, 30])]
    with pytest.raises(InvalidCounts, match="category 1 of set 0"):
        raked_cells(base, margins)
    found = raked_cells(base, margins, collapse=[Collapsing(), Collapsing()])
    assert found.collapsed[1].tolist() == [[0, 0], [0, 1]]
    np.testing.assert_allclose(found.weights[0], [40, 0, 60, 0])
    kept = raked_cells(base, margins, unfitted="keep", max_iterations=20)
    assert kept.largest_error[0] > 0.1
    assert kept.largest_error[1] <= 1e-10


def test_cells_that_cannot_meet_their_margins_say_so() -> None:
    with pytest.raises(NoConvergence, match="relative error"):
        raked_cells([5, 0, 0, 5], [([0, 0, 1, 1], [40, 60]), ([0, 1, 0, 1], [70, 30])], max_iterations=50)


def test_unit_without_respondents_is_not_fitted_degenerate() -> None:
    found = raked_cells([[0, 0], [1, 1]], [([0, 1], [3, 3])], unfitted="keep")
    assert found.largest_error.tolist() == [np.inf, 0.0]
    assert found.weights.tolist() == [[0, 0], [3, 3]]


def test_raked_cells_rejects_bad_input() -> None:
    with pytest.raises(InvalidCounts, match="cells >= 0"):
        raked_cells([-1, 1], [([0, 1], [1, 1])])
    with pytest.raises(InvalidShape, match="one or more margins"):
        raked_cells([1, 1], [])
    with pytest.raises(InvalidShape, match="categories of margin 0"):
        raked_cells([1, 1], [([0, 2], [1, 1])])
    with pytest.raises(InvalidShape, match="totals >= 0"):
        raked_cells([1, 1], [([0, 1], [1, -1])])
    with pytest.raises(InvalidShape, match="1 rules"):
        raked_cells([1, 1], [([0, 1], [1, 1])], collapse=[])
