"""A sample shared out over strata."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import StatisticsError
from analysis.planning.allocation import (
    budget_allocation,
    equal_allocation,
    largest_remainder,
    neyman_allocation,
    power_allocation,
    proportional_allocation,
)

SIZES = st.lists(st.integers(0, 5_000), min_size=1, max_size=12)


def variance(n: np.ndarray, sizes: np.ndarray, sd: np.ndarray) -> float:
    """Of the estimated total, corrected for finite strata; infinite where a stratum with spread has nobody."""
    if ((n == 0) & (sizes * sd > 0)).any():
        return np.inf
    return float((sizes**2 * sd**2 * (1 / np.maximum(n, 1) - 1 / np.maximum(sizes, 1))).sum())


def test_proportional_and_neyman_against_the_textbook_formula() -> None:
    sizes, sd, cost = np.array([400.0, 1_000, 2_600]), np.array([0.5, 0.3, 0.4]), np.array([1, 4, 1.0])
    assert proportional_allocation(400, sizes).exact == pytest.approx(400 * sizes / sizes.sum())
    weight = sizes * sd
    assert neyman_allocation(400, sizes, sd).exact == pytest.approx(400 * weight / weight.sum())
    weight = sizes * sd / np.sqrt(cost)
    assert neyman_allocation(400, sizes, sd, cost=cost).exact == pytest.approx(400 * weight / weight.sum())
    weight = np.sqrt(sizes)
    assert power_allocation(300, sizes).exact == pytest.approx(300 * weight / weight.sum())


@pytest.mark.parametrize("n_total", [3, 7, 12, 20, 25])
def test_neyman_against_every_whole_allocation(n_total: int) -> None:
    sizes, sd = np.array([4, 9, 14]), np.array([0.9, 0.5, 0.2])
    found = neyman_allocation(n_total, sizes, sd, minimum=1)
    best = min(
        variance(np.array(n), sizes, sd)
        for n in product(*(range(1, size + 1) for size in sizes))
        if sum(n) == n_total
    )
    assert found.n.sum() == n_total
    # Rounding by remainders is not always the best whole answer, but never far from it.
    assert variance(found.n, sizes, sd) <= best * 1.03 + 1e-9


def test_caps_bind_in_turn() -> None:
    # 300 of 10 000 at first give the spread-out stratum 150 people of whom it has 40; then the next is full.
    plan = neyman_allocation(300, [40, 60, 400], [10, 3, 0.5])
    assert plan.n.tolist() == [40, 60, 200]
    assert plan.is_at_maximum.tolist() == [True, True, False]


def test_minimum_takes_from_the_others_and_ends_at_the_population() -> None:
    plan = proportional_allocation(200, [10, 100, 10_000], minimum=30)
    assert plan.n.tolist() == [10, 30, 160]
    assert plan.is_at_minimum.tolist() == [True, True, False]


@given(
    SIZES, st.integers(0, 2_000), st.integers(0, 20), st.sampled_from(["size", "equal", "neyman", "power"])
)
@settings(deadline=None)
def test_every_allocation_keeps_total_and_bounds(
    sizes: list[int], n_total: int, minimum: int, kind: str
) -> None:
    people, low = np.array(sizes), np.minimum(minimum, sizes)
    if n_total < low.sum() or (kind == "neyman" and not people.any()):
        return
    plan = {
        "size": lambda: proportional_allocation(n_total, people, minimum=minimum),
        "equal": lambda: equal_allocation(n_total, people, minimum=minimum),
        "neyman": lambda: neyman_allocation(n_total, people, 0.3, minimum=minimum),
        "power": lambda: power_allocation(n_total, people, exponent=0.4, minimum=minimum),
    }[kind]()
    assert plan.n.sum() + plan.n_unplaced == n_total
    assert plan.n_unplaced == max(0, n_total - people.sum())
    assert ((plan.n >= low) & (plan.n <= people)).all()
    assert (np.abs(plan.n - plan.exact) < 1 + 1e-6).all()


@given(st.lists(st.integers(1, 5_000), min_size=2, max_size=10), st.integers(0, 10_000))
@settings(deadline=None)
def test_allocation_follows_its_strata_when_they_are_reordered(sizes: list[int], seed: int) -> None:
    order = np.random.default_rng(seed).permutation(len(sizes))
    people = np.array(sizes)
    n_total = int(people.sum() // 3)
    first = neyman_allocation(n_total, people, 0.4).exact[order]
    assert neyman_allocation(n_total, people[order], 0.4).exact == pytest.approx(first, abs=1e-6)


@given(st.floats(1, 50_000), st.integers(0, 1_000))
@settings(deadline=None)
def test_budget_is_kept_and_used_up(budget: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes, cost = rng.integers(1, 300, 6), rng.uniform(1, 30, 6)
    sd = rng.uniform(0.1, 0.5, 6)
    plan = budget_allocation(budget, sizes, sd, cost)
    left = budget - (plan.n * cost).sum()
    assert left >= -1e-6
    assert (plan.n == sizes)[cost <= left].all()
    assert (plan.n <= sizes).all()


def test_budget_beats_spending_it_in_proportion() -> None:
    sizes, sd, cost = np.array([5_000, 5_000]), np.array([0.4, 0.4]), np.array([1.0, 9.0])
    plan = budget_allocation(1_000, sizes, sd, cost)
    assert variance(plan.n, sizes, sd) < variance(np.array([100, 100]), sizes, sd)
    assert plan.n[0] == pytest.approx(3 * plan.n[1], abs=5)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=30))
@settings(deadline=None)
def test_largest_remainder_keeps_the_total(values: list[float]) -> None:
    total = int(np.ceil(sum(values)))
    exact = np.array(values) + (total - sum(values)) / len(values)
    found = largest_remainder(exact, total=total)
    assert found.sum() == total
    assert (np.abs(found - exact) < 1 + 1e-6).all()


def test_power_exponents_lead_from_equal_to_proportional() -> None:
    sizes = [100, 1_000, 10_000]
    assert power_allocation(90, sizes, exponent=0).n.tolist() == [30, 30, 30]
    assert (power_allocation(90, sizes, exponent=1).n == proportional_allocation(90, sizes).n).all()
    assert power_allocation(90, sizes, importance=[1, 1, 4]).n.tolist() == [23, 22, 45]


def test_empty_and_flat_strata_degenerate() -> None:
    assert proportional_allocation(0, [0, 0]).n.tolist() == [0, 0]
    assert proportional_allocation(5, [0, 0]).n_unplaced == 5
    plan = neyman_allocation(50, [100, 100], [0, 0.4], minimum=5)
    assert plan.n.tolist() == [5, 45]
    assert neyman_allocation(150, [100, 100], [0, 0.4], minimum=5).n_unplaced == 45
    assert budget_allocation(90, [100, 10], [0, 0.4], [1, 1], minimum=2).n.tolist() == [2, 10]


@pytest.mark.parametrize(
    "arguments",
    [
        {"n_total": -1},
        {"n_total": 10.5},
        {"n_total": 20, "minimum": 15},
        {"sizes": []},
        {"sizes": [[1, 2]]},
        {"sizes": [1, -2]},
        {"sizes": [1.5, 2]},
        {"sizes": [np.nan, 2]},
        {"minimum": [1, 2, 3]},
        {"minimum": 5, "maximum": 4},
        {"standard_deviation": [0, 0]},
        {"standard_deviation": [-0.1, 0.2]},
        {"cost": 0},
        {"cost": np.nan},
    ],
)
def test_neyman_rejects_bad_input(arguments: dict) -> None:
    with pytest.raises(StatisticsError):
        neyman_allocation(**({"n_total": 20, "sizes": [100, 100], "standard_deviation": 0.4} | arguments))


def test_other_allocations_reject_bad_input() -> None:
    with pytest.raises(StatisticsError):
        power_allocation(10, [100, 100], exponent=2)
    with pytest.raises(StatisticsError):
        power_allocation(10, [100, 100], importance=[1, -1])
    with pytest.raises(StatisticsError):
        budget_allocation(5, [100, 100], 0.4, [1, 1], minimum=3)
    with pytest.raises(StatisticsError):
        budget_allocation(np.nan, [100, 100], 0.4, [1, 1])
    with pytest.raises(StatisticsError):
        largest_remainder([1.5, 1.0], total=4)
