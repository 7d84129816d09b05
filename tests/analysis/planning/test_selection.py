"""Systematic draws and the number of people per cluster."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import StatisticsError
from analysis.planning.selection import (
    cluster_design_effect,
    inclusion_probabilities,
    optimal_take,
    systematic_sample,
)


def test_cluster_design_effects_against_the_domain_figures() -> None:
    assert cluster_design_effect([10, 30, 100], 0.07) == pytest.approx([1.63, 3.03, 7.93])


def test_entries_are_drawn_as_often_as_stated() -> None:
    rng, sizes = np.random.default_rng(3), np.array([5, 0, 80, 20, 15, 30, 9, 1])
    drawn = [systematic_sample(sizes, 3, rng=rng) for _ in range(20_000)]
    found = np.bincount(np.concatenate([one.chosen for one in drawn]), minlength=8) / len(drawn)
    assert found == pytest.approx(drawn[0].inclusion_probability, abs=0.015)
    assert drawn[0].is_certain.tolist() == [False, False, True] + [False] * 5


def test_equal_chances_give_an_even_step_through_the_list() -> None:
    chosen = systematic_sample(np.ones(100), 10, rng=np.random.default_rng(1)).chosen
    assert (np.diff(chosen) == 10).all()


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=40), st.integers(0, 40), st.integers(0, 999))
@settings(deadline=None)
def test_a_draw_has_its_size_and_no_entry_twice(sizes: list[int], n: int, seed: int) -> None:
    n = min(n, np.count_nonzero(sizes))
    drawn = systematic_sample(sizes, n, rng=np.random.default_rng(seed))
    assert len(set(drawn.chosen.tolist())) == len(drawn.chosen) == n
    assert drawn.inclusion_probability.sum() == pytest.approx(n)
    assert (np.array(sizes)[drawn.chosen] > 0).all()
    assert drawn.is_certain[drawn.inclusion_probability == 1].all()


@given(st.floats(0.01, 0.5), st.floats(1, 200))
@settings(deadline=None)
def test_optimal_take_beats_its_neighbours(rho: float, ratio: float) -> None:
    best = optimal_take(rho, cost_of_cluster=ratio).item()
    takes = np.array([best, max(best * 0.9, 1), best * 1.1])
    variance_for_money = cluster_design_effect(takes, rho) * (ratio + takes) / takes
    assert variance_for_money[0] <= variance_for_money[1:].min() + 1e-9


def test_people_who_are_all_alike_or_not_at_all_degenerate() -> None:
    assert optimal_take(0, cost_of_cluster=1) == np.inf
    assert optimal_take(1, cost_of_cluster=10) == 1
    assert cluster_design_effect(1, 0.5) == 1
    assert inclusion_probabilities([3, 4], 2).tolist() == [1, 1]
    assert inclusion_probabilities([0, 0], 0).tolist() == [0, 0]


@pytest.mark.parametrize(
    ("sizes", "n"), [([1, 2], 3), ([1, 0], 2), ([1, 2], -1), ([1, 2], 1.5), ([-1, 2], 1), ([[1]], 1)]
)
def test_systematic_sample_rejects_bad_input(sizes: list, n: float) -> None:
    with pytest.raises(StatisticsError):
        systematic_sample(sizes, n, rng=np.random.default_rng(0))


def test_cluster_formulas_reject_bad_input() -> None:
    for wrong in (-0.1, 1.1, np.nan):
        with pytest.raises(StatisticsError):
            cluster_design_effect(10, wrong)
        with pytest.raises(StatisticsError):
            optimal_take(wrong, cost_of_cluster=1)
    with pytest.raises(StatisticsError):
        cluster_design_effect(0, 0.1)
    with pytest.raises(StatisticsError):
        optimal_take(0.1, cost_of_cluster=0)
