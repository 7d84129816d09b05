"""Rank sets from pairwise differences."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import StatisticsError
from analysis.ranking.joint import RankIntervals
from analysis.ranking.pairwise import pairwise_rank_intervals


def made(seed: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(0.8, 0.1, size), rng.uniform(0.01, 0.05, size)


def ranked(value: np.ndarray, **options: object) -> RankIntervals:
    return pairwise_rank_intervals(value, rng=np.random.default_rng(7), n_resamples=400, **options)


def by_loops(value: np.ndarray, error: np.ndarray, family: str) -> list[tuple[int, int]]:
    """One step without step-down or step-down over ordered pairs, as the definition says."""
    size = len(value)
    draws = np.random.default_rng(7).standard_normal((400, size)) * error
    pairs = [(j, k) for j in range(size) for k in range(size) if j != k]
    scale = {(j, k): np.hypot(error[j], error[k]) for j, k in pairs}
    rejected: set[tuple[int, int]] = set()
    families = [pairs] if family == "simultaneous" else [[p for p in pairs if j in p] for j in range(size)]
    bounds = np.zeros((size, 2), dtype=int)
    for own, members in enumerate(families):
        rejected = set()
        while True:
            standing = [pair for pair in members if pair not in rejected]
            largest = np.max([(draws[:, j] - draws[:, k]) / scale[j, k] for j, k in standing], axis=0)
            c = np.quantile(largest, 0.95, method="higher")
            new = {(j, k) for j, k in standing if (value[j] - value[k]) / scale[j, k] > c}
            if not new:
                break
            rejected |= new
        for unit in range(size) if family == "simultaneous" else [own]:
            bounds[unit] = (
                1 + sum(k == unit for _, k in rejected),
                size - sum(j == unit for j, _ in rejected),
            )
    return [tuple(row) for row in bounds.tolist()]


@pytest.mark.parametrize("family", ["simultaneous", "marginal"])
@pytest.mark.parametrize("seed", range(4))
def test_step_down_against_loops(family: str, seed: int) -> None:
    value, error = made(seed, 7)
    found = ranked(value, standard_error=error, simultaneous=family == "simultaneous")
    assert list(zip(found.low.tolist(), found.high.tolist(), strict=True)) == by_loops(value, error, family)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.booleans())
def test_sets_hold_the_rank_and_step_down_and_level_narrow_them(seed: int, size: int, together: bool) -> None:
    value, error = made(seed, size)
    found = ranked(value, standard_error=error, simultaneous=together)
    assert ((found.low <= found.rank) & (found.rank <= found.high)).all()
    for wider in (
        ranked(value, standard_error=error, simultaneous=together, step_down=False),
        ranked(value, standard_error=error, simultaneous=together, confidence_level=0.99),
    ):
        assert (wider.low <= found.low).all()
        assert (wider.high >= found.high).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_marginal_sets_lie_within_simultaneous_ones_of_the_same_draws(seed: int) -> None:
    value, error = made(seed, 9)
    joint = ranked(value, standard_error=error, step_down=False)
    own = ranked(value, standard_error=error, simultaneous=False, step_down=False)
    assert (own.low >= joint.low).all()
    assert (own.high <= joint.high).all()


def test_covariance_of_independent_units_agrees_with_their_errors() -> None:
    value, error = made(2, 10)
    plain = pairwise_rank_intervals(
        value, standard_error=error, rng=np.random.default_rng(1), n_resamples=20_000
    )
    matrix = pairwise_rank_intervals(
        value, covariance=np.diag(error**2), rng=np.random.default_rng(2), n_resamples=20_000
    )
    assert np.abs(plain.low - matrix.low).max() <= 1
    assert np.abs(plain.high - matrix.high).max() <= 1


def test_shared_error_separates_units_that_independent_ones_would_not() -> None:
    value, error = np.array([0.80, 0.79, 0.78]), 0.02
    shared = error**2 * (0.02 * np.eye(3) + 0.98)
    assert ranked(value, standard_error=[error] * 3).high.tolist() == [3, 3, 3]
    assert ranked(value, covariance=shared).high.tolist() == [1, 2, 3]


def test_equal_units_are_rarely_separated_coverage() -> None:
    rng, wrong = np.random.default_rng(11), 0
    for _ in range(200):
        found = pairwise_rank_intervals(
            rng.standard_normal(6), standard_error=np.ones(6), rng=rng, n_resamples=300
        )
        wrong += bool((found.low > 1).any() or (found.high < 6).any())
    assert wrong / 200 <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


def test_unit_without_estimate_has_no_rank_degenerate() -> None:
    found = ranked(np.array([0.9, np.nan, 0.1]), standard_error=[0.01, np.nan, 0.01])
    assert found.rank.tolist() == [1, 0, 2]
    assert (found.low.tolist(), found.high.tolist()) == ([1, 0, 2], [1, 0, 2])
    assert ranked(np.array([0.5]), standard_error=[0.1]).high.tolist() == [1]
    assert ranked(np.array([0.5, 0.5]), standard_error=[0.1, 0.1]).rank.tolist() == [1, 1]


def test_two_hundred_units_take_seconds_not_minutes() -> None:
    value, error = made(4, 200)
    started = time.perf_counter()
    for together in (True, False):
        pairwise_rank_intervals(
            value, standard_error=error, simultaneous=together, rng=np.random.default_rng(1), n_resamples=1000
        )
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"standard_error": [0.1, 0.1, 0.1], "covariance": np.eye(3)},
        {"standard_error": [0.1, 0.0, 0.1]},
        {"standard_error": [0.1, 0.1]},
        {"standard_error": [0.1, np.nan, 0.1]},
        {"covariance": np.ones((3, 3))},
        {"covariance": np.array([[1, 2, 0], [0, 1, 0], [0, 0, 1.0]])},
        {"covariance": np.array([[1, 2, 0], [2, 1, 0], [0, 0, 1.0]])},
        {"standard_error": [0.1] * 3, "confidence_level": 95},
    ],
)
def test_pairwise_ranks_reject_bad_input(options: dict[str, object]) -> None:
    with pytest.raises(StatisticsError):
        ranked(np.array([0.5, 0.6, 0.7]), **options)


def test_too_few_resamples_are_refused() -> None:
    with pytest.raises(StatisticsError):
        pairwise_rank_intervals(
            [0.5, 0.6], standard_error=[0.1, 0.1], rng=np.random.default_rng(1), n_resamples=10
        )
