"""A survey raked to several margins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Survey
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape, NoConvergence
from analysis.weighting.calibration import calibration, treatment_coded
from analysis.weighting.raking import raking


def random_survey(seed: int, n: int = 120) -> Survey:
    rng = np.random.default_rng(seed)
    table = {
        "a": np.array(["x", "y", "z"])[rng.integers(0, 3, n)], "b": rng.integers(0, 2, n), "c": np.arange(n) // 6,
        "y": rng.normal(size=n), "w": rng.uniform(1, 4, n),
    }  # fmt: skip
    return Survey(table, weights="w", clusters="c")


MARGINS = {"a": {"x": 30.0, "y": 50.0, "z": 20.0}, "b": {0: 45.0, 1: 55.0}}


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_margins_are_met_as_by_calibration_with_the_raking_distance(seed: int) -> None:
    survey = random_survey(seed)
    found = raking(survey, MARGINS)
    columns = treatment_coded(survey, ["a", "b"], categories=["b"])
    totals = {"(Intercept)": 100.0, "ay": 50.0, "az": 20.0, "b1": 55.0}
    other = calibration(survey, totals, columns=columns, distance="raking")
    np.testing.assert_allclose(found.survey.weights, other.survey.weights, rtol=1e-7)
    errors = [each.survey.mean("y")["y"].standard_error for each in (found, other)]
    assert errors[0] == pytest.approx(errors[1], rel=1e-6)
    assert found.largest_error <= 1e-10
    assert found.n_iterations > 1
    assert found.g_range[0] < 1 < found.g_range[1] or found.g_range[0] > 0


def test_cross_of_columns_is_one_margin() -> None:
    survey = random_survey(2)
    cells = {(a, b): 10.0 + i for i, (a, b) in enumerate((a, b) for a in "xyz" for b in (0, 1))}
    crossed = survey.raked({("a", "b"): cells})
    np.testing.assert_allclose(crossed.weights, survey.poststratified({("a", "b"): cells}).weights)


def test_unweighted_residuals_equal_weighted_ones_only_for_equal_weights() -> None:
    survey = random_survey(4)
    flat = Survey({name: survey.table.raw(name) for name in "abcy"}, clusters="c")
    for each, same in ((flat, True), (survey, False)):
        errors = [
            raking(each, MARGINS, residuals=how).survey.mean("y")["y"].standard_error
            for how in ("weighted", "unweighted")
        ]
        assert (errors[0] == pytest.approx(errors[1], rel=1e-6)) is same


def test_contradicting_margins_are_named() -> None:
    with pytest.raises(InvalidCounts, match="a sums to 100, b to 90"):
        raking(random_survey(1), MARGINS | {"b": {0: 40, 1: 50}})


def test_cells_that_cannot_meet_their_margins_say_so() -> None:
    survey = Survey({"a": [0, 0, 1], "b": [0, 0, 1]})
    with pytest.raises(NoConvergence, match="relative error"):
        raking(survey, {"a": {0: 40, 1: 60}, "b": {0: 70, 1: 30}}, max_iterations=30)


def test_raking_rejects_bad_input() -> None:
    survey = random_survey(1)
    with pytest.raises(InvalidShape, match="one or more margins"):
        raking(survey, {})
    with pytest.raises(InvalidShape, match="'z'"):
        raking(survey, {"a": {"x": 50, "y": 50}})
    with pytest.raises(InvalidCounts, match="'u'"):
        raking(survey, {"a": MARGINS["a"] | {"u": 10.0}})
    with pytest.raises(InvalidOption, match="residuals"):
        raking(survey, MARGINS, residuals="none")
