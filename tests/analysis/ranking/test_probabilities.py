"""Chances of the first and the last places."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.errors import StatisticsError
from analysis.ranking.probabilities import beta_rank_probabilities, normal_rank_probabilities
from analysis.small_areas.empirical_bayes import empirical_bayes_shares


def test_two_units_against_the_normal_law() -> None:
    covariance = np.array([[0.04, 0.01], [0.01, 0.09]])
    found = normal_rank_probabilities([0.8, 0.6], covariance=covariance, rng=np.random.default_rng(3))
    exact = stats.norm.cdf(0.2 / np.sqrt(0.04 + 0.09 - 0.02))
    assert abs(found.top[0] - exact) < 4 * found.top_error[0]
    assert found.bottom[0] == pytest.approx(1 - found.top[0])


def test_beta_law_against_quadrature() -> None:
    found = beta_rank_probabilities([30, 8], [10, 4], rng=np.random.default_rng(3), n_resamples=40_000)
    grid = (np.arange(20_000) + 0.5) / 20_000
    exact = (stats.beta.pdf(grid, 30, 10) * stats.beta.cdf(grid, 8, 4)).mean()
    assert abs(found.top[0] - exact) < 4 * found.top_error[0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 15), st.data())
def test_chances_add_to_the_places_and_follow_the_estimates(
    seed: int, size: int, data: st.DataObject
) -> None:
    places = data.draw(st.integers(1, size))
    value = np.random.default_rng(seed).normal(size=size)
    found = normal_rank_probabilities(
        value,
        standard_error=np.full(size, 0.5),
        n_top=places,
        n_bottom=size,
        rng=np.random.default_rng(seed),
        n_resamples=2000,
    )
    assert found.top.sum() == pytest.approx(places)
    np.testing.assert_allclose(found.bottom, 1)
    best, last = np.argmax(value), np.argmin(value)
    assert found.top[best] >= found.top[last] - 4 * (found.top_error[best] + found.top_error[last])
    assert (found.top_error > 0).all()


def test_small_unit_leads_by_its_direct_share_but_not_by_its_posterior() -> None:
    k, n = [5, 460, 440, 430, 420, 400, 380], [5, 500, 500, 500, 500, 500, 500]
    shares = empirical_bayes_shares(k, n)
    found = beta_rank_probabilities(shares.posterior_a, shares.posterior_b, rng=np.random.default_rng(1))
    assert np.argmax(found.top) == 1


def test_unit_without_estimate_takes_no_part_degenerate() -> None:
    found = normal_rank_probabilities(
        [0.5, np.nan, 0.4], standard_error=[0.1, np.nan, 0.1], rng=np.random.default_rng(1)
    )
    assert np.isnan(found.top[1])
    assert np.nansum(found.top) == pytest.approx(1)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda rng: normal_rank_probabilities([0.5, 0.6], standard_error=[0.1, 0.1], n_top=3, rng=rng),
        lambda rng: normal_rank_probabilities([0.5, 0.6], standard_error=[0.1, 0.1], n_top=0, rng=rng),
        lambda rng: normal_rank_probabilities([0.5], standard_error=[0.1], n_resamples=0, rng=rng),
        lambda rng: beta_rank_probabilities([1, 2], [1], rng=rng),
        lambda rng: beta_rank_probabilities([0, 2], [1, 1], rng=rng),
    ],
)
def test_rank_probabilities_reject_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong(np.random.default_rng(1))
