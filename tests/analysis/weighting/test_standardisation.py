"""Shares with one and the same mix of cells."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Survey
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.weighting.standardisation import standardised_mean, standardised_share

# Bickel, Hammel and O'Connell (1975), Science 187:398-404: admissions by department, men and women.
ADMITTED = np.array([[512, 353, 120, 138, 53, 22], [89, 17, 202, 131, 94, 24]])
APPLIED = np.array([[825, 560, 325, 417, 191, 373], [108, 25, 593, 375, 393, 341]])


def random_survey(seed: int, n: int = 120) -> Survey:
    rng = np.random.default_rng(seed)
    table = {
        "unit": np.array(["A", "B", "C"])[np.arange(n) % 3], "g": rng.integers(0, 2, n), "day": np.arange(n) // 5,
        "y": rng.integers(0, 2, n).astype(float), "w": rng.uniform(1, 3, n),
    }  # fmt: skip
    return Survey(table, weights="w", clusters="day")


def test_standardising_reverses_a_difference_against_paper() -> None:
    found = standardised_share(ADMITTED, APPLIED, APPLIED.sum(axis=0))
    men, women = found.estimates.value
    assert found.raw_share.round(3).tolist() == [0.445, 0.304]
    assert women > men
    mix = APPLIED.sum(axis=0) / APPLIED.sum()
    assert men == pytest.approx(sum(m * a / n for m, a, n in zip(mix, ADMITTED[0], APPLIED[0], strict=True)))


def test_survey_and_counts_agree() -> None:
    rows = {"sex": [], "dept": [], "admitted": []}
    for sex in (0, 1):
        for dept in range(6):
            n, k = APPLIED[sex, dept], ADMITTED[sex, dept]
            rows["sex"] += ["mf"[sex]] * n
            rows["dept"] += [dept] * n
            rows["admitted"] += [1] * k + [0] * (n - k)
    standard = dict(enumerate(APPLIED.sum(axis=0).tolist()))
    found = Survey(rows).standardised_mean("admitted", {"dept": standard}, by="sex")
    counts = standardised_share(ADMITTED[::-1], APPLIED[::-1], APPLIED.sum(axis=0)).estimates
    np.testing.assert_allclose(found.estimates.value, counts.value)
    np.testing.assert_allclose(found.estimates.standard_error, counts.standard_error, rtol=0.02)


def test_share_by_hand() -> None:
    survey = Survey({"u": list("AAAABB"), "c": list("xxyyxy"), "top": [1, 0, 1, 1, 1, 0]})
    found = standardised_mean(survey, "top", {"c": {"x": 30, "y": 70}}, by="u")
    assert found["A"].value == pytest.approx(0.3 * 0.5 + 0.7)
    assert found["B"].value == pytest.approx(0.3)


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_own_mix_as_standard_changes_no_share_and_scale_does_not_matter(seed: int) -> None:
    survey = random_survey(seed)
    unit = (survey.table.raw("unit") == "A").astype(float) * survey.weights
    own = {g: float(unit @ (survey.table.raw("g") == g)) for g in (0, 1)}
    found = survey.standardised_mean("y", {"g": own}, by="unit")["A"]
    assert found.value == pytest.approx(survey.mean("y", by="unit")["A"].value)
    scaled = survey.standardised_mean("y", {"g": {g: 7 * n for g, n in own.items()}}, by="unit")["A"]
    assert scaled.standard_error == pytest.approx(found.standard_error)


def test_contrast_of_standardised_units() -> None:
    found = random_survey(3).standardised_mean("y", {"g": {0: 1, 1: 1}}, by="unit", covariance=True)
    difference = found.contrast({"A": 1, "B": -1})
    assert difference.value == pytest.approx(found["A"].value - found["B"].value)
    assert found.covariance is not None
    assert difference.standard_error**2 == pytest.approx(
        found.covariance[0, 0] + found.covariance[1, 1] - 2 * found.covariance[0, 1]
    )


def test_missing_answers_are_left_out_of_the_mix_or_kept() -> None:
    y = [1, 0, np.nan, 1, 1, np.nan, np.nan, 0]
    survey = Survey({"c": list("xxxxyyyy"), "y": y})
    standard = {"c": {"x": 50, "y": 50}}
    excluded, kept = (
        standardised_mean(survey, "y", standard, missing=how).estimates[0] for how in ("exclude", "keep")
    )
    assert excluded.value == pytest.approx(0.5 * 2 / 3 + 0.5 * 0.5)
    assert kept.value == pytest.approx((3 * 2 / 3 + 2 * 0.5) / 5)
    assert excluded.n_respondents == 5


def test_whole_survey_is_one_domain() -> None:
    survey = random_survey(4)
    found = survey.standardised_mean("y", {"g": {0: 30, 1: 70}}).estimates[0]
    wanted = survey.poststratified({"g": {0: 30, 1: 70}}).mean("y")["y"]
    assert (found.value, found.standard_error) == pytest.approx((wanted.value, wanted.standard_error))


def test_empty_cell_of_a_domain_is_named_or_dropped() -> None:
    survey = Survey({"u": list("AAAB"), "c": list("xxyx"), "y": [1, 0, 1, 1]})
    with pytest.raises(InvalidCounts, match="'y' in 'B'"):
        standardised_mean(survey, "y", {"c": {"x": 1, "y": 1}}, by="u")
    found = standardised_mean(survey, "y", {"c": {"x": 1, "y": 1}}, by="u", empty="drop")
    assert (found["A"].value, found["B"].value) == pytest.approx((0.75, 1.0))


def test_domain_without_answers_has_no_mean_degenerate() -> None:
    survey = Survey({"u": list("AAB"), "c": list("xyx"), "y": [1, 0, np.nan]})
    found = standardised_mean(survey, "y", {"c": {"x": 1, "y": 1}}, by="u")
    assert np.isnan(found["B"].value)


def test_standardised_mean_rejects_bad_input() -> None:
    survey = random_survey(1)
    with pytest.raises(InvalidShape, match="g among"):
        standardised_mean(survey, "y", {"g": {0: 1.0}})
    with pytest.raises(InvalidOption, match="missing"):
        standardised_mean(survey, "y", {"g": {0: 1.0, 1: 1.0}}, missing="zero")
    with pytest.raises(InvalidOption, match="empty"):
        standardised_mean(survey, "y", {"g": {0: 1.0, 1: 1.0}}, empty="zero")
