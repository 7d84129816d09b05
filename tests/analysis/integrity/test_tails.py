"""Tails of over-dispersed counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.integrity.tails import joint_concentration, lower_tail, lower_tail_of_arrivals, upper_tail


@given(st.integers(0, 80), st.integers(0, 80), st.floats(0.001, 0.999), st.floats(0.05, 1e4))
@settings(deadline=None)
def test_upper_tail_against_scipy(x: int, more: int, p: float, kappa: float) -> None:
    n = x + more
    mixed = stats.betabinom(n, p * kappa, (1 - p) * kappa).pmf(np.arange(x, n + 1)).sum()
    assert upper_tail(x, n, p, kappa) == pytest.approx(mixed, rel=1e-7, abs=1e-290)
    assert upper_tail(x, n, p) == pytest.approx(stats.binom(n, p).sf(x - 1), rel=1e-8, abs=1e-290)
    assert lower_tail(x, n, p) == pytest.approx(stats.binom(n, p).cdf(x), rel=1e-8, abs=1e-290)


@given(st.integers(0, 60), st.floats(0.05, 80), st.floats(1.001, 9))
@settings(deadline=None)
def test_arrivals_against_scipy(x: int, mean: float, phi: float) -> None:
    wanted = stats.nbinom(mean / (phi - 1), 1 / phi).cdf(x)
    assert lower_tail_of_arrivals(x, mean, phi) == pytest.approx(wanted, rel=1e-6)
    assert lower_tail_of_arrivals(x, mean) == pytest.approx(stats.poisson(mean).cdf(x), rel=1e-9)


@given(st.integers(1, 200), st.floats(0.01, 0.99), st.floats(1, 1e3))
@settings(deadline=None)
def test_tails_fall_with_x_and_widen_with_spread(n: int, p: float, kappa: float) -> None:
    x = np.arange(n + 1)
    tail = upper_tail(x, n, p, kappa)
    assert (np.diff(tail) <= 1e-10).all()
    assert upper_tail(n, n, p, kappa) >= upper_tail(n, n, p) * (1 - 1e-9)


def test_a_tiny_tail_keeps_its_digits() -> None:
    assert upper_tail(200, 200, 0.05) == pytest.approx(0.05**200, rel=1e-9)
    assert upper_tail(1_000, 1_000, 0.05) == 0


def test_tails_of_nothing_degenerate() -> None:
    assert upper_tail(0, 0, 0.5) == 1
    assert upper_tail([0, 1, 1], [5, 5, 5], [0, 0, 1]).tolist() == [1, 0, 1]
    assert lower_tail_of_arrivals([0, 3], [0, 0], [1, 2]).tolist() == [1, 1]
    assert joint_concentration(np.inf, np.inf) == np.inf


def test_many_tails_at_once_equal_one_by_one() -> None:
    rng = np.random.default_rng(2)
    n = rng.integers(1, 60, 50)
    x, p, kappa = rng.integers(0, n + 1), rng.uniform(0, 1, 50), rng.uniform(1, 50, 50)
    one_by_one = [upper_tail(*row).item() for row in zip(x, n, p, kappa, strict=True)]
    assert upper_tail(x, n, p, kappa).tolist() == pytest.approx(one_by_one)
