"""Empirical Bayes shares beside the direct ones, and their benchmark."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.errors import StatisticsError
from analysis.small_areas.beta_binomial import beta_binomial_fit
from analysis.small_areas.empirical_bayes import empirical_bayes_shares, largest_precision_not_rejected


def units(seed: int, size: int = 40, *, a: float = 18, b: float = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 90, size)
    return rng.binomial(n, rng.beta(a, b, size)), n


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["ml", "moments"]), st.sampled_from(["integrated", "none"]))
def test_value_lies_between_direct_and_common_and_in_its_interval(
    seed: int, method: str, correction: str
) -> None:
    k, n = units(seed)
    found = empirical_bayes_shares(k, n, method=method, correction=correction)
    low, high = (
        np.minimum(found.direct.value, found.synthetic),
        np.maximum(found.direct.value, found.synthetic),
    )
    assert ((low - 1e-12 <= found.value) & (found.value <= high + 1e-12)).all()
    assert ((found.ci_low <= found.value) & (found.value <= found.ci_high)).all()
    assert ((found.gamma >= 0) & (found.gamma <= 1)).all()
    assert (np.diff(found.gamma[np.argsort(n)]) >= 0).all()
    np.testing.assert_allclose(
        found.value, found.gamma * found.direct.value + (1 - found.gamma) * found.synthetic, rtol=1e-9
    )


def test_plain_limits_against_beta_quantiles() -> None:
    k, n = units(3)
    found = empirical_bayes_shares(k, n, correction="none", confidence_level=0.9)
    law = found.prior
    np.testing.assert_allclose(found.ci_low, stats.beta.ppf(0.05, law.a + k, law.b + n - k), rtol=1e-7)
    np.testing.assert_allclose(found.ci_high, stats.beta.ppf(0.95, law.a + k, law.b + n - k), rtol=1e-7)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_delta_correction_only_widens(seed: int) -> None:
    k, n = units(seed)
    plain = empirical_bayes_shares(k, n, correction="none")
    if plain.prior.reason:
        return
    wider = empirical_bayes_shares(k, n, correction="delta")
    assert (wider.variance >= plain.variance).all()
    np.testing.assert_array_equal(wider.value, plain.value)


def test_corrections_agree_with_many_units() -> None:
    k, n = units(2, 600)
    integrated, delta, none = (
        empirical_bayes_shares(k, n, correction=name) for name in ("integrated", "delta", "none")
    )
    np.testing.assert_allclose(integrated.value, none.value, atol=2e-3)
    np.testing.assert_allclose(integrated.variance, delta.variance, rtol=0.1)


def test_intervals_cover_when_the_law_is_integrated_and_not_when_it_is_taken_as_known_coverage() -> None:
    rng = np.random.default_rng(12)
    held = {"none": [], "delta": [], "integrated": []}
    for _ in range(250):
        truth = rng.beta(16, 4, 12)
        n = rng.integers(5, 40, 12)
        k = rng.binomial(n, truth)
        for correction, inside in held.items():
            found = empirical_bayes_shares(k, n, correction=correction)
            inside.append(np.mean((found.ci_low <= truth) & (truth <= found.ci_high)))
    none, delta, integrated = (np.mean(inside) for inside in held.values())
    assert none < 0.87 < delta < integrated
    assert 0.925 <= integrated <= 0.965


def test_shrunken_shares_are_nearer_the_truth_than_direct_ones() -> None:
    rng = np.random.default_rng(1)
    truth, n = rng.beta(18, 3, 500), rng.integers(3, 30, 500)
    found = empirical_bayes_shares(rng.binomial(n, truth), n)
    assert ((found.value - truth) ** 2).mean() < 0.6 * ((found.direct.value - truth) ** 2).mean()


def test_unit_without_respondents_is_given_the_common_law() -> None:
    k, n = units(5)
    found = empirical_bayes_shares([*k, 0], [*n, 0])
    assert np.isnan([found.direct.value[-1], found.direct_se[-1]]).all()
    assert found.gamma[-1] == pytest.approx(0, abs=1e-12)
    assert found.value[-1] == pytest.approx(found.synthetic[-1])
    plain = empirical_bayes_shares([*k, 0], [*n, 0], correction="none")
    assert plain.value[-1] == pytest.approx(plain.prior.mu)


def test_no_spread_gives_the_pooled_share_with_an_interval_that_is_not_empty() -> None:
    k, n = [9, 18, 27, 45], [10, 20, 30, 50]
    for correction in ("none", "delta"):
        found = empirical_bayes_shares(k, n, correction=correction)
        np.testing.assert_allclose(found.value, 0.9)
        assert (found.gamma == 0).all()
        assert (found.ci_high - found.ci_low > 0.05).all()
        assert "no variation" in found.reason
    integrated = empirical_bayes_shares(k, n)
    assert "no variation" in integrated.reason
    assert ((integrated.gamma > 0) & (integrated.gamma < 0.6)).all()
    assert (integrated.ci_high - integrated.ci_low > 0.05).all()


def test_largest_correlation_not_rejected_against_likelihood_ratio() -> None:
    k, n = np.array([9, 18, 27, 45]), np.array([10, 20, 30, 50])
    m = largest_precision_not_rejected(k, n, mu=0.9)
    top = stats.binom.logpmf(k, n, 0.9).sum()
    at = stats.betabinom.logpmf(k, n, 0.9 * m, 0.1 * m).sum()
    assert 2 * (top - at) == pytest.approx(stats.chi2.ppf(0.95, 1), rel=1e-4)


def test_law_from_elsewhere_is_used_as_given() -> None:
    law = beta_binomial_fit(*units(1, 300))
    found = empirical_bayes_shares([3], [4], prior=law, correction="delta")
    assert found.value[0] == pytest.approx((law.a + 3) / (law.precision + 4))
    assert found.prior is law


K, N = units(1)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: empirical_bayes_shares([5, 6], [5, 5]),
        lambda: empirical_bayes_shares(K, N, correction="some"),
        lambda: empirical_bayes_shares(K, N, prior=beta_binomial_fit(K, N)),
        lambda: empirical_bayes_shares(K, N, method="moments", correction="delta"),
        lambda: empirical_bayes_shares(K, N, confidence_level=95),
        lambda: largest_precision_not_rejected([5], [10], mu=1.0),
    ],
)
def test_empirical_bayes_rejects_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
