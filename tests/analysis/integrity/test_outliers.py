"""Figures outside what the other units predict; kiosk against phone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.errors import StatisticsError
from analysis.integrity.contradiction import contradiction_scores
from analysis.integrity.outliers import outlier_scores, ridit_scores
from analysis.integrity.scores import Reason
from tests.analysis.integrity.rates import is_kept


@pytest.mark.parametrize("n_units", [5, 12, 60])
@pytest.mark.parametrize("spread", [0.0, 1.0, 4.0])
def test_units_of_one_law_are_flagged_no_more_often_than_stated(n_units: int, spread: float) -> None:
    rng = np.random.default_rng(n_units)
    found = []
    for _ in range(6_000 // n_units):
        variance = rng.uniform(0.2, 4, n_units)
        value = 0.3 + rng.normal(size=n_units) * np.sqrt(variance + spread**2)
        found.append(outlier_scores(value, variance, np.full(n_units, 50)).p_value)
    assert is_kept(np.concatenate(found), alpha=0.05)
    assert is_kept(np.concatenate(found), alpha=0.005)


def test_without_spread_and_many_units_it_is_nearly_the_z_test_against_theory() -> None:
    rng = np.random.default_rng(1)
    value = rng.normal(size=3_000)
    value[0] = 2.5
    scores = outlier_scores(value, np.ones(3_000), np.full(3_000, 50), alternative="greater")
    assert scores.p_value[0] == pytest.approx(stats.norm.sf(2.5), rel=0.15)
    assert scores.expected[0] == pytest.approx(value.mean(), abs=0.01)


@given(st.lists(st.floats(-5, 5), min_size=5, max_size=20), st.floats(-3, 3), st.floats(0.1, 10))
@settings(deadline=None)
def test_scores_do_not_depend_on_origin_or_unit_of_measure(values: list, shift: float, scale: float) -> None:
    variance, n = np.full(len(values), 0.5), np.full(len(values), 40)
    plain = outlier_scores(values, variance, n)
    moved = outlier_scores(shift + scale * np.array(values), scale**2 * variance, n)
    assert moved.p_value == pytest.approx(plain.p_value, rel=1e-5, abs=1e-9)


def test_sides_add_up() -> None:
    values, ones = np.array([0.1, 0.5, 0.2, 0.3, 2.0]), np.full(5, 0.04)
    up, down, both = (
        outlier_scores(values, ones, ones * 1_000, alternative=side).p_value
        for side in ("greater", "less", "two-sided")
    )
    assert up + down == pytest.approx(1)
    assert both == pytest.approx(2 * np.minimum(up, down))


@pytest.mark.parametrize("p_phone", [0.75, 0.93])
def test_a_mode_effect_common_to_all_units_is_no_contradiction(p_phone: float) -> None:
    rng = np.random.default_rng(2)
    found = []
    for _ in range(60):
        n = rng.integers(40, 300, (2, 40))
        unit = rng.normal(0, 0.02, 40)
        kiosk = rng.binomial(n[0], np.clip(p_phone + 0.06 + unit + rng.normal(0, 0.02, 40), 0, 1))
        phone = rng.binomial(n[1], np.clip(p_phone + unit, 0, 1))
        found.append(contradiction_scores(kiosk, n[0], phone, n[1], min_n=30).p_value)
    assert is_kept(np.concatenate(found), alpha=0.05)
    assert is_kept(np.concatenate(found), alpha=0.01)


def test_a_stuffed_kiosk_contradicts_the_phone() -> None:
    rng = np.random.default_rng(3)
    hits = []
    for _ in range(50):
        n = np.full((2, 30), 150)
        kiosk, phone = rng.binomial(n[0], 0.88), rng.binomial(n[1], 0.82)
        kiosk[0], phone[0] = rng.binomial(150, 0.98), rng.binomial(150, 0.60)
        hits.append(contradiction_scores(kiosk, n[0], phone, n[1]).p_value[0] < 0.001)
    assert np.mean(hits) > 0.9


def test_clustered_answers_are_worth_less() -> None:
    k = [180, 184, 178, 182, 181, 199], [160, 168, 158, 163, 161, 120]
    plain = contradiction_scores(k[0], [200] * 6, k[1], [200] * 6)
    clustered = contradiction_scores(
        k[0], [200] * 6, k[1], [200] * 6, design_effect_first=6, design_effect_second=6
    )
    assert plain.p_value[5] < clustered.p_value[5]


def test_everyone_satisfied_everywhere_is_no_contradiction_degenerate() -> None:
    scores = contradiction_scores([50] * 6, [50] * 6, [50] * 6, [50] * 6)
    assert (scores.statistic == 0).all()
    assert scores.p_value.min() > 0.1


def test_units_with_too_few_and_provinces_of_few_say_so_degenerate() -> None:
    scores = contradiction_scores([40, 0, 10, 45, 44, 43], [50, 0, 10, 50, 50, 50], 40, 50)
    assert [scores[i].reason for i in (0, 2)] == [Reason.COMPUTED, Reason.TOO_FEW]
    assert (outlier_scores([1, 2], [1, 1], [9, 9]).reason == Reason.NO_REFERENCE).all()
    assert len(outlier_scores([], [], [])) == 0
    assert len(ridit_scores(np.zeros((0, 3)), alternative="less")) == 0


def test_outlier_scores_reject_bad_input() -> None:
    for arguments in (
        {"value": [np.nan] * 5},
        {"variance": [0] * 5},
        {"variance": [-1] * 5},
        {"alternative": "up"},
        {"n": [1, 2]},
    ):
        with pytest.raises(StatisticsError):
            outlier_scores(**({"value": [1.0] * 5, "variance": [1.0] * 5, "n": [9] * 5} | arguments))
    with pytest.raises(StatisticsError):
        contradiction_scores([5], [4], [3], [3])
    with pytest.raises(StatisticsError):
        ridit_scores([[1.5, 2]], alternative="less")
