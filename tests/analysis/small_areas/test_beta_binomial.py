"""The beta-binomial law and its estimation."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats

from analysis.errors import StatisticsError
from analysis.small_areas.beta_binomial import beta_binomial_fit
from analysis.small_areas.beta_binomial_likelihood import beta_binomial_log_likelihood


def units(seed: int, size: int = 60, *, a: float = 18, b: float = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 90, size)
    return rng.binomial(n, rng.beta(a, b, size)), n


@pytest.mark.parametrize("seed", range(5))
def test_maximum_against_simplex_search(seed: int) -> None:
    k, n = units(seed)
    found = beta_binomial_fit(k, n)

    def loss(at: np.ndarray) -> float:
        a, b = np.exp(at)
        return -stats.betabinom.logpmf(k, n, a, b).sum()

    other = optimize.minimize(loss, [2.0, 0.5], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})
    np.testing.assert_allclose([found.a, found.b], np.exp(other.x), rtol=1e-4)


def test_covariance_against_numerical_information() -> None:
    k, n = units(3, 200)
    found = beta_binomial_fit(k, n)
    at = np.array([special.logit(found.mu), np.log(found.precision)])

    def value(point: np.ndarray) -> float:
        m, mu = np.exp(point[1]), special.expit(point[0])
        return beta_binomial_log_likelihood(k, n, a=mu * m, b=(1 - mu) * m)

    h = 1e-3 * np.eye(2)
    signs = [(1, 1, 1), (1, -1, -1), (-1, 1, -1), (-1, -1, 1)]
    information = np.array(
        [[-sum(s * value(at + p * i + q * j) for p, q, s in signs) / 4e-6 for j in h] for i in h]
    )
    np.testing.assert_allclose(found.covariance, np.linalg.inv(information), rtol=1e-4)


@pytest.mark.parametrize("method", ["ml", "moments"])
def test_law_is_recovered_from_many_units(method: str) -> None:
    found = beta_binomial_fit(*units(1, 20_000), method=method)
    assert found.mu == pytest.approx(0.9, abs=0.003)
    assert found.precision == pytest.approx(20, rel=0.06)
    assert found.rho == pytest.approx(1 / (found.a + found.b + 1))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["ml", "moments"]))
def test_fit_does_not_depend_on_order_and_mirrors(seed: int, method: str) -> None:
    k, n = units(seed, 30, a=6, b=3)
    found = beta_binomial_fit(k, n, method=method)
    order = np.random.default_rng(seed).permutation(30)
    again, mirrored = (beta_binomial_fit(x, n[order], method=method) for x in (k[order], (n - k)[order]))
    assert again.rho == pytest.approx(found.rho, rel=1e-6, abs=1e-12)
    assert (mirrored.mu, mirrored.rho) == pytest.approx((1 - found.mu, found.rho), rel=1e-6, abs=1e-12)


def test_no_spread_is_a_boundary_and_said() -> None:
    for method in ("ml", "moments"):
        found = beta_binomial_fit([9, 18, 27, 45], [10, 20, 30, 50], method=method)
        assert (found.rho, found.a, found.mu) == (0.0, np.inf, 0.9)
        assert "no variation" in found.reason
        assert np.isnan(found.covariance).all()


def test_all_or_nothing_is_the_other_boundary() -> None:
    found = beta_binomial_fit([0, 50, 0, 50, 50], [50] * 5)
    assert found.rho > 0.999
    assert "all or nothing" in found.reason


def test_counts_in_millions_stay_exact() -> None:
    rng = np.random.default_rng(2)
    n = np.full(500, 5_000_000)
    found = beta_binomial_fit(rng.binomial(n, rng.beta(9_000, 1_000, 500)), n)
    assert found.precision == pytest.approx(10_000, rel=0.15)
    same = beta_binomial_fit(rng.binomial(n, 0.9), n)
    assert same.rho < 1e-7


def test_empty_units_and_design_effects() -> None:
    k, n = units(4)
    np.testing.assert_allclose(
        beta_binomial_fit([*k, 0], [*n, 0]).precision, beta_binomial_fit(k, n).precision, rtol=1e-9
    )
    assert beta_binomial_fit(k, n, design_effect=2).rho < beta_binomial_fit(k, n).rho
    assert beta_binomial_fit(k, n, design_effect=2).n_respondents == n.sum() / 2


def test_three_thousand_units_in_a_fifth_of_a_second() -> None:
    k, n = units(5, 3300)
    started = time.perf_counter()
    beta_binomial_fit(k, n)
    assert time.perf_counter() - started < 1  # 0.05 s when nothing else runs


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: beta_binomial_fit([5], [10]),
        lambda: beta_binomial_fit([1, 0, 1], [1, 1, 1]),
        lambda: beta_binomial_fit([10, 20], [10, 20]),
        lambda: beta_binomial_fit([0, 0], [10, 20]),
        lambda: beta_binomial_fit([5, 11], [10, 10]),
        lambda: beta_binomial_fit([-1, 5], [10, 10]),
        lambda: beta_binomial_fit([np.nan, 5], [10, 10]),
        lambda: beta_binomial_fit([5, 5], [10, 10, 10]),
        lambda: beta_binomial_fit([[5, 5]], [[10, 10]]),
        lambda: beta_binomial_fit([5, 6], [10, 10], method="bayes"),
        lambda: beta_binomial_fit([5, 6], [10, 10], design_effect=0),
    ],
)
def test_beta_binomial_rejects_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
