"""The recommended interval and its reasons."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.intervals.hypergeometric import hypergeometric_interval
from analysis.intervals.recommended import IntervalRule, recommended_interval
from analysis.intervals.shares import (
    design_interval,
    korn_graubard_interval,
    proportion_interval,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("k", "n", "options", "rule"),
    [
        (0, 0, {}, IntervalRule.NOBODY),
        (0, 0, {"population": 40}, IntervalRule.NOBODY),
        (24, 30, {"population": 30}, IntervalRule.CENSUS),
        (30, 30, {"population": 30}, IntervalRule.CENSUS),
        (27, 30, {"population": 60}, IntervalRule.EXACT_FINITE),
        (30, 30, {"population": 60}, IntervalRule.EXACT_FINITE),
        (90, 99, {"population": 100_000}, IntervalRule.EXACT_FINITE),
        (180, 200, {"population": 499}, IntervalRule.EXACT_FINITE),
        (180, 200, {"population": 500}, IntervalRule.LARGE_SAMPLE),
        (27, 30, {"population": 60, "design_effect": 0.5}, IntervalRule.LARGE_SAMPLE),
        (26.5, 30, {"population": 60}, IntervalRule.LARGE_SAMPLE),
        (300, 300, {}, IntervalRule.CEILING),
        (0, 300, {}, IntervalRule.CEILING),
        (27, 29, {}, IntervalRule.FEW_RESPONDENTS),
        (270, 300, {"design_effect": 11}, IntervalRule.FEW_RESPONDENTS),
        (270, 300, {"design_effect": 2, "df": 7}, IntervalRule.FEW_CLUSTERS),
        (270, 300, {"design_effect": 2, "df": 8}, IntervalRule.LARGE_SAMPLE),
        (27, 30, {}, IntervalRule.LARGE_SAMPLE),
    ],
)
def test_first_rule_that_applies_chooses(k: float, n: int, options: dict, rule: IntervalRule) -> None:
    found = recommended_interval(k, n, **options)
    assert found.rule() == rule
    assert found.at().method == rule.method
    assert rule.reason


def test_each_cell_has_the_interval_it_names_against_that_interval() -> None:
    k, n, size = np.array([27, 300, 270, 24]), np.array([29, 300, 300, 24]), np.array([60, 900, 900, 24])
    found = recommended_interval(k, n, population=size)
    assert found.estimates.method == "auto: census/hypergeometric/korn_graubard/wilson"
    exact = hypergeometric_interval(27, 29, population=60).at()
    ceiling = korn_graubard_interval(300, 300, population=900).at()
    wilson = wilson_interval(270, 300, population=900).at()
    for cell, other in enumerate((exact, ceiling, wilson)):
        assert found.at(cell) == other
    assert found.at(3).ci_low == found.at(3).ci_high == 1.0


@given(st.integers(0, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(1, 4))
def test_recommended_interval_holds_the_estimate(counts: tuple[int, int], effect: float) -> None:
    found = recommended_interval(*counts, design_effect=effect).at()
    if counts[1]:
        assert 0 <= found.ci_low <= found.value <= found.ci_high <= 1
    else:
        assert (found.ci_low, found.ci_high, found.method) == (0, 1, "none")


def test_ceiling_uses_the_borrowed_design_effect() -> None:
    found = recommended_interval([40, 36], 40, design_effect=1.0, borrowed_design_effect=1.25)
    assert found.at(0).ci_low == pytest.approx(0.025 ** (1 / 32))
    assert found.at(1).n_effective == 40


def test_tables_keep_their_shape_and_order() -> None:
    k, n = np.array([[5, 30], [90, 0]]), np.array([[6, 30], [100, 0]])
    found = recommended_interval(k, n)
    assert [[rule.name for rule in map(IntervalRule, row)] for row in found.rules] == [
        ["FEW_RESPONDENTS", "CEILING"],
        ["LARGE_SAMPLE", "NOBODY"],
    ]
    assert found.at(1, 0) == wilson_interval(90, 100).at()


def test_auto_is_offered_by_name_for_counts_and_designs() -> None:
    assert proportion_interval([5, 90], [6, 100], method="auto").method == "auto: korn_graubard/wilson"
    designed = design_interval([0.8, 1.0], [0.0004, 0.0], [600, 600], [40, 40], method="auto")
    assert designed.method == "auto: korn_graubard/wilson"
    assert designed[0].ci_low == design_interval(0.8, 0.0004, 600, 40).at().ci_low
