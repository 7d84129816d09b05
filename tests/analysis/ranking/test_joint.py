"""Joint rank sets from limits, from errors and from shares."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.errors import StatisticsError
from analysis.intervals.shares import wilson_interval
from analysis.ranking.joint import joint_rank_intervals, normal_rank_intervals, rank_intervals

ADJUSTMENTS = ["independent", "bonferroni"]


def made(seed: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(0.8, 0.1, size).round(2), rng.uniform(0.005, 0.05, size)


def test_critical_values_against_scipy() -> None:
    value, error = made(1, 14)
    independent, bonferroni = (normal_rank_intervals(value, error, adjustment=name) for name in ADJUSTMENTS)
    assert independent.critical_value == pytest.approx(stats.norm.ppf(0.5 + 0.95 ** (1 / 14) / 2), rel=1e-12)
    assert bonferroni.critical_value == pytest.approx(stats.norm.isf(0.025 / 14), rel=1e-12)
    with_t = normal_rank_intervals(value, error, df=9)
    assert with_t.critical_value == pytest.approx(stats.t.ppf(0.5 + 0.95 ** (1 / 14) / 2, 9), rel=1e-9)


@given(st.integers(0, 10_000), st.integers(1, 40), st.sampled_from(ADJUSTMENTS))
def test_sets_hold_the_rank_and_do_not_depend_on_order_or_unit(seed: int, size: int, name: str) -> None:
    value, error = made(seed, size)
    found = normal_rank_intervals(value, error, adjustment=name)
    assert ((found.low <= found.rank) & (found.rank <= found.high)).all()
    order = np.random.default_rng(seed).permutation(size)
    turned = normal_rank_intervals(5 + 100 * value[order], 100 * error[order], adjustment=name)
    np.testing.assert_array_equal(turned.low, found.low[order])
    np.testing.assert_array_equal(turned.high, found.high[order])
    np.testing.assert_array_equal(turned.rank, found.rank[order])


@given(st.integers(0, 10_000), st.integers(2, 40))
def test_higher_level_and_larger_error_give_wider_sets(seed: int, size: int) -> None:
    value, error = made(seed, size)
    base = normal_rank_intervals(value, error)
    for wider in (
        normal_rank_intervals(value, error, confidence_level=0.99),
        normal_rank_intervals(value, 2 * error),
        normal_rank_intervals(value, error, df=5),
        normal_rank_intervals(value, error, adjustment="bonferroni"),
    ):
        assert (wider.low <= base.low).all()
        assert (wider.high >= base.high).all()


def test_negated_estimates_turn_the_ranks_round() -> None:
    value, error = made(3, 25)
    up, down = normal_rank_intervals(value, error), normal_rank_intervals(-value, error)
    np.testing.assert_array_equal(down.low, 26 - up.high)
    np.testing.assert_array_equal(down.high, 26 - up.low)


def test_equal_estimates_share_the_best_of_their_ranks() -> None:
    found = normal_rank_intervals([0.7, 0.9, 0.7, 0.5], [1e-6] * 4)
    assert found.rank.tolist() == [2, 1, 2, 4]
    assert list(zip(found.low, found.high, strict=True)) == [(2, 3), (1, 1), (2, 3), (4, 4)]


def test_unit_without_estimate_has_no_rank_and_takes_none() -> None:
    full = normal_rank_intervals([0.9, 0.5], [0.01, 0.01])
    gap = normal_rank_intervals([0.9, np.nan, 0.5], [0.01, np.nan, 0.01])
    assert gap.rank.tolist() == [1, 0, 2]
    assert (gap.low[1], gap.high[1], gap.n_ranked) == (0, 0, 2)
    np.testing.assert_array_equal(gap.high[[0, 2]], full.high)
    nobody = joint_rank_intervals(wilson_interval([9, 0, 1], [10, 0, 10]))
    assert nobody.rank.tolist() == [1, 0, 2]


@pytest.mark.parametrize("size", [0, 1])
def test_no_unit_or_one_degenerate(size: int) -> None:
    found = normal_rank_intervals(np.full(size, 0.5), np.full(size, 0.1))
    assert found.low.tolist() == found.high.tolist() == found.rank.tolist() == [1] * size
    assert rank_intervals([], [], value=[]).n_ranked == 0


def test_everyone_satisfied_is_not_certain_of_the_first_rank() -> None:
    found = joint_rank_intervals(wilson_interval([10, 480], [10, 500]))
    assert (found.rank[0], found.high[0]) == (1, 2)


@settings(deadline=None)
@given(st.sampled_from(ADJUSTMENTS))
def test_joint_sets_hold_all_true_ranks_coverage(name: str) -> None:
    rng, truth, error = np.random.default_rng(5), np.array([3.0, 2.0, 2.0, 1.5, 0.0]), np.full(5, 0.6)
    least, most = np.array([1, 2, 2, 4, 5]), np.array([1, 3, 3, 4, 5])
    held = 0
    for _ in range(300):
        found = normal_rank_intervals(truth + error * rng.standard_normal(5), error, adjustment=name)
        held += bool(((found.low <= least) & (found.high >= most)).all())
    assert held / 300 >= 0.95 - 2 * np.sqrt(0.95 * 0.05 / 300)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: normal_rank_intervals([0.5, 0.6], [0.1, 0.1, 0.1]),
        lambda: normal_rank_intervals([0.5, np.inf], [0.1, 0.1]),
        lambda: normal_rank_intervals([0.5, 0.6], [0.1, np.nan]),
        lambda: normal_rank_intervals([0.5, 0.6], [0.1, -0.1]),
        lambda: normal_rank_intervals([0.5, 0.6], [0.1, 0.1], df=0),
        lambda: normal_rank_intervals([0.5], [0.1], adjustment="holm"),
        lambda: normal_rank_intervals([0.5], [0.1], confidence_level=95),
        lambda: normal_rank_intervals([[0.5]], [[0.1]]),
        lambda: rank_intervals([0.5], [0.4], value=[0.45]),
        lambda: rank_intervals([np.nan], [0.4], value=[0.45]),
    ],
)
def test_ranks_reject_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
