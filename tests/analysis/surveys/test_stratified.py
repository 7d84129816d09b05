"""Stratified shares from counts are those of the survey itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import Survey
from analysis.errors import InvalidCounts, InvalidShape
from analysis.surveys.stratified import stratified_shares


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_counts_give_what_the_survey_gives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, of = rng.integers(2, 30, 6), rng.integers(30, 90, 6)
    stratum = np.repeat(np.arange(6), n)
    unit = stratum // 2
    y = np.where(rng.random(n.sum()) < 0.15, np.nan, rng.random(n.sum()) < 0.7)
    x, r = (
        np.bincount(stratum, weights=values, minlength=6)[:, None]
        for values in (np.nan_to_num(y), ~np.isnan(y))
    )
    got = stratified_shares(x, r, n, of, units=[0, 0, 1, 1, 2, 2], n_units=3, method="mean")
    table = {"y": y, "h": stratum, "N": of[stratum], "unit": unit}
    for each in range(3):
        inside = unit == each
        survey = Survey({name: column[inside] for name, column in table.items()}, strata="h", fpc="N")
        wanted = survey.mean("y")["y"]
        if wanted.n_respondents and 0 < wanted.value < 1:
            assert got.at(each, 0).value == pytest.approx(wanted.value)
            assert got.at(each, 0).standard_error == pytest.approx(wanted.standard_error)
            assert got.at(each, 0).df == wanted.df


def test_unit_without_answers_is_unknown_degenerate() -> None:
    found = stratified_shares([[0], [5]], [[0], [9]], [0, 9], [0, 40], units=[0, 1], n_units=2)
    assert np.isnan(found.value[0, 0])
    assert (found.ci_low[0, 0], found.ci_high[0, 0]) == (0, 1)
    half = stratified_shares([[0], [5]], [[0], [9]], [0, 9], [20, 40], units=[0, 0], n_units=1)
    assert np.isnan(half.value[0, 0])


def test_everyone_satisfied_has_a_lower_limit_degenerate() -> None:
    found = stratified_shares([[10], [12]], [[10], [12]], [10, 12], [50, 60], units=[0, 0], n_units=1)
    assert found.value[0, 0] == 1
    assert 0.7 < found.ci_low[0, 0] < 0.95


def test_stratified_shares_reject_bad_input() -> None:
    good = {"units": [0, 0], "n_units": 1}
    with pytest.raises(InvalidCounts):
        stratified_shares([[3], [9]], [[5], [10]], [5, 10], [4, 20], **good)
    with pytest.raises(InvalidCounts):
        stratified_shares([[3], [9]], [[6], [10]], [5, 10], [40, 20], **good)
    with pytest.raises(InvalidShape):
        stratified_shares([3, 9], [5, 10], [5, 10], [40, 20], **good)
    with pytest.raises(InvalidShape):
        stratified_shares([[3], [9]], [[5], [10]], [5, 10], [40, 20], units=[0, 3], n_units=1)
