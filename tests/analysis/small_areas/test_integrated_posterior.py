"""The posterior with the common law integrated out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from analysis.errors import StatisticsError
from analysis.small_areas.beta_binomial import beta_binomial_fit
from analysis.small_areas.integrated_posterior import integrated_posterior


def test_integrated_posterior_against_quadrature_over_both_parameters() -> None:
    k, n = np.array([14, 9, 25, 30, 11]), np.array([15, 14, 27, 40, 12])
    logit, log_m = np.meshgrid(np.linspace(-2, 7, 400), np.linspace(-3, 17, 400), indexing="ij")
    mu, m = special.expit(logit), np.exp(log_m)
    weight = np.log(mu * (1 - mu)) + log_m - 2 * np.log(m + n.min())
    weight += sum(stats.betabinom.logpmf(x, size, mu * m, (1 - mu) * m) for x, size in zip(k, n, strict=True))
    weight = np.exp(weight - weight.max())
    weight /= weight.sum()
    found = integrated_posterior(k, n, law=beta_binomial_fit(k, n))
    for unit, (x, size) in enumerate(zip(k, n, strict=True)):
        mean = (x + mu * m) / (size + m)
        exact = (weight * mean).sum()
        spread = (weight * (mean * (1 - mean) / (size + m + 1) + mean**2)).sum() - exact**2
        assert found.mean[unit] == pytest.approx(exact, abs=0.004)
        assert found.variance[unit] ** 0.5 == pytest.approx(spread**0.5, rel=0.05)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 40))
def test_mean_is_the_weighted_pair_and_counts_mirror(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 60, size) + 1
    k = np.minimum(rng.binomial(n, 0.8), n - 1)
    k[0] = max(k[0], 1)
    found = integrated_posterior(k, n, law=beta_binomial_fit(k, n))
    np.testing.assert_allclose(
        found.mean, found.gamma * k / n + (1 - found.gamma) * found.synthetic, rtol=1e-9
    )
    assert ((found.gamma > 0) & (found.gamma < 1) & (found.variance > 0)).all()
    mirrored = integrated_posterior(n - k, n, law=beta_binomial_fit(n - k, n))
    np.testing.assert_allclose(mirrored.mean, 1 - found.mean, rtol=1e-4)


def test_one_unit_alone_keeps_a_proper_posterior_degenerate() -> None:
    law = beta_binomial_fit([0, 50, 0, 50, 50], [50] * 5)
    found = integrated_posterior([0, 50, 0, 50, 50], [50] * 5, law=law)
    assert ((found.mean > 0) & (found.mean < 1)).all()
    assert (found.gamma > 0.8).all()


@pytest.mark.parametrize(("k", "n"), [([5, 11], [10, 10]), ([np.nan, 1], [2, 2])])
def test_integrated_posterior_rejects_bad_input(k: list[float], n: list[float]) -> None:
    with pytest.raises(StatisticsError):
        integrated_posterior(k, n, law=beta_binomial_fit([3, 9], [10, 10]))
