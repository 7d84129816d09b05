"""Shares of a sign against the other units: straight lines, haste, closed hours, more answers than visitors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import StatisticsError
from analysis.integrity.pooling import pooled_mean, predictive_tail
from analysis.integrity.scores import Reason
from analysis.integrity.shares import after_hours_scores, coverage_scores, excess_share_scores
from analysis.integrity.speed import (
    fast_pool_scores,
    reading_floor,
    speeding_scores,
    too_fast_counts,
)
from analysis.integrity.straightlining import (
    long_string_scores,
    longest_runs,
    straight_line_counts,
    straight_line_scores,
)
from tests.analysis.integrity.rates import beta_shares, is_kept


@pytest.mark.parametrize(
    ("n_units", "mean", "correlation"),
    [(6, 0.17, 0.03), (6, 0.02, 0.0), (30, 0.17, 0.0), (30, 0.17, 0.08), (30, 0.02, 0.02), (78, 0.02, 0.08)],
)
def test_honest_units_are_flagged_no_more_often_than_stated(
    n_units: int, mean: float, correlation: float
) -> None:
    rng = np.random.default_rng(n_units)
    found = []
    for _ in range(max(800 // n_units, 40)):
        n = rng.integers(30, 300, n_units)
        share = beta_shares(rng, mean=mean, correlation=correlation, size=n_units)
        found.append(excess_share_scores(rng.binomial(n, share), n).p_value)
    assert is_kept(np.concatenate(found), alpha=0.05)
    assert is_kept(np.concatenate(found), alpha=0.01)


def test_a_plain_binomial_would_flag_every_other_unit_that_merely_differs() -> None:
    rng = np.random.default_rng(3)
    n = np.full(40, 200)
    x = rng.binomial(n, beta_shares(rng, mean=0.17, correlation=0.05, size=40))
    naive = excess_share_scores(x, n, intraclass_correlation=0.0)
    assert (naive.p_value < 0.01).mean() > 0.15
    assert (excess_share_scores(x, n).p_value < 0.01).mean() <= 0.05


def test_a_stuffing_unit_is_found_among_differing_ones() -> None:
    rng = np.random.default_rng(4)
    hits = []
    for _ in range(40):
        n = np.full(30, 200)
        x = rng.binomial(n, beta_shares(rng, mean=0.17, correlation=0.02, size=30))
        # Three in ten forms of the first unit are stuffed, nine in ten of those straight.
        x[0] = rng.binomial(140, 0.17) + rng.binomial(60, 0.9)
        hits.append(excess_share_scores(x, n).p_value[0] < 0.01)
    assert np.mean(hits) > 0.8


def test_a_content_unit_is_not_straight_lining() -> None:
    rng = np.random.default_rng(5)
    rate = np.array([0.05, 0.10, 0.50])
    mix = np.tile([60, 100, 40], (20, 1))
    mix[0] = [5, 15, 180]
    straight = rng.binomial(mix, rate)
    by_level = straight_line_scores(straight, mix)
    pooled = excess_share_scores(straight.sum(axis=1), mix.sum(axis=1))
    assert pooled.p_value[0] < 0.01
    assert by_level.p_value[0] > 0.05
    assert by_level.expected[0] == pytest.approx(0.4575, abs=0.08)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=6, max_size=12), st.integers(0, 99)
)
@settings(deadline=None)
def test_scores_follow_units_when_they_are_reordered(units: list, seed: int) -> None:
    x, more = np.array(units).T
    order = np.random.default_rng(seed).permutation(len(x))
    first = excess_share_scores(x, x + more)
    second = excess_share_scores(x[order], (x + more)[order])
    assert second.p_value == pytest.approx(first.p_value[order], nan_ok=True)
    assert (second.reason == first.reason[order]).all()


@given(st.integers(0, 99), st.integers(10, 90))
@settings(deadline=None, max_examples=20)
def test_more_signs_are_never_less_suspicious(seed: int, x: int) -> None:
    counts = np.random.default_rng(seed).integers(5, 40, 8)
    counts[0] = x
    fewer = excess_share_scores(counts, np.full(8, 100)).p_value[0]
    counts[0] = x + 5
    assert excess_share_scores(counts, np.full(8, 100)).p_value[0] <= fewer + 1e-9


def test_reasons_stand_where_there_is_no_p_value_degenerate() -> None:
    scores = excess_share_scores([0, 3, 10, 12, 9, 11], [0, 10, 100, 100, 100, 100])
    assert [scores[i].reason for i in range(3)] == [Reason.NO_RESPONSES, Reason.TOO_FEW, Reason.COMPUTED]
    assert np.isnan(scores.p_value[:2]).all()
    assert np.isnan(scores.statistic[0])
    assert (excess_share_scores([1, 2], [50, 50]).reason == Reason.NO_REFERENCE).all()
    assert len(excess_share_scores([], [])) == 0
    everyone = excess_share_scores([50] * 6, [50] * 6)
    nobody = excess_share_scores([0] * 6, [50] * 6)
    assert everyone.p_value.min() > 0.5
    assert nobody.p_value.min() == 1
    alone = excess_share_scores([[5, 0], [5, 0], [5, 0], [5, 0], [5, 30]], [[50, 0]] * 4 + [[50, 30]])
    assert alone[4].reason is Reason.NO_REFERENCE


def test_more_answers_than_visitors_is_a_ratio_above_one() -> None:
    scores = coverage_scores([20, 30, 25, 22, 28, 24, 400], [200] * 7)
    assert scores.statistic[6] == 2
    assert scores.p_value[6] < 1e-4
    assert np.isnan(coverage_scores([5], [0]).statistic[0])


def test_after_hours_stands_against_its_own_channel() -> None:
    evening = [60, 72, 66, 58, 70, 64, 61, 75]
    assert after_hours_scores(evening, [200] * 8).p_value.min() > 0.05
    kiosk = [1, 0, 2, 1, 0, 1, 0, 60]
    assert after_hours_scores(kiosk, [200] * 8).p_value[7] < 0.005


def test_longest_runs_and_straight_forms_against_plain_loops() -> None:
    rng = np.random.default_rng(6)
    answers, given = rng.integers(3, 6, (60, 9)), rng.random((60, 9)) > 0.2
    for row, mask, found in zip(answers, given, longest_runs(answers, given), strict=True):
        kept, best = row[mask].tolist(), 0
        for start in range(len(kept)):
            end = start
            while end < len(kept) and kept[end] == kept[start]:
                end += 1
            best = max(best, end - start)
        assert found == best
    straight, forms = straight_line_counts(answers, given, stratum=np.arange(60) % 4, n_strata=4, min_items=2)
    assert forms.sum() == (given.sum(axis=1) >= 2).sum()
    by_hand = [m.sum() >= 2 and len(set(a[m])) == 1 for a, m in zip(answers, given, strict=True)]
    assert straight.sum() == sum(by_hand)


def test_runs_and_durations_against_other_units() -> None:
    rng = np.random.default_rng(7)
    usual = rng.multinomial(200, [0.05, 0.2, 0.5, 0.25], size=30)
    assert is_kept(
        np.concatenate(
            [
                fast_pool_scores(rng.multinomial(200, [0.05, 0.2, 0.5, 0.25], size=30)).p_value
                for _ in range(40)
            ]
        ),
        alpha=0.05,
    )
    usual[0] = [80, 70, 40, 10]
    assert fast_pool_scores(usual).p_value[0] < 0.001
    assert long_string_scores(usual[:, ::-1]).p_value[0] < 0.001
    assert speeding_scores(usual, [5, 30, 90, np.inf], floor=20).p_value[0] < 0.01


def test_bucket_across_the_floor_does_not_count() -> None:
    assert too_fast_counts([[1, 2, 4]], [5, 10, np.inf], floor=9.9).tolist() == [1]
    assert too_fast_counts([[1, 2, 4]], [5, 10, np.inf], floor=10).tolist() == [3]
    assert reading_floor(0) == 0


def test_all_in_one_bucket_has_no_variation_degenerate() -> None:
    assert (fast_pool_scores([[30, 0]] * 6).reason == Reason.NO_VARIATION).all()
    assert (fast_pool_scores([[0, 0]] * 3).reason == Reason.NO_RESPONSES).all()


def test_predictive_tail_needs_no_second_unit_degenerate() -> None:
    assert 0 < predictive_tail(np.array([3.0]), np.array([10.0]), np.array([0.3]))[0] <= 1
    assert pooled_mean(np.zeros((2, 1)), np.zeros((2, 1))).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("x", "n"),
    [([5], [3]), ([-1], [3]), ([1.5], [3]), ([np.nan], [3]), ([[[1]]], [[[2]]]), ([1, 2], [1, 2, 3])],
)
def test_excess_share_rejects_bad_input(x: list, n: list) -> None:
    with pytest.raises(StatisticsError):
        excess_share_scores(x, n)


def test_other_screens_reject_bad_input() -> None:
    for correlation in (-0.1, 1.0, np.nan):
        with pytest.raises(StatisticsError):
            excess_share_scores([1, 2], [3, 4], intraclass_correlation=correlation)
    with pytest.raises(StatisticsError):
        coverage_scores([1.5], [3])
    with pytest.raises(StatisticsError):
        too_fast_counts([[1, 2]], [5], floor=3)
    with pytest.raises(StatisticsError):
        too_fast_counts([[1, 2]], [5, 5], floor=3)
    with pytest.raises(StatisticsError):
        fast_pool_scores([1, 2])
    with pytest.raises(StatisticsError):
        reading_floor(10, seconds_per_word=0)
    with pytest.raises(StatisticsError):
        longest_runs([[1.5]], [[True]])
    with pytest.raises(StatisticsError):
        straight_line_counts([[1, 1]], [[True, True]], stratum=[3], n_strata=2)
