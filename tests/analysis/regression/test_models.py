"""Linear and logistic regression of a survey."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Survey
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.regression.models import linear_regression, logistic_regression


def sample(seed: int, n: int = 240) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    cluster = np.arange(n) // 6
    kind = rng.choice(["E", "H", "M"], n)
    meals = rng.uniform(0, 100, n)
    score = 3 + 0.5 * (kind == "H") - 0.01 * meals + rng.normal(size=n) + rng.normal(size=n // 6)[cluster]
    return {
        "y": score, "top": (score > np.median(score)).astype(float), "kind": kind, "meals": meals,
        "c": cluster, "w": rng.uniform(0.5, 4.0, n),
    }  # fmt: skip


def x_of(data: dict[str, np.ndarray]) -> np.ndarray:
    return sm.add_constant(
        np.column_stack([data["kind"] == "H", data["kind"] == "M", data["meals"]]).astype(float)
    )


@pytest.mark.parametrize("seed", range(3))
def test_linear_against_statsmodels_cluster_covariance(seed: int) -> None:
    data = sample(seed)
    found = linear_regression(Survey(data, clusters="c", weights="w"), "y", ["kind", "meals"])
    fit = sm.WLS(data["y"], x_of(data), weights=data["w"]).fit(
        cov_type="cluster", cov_kwds={"groups": data["c"], "use_correction": False}
    )
    np.testing.assert_allclose(found.coefficients, fit.params, rtol=1e-9)
    np.testing.assert_allclose(found.standard_errors, fit.bse * np.sqrt(40 / 39), rtol=1e-9)
    assert found.r_squared == pytest.approx(fit.rsquared)
    assert found.df == 39 + 1 - 4


@pytest.mark.filterwarnings("ignore:cov_type not fully supported")
@pytest.mark.parametrize("seed", range(3))
def test_logistic_against_statsmodels_cluster_covariance(seed: int) -> None:
    data = sample(seed)
    found = logistic_regression(Survey(data, clusters="c", weights="w"), "top", ["kind", "meals"])
    fit = sm.GLM(data["top"], x_of(data), family=sm.families.Binomial(), freq_weights=data["w"]).fit(
        tol=1e-14, cov_type="cluster", cov_kwds={"groups": data["c"], "use_correction": False}
    )
    np.testing.assert_allclose(found.coefficients, fit.params, rtol=1e-8)
    np.testing.assert_allclose(found.standard_errors, fit.bse * np.sqrt(40 / 39), rtol=1e-7)
    assert found.r_squared == pytest.approx(1 - fit.deviance / fit.null_deviance)


def test_logistic_of_a_two_by_two_table_against_theory() -> None:
    """One yes-or-no predictor: the coefficient is the log odds ratio, its variance near the sum of 1/count."""
    data = {"top": [1] * 80 + [0] * 20 + [1] * 40 + [0] * 60, "kind": ["A"] * 100 + ["B"] * 100}
    found = logistic_regression(Survey(data), "top", ["kind"])
    odds = found.odds_ratios()["kindB"]
    assert odds.value == pytest.approx((40 * 20) / (60 * 80))
    assert found["kindB"].standard_error == pytest.approx(
        np.sqrt(1 / 80 + 1 / 20 + 1 / 40 + 1 / 60), rel=0.01
    )
    assert odds.ci_low < odds.value < odds.ci_high < 1
    assert odds.p_value == found["kindB"].p_value


@given(st.integers(0, 9999), st.floats(0.01, 100.0))
@settings(max_examples=15, deadline=None)
def test_scale_of_weights_order_of_rows_and_base_change_nothing(seed: int, factor: float) -> None:
    data = sample(seed, n=120)
    order = np.random.default_rng(seed).permutation(120)
    moved = {name: column[order] for name, column in data.items()}
    moved["w"] = factor * moved["w"]
    for regression, response in ((linear_regression, "y"), (logistic_regression, "top")):
        found = regression(Survey(data, clusters="c", weights="w"), response, ["kind"])
        again = regression(Survey(moved, clusters="c", weights="w"), response, ["kind"])
        np.testing.assert_allclose(again.coefficients, found.coefficients, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(again.standard_errors, found.standard_errors, rtol=1e-6)
        other = regression(Survey(data, clusters="c", weights="w"), response, ["kind"], bases={"kind": "H"})
        assert other["kindE"].value == pytest.approx(-found["kindH"].value, abs=1e-7)
        test, same = found.term_test("kind"), other.term_test()
        assert (test.statistic, test.p_value) == pytest.approx((same.statistic, same.p_value), rel=1e-5)
        assert 0 <= test.p_value <= 1


def test_wald_test_of_one_coefficient_is_its_t_test_squared() -> None:
    found = linear_regression(Survey(sample(2), clusters="c"), "y", ["meals"])
    test, t = found.term_test("meals"), found["meals"]
    assert (test.statistic, test.p_value) == pytest.approx((t.statistic**2, t.p_value))


def test_rows_with_a_missing_answer_are_a_domain() -> None:
    data = sample(1)
    data["meals"] = np.where(data["c"] % 4 == 0, np.nan, data["meals"])
    survey = Survey(data, clusters="c", weights="w")
    found = linear_regression(survey, "y", ["meals"])
    assert (found.n, found.df) == (180, 29 + 1 - 2)
    dropped = {name: column[data["c"] % 4 != 0] for name, column in data.items()}
    alone = linear_regression(Survey(dropped, clusters="c", weights="w"), "y", ["meals"])
    np.testing.assert_allclose(found.coefficients, alone.coefficients)
    # The design keeps its 40 clusters: 40/39 instead of 30/29.
    np.testing.assert_allclose(found.standard_errors, alone.standard_errors * np.sqrt(40 / 39 * 29 / 30))


def test_a_regression_without_predictors_is_the_mean() -> None:
    survey = Survey(sample(5), clusters="c", weights="w")
    found, mean = linear_regression(survey, "y", [])["(Intercept)"], survey.mean("y")["y"]
    assert (found.value, found.standard_error, found.df) == pytest.approx(
        (mean.value, mean.standard_error, mean.df)
    )
    with pytest.raises(InvalidOption, match="a model without predictors"):
        linear_regression(survey, "y", []).term_test()


def test_labels_of_two_kinds_are_a_yes_or_no_response() -> None:
    data = sample(6)
    data["word"] = np.where(data["top"] == 1, "Yes", "No")
    words, numbers = (logistic_regression(Survey(data), name, ["kind"]) for name in ("word", "top"))
    np.testing.assert_allclose(words.coefficients, numbers.coefficients)


@pytest.mark.parametrize("kind", ["complete", "quasi"])
def test_separation_is_a_named_error(kind: str) -> None:
    data = sample(3)
    if kind == "complete":
        data["meals"] = data["top"] * 10 + np.random.default_rng(1).uniform(0, 1, 240)
    else:
        data["kind"] = np.where((data["top"] == 1) & (np.arange(240) % 5 == 0), "Z", data["kind"])
    with pytest.raises(InvalidCounts, match=r"separation along .*(meals|kindZ)"):
        logistic_regression(Survey(data), "top", ["kind", "meals"])


def test_large_but_finite_coefficients_are_no_separation() -> None:
    x = np.concatenate([np.linspace(0, 1, 400), [0.9, 0.1] * 2])
    y = np.concatenate([np.linspace(0, 1, 400) > 0.5, [0, 1] * 2]).astype(float)
    far = np.append(x, 60.0), np.append(y, 1.0)
    found = logistic_regression(Survey({"x": far[0], "y": far[1]}), "y", ["x"])
    assert found["x"].value > 1


def test_few_clusters_leave_no_test_and_say_so() -> None:
    data = sample(1, n=24)
    found = linear_regression(Survey(data, clusters="c"), "y", ["kind", "meals"])
    assert found.df == 0
    assert found["meals"].reason
    assert np.isnan(found["meals"].p_value)
    assert found["meals"].ci_high == np.inf
    assert "clusters" in found.term_test("kind").reason


def test_regressions_reject_bad_input() -> None:
    survey = Survey(sample(1) | {"same": np.ones(240), "three": np.arange(240) % 3.0})
    with pytest.raises(InvalidCounts, match="both answers"):
        logistic_regression(survey, "same", ["kind"])
    with pytest.raises(InvalidCounts, match="0 and 1"):
        logistic_regression(survey, "three", ["kind"])
    with pytest.raises(InvalidCounts, match="two answers"):
        logistic_regression(survey, "kind", ["meals"])
    with pytest.raises(InvalidCounts, match="known from the others"):
        linear_regression(survey, "y", ["same"])
    with pytest.raises(InvalidOption, match="sequence of predictors"):
        linear_regression(survey, "y", "kind")
    with pytest.raises(InvalidShape):
        linear_regression(survey, "kind", ["meals"])
    found = linear_regression(survey, "y", ["kind"])
    with pytest.raises(InvalidOption, match="coefficient among"):
        found["kindX"]
    with pytest.raises(InvalidOption, match="term among"):
        found.term_test("meals")
    with pytest.raises(InvalidOption, match="logistic"):
        found.odds_ratios()
