"""Tiers, targets, differences and ranks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.comparing.many_comparisons import adjust_p_values, simultaneous_level
from analysis.comparing.targets import n_to_confirm, target_verdict, target_verdicts
from analysis.comparing.tiers import (
    fisher_p_values,
    tiers_against_province,
    tiers_of_estimates,
)
from analysis.errors import InvalidCounts, InvalidOption, StatisticsError
from analysis.intervals.shares import wilson_interval
from analysis.ranking.joint import joint_rank_intervals, rank_intervals
from analysis.types import Tier, Verdict


@given(st.integers(1, 60), st.integers(1, 400), st.integers(0, 10_000))
def test_fisher_p_values_against_scipy(n: int, n_rest: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    k, k_rest = rng.integers(0, n + 1), rng.integers(0, n_rest + 1)
    tails = (
        stats.hypergeom.cdf(k, n + n_rest, k + k_rest, n),
        stats.hypergeom.sf(k - 1, n + n_rest, k + k_rest, n),
    )
    assert fisher_p_values(k, n, k_rest, n_rest).item() == pytest.approx(min(1, 2 * min(tails)), rel=1e-8)


def test_small_units_are_insufficient_and_leave_the_family() -> None:
    tiers = tiers_against_province([60, 90, 90, 0], [100, 100, 100, 29])
    assert tiers[3] is Tier.INSUFFICIENT
    assert tiers.n_compared == 3
    assert np.isnan(tiers.adjusted[3])
    assert tiers.province.n_respondents == 329


def test_unit_above_and_unit_below_are_told_apart() -> None:
    tiers = tiers_against_province([198, 120, 160, 160, 160], [200] * 5)
    assert [tiers[i].name for i in range(3)] == ["HIGHER", "LOWER", "NOT_DIFFERENT"]


def test_design_effect_takes_labels_away() -> None:
    k, n = [150, 170, 172, 171], [200] * 4
    assert tiers_against_province(k, n)[0] is Tier.LOWER
    assert tiers_against_province(k, n, design_effect=6)[0] is Tier.NOT_DIFFERENT


@pytest.mark.parametrize(("k", "n"), [([100] * 4, [100] * 4), ([0] * 4, [100] * 4), ([50], [100]), ([], [])])
def test_nothing_to_tell_apart_gives_no_label(k: list[int], n: list[int]) -> None:
    assert (tiers_against_province(k, n).codes == Tier.NOT_DIFFERENT).all()


def test_units_tiers_do_not_depend_on_order() -> None:
    k, n = np.array([60, 88, 95, 90]), np.array([100, 100, 120, 100])
    order = [2, 0, 3, 1]
    np.testing.assert_array_equal(
        tiers_against_province(k, n).codes[order], tiers_against_province(k[order], n[order]).codes
    )


def test_tiers_of_estimates_agree_with_counts_on_clear_cases() -> None:
    k, n = [60, 88, 90, 89, 10], [100, 100, 100, 100, 10]
    found = tiers_of_estimates(wilson_interval(k, n))
    np.testing.assert_array_equal(found.codes, tiers_against_province(k, n).codes)
    assert found.province.value == pytest.approx(sum(k) / sum(n))


def test_all_satisfied_thirty_people_do_not_settle_95_percent() -> None:
    test = target_verdict(30, 30, 0.95)
    assert test.verdict is Verdict.UNDECIDED
    assert f"{100 * test.estimate.ci_low:.1f}" == "88.6"


def test_verdicts_use_unrounded_shares() -> None:
    estimates = wilson_interval([8995, 9100, 8900], [10_000] * 3)
    assert target_verdicts(estimates, 0.90).tolist() == [Verdict.UNDECIDED, Verdict.MET, Verdict.NOT_MET]


@pytest.mark.parametrize(("target", "assumed"), [(0.9, 0.95), (0.9, 0.85), (0.8, 0.9)])
def test_n_to_confirm_reaches_its_power_and_not_before(target: float, assumed: float) -> None:
    wanted = Verdict.MET if assumed > target else Verdict.NOT_MET

    def power(n: int) -> float:
        k = np.arange(n + 1)
        settled = target_verdicts(wilson_interval(k, np.full(n + 1, n)), target) == wanted
        return float(stats.binom.pmf(k, n, assumed)[settled].sum())

    n = n_to_confirm(target, assumed)
    assert power(n) >= 0.8 > power(n - 1)
    assert n_to_confirm(target, assumed, design_effect=2) == 2 * n


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=30),
    st.sampled_from(["holm", "hochberg", "bh", "by", "bonferroni"]),
)
def test_adjusted_p_values_are_larger_and_keep_their_order(p: list[float], method: str) -> None:
    adjusted = adjust_p_values(p, method=method)
    assert (adjusted >= np.array(p) - 1e-15).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= -1e-15).all()


def test_ranks_of_clear_and_of_equal_units() -> None:
    clear = joint_rank_intervals(wilson_interval([990, 500, 10], [1000] * 3))
    assert [(clear[i].low, clear[i].high) for i in range(3)] == [(1, 1), (2, 2), (3, 3)]
    equal = joint_rank_intervals(wilson_interval([45] * 5, [50] * 5))
    assert set(equal.low) == {1}
    assert set(equal.high) == {5}


@given(st.integers(1, 40), st.integers(0, 10_000))
def test_rank_intervals_against_direct_count(size: int, seed: int) -> None:
    value = np.random.default_rng(seed).random(size).round(1)
    low, high = value - 0.1, value + 0.1
    found = rank_intervals(low, high, value=value)
    np.testing.assert_array_equal(found.low, [1 + (low > h).sum() for h in high])
    np.testing.assert_array_equal(found.high, [size - (high < b).sum() for b in low])
    assert ((found.low <= found.rank) & (found.rank <= found.high)).all()


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: tiers_against_province([5.5], [10]),
        lambda: tiers_against_province([11], [10]),
        lambda: tiers_against_province([5], [10], alpha=5),
        lambda: tiers_against_province([50], [100], adjustment="none"),
        lambda: target_verdict(5, 10, 95),
        lambda: n_to_confirm(0.9, 0.9),
        lambda: n_to_confirm(0.9, 0.90001),
        lambda: adjust_p_values([1.2]),
        lambda: simultaneous_level(0.95, 0),
        lambda: simultaneous_level(0.95, 3, method="hope"),
        lambda: rank_intervals([1, 2], [1], value=[1]),
    ],
)
def test_comparison_rejects_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError) as caught:
        wrong()
    assert isinstance(caught.value, ValueError)
    assert caught.value.hint


def test_named_errors_are_distinct() -> None:
    assert not issubclass(InvalidCounts, InvalidOption)
