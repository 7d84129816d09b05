"""The index of a table is the index of the same answers packed."""

import numpy as np
import pytest

from analysis import Survey
from analysis.counting.moments import item_moments, respondent_moments
from analysis.errors import InvalidOption, InvalidShape
from analysis.index import AS_ESTIMATED, INDEX_DEFINITIONS
from analysis.packing import Missing
from analysis.surveys.survey_index import survey_index
from bench.index_coverage import correlated_answers, five_factor_scoring

FACTORS = {
    f"F{factor + 1}": [f"q{slot}" for slot in range(22) if slot * 5 // 22 == factor] for factor in range(5)
}


@pytest.fixture
def answers() -> np.ndarray:
    return correlated_answers(np.random.default_rng(4), n=300, p=0.8, correlation=0.5, model="own rate")


@pytest.mark.parametrize("definition", list(INDEX_DEFINITIONS))
def test_index_of_a_table_equals_that_of_packed_answers(answers: np.ndarray, definition: str) -> None:
    unit, day = np.arange(300) % 3, np.arange(300) // 6
    columns = {
        f"q{slot}": np.where(answers[:, slot] == Missing.DONT_KNOW, np.nan, answers[:, slot])
        for slot in range(22)
    }
    survey = Survey(columns | {"unit": unit, "day": unit * 100 + day}, clusters="day", strata="unit")
    found = survey_index(survey, FACTORS, satisfied_from=4, definition=definition, by="unit").estimates
    scoring = five_factor_scoring()
    make = item_moments if definition == "mean_of_item_shares" else respondent_moments
    people = make(answers, scoring, unit, unit * 100 + day, n_units=3)
    packed = INDEX_DEFINITIONS[definition](people, scoring, inference=AS_ESTIMATED)
    np.testing.assert_allclose(found.value, packed.value)
    np.testing.assert_allclose(found.standard_error, packed.standard_error, rtol=1e-9)


def test_index_rejects_bad_input(answers: np.ndarray) -> None:
    survey = Survey({"a": answers[:, 0].astype(float), "b": answers[:, 1].astype(float)})
    with pytest.raises(InvalidOption):
        survey_index(survey, {"F": ["a"]}, satisfied_from=4, definition="mean")
    for factors in ({}, {"F": ["a"], "G": ["a"]}, {"F": ["absent"]}):
        with pytest.raises((InvalidOption, InvalidShape)):
            survey_index(survey, factors, satisfied_from=4)
