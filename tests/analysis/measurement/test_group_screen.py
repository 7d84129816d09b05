"""Groups that stand apart from all others."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.comparing.many_comparisons import adjust_p_values
from analysis.errors import InvalidOption, InvalidShape
from analysis.measurement.group_screen import group_screen
from analysis.measurement.intraclass import intraclass_correlation

KEPT = json.loads((Path(__file__).parent / "data" / "measurement.json").read_text(encoding="utf-8"))
seeds = st.integers(0, 10_000)


def table(seed: int, *, shift: float = 0.0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(6, 30))
    scores[2] += shift
    return [np.full(6, 30), scores.sum(axis=1), (scores**2).sum(axis=1)]


def test_two_groups_against_the_t_test() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=12), rng.normal(size=20) + 0.5
    found = group_screen(
        [12, 20], [first.sum(), second.sum()], [(first**2).sum(), (second**2).sum()], method="bonferroni"
    )
    expected = stats.ttest_ind(first, second)
    interval = expected.confidence_interval()
    assert found.p_value[0] == pytest.approx(expected.pvalue)
    assert found.statistic[0] == pytest.approx(expected.statistic)
    assert (found.ci_low[0], found.ci_high[0]) == pytest.approx((interval.low, interval.high))


def test_one_group_apart_is_found_and_carries_most_of_the_difference() -> None:
    found = group_screen(*table(2, shift=1.5))
    assert found.largest == 2
    assert found.is_flagged.tolist()[2]
    assert found.share_of_between[2] > 0.5
    np.testing.assert_allclose(found.p_adjusted, adjust_p_values(found.p_value, method="bh"))


def test_false_flags_are_held_at_the_level() -> None:
    flagged = [group_screen(*table(seed)).is_flagged.any() for seed in range(600)]
    assert np.mean(flagged) < 0.075


def test_groups_that_differ_anyway_are_not_flagged_for_it() -> None:
    sums = [KEPT["juarez_h1_by_interviewer"][part] for part in ("n", "sums", "squares")]
    ordinary = intraclass_correlation(*sums).between_variance.item()
    strict, lenient = group_screen(*sums), group_screen(*sums, between_variance=ordinary)
    assert strict.is_flagged.sum() == 3
    assert not lenient.is_flagged.any()
    assert strict.largest == lenient.largest == 5


@settings(max_examples=30)
@given(seeds, st.floats(-5, 5), st.floats(0.1, 10))
def test_screen_ignores_shift_and_scale(seed: int, shift: float, scale: float) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(4, 10))
    first, second = (
        group_screen(np.full(4, 10), values.sum(axis=1), (values**2).sum(axis=1))
        for values in (scores, shift + scale * scores)
    )
    np.testing.assert_allclose(second.p_value, first.p_value, rtol=1e-6)
    assert ((first.ci_low <= first.difference) & (first.difference <= first.ci_high)).all()
    assert first.share_of_between.sum() == pytest.approx(1)
    np.testing.assert_array_equal(first.p_adjusted >= first.p_value, True)


def test_group_of_nobody_has_no_figures_degenerate() -> None:
    found = group_screen([30, 0, 30], [90, 0, 120], [300, 0, 500])
    assert np.isnan(found.mean).tolist() == np.isnan(found.p_value).tolist() == [False, True, False]
    assert not found.is_flagged[1]


@pytest.mark.parametrize(
    ("n", "sums", "squares", "reason"),
    [
        ([5], [15], [50], "one group"),
        ([1, 1], [1, 2], [1, 4], "no group of two or more"),
        ([3, 3], [15, 12], [75, 48], "no spread within groups"),
    ],
)
def test_screen_says_why_nothing_was_tested_degenerate(
    n: list, sums: list, squares: list, reason: str
) -> None:
    found = group_screen(n, sums, squares)
    assert found.reason == reason
    assert found.largest is None and np.isnan(found.p_value).all() and not found.is_flagged.any()


def test_screen_rejects_bad_input() -> None:
    with pytest.raises(InvalidShape):
        group_screen(np.ones((2, 2)), np.ones((2, 2)), np.ones((2, 2)))
    for options in ({"between_variance": -0.1}, {"method": "fdr"}, {"confidence_level": 95}):
        with pytest.raises(InvalidOption):
            group_screen(*table(3), **options)
