"""The margin of a share over strata, and the smallest sample that has one."""

import numpy as np
import pytest

from analysis.errors import StatisticsError
from analysis.planning.sizes import margin_of_error, sample_size
from analysis.planning.stratified import ALLOCATIONS, allocate, smallest_total, stratified_margin

SIZES, N, SHARES = [2000, 8000, 139], [100, 300, 40], [0.80, 0.90, 0.75]


def test_margin_against_r():
    # R 4.2.2: qnorm(.975) * sqrt(sum(W^2 p q / n (N - n)/(N - 1)))
    assert stratified_margin(SHARES, N, SIZES) == pytest.approx(0.0303380756, abs=5e-11)
    got = stratified_margin(SHARES, N, SIZES, design_effect=1.87, confidence_level=0.9)
    assert got == pytest.approx(0.0348167315, abs=5e-11)


def test_standard_error_against_r_survey_but_for_its_divisor():
    """survey::svymean estimates p q with n - 1 and corrects by 1 - n/N; SE 0.0155162593."""
    p, n, size = (np.asarray(each, dtype=float) for each in (SHARES, N, SIZES))
    as_survey = p * (1 - p) * n / (n - 1) * (1 - n / size) / (p * (1 - p) * (size - n) / (size - 1))
    ours = stratified_margin(p, n, size, design_effect=as_survey) / 1.959963984540054
    assert ours == pytest.approx(0.0155162593, abs=5e-11)


def test_one_stratum_is_the_ordinary_margin():
    assert stratified_margin([0.9], [139], [24_000]) == pytest.approx(
        margin_of_error(0.9, 139, population=24_000).item()
    )


def test_a_census_has_no_margin_and_an_empty_stratum_takes_no_part():
    assert stratified_margin([0.8, 0.9], [30, 40], [30, 40]) == 0
    assert stratified_margin([0.8, 0.9], [100, 0], [2000, 0]) == stratified_margin([0.8], [100], [2000])


@pytest.mark.parametrize("method", ALLOCATIONS)
def test_smallest_total_reaches_the_margin_and_ten_fewer_do_not(method):
    sizes, shares = [139, 3_359, 24_000, 84_196], [0.7, 0.85, 0.9, 0.8]
    plan = smallest_total(shares, sizes, 0.03, method=method, minimum=5)
    assert stratified_margin(shares, plan.n, sizes) <= 0.03
    fewer = allocate(method, int(plan.n.sum()) - 10, sizes, share=shares, minimum=5)
    assert stratified_margin(shares, fewer.n, sizes) > 0.03


def test_proportional_total_for_equal_shares_is_that_of_a_simple_sample():
    total = int(smallest_total([0.9] * 3, [20_000, 40_000, 40_000], 0.03).n.sum())
    assert abs(total - sample_size(0.9, 0.03, population=100_000).n.item()) <= 2


def test_neyman_needs_no_more_than_proportional():
    sizes, shares = [20_000, 20_000], [0.5, 0.98]
    totals = {
        method: smallest_total(shares, sizes, 0.02, method=method).n.sum()
        for method in ("neyman", "proportional")
    }
    assert totals["neyman"] < totals["proportional"]


def test_a_stratum_without_a_response_is_refused():
    with pytest.raises(StatisticsError, match="every stratum"):
        stratified_margin([0.8, 0.9], [100, 0], [2000, 50])
