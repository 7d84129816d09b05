"""Tiers that rank sets allow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import StatisticsError
from analysis.ranking.joint import normal_rank_intervals
from analysis.ranking.tiers import rank_places, separated_tiers
from analysis.types import Tier


@given(st.integers(0, 10_000), st.integers(1, 40), st.floats(0.001, 0.05))
def test_every_unit_of_a_tier_is_above_every_unit_of_the_next(seed: int, size: int, error: float) -> None:
    value = np.random.default_rng(seed).normal(0.8, 0.1, size)
    ranks = normal_rank_intervals(value, np.full(size, error))
    tiers = separated_tiers(ranks)
    assert sorted(set(tiers)) == list(range(1, tiers.max() + 1))
    for tier in range(1, tiers.max()):
        above, below = tiers <= tier, tiers > tier
        assert ranks.high[above].max() == above.sum()
        assert ranks.low[below].min() == above.sum() + 1
        assert value[above].min() > value[below].max()


def test_units_that_chain_together_are_one_tier() -> None:
    ranks = normal_rank_intervals([0.80, 0.79, 0.78, 0.50], [0.004] * 4)
    assert separated_tiers(ranks).tolist() == [1, 1, 1, 2]


def test_places_certain_and_uncertain() -> None:
    ranks = normal_rank_intervals([0.9, 0.895, 0.7, 0.69, 0.3, np.nan], [0.01] * 5 + [np.nan])
    assert rank_places(ranks, n_top=2, n_bottom=1).tolist() == [
        Tier.HIGHER,
        Tier.HIGHER,
        Tier.NOT_DIFFERENT,
        Tier.NOT_DIFFERENT,
        Tier.LOWER,
        Tier.INSUFFICIENT,
    ]
    assert rank_places(ranks, n_top=1).tolist()[:2] == [Tier.NOT_DIFFERENT] * 2
    assert separated_tiers(ranks).tolist() == [1, 1, 2, 2, 3, 0]


def test_tiers_of_nobody_degenerate() -> None:
    assert separated_tiers(normal_rank_intervals([], [])).tolist() == []
    assert separated_tiers(normal_rank_intervals([np.nan], [np.nan])).tolist() == [0]


@pytest.mark.parametrize("places", [{"n_top": 0}, {"n_top": 2}, {"n_top": 1, "n_bottom": 0}])
def test_rank_places_reject_bad_input(places: dict[str, int]) -> None:
    with pytest.raises(StatisticsError):
        rank_places(normal_rank_intervals([0.9, 0.8, 0.7], [0.1] * 3), **places)
