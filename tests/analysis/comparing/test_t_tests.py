"""Design-based t tests."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis import Survey
from analysis.comparing.t_tests import one_sample_t_test, paired_t_test, t_tests, two_group_t_test
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.regression.models import linear_regression


def scores(seed: int, n: int = 60) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {
        "y": rng.integers(1, 6, n).astype(float),
        "z": rng.integers(1, 6, n).astype(float),
        "kind": np.where(np.arange(n) % 3 == 0, "A", "B"),
        "c": np.arange(n) // 4,
        "w": rng.uniform(0.5, 3.0, n),
    }


@given(st.integers(0, 9999))
@settings(max_examples=20, deadline=None)
def test_one_sample_and_pairs_of_a_simple_sample_against_scipy(seed: int) -> None:
    data = scores(seed)
    survey = Survey(data)
    one, wanted = one_sample_t_test(survey, "y", value=3.2), stats.ttest_1samp(data["y"], 3.2)
    assert (one.statistic, one.p_value) == pytest.approx((wanted.statistic, wanted.pvalue))
    limits = wanted.confidence_interval()
    assert (one.ci_low, one.ci_high) == pytest.approx((limits.low - 3.2, limits.high - 3.2))
    pair, wanted = paired_t_test(survey, "y", "z"), stats.ttest_rel(data["y"], data["z"])
    assert (pair.statistic, pair.p_value) == pytest.approx((wanted.statistic, wanted.pvalue))


def test_two_groups_with_clusters_against_statsmodels() -> None:
    """Cluster-robust least squares of another program, whose small-sample factors are known."""
    data = scores(4)
    found = two_group_t_test(Survey(data, clusters="c"), "y", "kind")
    x = sm.add_constant((data["kind"] == "B").astype(float))
    fit = sm.OLS(data["y"], x).fit(
        cov_type="cluster", cov_kwds={"groups": data["c"], "use_correction": False}
    )
    assert found.value == pytest.approx(fit.params[1])
    assert found.standard_error == pytest.approx(fit.bse[1] * np.sqrt(15 / 14))
    assert found.df == 13


@given(st.integers(0, 9999))
@settings(max_examples=20, deadline=None)
def test_two_groups_are_the_slope_of_a_regression(seed: int) -> None:
    survey = Survey(scores(seed), clusters="c", weights="w")
    found, slope = two_group_t_test(survey, "y", "kind"), linear_regression(survey, "y", ["kind"])["kindB"]
    assert (found.value, found.standard_error, found.df, found.p_value) == pytest.approx(
        (slope.value, slope.standard_error, slope.df, slope.p_value)
    )


def test_swapping_groups_turns_the_sign_and_keeps_the_p_value() -> None:
    survey = Survey(scores(2), clusters="c")
    one, other = (two_group_t_test(survey, "y", "kind", groups=pair) for pair in (("A", "B"), ("B", "A")))
    assert (one.value, one.ci_low) == pytest.approx((-other.value, -other.ci_high))
    assert one.p_value == pytest.approx(other.p_value)
    assert one.ci_low <= one.value <= one.ci_high


def test_missing_answers_are_outside_the_groups_but_inside_the_design() -> None:
    data = scores(3)
    holes = np.where(data["c"] < 5, np.nan, data["y"])
    found = two_group_t_test(Survey({**data, "y": holes}, clusters="c"), "y", "kind")
    assert (found.n, found.df) == (40, 8)


def test_third_groups_do_not_count() -> None:
    data = scores(6)
    data["kind"] = np.where(data["c"] > 11, "C", data["kind"])
    found = two_group_t_test(Survey(data, clusters="c"), "y", "kind", groups=("A", "B"))
    assert (found.n, found.df) == (48, 10)
    with pytest.raises(InvalidShape, match="two groups of kind"):
        two_group_t_test(Survey(data, clusters="c"), "y", "kind")


def test_many_estimates_at_once_are_each_as_alone() -> None:
    survey = Survey(scores(1))
    found = t_tests(survey.mean(["y", "z"]).estimates, value=3.0)
    for position, name in enumerate("yz"):
        alone = one_sample_t_test(survey, name, value=3.0)
        assert (found[position].statistic, found[position].p_value) == pytest.approx(
            (alone.statistic, alone.p_value)
        )


def test_equal_answers_have_no_test_and_say_so() -> None:
    flat = one_sample_t_test(Survey({"y": [0.1] * 7}), "y")
    assert (flat.standard_error, flat.ci_low, flat.ci_high) == (0.0, 0.1, 0.1)
    assert "variance" in flat.reason
    assert np.isnan(flat.p_value)
    assert t_tests(Survey({"y": [4.0] * 7}).mean("y").estimates)[0].reason


def test_one_cluster_has_no_test_and_says_so() -> None:
    alone = one_sample_t_test(Survey({"y": [1.0, 2.0, 4.0], "c": [1, 1, 1]}, clusters="c"), "y")
    assert "clusters" in alone.reason
    assert (alone.ci_low, alone.ci_high) == (-np.inf, np.inf)


def test_t_tests_reject_bad_input() -> None:
    survey = Survey(scores(1) | {"none": np.full(60, np.nan)})
    with pytest.raises(InvalidCounts, match="nobody"):
        one_sample_t_test(survey, "none")
    with pytest.raises(InvalidOption):
        one_sample_t_test(survey, "y", value=float("nan"))
    with pytest.raises(InvalidOption):
        one_sample_t_test(survey, "y", df=-1)
    with pytest.raises(InvalidShape, match="a level among"):
        two_group_t_test(survey, "y", "kind", groups=("A", "X"))
    with pytest.raises(InvalidShape, match="different groups"):
        two_group_t_test(survey, "y", "kind", groups=("A", "A"))
    with pytest.raises(InvalidShape):
        one_sample_t_test(survey, "kind")
