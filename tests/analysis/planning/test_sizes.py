"""Sample sizes and margins of error of a share."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import StatisticsError
from analysis.intervals.shares import wilson_interval
from analysis.planning.populations import correction
from analysis.planning.sizes import margin_of_error, sample_size, yamane_sample_size


@pytest.mark.parametrize(("margin", "n"), [(0.05, 139), (0.03, 385), (0.025, 554)])
def test_sizes_for_ninety_percent_against_the_reference_card(margin: float, n: int) -> None:
    assert sample_size(0.9, margin).n == n


def test_yamane_against_the_reference_card() -> None:
    sizes = yamane_sample_size([139, 500, 1_000, 5_000, 24_000, 84_196])
    assert sizes.tolist() == [103, 222, 286, 370, 393, 398]
    assert 29_000 < 78 * yamane_sample_size(23_983).item() < 31_000
    assert yamane_sample_size(np.inf).item() == 400


WILSON_NINETY = {
    10: (59.6, 98.2),
    20: (69.9, 97.2),
    30: (74.4, 96.5),
    50: (78.6, 95.7),
    100: (82.6, 94.5),
    200: (85.1, 93.4),
    400: (86.7, 92.6),
    1000: (88.0, 91.7),
}


@pytest.mark.parametrize("n", WILSON_NINETY)
def test_wilson_margins_against_the_reference_card(n: int) -> None:
    low, high = WILSON_NINETY[n]
    assert 200 * margin_of_error(0.9, n, method="wilson") == pytest.approx(high - low, abs=0.11)
    assert 100 * (0.9 - margin_of_error(0.9, n, method="wilson_lower")) == pytest.approx(low, abs=0.051)


@pytest.mark.parametrize(("n", "low"), [(10, 72.2), (30, 88.6), (50, 92.9), (100, 96.3)])
def test_lower_limit_when_all_are_satisfied_against_the_reference_card(n: int, low: float) -> None:
    # At 30 of 30 the limit is 88.648: the card cuts it, so half a unit of its last digit is not enough.
    assert 100 * (1 - margin_of_error(1.0, n, method="wilson_lower")) == pytest.approx(low, abs=0.1)


SHARES = st.floats(0.02, 0.98)
MARGINS = st.floats(0.01, 0.2)
POPULATIONS = st.one_of(st.just(np.inf), st.integers(1, 100_000).map(float))


@given(SHARES, MARGINS, POPULATIONS, st.floats(0.5, 8), st.sampled_from(["normal", "wilson", "wilson_lower"]))
@settings(deadline=None)
def test_size_is_the_smallest_that_keeps_the_margin(
    p: float, e: float, population: float, deff: float, method: str
) -> None:
    if method == "wilson_lower" and e >= p:
        return
    options = {"population": population, "design_effect": deff, "method": method}
    n = sample_size(p, e, **options).n.item()
    assert margin_of_error(p, n, **options) <= e * (1 + 1e-6)
    if n > 1:
        assert margin_of_error(p, n - 1, **options) > e * (1 - 1e-6)


@given(MARGINS, st.sampled_from(["wilson", "wilson_lower"]))
@settings(deadline=None)
def test_size_at_a_hundred_percent_keeps_the_margin(e: float, method: str) -> None:
    n = sample_size(1.0, e, method=method).n.item()
    assert margin_of_error(1.0, n, method=method) <= e
    assert margin_of_error(1.0, n - 1, method=method) > e if n > 1 else True


@given(st.integers(1, 500), st.floats(0, 1), st.floats(0.5, 5))
@settings(deadline=None)
def test_wilson_margin_is_half_the_interval(n: int, share: float, deff: float) -> None:
    k = round(share * n)
    found = wilson_interval(k, n, design_effect=deff, population=2 * n).at()
    margin = margin_of_error(k / n, n, method="wilson", design_effect=deff, population=2 * n)
    assert margin == pytest.approx((found.ci_high - found.ci_low) / 2, abs=1e-12)


@given(SHARES, MARGINS, st.integers(2, 5_000))
@settings(deadline=None)
def test_size_grows_with_population_deff_and_precision(p: float, e: float, population: int) -> None:
    base = sample_size(p, e, population=population)
    assert base.n <= min(sample_size(p, e).n, population)
    assert sample_size(p, e, population=population, design_effect=2).n >= base.n
    assert sample_size(p, e / 2, population=population).n >= base.n
    assert sample_size(p, e, population=population, confidence_level=0.99).n >= base.n


def test_invitations_follow_the_response_rate_and_end_at_the_population() -> None:
    plan = sample_size(0.9, 0.05, population=[np.inf, 1_000, 200], response_rate=0.4)
    assert plan.n.tolist() == [139, 122, 83]
    assert plan.n_invited.tolist() == [348, 305, 200]
    assert plan.is_reachable.tolist() == [True, True, False]


def test_a_table_of_units_is_planned_at_once() -> None:
    plan = sample_size(np.full(3_300, 0.9), 0.05, population=np.arange(1, 3_301))
    alone = sample_size(0.9, 0.05, population=1_700)
    assert plan.n[1_699] == alone.n
    assert plan.n.shape == (3_300,)


def test_correction_of_a_census_and_of_one_person_is_zero_degenerate() -> None:
    assert correction(np.array([1.0, 5.0]), np.array([1.0, 5.0])).tolist() == [0, 0]
    assert margin_of_error(0.9, 60, population=60) == 0
    assert margin_of_error(1.0, 60, population=60, method="wilson") == 0
    assert sample_size(0.5, 0.05, population=1).n == 1


@pytest.mark.parametrize(
    "arguments",
    [
        {"share": 1.0},
        {"share": 90},
        {"share": np.nan},
        {"margin": 0},
        {"margin": 5},
        {"margin": 0.6, "method": "wilson"},
        {"share": 0.04, "method": "wilson_lower"},
        {"population": 0},
        {"population": 10.5},
        {"population": np.nan},
        {"design_effect": 0},
        {"design_effect": np.inf},
        {"response_rate": 0},
        {"response_rate": 1.1},
        {"method": "wald"},
        {"confidence_level": 95},
        {"share": [0.5, 0.6], "margin": [0.05, 0.04, 0.03]},
    ],
)
def test_sample_size_rejects_bad_input(arguments: dict) -> None:
    with pytest.raises(StatisticsError):
        sample_size(**({"share": 0.9, "margin": 0.05} | arguments))


@pytest.mark.parametrize(
    "arguments", [{"n": 0}, {"n": 2.5}, {"n": 61}, {"share": 0.0}, {"method": "x"}, {"share": 2}]
)
def test_margin_of_error_rejects_bad_input(arguments: dict) -> None:
    with pytest.raises(StatisticsError):
        margin_of_error(**({"share": 0.9, "n": 30, "population": 60} | arguments))
