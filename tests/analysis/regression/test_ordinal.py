"""The proportional-odds model, of counts and of a survey."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.miscmodels.ordinal_model import OrderedModel

from analysis import Survey
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.regression.models import logistic_regression
from analysis.regression.ordinal import ordinal_regression, ordinal_regression_of_counts
from analysis.regression.proportional_odds import proportional_odds_score_test, proportional_odds_survey_test

# McCullagh and Nelder (1989), section 5.6.1: four cheeses tasted on nine levels.
CHEESES = np.array([
    [0, 0, 1, 7, 8, 8, 19, 8, 1],
    [6, 9, 12, 11, 7, 6, 1, 0, 0],
    [1, 1, 6, 8, 23, 7, 5, 1, 0],
    [0, 0, 0, 1, 3, 7, 14, 16, 11],
])  # fmt: skip


def long_table(counts: np.ndarray) -> dict[str, np.ndarray]:
    groups, levels = counts.shape
    kinds = [chr(ord("A") + group) for group in range(groups)]
    return {
        "kind": np.repeat(kinds, levels), "rate": np.tile(np.arange(1, levels + 1), groups), "n": counts.ravel()
    }  # fmt: skip


def people(seed: int, n: int = 400) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    kind, meals = rng.choice(["A", "B"], n), rng.uniform(0, 100, n)
    leaning = 0.8 * (kind == "B") - 0.02 * meals + rng.logistic(size=n)
    return {
        "rate": 1 + np.digitize(leaning, [-2.0, -1.0, 0.5]), "kind": kind, "meals": meals,
        "c": np.arange(n) // 5, "w": rng.uniform(0.5, 3.0, n),
    }  # fmt: skip


def test_cheeses_against_paper() -> None:
    table = long_table(CHEESES)
    found = ordinal_regression_of_counts(table, "rate", ["kind"], frequencies="n", bases={"kind": "D"})
    printed = [
        -7.0801,
        -6.0249,
        -4.9254,
        -3.8568,
        -2.5205,
        -1.5685,
        -0.0669,
        1.4930,
        -1.6128,
        -4.9645,
        -3.3227,
    ]
    np.testing.assert_allclose(found.values, printed, atol=2e-4)
    counts = CHEESES[CHEESES > 0]
    saturated = (counts * np.log((CHEESES / CHEESES.sum(axis=1, keepdims=True))[CHEESES > 0])).sum()
    assert 2 * (saturated - found.log_likelihood) == pytest.approx(20.31, abs=0.01)


@pytest.mark.parametrize("seed", range(2))
def test_people_against_statsmodels(seed: int) -> None:
    data = people(seed)
    found = ordinal_regression_of_counts(data, "rate", ["kind", "meals"])
    x = np.column_stack([data["kind"] == "B", data["meals"]]).astype(float)
    other = OrderedModel(data["rate"], x, distr="logit")
    fit = other.fit(method="newton", disp=False, maxiter=200)
    np.testing.assert_allclose(found.coefficients, fit.params[:2], rtol=1e-5)
    np.testing.assert_allclose(
        found.thresholds, other.transform_threshold_params(fit.params)[1:-1], rtol=1e-5
    )
    np.testing.assert_allclose(found.standard_errors[-2:], fit.bse[:2], rtol=1e-3)
    assert found.log_likelihood == pytest.approx(fit.llf)


def test_counts_and_people_give_the_same() -> None:
    table = long_table(CHEESES)
    rows = {name: np.repeat(table[name], table["n"]) for name in ("kind", "rate")}
    for bases in ({"kind": "A"}, {"kind": "C"}):
        one = ordinal_regression_of_counts(table, "rate", ["kind"], frequencies="n", bases=bases)
        other = ordinal_regression_of_counts(rows, "rate", ["kind"], bases=bases)
        np.testing.assert_allclose(one.values, other.values, rtol=1e-8)
        np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-8)
        assert one.n == other.n == 208


def test_two_levels_are_a_logistic_regression() -> None:
    data = people(3) | {"top": (people(3)["rate"] > 2).astype(float)}
    survey = Survey(data, clusters="c", weights="w")
    one, other = (fit(survey, "top", ["kind", "meals"]) for fit in (ordinal_regression, logistic_regression))
    np.testing.assert_allclose(one.coefficients, other.coefficients[1:], rtol=1e-7)
    np.testing.assert_allclose(one.thresholds, -other.coefficients[:1], rtol=1e-7)
    np.testing.assert_allclose(one.standard_errors[1:], other.standard_errors[1:], rtol=1e-7)
    assert one.df == other.df
    assert one.odds_ratios()["kindB"].value == pytest.approx(other.odds_ratios()["kindB"].value)


@given(st.integers(0, 9999))
@settings(max_examples=10, deadline=None)
def test_turning_the_scale_round_turns_the_signs(seed: int) -> None:
    data = people(seed, n=150)
    turned = data | {"rate": 5 - data["rate"]}
    one, other = (
        ordinal_regression(Survey(d, clusters="c", weights="w"), "rate", ["kind"]) for d in (data, turned)
    )
    np.testing.assert_allclose(one.coefficients, -other.coefficients, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(one.thresholds, -other.thresholds[::-1], rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(one.standard_errors[-1:], other.standard_errors[-1:], rtol=1e-6)
    assert (np.diff(one.thresholds) > 0).all()


def test_scale_of_weights_and_shift_of_a_predictor_change_nothing() -> None:
    data = people(4)
    moved = data | {"w": 1000 * data["w"], "meals": 5000 + 10 * data["meals"]}
    one, other = (
        ordinal_regression(Survey(d, clusters="c", weights="w"), "rate", ["kind", "meals"])
        for d in (data, moved)
    )
    np.testing.assert_allclose(other.coefficients, one.coefficients / [1, 10], rtol=1e-6)
    np.testing.assert_allclose(other.standard_errors[-2:], one.standard_errors[-2:] / [1, 10], rtol=1e-6)


def test_replayed_search_stops_beside_the_maximum() -> None:
    survey = Survey(people(2), clusters="c", weights="w")
    exact, replayed = (
        ordinal_regression(survey, "rate", ["kind", "meals"], search=search)
        for search in ("newton", "variable metric")
    )
    assert replayed.log_likelihood <= exact.log_likelihood
    assert np.abs((replayed.values - exact.values) / exact.standard_errors).max() < 0.03
    np.testing.assert_allclose(replayed.standard_errors, exact.standard_errors, rtol=0.01)


def test_fitted_shares_average_to_the_observed_ones_when_nothing_predicts() -> None:
    counts = np.array([[10, 20, 30], [10, 20, 30]])
    found = ordinal_regression_of_counts(long_table(counts), "rate", ["kind"], frequencies="n")
    np.testing.assert_allclose(found.level_shares([[0.0], [1.0]]), np.array([[1, 2, 3]] * 2) / 6, atol=1e-9)
    assert found.coefficients[0] == pytest.approx(0, abs=1e-9)
    assert found.term_test().p_value == pytest.approx(1)


def test_score_test_of_groups_is_pearson_of_the_fit_theory() -> None:
    """Where every group may have any shares, the score test of proportional odds is Pearson's chi-square."""
    table = long_table(CHEESES)
    found = ordinal_regression_of_counts(table, "rate", ["kind"], frequencies="n")
    expected = found.level_shares(np.vstack([np.zeros(3), np.eye(3)])) * CHEESES.sum(axis=1, keepdims=True)
    test = proportional_odds_score_test(table, "rate", ["kind"], frequencies="n")
    assert test.statistic == pytest.approx(((CHEESES - expected) ** 2 / expected).sum(), rel=1e-6)
    assert test.df == 21


def test_odds_that_are_not_proportional_are_found() -> None:
    counts = np.array([[100, 300, 100], [250, 0, 250]]) + 20
    table = long_table(counts)
    assert proportional_odds_score_test(table, "rate", ["kind"], frequencies="n").p_value < 1e-9
    rows = {name: np.repeat(table[name], table["n"]) for name in ("kind", "rate")}
    assert proportional_odds_survey_test(Survey(rows), "rate", ["kind"]).p_value < 1e-9
    assert proportional_odds_survey_test(Survey(people(1, 2000)), "rate", ["kind", "meals"]).p_value > 0.01


def test_brant_and_score_tests_agree_for_a_simple_sample() -> None:
    data = people(8, 3000)
    one = proportional_odds_score_test(data, "rate", ["kind", "meals"])
    other = proportional_odds_survey_test(Survey(data), "rate", ["kind", "meals"])
    assert (one.df, other.df, other.df_denominator) == (4, 4, 2999 - 4 + 1)
    assert other.statistic * 4 == pytest.approx(one.statistic, rel=0.25)


def test_two_levels_leave_no_assumption_to_test_and_say_so() -> None:
    data = people(1) | {"top": (people(1)["rate"] > 2).astype(float)}
    for test in (
        proportional_odds_score_test(data, "top", ["kind"]),
        proportional_odds_survey_test(Survey(data), "top", ["kind"]),
    ):
        assert test.reason
        assert np.isnan(test.p_value)


def test_separation_and_unused_levels_are_named() -> None:
    data = people(1)
    split = data | {"meals": data["rate"] + np.random.default_rng(1).uniform(0, 0.9, 400)}
    with pytest.raises(InvalidCounts, match=r"separation along .*meals"):
        ordinal_regression(Survey(split), "rate", ["meals"])
    with pytest.raises(InvalidCounts, match="chosen by someone"):
        ordinal_regression(Survey(data), "rate", ["meals"], levels=[1, 2, 3, 4, 5])
    with pytest.raises(InvalidCounts, match="chosen by someone"):
        ordinal_regression(Survey(data | {"rate": np.ones(400)}), "rate", ["meals"])


def test_ordinal_regression_rejects_bad_input() -> None:
    data = people(1)
    with pytest.raises(InvalidOption, match="search among"):
        ordinal_regression(Survey(data), "rate", ["meals"], search="luck")
    with pytest.raises(InvalidShape, match="a level among"):
        ordinal_regression(Survey(data), "rate", ["meals"], levels=[1, 2])
    with pytest.raises(InvalidCounts):
        ordinal_regression_of_counts(data | {"n": np.full(400, -1)}, "rate", ["meals"], frequencies="n")
    with pytest.raises(InvalidCounts, match="whole"):
        ordinal_regression_of_counts(data | {"n": np.full(400, 0.5)}, "rate", ["meals"], frequencies="n")
    found = ordinal_regression(Survey(data), "rate", ["meals"])
    with pytest.raises(InvalidOption, match="coefficient among"):
        found["kind"]
    with pytest.raises(InvalidShape):
        found.level_shares([1.0, 2.0])
