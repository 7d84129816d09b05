"""Weights cut at a cap."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import optimize

from analysis import Survey
from analysis.errors import InvalidCounts, InvalidOption
from analysis.weighting.trimming import least_error_cap, trimmed_weights, trimming, weight_cap

WEIGHTS = hnp.arrays(np.float64, st.integers(2, 40), elements=st.floats(0.01, 100))


@given(WEIGHTS, st.floats(1.01, 5))
def test_sum_is_kept_order_is_kept_and_nothing_is_above_the_cap(w: np.ndarray, times: float) -> None:
    cap = times * w.mean()
    found = trimmed_weights(w, cap)
    assert found.sum() == pytest.approx(w.sum())
    assert found.max() <= cap * (1 + 1e-9)
    order = np.argsort(w)
    assert (np.diff(found[order]) >= -1e-9 * cap).all()
    np.testing.assert_allclose(trimmed_weights(3 * w, 3 * cap), 3 * found)


@given(WEIGHTS)
def test_cap_above_the_largest_changes_nothing(w: np.ndarray) -> None:
    np.testing.assert_allclose(trimmed_weights(w, w.max()), w)


def test_factor_of_the_others_against_brute_force() -> None:
    w = np.random.default_rng(1).lognormal(0, 1.2, 200)
    cap = 2.5
    factor = optimize.brentq(lambda a: np.minimum(cap, a * w).sum() - w.sum(), 1, 50)
    np.testing.assert_allclose(trimmed_weights(w, cap), np.minimum(cap, factor * w), rtol=1e-9)


def test_groups_keep_their_own_sums() -> None:
    found = trimmed_weights([1, 1, 8, 2, 2, 2], 4, groups=[0, 0, 0, 1, 1, 1], n_groups=2)
    assert found.tolist() == [3, 3, 4, 2, 2, 2]


def test_survey_is_trimmed_by_rule() -> None:
    survey = Survey({"w": [1.0, 1, 1, 2, 15], "h": ["a", "a", "b", "b", "b"]}, weights="w")
    found = trimming(survey, rule="median", at=6)
    assert found.report.high == 6
    assert found.report.total == pytest.approx(20)
    assert found.report.design_effect < survey.kish_design_effect
    assert survey.trimmed(rule="value", at=10.0, groups="h").weights.tolist() == pytest.approx(
        [1, 1, 8 / 3, 16 / 3, 10]
    )


def test_cap_by_rule() -> None:
    assert weight_cap([0, 1, 2, 30], rule="quantile", at=0.5) == 2
    assert weight_cap([0, 1, 2, 30], rule="value", at=7) == 7


def test_least_error_cap_keeps_weights_that_go_with_the_answer() -> None:
    y, w = np.tile([0.0, 1.0], 200), np.tile([1.0, 6.0], 200)
    related = Survey({"w": w, "y": y}, weights="w")
    assert least_error_cap(related, "y")[0] == 6.0
    rng = np.random.default_rng(2)
    unrelated = Survey({"w": rng.lognormal(0, 1.5, 400), "y": rng.normal(size=400)}, weights="w")
    cap, errors = least_error_cap(unrelated, "y", quantiles=(0.5, 0.9, 0.95, 1.0))
    assert cap < unrelated.weights.max()
    assert np.isinf(errors[0])


def test_trimming_rejects_bad_input() -> None:
    for w, cap, error, match in (
        ([1, 5], 2, InvalidOption, "mean weight"),
        ([1, 5], 0, InvalidOption, "mean weight"),
        ([-1, 5], 9, InvalidCounts, "weights >= 0"),
        ([], 9, InvalidCounts, "weights >= 0"),
        ([np.nan, 5], 9, InvalidCounts, "finite weights"),
    ):
        with pytest.raises(error, match=match):
            trimmed_weights(w, cap)
    with pytest.raises(InvalidOption, match="rule"):
        weight_cap([1, 2], rule="mean", at=2)
    with pytest.raises(InvalidOption, match="at > 0"):
        weight_cap([1, 2], rule="quantile", at=2)
    with pytest.raises(InvalidCounts, match="positive weights"):
        weight_cap([0, 0], rule="median", at=2)
