"""A survey calibrated to known totals."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Survey
from analysis.errors import InvalidCounts, InvalidShape
from analysis.weighting.calibration import calibration, treatment_coded


def random_survey(seed: int, n: int = 80) -> Survey:
    rng = np.random.default_rng(seed)
    x = rng.normal(5, 1, n)
    table = {
        "kind": np.array(["E", "H", "M"])[rng.integers(0, 3, n)], "x": x, "y": 2 * x + rng.normal(size=n),
        "h": np.arange(n) % 2, "w": rng.uniform(1, 4, n),
    }  # fmt: skip
    return Survey(table, weights="w", strata="h")


def totals_near(survey: Survey, columns: dict[str, np.ndarray], seed: int) -> dict[str, float]:
    moved = survey.weights * np.random.default_rng(seed).uniform(0.9, 1.15, survey.n)
    return {name: float(moved @ column) for name, column in columns.items()}


def test_regression_estimator_against_statsmodels() -> None:
    survey = random_survey(1)
    columns = treatment_coded(survey, ["kind", "x"])
    totals = totals_near(survey, columns, 2)
    x, y, w = np.column_stack(list(columns.values())), survey.table.numbers("y"), survey.weights
    fit = sm.WLS(y, x, weights=w).fit()
    found = calibration(survey, totals, columns=columns)
    wanted = w @ y + (np.array(list(totals.values())) - w @ x) @ fit.params
    assert found.survey.total("y")["y"].value == pytest.approx(wanted, rel=1e-10)
    residuals = found.survey.weights * fit.resid
    strata = survey.table.numbers("h")
    variance = sum(40 * residuals[strata == h].var(ddof=1) for h in (0, 1))
    assert found.survey.total("y")["y"].standard_error ** 2 == pytest.approx(variance, rel=1e-10)


@given(st.integers(0, 10_000), st.sampled_from(["linear", "raking", "logit"]))
@settings(max_examples=30, deadline=None)
def test_totals_are_reproduced_without_variance(seed: int, distance: str) -> None:
    survey = random_survey(seed)
    columns = treatment_coded(survey, ["kind", "x"])
    totals = totals_near(survey, columns, seed)
    bounds = (0.2, 4.0) if distance == "logit" else None
    found = calibration(survey, totals, columns=columns, distance=distance, bounds=bounds)
    reached = found.survey.totals(columns)
    np.testing.assert_allclose(reached.value[0], list(totals.values()), rtol=1e-9)
    np.testing.assert_allclose(reached.covariance[0] / reached.value[0] ** 2, 0, atol=1e-15)
    assert found.survey.mean("y")["y"].standard_error < survey.mean("y")["y"].standard_error
    assert found.g_range == (found.g_weights.min(), found.g_weights.max())


def test_columns_of_the_survey_are_used_by_name() -> None:
    survey = random_survey(3)
    totals = {"(Intercept)": 1000.0, "x": 5200.0}
    named = calibration(survey, totals)
    built = calibration(survey, totals, columns=treatment_coded(survey, "x"))
    np.testing.assert_allclose(named.survey.weights, built.survey.weights)


def test_ratio_estimator_by_hand() -> None:
    survey = Survey({"x": [1.0, 2.0, 5.0], "q": [1.0, 0.5, 0.2], "y": [2.0, 3.0, 9.0]})
    found = calibration(survey, {"x": 16.0}, scale="q").survey.total("y")["y"]
    assert found.value == pytest.approx(14 / 8 * 16)
    residuals = 2 * (np.array([2.0, 3.0, 9.0]) - 14 / 8 * np.array([1.0, 2.0, 5.0]))
    assert found.standard_error == pytest.approx(np.sqrt(3 * residuals.var(ddof=1)))


def test_negative_weights_are_refused_unless_allowed() -> None:
    survey = Survey({"x": [1.0, 2.0, 3.0, 20.0]})
    totals = {"(Intercept)": 4.0, "x": 76.0}
    with pytest.raises(InvalidCounts, match="below 0"):
        calibration(survey, totals)
    found = calibration(survey, totals, allow_negative=True)
    assert found.survey.weights.min() < 0
    assert found.report.share_negative > 0
    assert found.survey.total("x")["x"].value == pytest.approx(76)


def test_treatment_coded_takes_a_base_and_number_labels() -> None:
    table = {"a": ["u", "v", "u"], "b": [1.0, 2.0, 2.0]}
    assert list(treatment_coded(table, "a", base={"a": "v"})) == ["(Intercept)", "au"]
    assert list(treatment_coded(table, ["a", "b"], categories=["b"])) == ["(Intercept)", "av", "b2"]
    every = treatment_coded(table, "a", base={"a": None}, intercept=False)
    assert {name: column.tolist() for name, column in every.items()} == {"au": [1, 0, 1], "av": [0, 1, 0]}
    with pytest.raises(InvalidShape, match="base of a"):
        treatment_coded(table, "a", base={"a": "w"})


def test_calibration_rejects_bad_input() -> None:
    survey = random_survey(1)
    with pytest.raises(InvalidShape, match="one or more totals"):
        calibration(survey, {})
    with pytest.raises(InvalidShape, match="kindZ"):
        calibration(survey, {"kindZ": 3.0}, columns=treatment_coded(survey, "kind"))
    with pytest.raises(InvalidShape, match="80 values of x"):
        calibration(survey, {"x": 3.0}, columns={"x": [1.0, 2.0]})
    with pytest.raises(InvalidCounts, match="known for every row"):
        calibration(Survey({"x": [1.0, np.nan]}), {"x": 3.0})
    with pytest.raises(InvalidCounts, match="finite totals"):
        calibration(survey, {"x": float("inf")})
