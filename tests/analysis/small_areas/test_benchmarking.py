"""Shrunken shares that add to a known total."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import StatisticsError
from analysis.small_areas.benchmarking import benchmarked_shares
from analysis.small_areas.empirical_bayes import empirical_bayes_shares


def units(seed: int, size: int = 40, *, a: float = 18, b: float = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 90, size)
    return rng.binomial(n, rng.beta(a, b, size)), n


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.3, 0.95))
def test_benchmark_meets_its_target_and_keeps_the_order(seed: int, target: float) -> None:
    shares = empirical_bayes_shares(*units(seed))
    weights = np.random.default_rng(seed).integers(1, 1000, len(shares)).astype(float)
    moved = benchmarked_shares(shares, weights=weights, target=target)
    assert np.average(moved.value, weights=weights) == pytest.approx(target, abs=1e-10)
    np.testing.assert_array_equal(
        np.argsort(moved.value, kind="stable"), np.argsort(shares.value, kind="stable")
    )
    assert ((moved.ci_low <= moved.value) & (moved.value <= moved.ci_high)).all()
    assert ((moved.value > 0) & (moved.value < 1)).all()
    np.testing.assert_array_equal(moved.direct.value, shares.direct.value)
    assert benchmarked_shares(moved, weights=weights, target=target).benchmark_shift == pytest.approx(
        moved.benchmark_shift, abs=1e-8
    )


def test_benchmark_to_the_direct_total_is_the_default() -> None:
    k, n = units(8)
    moved = benchmarked_shares(empirical_bayes_shares(k, n))
    assert (n * moved.value).sum() == pytest.approx(k.sum())


K, N = units(1)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: benchmarked_shares(empirical_bayes_shares(K, N), target=1.0),
        lambda: benchmarked_shares(empirical_bayes_shares(K, N), weights=[1.0]),
        lambda: benchmarked_shares(empirical_bayes_shares(K, N), weights=-N),
        lambda: benchmarked_shares(empirical_bayes_shares([*K, 0], [*N, 0]), weights=np.ones(len(K) + 1)),
    ],
)
def test_benchmarking_rejects_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
