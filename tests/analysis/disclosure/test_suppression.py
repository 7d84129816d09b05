"""Withheld cells: safe against every table, no dearer than the best, none in vain."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.disclosure.audit import audit_system
from analysis.disclosure.hierarchies import Hierarchy
from analysis.disclosure.suppression import suppression
from analysis.disclosure.systems import (
    cumulative_membership,
    membership_system,
    table_system,
)
from analysis.errors import StatisticsError
from tests.analysis.disclosure.brute import possible_ranges

SHAPES = st.sampled_from([(2, 3), (2, 2, 2)])


def small_cells(values: np.ndarray, k: int) -> np.ndarray:
    return (values > 0) & (values < k)


@given(SHAPES, st.integers(0, 10_000), st.sampled_from(["auto", "repair"]))
@settings(max_examples=30, deadline=None)
def test_small_cells_are_safe_against_every_table(shape: tuple[int, ...], seed: int, method: str) -> None:
    rng, k = np.random.default_rng(seed), 3
    counts = rng.multinomial(8, rng.dirichlet(np.ones(np.prod(shape)))).reshape(shape)
    system = table_system(counts)
    found = suppression(system, k=k, method=method)
    small = small_cells(system.values, k)
    low, high = possible_ranges(system, found.is_withheld, shape, largest=11)
    assert found.is_protected.all()
    assert (found.is_primary == small).all()
    assert (high - low)[small].min(initial=k) >= k
    assert not (found.is_primary & found.is_complementary).any()
    assert not found.is_complementary[system.values == 0].any()


@given(st.integers(0, 10_000), st.sampled_from(["people", "cells"]))
@settings(max_examples=15, deadline=None)
def test_best_pattern_against_every_pattern(seed: int, cost: str) -> None:
    rng, k = np.random.default_rng(seed), 3
    counts = rng.multinomial(8, rng.dirichlet(np.ones(6))).reshape(2, 3)
    system = table_system(counts)
    small = small_cells(system.values, k)
    found = suppression(system, k=k, cost=cost, method="exact")
    price = system.values + 1 if cost == "people" else np.ones(len(system))
    candidates = np.flatnonzero(system.values >= k)
    best = np.inf
    for size in range(len(candidates) + 1):
        for extra in combinations(candidates, size):
            hidden = small.copy()
            hidden[list(extra)] = True
            low, high = possible_ranges(system, hidden, (2, 3), largest=11)
            if (high - low)[small].min(initial=k) >= k:
                best = min(best, price[list(extra)].sum())
    assert found.is_optimal
    assert price[found.is_complementary].sum() == pytest.approx(best)


@given(st.integers(2, 5), st.integers(2, 5), st.integers(1, 2), st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_random_tables_are_safe_and_nothing_is_withheld_in_vain(a: int, b: int, c: int, seed: int) -> None:
    rng, k = np.random.default_rng(seed), 5
    system = table_system(rng.negative_binomial(0.7, 0.06, (a, b, c)))
    found = suppression(system, k=k)
    audited = audit_system(system, found.is_withheld, k=k)
    assert not audited.is_breach.any()
    assert found.is_protected.all()
    primary = found.is_primary
    assert (found.high - found.low)[primary].min(initial=k) >= k
    assert (found.low[primary] <= system.values[primary]).all()
    assert found.n_withheld_people == system.values[found.is_complementary].sum()
    for cell in np.flatnonzero(found.is_complementary)[:5]:
        without = found.is_withheld.copy()
        without[cell] = False
        assert audit_system(system, without, k=k).is_breach.any()


def test_repair_is_not_much_dearer_than_the_best() -> None:
    rng, paid = np.random.default_rng(3), []
    for _ in range(8):
        system = table_system(rng.poisson(rng.gamma(1, 8, (8, 1)) * np.linspace(0.2, 1, 5)))
        best, near = (suppression(system, k=5, method=method) for method in ("exact", "repair"))
        assert best.is_optimal
        price = system.values + 1
        paid.append([price[one.is_complementary].sum() for one in (best, near)])
    best_price, near_price = np.array(paid).T
    assert (near_price >= best_price).all()
    assert near_price.sum() <= 1.3 * best_price.sum()


def test_units_in_districts_by_months_in_quarters() -> None:
    units = Hierarchy.from_tree(
        {"province": {"north": {"a": {}, "b": {}, "c": {}}, "south": {"d": {}, "e": {}}}}
    )
    months = Hierarchy.from_tree({"year": {"q1": {"1": {}, "2": {}}, "q2": {"3": {}, "4": {}}}})
    counts = np.array(
        [[30, 20, 25, 30], [40, 3, 22, 31], [25, 28, 33, 27], [18, 22, 19, 24], [35, 41, 29, 38]]
    )
    system = table_system(counts, [units, months])
    found = suppression(system, k=5)
    withheld = found.is_withheld[system.tables[0]]
    assert withheld[units.labels.index("b"), months.labels.index("2")]
    # The quarter's figure of the unit stays, so its other month must go; so must one more unit of the district.
    assert withheld[units.labels.index("b"), months.labels.index("1")]
    assert withheld.sum() == 4
    assert not withheld[0].any()
    assert not audit_system(system, found.is_withheld, k=5).is_breach.any()
    plain = table_system(counts)
    assert suppression(plain, k=5).n_withheld_people <= found.n_withheld_people


def test_two_tables_of_one_population_protect_each_other() -> None:
    rng = np.random.default_rng(4)
    counts = rng.poisson(12, (4, 3, 3))
    counts[1, 0] = 1, 1, 1
    both = table_system(counts, tables=[(0, 1), (0, 2)])
    found = suppression(both, k=5)
    by_month, by_field = (found.is_withheld[table] for table in both.tables)
    assert by_month[1, 0]
    assert (by_month[:, -1] == by_field[:, -1]).all()
    assert not audit_system(both, found.is_withheld, k=5).is_breach.any()


def test_three_margins_in_a_ring_are_attacked_through_the_joint_table() -> None:
    rng = np.random.default_rng(5)
    counts = rng.poisson(6, (3, 3, 2))
    ring = [(0, 1), (1, 2), (0, 2)]
    joint = table_system(counts, tables=ring, has_joint_cells=True)
    found = suppression(joint, k=3)
    assert found.is_protected.all()
    assert not found.is_withheld[joint.is_latent].any()
    assert not audit_system(joint, found.is_withheld, k=3).is_breach.any()


def test_old_and_new_units_cannot_be_taken_from_each_other() -> None:
    # Ten old communes become four new ones; three hamlets of few people change sides.
    rng = np.random.default_rng(6)
    atoms = rng.integers(30, 90, 13)
    atoms[10:] = 2, 4, 3
    old = np.zeros((10, 13))
    old[np.r_[np.arange(10), 0, 4, 7], np.arange(13)] = 1
    new = np.zeros((4, 13))
    new[np.r_[0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 1, 0, 3], np.arange(13)] = 1
    system = membership_system(np.concatenate([old, new, np.ones((1, 13))]), atoms)
    bare = audit_system(system, np.zeros(len(system), dtype=bool), k=5)
    assert bare.is_breach[system.tables[1]].any()
    found = suppression(system, k=5)
    assert found.is_protected.all()
    assert not audit_system(system, found.is_withheld, k=5).is_breach.any()
    assert 0 < found.is_withheld.sum() < 10


def test_consecutive_releases_hold_back_a_step_that_is_too_small() -> None:
    table = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]])
    new_people = np.array([40, 50, 60, 12, 2, 14, 9, 11, 8])
    system = membership_system(cumulative_membership(table, n_releases=3), new_people)
    found = suppression(system, k=5)
    assert found.is_complementary.any()
    assert not audit_system(system, found.is_withheld, k=5).is_breach.any()


def test_what_must_be_published_may_leave_a_cell_open_and_says_so() -> None:
    system = table_system([[3, 40], [50, 60]])
    every = np.ones(len(system), dtype=bool)
    found = suppression(system, k=5, must_publish=every)
    assert not found.is_complementary.any()
    assert (~found.is_protected).sum() == 1
    assert found.low[found.is_primary].item() == found.high[found.is_primary].item() == 3
    margins = every.copy()
    margins[system.tables[0][:-1, :-1]] = False
    assert suppression(system, k=5, must_publish=margins).is_protected.all()


def test_cells_withheld_for_another_reason_are_used() -> None:
    system = table_system([[3, 40, 30], [50, 60, 70], [45, 52, 61]])
    forced = np.zeros(len(system), dtype=bool)
    forced[system.tables[0][[0, 1, 1], [2, 0, 2]]] = True
    found = suppression(system, k=5, must_withhold=forced)
    assert not found.is_complementary.any()
    assert found.is_primary.sum() == 4


def test_zeros_protect_only_where_they_are_not_known() -> None:
    system = table_system([[3, 0, 40], [0, 8, 90], [70, 60, 50]])
    known, unknown = (suppression(system, k=4, width=3, can_withhold_zeros=free) for free in (False, True))
    assert not known.is_withheld[system.values == 0].any()
    assert unknown.n_withheld_people < known.n_withheld_people


def test_nothing_small_withholds_nothing_degenerate() -> None:
    for counts in ([[10, 20], [30, 40]], [[0, 0], [0, 0]], [[0, 12], [12, 0]]):
        found = suppression(table_system(counts), k=5)
        assert not found.is_withheld.any()
        assert found.is_protected.all()
        assert found.is_optimal
    assert not suppression(table_system([[1, 2], [3, 4]]), k=1).is_withheld.any()


def test_everything_small_withholds_everything_degenerate() -> None:
    found = suppression(table_system([[1, 0], [0, 2]]), k=5)
    assert (found.is_withheld == (found.is_primary)).all()
    assert np.isinf(found.high[found.is_primary]).all()
    assert suppression(table_system([3]), k=5).is_withheld.all()
    lone = suppression(table_system([[3, 0], [0, 40]]), k=5)
    assert lone.is_protected.all()


@pytest.mark.parametrize(
    "arguments",
    [
        {"k": 0},
        {"k": 1.5},
        {"width": 0},
        {"cost": "money"},
        {"method": "magic"},
        {"must_publish": [True]},
        {"must_withhold": [[True] * 9]},
    ],
)
def test_suppression_rejects_bad_input(arguments: dict) -> None:
    with pytest.raises(StatisticsError):
        suppression(table_system([[3, 40], [50, 60]]), **({"k": 5} | arguments))


def test_what_an_earlier_release_showed_is_not_taken_back() -> None:
    # Tonight's table on top of last night's: shown cells stay shown, so tonight holds back more.
    table = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]])
    atoms = np.array([40, 50, 60, 12, 2, 14])
    system = membership_system(cumulative_membership(table, n_releases=2), atoms)
    last_night = np.zeros(len(system), dtype=bool)
    last_night[system.tables[0][:4]] = True
    found = suppression(system, k=5, must_publish=last_night)
    assert not found.is_withheld[last_night].any()
    assert found.is_withheld[system.tables[0][5]]
    assert found.is_complementary.sum() == 2
    assert not audit_system(system, found.is_withheld, k=5).is_breach.any()


def test_large_counts_beside_small_ones() -> None:
    rng = np.random.default_rng(7)
    counts = rng.integers(100_000, 3_000_000, (6, 5))
    counts[[0, 2, 5], [1, 3, 4]] = 1, 4, 2
    for method in ("exact", "repair"):
        system = table_system(counts)
        found = suppression(system, k=5, method=method)
        assert found.is_protected.all()
        assert not audit_system(system, found.is_withheld, k=5).is_breach.any()
        assert found.is_complementary.sum() <= 6
