"""Run rules: patterns found, and how often chance makes them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import StatisticsError
from analysis.monitoring.run_rules import (
    DEFAULT_RULES,
    NELSON_RULES,
    WESTERN_ELECTRIC_RULES,
    Rule,
    false_alarms,
    rule_hits,
)

ZONES = {
    Rule.TWO_OF_THREE_BEYOND_TWO_SIGMA: (2, 3, 2.0),
    Rule.FOUR_OF_FIVE_BEYOND_ONE_SIGMA: (4, 5, 1.0),
}


def found(z: object, rule: Rule) -> list[int]:
    return np.flatnonzero(rule_hits(z, rule)).tolist()


@given(st.lists(st.floats(-4, 4), min_size=1, max_size=40), st.sampled_from(list(ZONES)))
def test_zone_rules_against_loops(z: list[float], rule: Rule) -> None:
    wanted, of, beyond = ZONES[rule]
    expected = [
        t
        for t in range(len(z))
        if any(
            side * z[t] > beyond and sum(side * v > beyond for v in z[max(0, t - of + 1) : t + 1]) >= wanted
            for side in (1, -1)
        )
    ]
    assert found(z, rule) == expected


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=60), st.sampled_from([8, 9]))
def test_runs_against_loops(z: list[float], length: int) -> None:
    rule = Rule.RUN_OF_EIGHT if length == 8 else Rule.RUN_OF_NINE
    expected = [
        t
        for t in range(length - 1, len(z))
        if z[t] != 0
        and len(set(z[t - length + 1 : t + 1])) == 1
        and (t == length - 1 or z[t - length] != z[t])
    ]
    assert found(z, rule) == expected


def test_trend_is_signalled_at_its_sixth_point_and_equal_points_end_it() -> None:
    assert found([0, 1, 2, 3, 4, 5, 6, 7], Rule.TREND_OF_SIX) == [5]
    assert found([5, 4, 3, 2, 1, 0], Rule.TREND_OF_SIX) == [5]
    assert found([0, 1, 2, 2, 3, 4, 5], Rule.TREND_OF_SIX) == []


def test_alternation_is_signalled_at_its_fourteenth_point() -> None:
    assert found([0, 1] * 8, Rule.ALTERNATING_FOURTEEN) == [13]
    assert found([0, 1] * 6 + [0], Rule.ALTERNATING_FOURTEEN) == []
    assert found([0, 1, 2, 1] + [2, 1] * 6, Rule.ALTERNATING_FOURTEEN) == [14]


@pytest.mark.parametrize("rule", list(Rule))
@pytest.mark.parametrize("size", [1, 2, 3])
def test_short_series_have_no_pattern_degenerate(rule: Rule, size: int) -> None:
    assert rule_hits(np.full((4, size), 1.5), rule).shape == (4, size)
    assert not rule_hits(np.full((4, size), 1.5), rule).any()


@pytest.mark.parametrize("rule", list(Rule))
def test_rows_are_judged_one_by_one(rule: Rule) -> None:
    z = np.random.default_rng(1).normal(0, 2, (20, 60))
    np.testing.assert_array_equal(rule_hits(z, rule), [rule_hits(row, rule) for row in z])
    np.testing.assert_array_equal(rule_hits(-z, rule), rule_hits(z, rule))


@pytest.mark.parametrize(("rules", "run_length"), [(DEFAULT_RULES, 152.73), (WESTERN_ELECTRIC_RULES, 91.75)])
def test_average_run_length_against_paper(rules: tuple[Rule, ...], run_length: float) -> None:
    """Champ and Woodall (1987), table 1, no shift."""
    z = np.random.default_rng(8).standard_normal((4000, 1200))
    hits = np.logical_or.reduce([rule_hits(z, rule) for rule in rules])
    first = np.where(hits.any(axis=1), hits.argmax(axis=1) + 1, 1200)
    assert first.mean() == pytest.approx(run_length, abs=4 * first.std() / np.sqrt(4000))


def test_false_alarms_of_one_rule_against_theory_and_of_more_rules_are_more() -> None:
    rng = np.random.default_rng(3)
    one = false_alarms(26, [Rule.BEYOND_LIMITS], rng=rng, n_sigma=2.0)
    assert abs(one.probability - (1 - 0.9544997**26)) < 4 * one.standard_error
    default, western, nelson = (
        false_alarms(26, rules, rng=rng).probability
        for rules in (DEFAULT_RULES, WESTERN_ELECTRIC_RULES, NELSON_RULES)
    )
    assert 0.13 < default < 0.15 < nelson < 0.19 < western < 0.25
    assert false_alarms(26, [], rng=rng).probability == 0


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: rule_hits(1.0, Rule.RUN_OF_EIGHT),
        lambda: rule_hits([np.nan], Rule.RUN_OF_EIGHT),
        lambda: false_alarms(0, rng=np.random.default_rng(1)),
        lambda: false_alarms(5, rng=np.random.default_rng(1), n_resamples=0),
    ],
)
def test_run_rules_reject_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
