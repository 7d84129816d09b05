"""The beta-binomial likelihood and its slopes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from analysis.errors import StatisticsError
from analysis.small_areas.beta_binomial_likelihood import (
    beta_binomial_log_likelihood,
    gradient,
    log_likelihood,
    logit_score,
    share_of,
)


def units(seed: int, size: int = 60, *, a: float = 18, b: float = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 90, size)
    return rng.binomial(n, rng.beta(a, b, size)), n


@given(st.integers(0, 10_000), st.floats(-3, 12), st.floats(-4, 4))
def test_log_likelihood_against_scipy(seed: int, log_precision: float, logit: float) -> None:
    k, n = units(seed, 12)
    m, mu = np.exp(log_precision), special.expit(logit)
    coefficients = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    wanted = stats.betabinom.logpmf(k, n, mu * m, (1 - mu) * m).sum() - coefficients.sum()
    got = beta_binomial_log_likelihood(k, n, a=mu * m, b=(1 - mu) * m)
    assert got == pytest.approx(wanted, rel=1e-9, abs=1e-8)


@pytest.mark.parametrize("precision", [1e4, 9.9e4, 1.01e5, 1e7, 1e12])
def test_log_likelihood_of_large_precision_against_sums_of_logarithms(precision: float) -> None:
    """``Σ log(mu + j/M)`` term by term, which does not cancel."""
    k, n, mu = np.array([3.0, 700.0, 20.0]), np.array([9.0, 900.0, 20.0]), 0.8

    def rising(x: float, share: float) -> float:
        return float(np.log(share + np.arange(int(x)) / precision).sum())

    wanted = sum(rising(x, mu) + rising(m - x, 1 - mu) - rising(m, 1) for x, m in zip(k, n, strict=True))
    got = beta_binomial_log_likelihood(k, n, a=mu * precision, b=(1 - mu) * precision)
    assert got == pytest.approx(wanted, rel=1e-12, abs=1e-8)


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(-2, 9), st.floats(-3, 3))
def test_slopes_against_differences(seed: int, log_precision: float, logit: float) -> None:
    k, n = (array.astype(float) for array in units(seed, 20))

    def height(x: float, y: float) -> float:
        return log_likelihood(k, n, share_of(x), y)

    step = 1e-4
    got = gradient(k, n, np.array([logit, log_precision]))
    wanted = [
        (height(logit + step, log_precision) - height(logit - step, log_precision)) / (2 * step),
        (height(logit, log_precision + step) - height(logit, log_precision - step)) / (2 * step),
    ]
    np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-5)
    assert logit_score(k, n, logit, log_precision) == pytest.approx(got[0])


@pytest.mark.parametrize("x", [1.0, 40.0, 3e6])
def test_slope_is_smooth_where_the_series_takes_over(x: float) -> None:
    k, n = np.array([x, 0.0]), np.array([x, 7.0])
    below, above = (gradient(k, n, np.array([0.0, np.log(2e5) + move])) for move in (-1e-6, 1e-6))
    np.testing.assert_allclose(below, above, rtol=1e-4, atol=1e-9)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: beta_binomial_log_likelihood([5], [10], a=0, b=1),
    ],
)
def test_beta_binomial_likelihood_rejects_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
