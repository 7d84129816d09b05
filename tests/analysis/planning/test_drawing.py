"""Draws by given random numbers: everybody's chance, in simulation and by counting every start."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.planning.drawing import cluster_draw, lowest_numbers, systematic_positions

SIZES = [120, 80, 300, 100, 45, 260, 95]


def test_lowest_numbers_take_everybody_alike_by_simulation():
    rng = np.random.default_rng(7)
    times = np.zeros(12)
    for _ in range(6_000):
        times[lowest_numbers(rng.random(12), 5)] += 1
    # Five standard errors of a proportion of 5/12 over 6000 draws.
    assert np.abs(times / 6_000 - 5 / 12).max() < 5 * np.sqrt(5 / 12 * 7 / 12 / 6_000)


@given(size=st.integers(1, 60), n=st.integers(0, 60), start=st.floats(0, 1, exclude_max=True))
@settings(max_examples=200, deadline=None)
def test_systematic_positions_are_n_different_ones(size, n, start):
    n = min(n, size)
    got = systematic_positions(size, n, start=start)
    assert len(set(got.tolist())) == n
    assert ((got >= 0) & (got < size)).all()


def test_systematic_positions_give_everybody_n_in_size_over_all_starts():
    size, n, steps = 23, 7, 23 * 200
    times = np.zeros(size)
    for step in range(steps):
        times[systematic_positions(size, n, start=(step + 0.5) / steps)] += 1
    np.testing.assert_allclose(times / steps, n / size, atol=1e-3)


def test_two_stages_weight_themselves_over_all_starts():
    """Chance of a household, averaged over the start: the same in a hamlet of 45 and of 300."""
    n, take, steps = 6, 10, 4_000
    chance = np.zeros(len(SIZES))
    for step in range(steps):
        drawn = cluster_draw(SIZES, n, take=take, start=(step + 0.5) / steps)
        assert drawn.n_hits.sum() == n
        assert drawn.take.sum() == n * take
        chance[drawn.chosen] += drawn.take / np.asarray(SIZES)[drawn.chosen]
    np.testing.assert_allclose(chance / steps, n * take / sum(SIZES), rtol=5e-3)
    np.testing.assert_allclose(drawn.probability, n * take / sum(SIZES), rtol=1e-12)


def test_probabilities_add_up_to_the_sample():
    drawn = cluster_draw(SIZES, 6, take=10, start=0.3)
    assert (drawn.probability * SIZES).sum() == pytest.approx(60)


def test_a_hamlet_smaller_than_its_take_has_its_true_chance_over_all_starts():
    sizes, n, take, steps = [6, 200, 150, 300], 5, 12, 8_000
    chance = np.zeros(4)
    for step in range(steps):
        drawn = cluster_draw(sizes, n, take=take, start=(step + 0.5) / steps)
        chance[drawn.chosen] += drawn.take / np.asarray(sizes)[drawn.chosen]
    np.testing.assert_allclose(chance / steps, drawn.probability, atol=4e-3)
    assert drawn.probability[0] < drawn.probability[1]


def test_a_mean_estimated_with_the_weights_is_unbiased_by_simulation():
    """Horvitz-Thompson total over a two-stage draw against the truth, clusters unlike each other."""
    rng = np.random.default_rng(3)
    sizes = np.array([60, 30, 200, 90, 120])
    satisfied = [
        rng.random(size) < level for size, level in zip(sizes, (0.9, 0.4, 0.8, 0.6, 0.95), strict=True)
    ]
    truth = np.concatenate(satisfied).mean()
    estimates = []
    for _ in range(4_000):
        drawn = cluster_draw(sizes, 4, take=8, start=rng.random())
        total = sum(
            satisfied[cluster][lowest_numbers(rng.random(sizes[cluster]), take)].sum()
            / drawn.probability[cluster]
            for cluster, take in zip(drawn.chosen.tolist(), drawn.take.tolist(), strict=True)
        )
        estimates.append(total / sizes.sum())
    error = np.std(estimates) / np.sqrt(len(estimates))
    assert abs(np.mean(estimates) - truth) < 4 * error
