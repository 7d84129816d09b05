"""What weights cost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis import Survey
from analysis.errors import InvalidCounts, InvalidShape
from analysis.weighting.reports import weight_report, weight_reports

WEIGHTS = hnp.arrays(np.float64, st.integers(1, 30), elements=st.floats(0.01, 50))


@given(WEIGHTS, st.floats(0.01, 100))
def test_report_does_not_depend_on_scale(w: np.ndarray, scale: float) -> None:
    first, other = weight_report(w), weight_report(scale * w)
    assert other.design_effect == pytest.approx(first.design_effect)
    assert other.n_effective == pytest.approx(first.n_effective)
    assert first.design_effect >= 1 - 1e-12
    assert first.n_effective == pytest.approx(first.n / first.design_effect)
    assert first.cv == pytest.approx(w.std() / w.mean(), abs=1e-6)
    assert first.low <= first.total / first.n + 1e-9 <= first.high + 2e-9


def test_cells_with_their_people_are_the_rows() -> None:
    assert weight_report([2, 5], n_people=[3, 2]) == weight_report([2, 2, 2, 5, 5])
    assert weight_report([2, 5, 9], n_people=[3, 2, 0]) == weight_report([2, 2, 2, 5, 5])


def test_groups_are_reported_each_by_itself() -> None:
    w, unit = [1.0, 2, 3, 4, 5], ["b", "a", "b", "a", "a"]
    found = weight_reports(w, unit)
    assert list(found) == ["a", "b"]
    assert found["a"] == weight_report([2, 4, 5])
    assert found["b"] == weight_report([1, 3])


def test_negative_and_zero_weights_are_counted() -> None:
    report = weight_report([-1, 0, 0, 5])
    assert (report.share_negative, report.share_zero, report.largest_part) == (0.25, 0.5, 1.25)


def test_adjustment_reports_its_survey() -> None:
    survey = Survey({"g": [0, 0, 1], "y": [1, 0, 1]})
    report = survey.poststratified({"g": {0: 10, 1: 30}}).kish_design_effect
    assert report == pytest.approx(weight_report([5, 5, 30]).design_effect)


def test_one_respondent_degenerate() -> None:
    report = weight_report([7])
    assert (report.design_effect, report.cv, report.largest_part) == (1.0, 0.0, 1.0)


def test_weight_report_rejects_bad_input() -> None:
    for w, error in (
        ([], InvalidCounts),
        ([0, 0], InvalidCounts),
        ([-1, 1], InvalidCounts),
        ([[1, 2]], InvalidShape),
    ):
        with pytest.raises(error):
            weight_report(w)
    with pytest.raises(InvalidShape, match="n_people"):
        weight_report([1, 2], n_people=[1])
    with pytest.raises(InvalidShape, match="n_people"):
        weight_report([1, 2], n_people=[1, -1])
