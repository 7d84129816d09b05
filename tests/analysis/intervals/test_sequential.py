"""Intervals that may be looked at all the time."""

from math import comb, log

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import special, stats

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.intervals.sequential import (
    confidence_sequence,
    finite_confidence_sequence,
    running_intersection,
)
from analysis.intervals.shares import proportion_interval
from bench.interval_coverage import ever_missed, ever_missed_of_list

COUNTS = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
PRIORS = st.sampled_from([(1.0, 1.0), (0.5, 0.5), (9.0, 1.0)])
LISTS = st.integers(1, 150).flatmap(
    lambda size: st.integers(0, size).flatmap(
        lambda n: st.tuples(st.integers(0, n), st.just(n), st.just(size))
    )
)


@pytest.mark.parametrize(
    ("k", "n"),
    [(0, 10), (10, 10), (8, 10), (900_000, 10**6), (1, 10**6), (10**6 - 5, 10**6), (0, 10**6), (10**6,) * 2],
)
def test_martingale_is_1_over_alpha_at_the_limits_against_whole_numbers(k: int, n: int) -> None:
    found = confidence_sequence(k, n).at()
    log_mixture = -log(comb(n, k)) - log(n + 1)
    for limit, at_end in ((found.ci_low, k == 0), (found.ci_high, k == n)):
        if at_end:
            assert limit == (0.0 if k == 0 else 1.0)
        else:
            log_ratio = log_mixture - special.xlogy(k, limit) - special.xlog1py(n - k, -limit)
            assert log_ratio == pytest.approx(log(20), rel=1e-6)


@given(COUNTS, PRIORS, st.sampled_from([0.8, 0.95, 0.99]))
def test_sequence_holds_the_estimate_and_the_fixed_interval(
    counts: tuple[int, int], prior: tuple[float, float], level: float
) -> None:
    found = confidence_sequence(*counts, prior=prior, confidence_level=level).at()
    fixed = proportion_interval(*counts, method="likelihood", confidence_level=level).at()
    assert 0 <= found.ci_low <= fixed.ci_low <= found.value <= fixed.ci_high <= found.ci_high <= 1


@pytest.mark.parametrize("p", [0.5, 0.9, 0.99])
def test_every_look_at_once_is_covered_and_wilson_is_not_coverage(p: float) -> None:
    missed = ever_missed(confidence_sequence, [p], until=[400])[0, 0]
    wilson = ever_missed(proportion_interval, [p], until=[400], first=30)[0, 0]
    assert missed <= 0.05
    assert wilson > 0.2


@pytest.mark.parametrize(("size", "total"), [(60, 60), (60, 54), (60, 30), (90, 85)])
@pytest.mark.parametrize("prior", [(1.0, 1.0), (9.0, 1.0)])
def test_every_look_at_a_list_is_covered_coverage(size: int, total: int, prior: tuple[float, float]) -> None:
    def looks(k: np.ndarray, n: int) -> object:
        return finite_confidence_sequence(k, n, population=size, prior=prior)

    assert ever_missed_of_list(looks, size, total) <= 0.05


@given(LISTS, PRIORS)
@settings(max_examples=150)
def test_list_against_prior_over_posterior(sample: tuple[int, int, int], prior: tuple[float, float]) -> None:
    k, n, size = sample
    a, b = prior
    totals = np.arange(k, size - n + k + 1)
    before = stats.betabinom.logpmf(totals, size, a, b)
    after = stats.betabinom.logpmf(totals - k, size - n, a + k, b + n - k) if n < size else np.zeros(1)
    # On the limit itself the last bit of a logarithm decides.
    assume(np.abs(before - after - np.log(20)).min() > 1e-9)
    plausible = totals[before - after < np.log(20)]
    found = finite_confidence_sequence(k, n, population=size, prior=prior).at()
    limits = (round(found.ci_low * size), round(found.ci_high * size))
    assert limits == ((plausible[0], plausible[-1]) if n else (0, size))


def test_list_ends_in_certainty_and_is_narrower_than_an_endless_stream() -> None:
    n = np.array([10, 50, 90, 100])
    k = np.array([9, 45, 81, 90])
    of_list, endless = finite_confidence_sequence(k, n, population=100), confidence_sequence(k, n)
    width = of_list.ci_high - of_list.ci_low
    assert (np.diff(width) < 0).all()
    assert width[-1] == 0
    assert (width < endless.ci_high - endless.ci_low)[1:].all()


def test_long_list_is_the_endless_stream() -> None:
    of_list, endless = finite_confidence_sequence(190, 200, population=10**7), confidence_sequence(190, 200)
    assert of_list.at().ci_low == pytest.approx(endless.at().ci_low, abs=1e-4)
    assert of_list.at().ci_high == pytest.approx(endless.at().ci_high, abs=1e-4)


def test_design_effect_counts_fewer_people() -> None:
    clustered, fewer = confidence_sequence(180, 200, design_effect=2).at(), confidence_sequence(90, 100).at()
    assert (clustered.ci_low, clustered.ci_high) == pytest.approx((fewer.ci_low, fewer.ci_high))
    assert (clustered.n_respondents, clustered.n_effective) == (200, 100)


def test_running_limits_only_narrow_along_time() -> None:
    rng = np.random.default_rng(3)
    k = (rng.random((4, 300)) < 0.9).cumsum(axis=1)
    looks = confidence_sequence(k, np.arange(1, 301))
    running = running_intersection(looks.ci_low, looks.ci_high)
    assert (np.diff(running.ci_low, axis=1) >= 0).all()
    assert (np.diff(running.ci_high, axis=1) <= 0).all()
    assert (running.ci_low >= looks.ci_low).all()
    assert not running.is_contradicted.any()
    by_row = running_intersection(looks.ci_low.T, looks.ci_high.T, axis=0)
    np.testing.assert_array_equal(by_row.ci_low.T, running.ci_low)


def test_changed_share_contradicts_itself_and_says_so() -> None:
    answers = np.r_[np.ones(200), np.zeros(200)]
    looks = confidence_sequence(answers.cumsum(), np.arange(1, 401))
    running = running_intersection(looks.ci_low, looks.ci_high)
    assert not running.is_contradicted[199]
    assert running.is_contradicted[-1]
    assert np.isnan(running.ci_low[-1])


def test_nobody_yet_is_unknown_degenerate() -> None:
    for found in (confidence_sequence(0, 0).at(), finite_confidence_sequence(0, 0, population=9).at()):
        assert np.isnan(found.value)
        assert (found.ci_low, found.ci_high, found.n_respondents) == (0.0, 1.0, 0)


@pytest.mark.parametrize(
    ("k", "n", "options", "error"),
    [
        (11, 10, {}, InvalidCounts),
        (float("nan"), 10, {}, InvalidCounts),
        (5, 10.5, {}, InvalidCounts),
        (5, 10, {"prior": (0, 1)}, InvalidOption),
        (5, 10, {"prior": (1.0,)}, InvalidShape),
        (5, 10, {"confidence_level": 95}, InvalidOption),
        (5, 10, {"design_effect": 0}, InvalidOption),
        (5, 10, {"population": 9}, InvalidCounts),
        (5.5, 10, {"population": 20}, InvalidOption),
    ],
)
def test_sequence_rejects_bad_input(k: float, n: float, options: dict, error: type) -> None:
    interval = finite_confidence_sequence if "population" in options else confidence_sequence
    with pytest.raises(error):
        interval(k, n, **options)


@pytest.mark.parametrize(
    ("low", "high", "axis"), [([0.1, 0.2], [0.9], -1), (0.1, 0.9, -1), ([0.1], [0.9], 1)]
)
def test_running_intersection_rejects_bad_input(low: object, high: object, axis: int) -> None:
    with pytest.raises(InvalidShape):
        running_intersection(low, high, axis=axis)
    with pytest.raises(InvalidCounts):
        running_intersection([np.nan, 0.2], [0.8, 0.9])
