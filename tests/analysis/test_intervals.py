"""Intervals of a share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape, StatisticsError
from analysis.intervals import (
    INTERVALS,
    hypergeometric_interval,
    korn_graubard_interval,
    proportion_interval,
    wilson_interval,
)

METHODS = sorted(INTERVALS)


def percent(value: float) -> str:
    return f"{100 * value:.1f}"


@pytest.mark.parametrize(
    ("n", "limits"),
    [
        (10, "59.6–98.2"),
        (20, "69.9–97.2"),
        (30, "74.4–96.5"),
        (50, "78.6–95.7"),
        (100, "82.6–94.5"),
        (200, "85.1–93.4"),
        (400, "86.7–92.6"),
        (1000, "88.0–91.7"),
    ],
)
def test_wilson_at_90_percent_against_published_card(n: int, limits: str) -> None:
    estimate = wilson_interval(0.9 * n, n).at()
    assert f"{percent(estimate.ci_low)}–{percent(estimate.ci_high)}" == limits


@pytest.mark.parametrize(("n", "low"), [(10, "72.2"), (30, "88.6"), (50, "92.9"), (100, "96.3")])
def test_wilson_of_all_satisfied_against_published_card(n: int, low: str) -> None:
    estimate = wilson_interval(n, n).at()
    assert percent(estimate.ci_low) == low
    assert estimate.ci_high == 1.0


@given(
    st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.sampled_from(METHODS),
    st.floats(1, 20),
    st.sampled_from([0.8, 0.95, 0.99]),
    st.sampled_from([None, 5.0]),
)
def test_interval_holds_the_estimate_inside_0_and_1(
    counts: tuple[int, int], method: str, effect: float, level: float, df: float | None
) -> None:
    estimate = proportion_interval(
        *counts, method=method, design_effect=effect, df=df, confidence_level=level
    ).at()
    assert 0 <= estimate.ci_low <= estimate.value <= estimate.ci_high <= 1
    assert estimate.ci_low < estimate.ci_high


@given(
    st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from(METHODS)
)
def test_interval_of_the_dissatisfied_mirrors_that_of_the_satisfied(
    counts: tuple[int, int], method: str
) -> None:
    k, n = counts
    one, other = (proportion_interval(x, n, method=method).at() for x in (k, n - k))
    assert one.ci_low == pytest.approx(1 - other.ci_high, abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_larger_design_effect_widens(method: str) -> None:
    found = proportion_interval([27] * 3, [30] * 3, method=method, design_effect=[1, 2, 4])
    assert (np.diff(found.ci_high - found.ci_low) > 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_nobody_answered_is_unknown_not_zero_degenerate(method: str) -> None:
    estimate = proportion_interval([0, 5], [0, 6], method=method)[0]
    assert np.isnan(estimate.value)
    assert (estimate.ci_low, estimate.ci_high, estimate.n_respondents) == (0.0, 1.0, 0)


@pytest.mark.parametrize("method", METHODS)
def test_everyone_in_the_population_answered_leaves_no_sampling_error(method: str) -> None:
    estimate = proportion_interval(24, 30, method=method, population=30).at()
    if method != "korn_graubard":  # never more than n, by the NCHS rule
        assert estimate.ci_low == estimate.ci_high == 0.8


def test_population_narrows_only_when_given() -> None:
    widths = [
        estimates.ci_high - estimates.ci_low
        for estimates in (wilson_interval(27, 30), wilson_interval(27, 30, population=60))
    ]
    assert widths[1] < widths[0]


def test_korn_graubard_at_the_ceiling_uses_the_borrowed_design_effect() -> None:
    alone, borrowed = (
        korn_graubard_interval(60, 60, borrowed_design_effect=deff).at() for deff in (1.0, 2.0)
    )
    assert alone.ci_low == pytest.approx(0.025 ** (1 / 60))
    assert borrowed.ci_low == pytest.approx(0.025 ** (1 / 30))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("k", "n", "options", "error"),
    [
        (float("nan"), 10, {}, InvalidCounts),
        (-1, 10, {}, InvalidCounts),
        (11, 10, {}, InvalidCounts),
        (5, 10.5, {}, InvalidCounts),
        (5, -10, {}, InvalidCounts),
        (5, 10, {"population": 9}, InvalidCounts),
        (5, 10, {"design_effect": 0}, InvalidOption),
        (5, 10, {"design_effect": float("nan")}, InvalidCounts),
        (5, 10, {"df": -1}, InvalidOption),
        (5, 10, {"confidence_level": 95}, InvalidOption),
        ([5, 6], [10, 10, 10], {}, InvalidShape),
        ("many", 10, {}, InvalidShape),
    ],
)
def test_interval_rejects_bad_input(method: str, k: object, n: object, options: dict, error: type) -> None:
    with pytest.raises(error) as caught:
        proportion_interval(k, n, method=method, **options)
    assert isinstance(caught.value, StatisticsError)
    assert caught.value.expected
    assert caught.value.got
    assert caught.value.hint


def test_unknown_method_and_fractional_exact_count_are_refused() -> None:
    with pytest.raises(InvalidOption):
        proportion_interval(5, 10, method="wald")
    with pytest.raises(InvalidOption):
        hypergeometric_interval(5.5, 10, population=20)


def test_estimates_can_be_picked_by_cell_row_and_mask() -> None:
    table = wilson_interval([[1, 2], [3, 4]], [[5, 5], [5, 5]])
    assert table[1, 0].value == 0.6
    assert len(table[1]) == 2
    assert table[table.value > 0.5].value.tolist() == [0.6, 0.8]
    assert table.at(0, 1).n_respondents == 5
