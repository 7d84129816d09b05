"""A survey weighted to the sizes of cells."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Survey
from analysis.errors import InvalidCounts, InvalidShape
from analysis.weighting.calibration import calibration, treatment_coded
from analysis.weighting.collapsing import Collapsing
from analysis.weighting.poststratification import poststratification
from analysis.weighting.raking import raking

ANSWERS = {
    "channel": ["qr", "qr", "qr", "kiosk", "kiosk", "paper"],
    "field": ["land", "tax", "tax", "land", "tax", "tax"],
    "top": [1, 1, 0, 1, 0, 1],
}
DOSSIERS = {"qr": 100, "kiosk": 300, "paper": 50}


def random_survey(seed: int, n: int = 60) -> Survey:
    rng = np.random.default_rng(seed)
    table = {
        "h": np.arange(n) % 3, "c": np.arange(n) // 4, "g": np.arange(n) % 4, "y": rng.normal(size=n),
        "w": rng.uniform(1, 3, n),
    }  # fmt: skip
    return Survey(table, weights="w", clusters="c")


def test_share_is_the_cells_shares_weighted_by_hand() -> None:
    found = Survey(ANSWERS).poststratified({"channel": DOSSIERS}).mean("top")["top"]
    wanted = (100 * Fraction(2, 3) + 300 * Fraction(1, 2) + 50) / 450
    assert found.value == pytest.approx(float(wanted))


def test_variance_is_that_of_residuals_by_hand() -> None:
    survey = Survey({"g": [0, 0, 1, 1], "y": [1.0, 3.0, 2.0, 8.0]})
    found = survey.poststratified({"g": {0: 30, 1: 10}}).mean("y")["y"]
    # weights 15, 15, 5, 5; residuals -1, 1, -3, 3
    residuals = np.array([-15, 15, -15, 15]) / 40
    assert found.standard_error == pytest.approx(np.sqrt(4 / 3 * (residuals**2).sum()))


def test_cross_of_columns_has_tuples_as_labels() -> None:
    cells = {
        ("qr", "land"): 10,
        ("qr", "tax"): 20,
        ("kiosk", "land"): 30,
        ("kiosk", "tax"): 40,
        ("paper", "tax"): 5,
    }
    found = poststratification(Survey(ANSWERS), ("channel", "field"), cells).survey
    assert found.weights.tolist() == [10, 10, 10, 30, 40, 5]


def test_cell_without_respondents_is_named_or_collapsed_and_reported() -> None:
    population = DOSSIERS | {"phone": 25}
    with pytest.raises(InvalidCounts, match="'phone'"):
        poststratification(Survey(ANSWERS), "channel", population)
    rule = Collapsing(parents=(["online", "desk", "desk", "online"],))
    found = poststratification(Survey(ANSWERS), "channel", population, collapse=rule)
    assert found.collapsed == (("phone", "qr"),)
    assert found.survey.weights.tolist() == pytest.approx([125 / 3] * 3 + [150, 150, 50])


def test_label_without_population_is_refused() -> None:
    with pytest.raises(InvalidShape, match="'paper'"):
        poststratification(Survey(ANSWERS), "channel", {"qr": 1, "kiosk": 2})
    with pytest.raises(InvalidCounts, match="'paper'"):
        poststratification(Survey(ANSWERS), "channel", DOSSIERS | {"paper": 0})
    with pytest.raises(InvalidCounts, match=">= 0"):
        poststratification(Survey(ANSWERS), "channel", DOSSIERS | {"paper": -1})
    with pytest.raises(InvalidCounts, match="finite"):
        poststratification(Survey(ANSWERS), "channel", DOSSIERS | {"paper": float("nan")})


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_same_as_raking_one_margin_and_linear_calibration_on_indicators(seed: int) -> None:
    survey = random_survey(seed)
    population = dict(enumerate([100.0, 200.0, 50.0, 150.0]))
    columns = treatment_coded(survey, "g", categories=["g"], base={"g": None}, intercept=False)
    found = [
        poststratification(survey, "g", population),
        raking(survey, {"g": population}),
        calibration(survey, {f"g{g}": total for g, total in population.items()}, columns=columns),
    ]
    for other in found[1:]:
        np.testing.assert_allclose(other.survey.weights, found[0].survey.weights, rtol=1e-9)
        figures = [each.survey.mean("y", by="h").estimates for each in (found[0], other)]
        np.testing.assert_allclose(figures[0].value, figures[1].value, rtol=1e-9)
        np.testing.assert_allclose(figures[0].standard_error, figures[1].standard_error, rtol=1e-8)


@given(st.integers(0, 10_000), st.floats(0.1, 100))
@settings(max_examples=20, deadline=None)
def test_scale_of_weights_and_of_population_does_not_matter(seed: int, scale: float) -> None:
    survey, population = random_survey(seed), {0: 1.0, 1: 2.0, 2: 3.0, 3: 4.0}
    doubled = Survey(dict(survey.table.columns) | {"w": survey.weights * scale}, weights="w", clusters="c")
    first = survey.poststratified({"g": population}).mean("y")["y"]
    for other in (
        doubled.poststratified({"g": population}),
        survey.poststratified({"g": {label: scale * size for label, size in population.items()}}),
    ):
        found = other.mean("y")["y"]
        assert found.value == pytest.approx(first.value)
        assert found.standard_error == pytest.approx(first.standard_error)


def test_totals_of_the_cells_have_no_variance_left() -> None:
    survey = random_survey(3).poststratified({"g": {0: 10, 1: 20, 2: 30, 3: 40}})
    totals = survey.totals({"cell": (survey.table.numbers("g") == 2).astype(float)})
    assert totals.value.item() == pytest.approx(30)
    assert totals.covariance.item() == pytest.approx(0, abs=1e-18)


def test_adjustments_follow_each_other() -> None:
    survey = random_survey(5).poststratified({"g": {0: 10, 1: 20, 2: 30, 3: 40}}).raked(
        {"g": {0: 10, 1: 20, 2: 30, 3: 40}, "h": {0: 20, 1: 30, 2: 50}}
    )  # fmt: skip
    assert len(survey.projections) == 2
    assert np.bincount(survey.table.numbers("h").astype(int), weights=survey.weights) == pytest.approx(
        [20, 30, 50]
    )
