"""Rank tests from level counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.comparing.rank_tests import kruskal_wallis_tests, mann_whitney_tests
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape

LEVELS = st.lists(st.integers(0, 40), min_size=5, max_size=5)


def answers(counts: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(len(counts)), counts)


@given(LEVELS, LEVELS)
@settings(max_examples=60, deadline=None)
def test_two_groups_against_scipy(first: list[int], second: list[int]) -> None:
    x, y = np.array(first), np.array(second)
    if not x.sum() or not y.sum() or ((x + y) > 0).sum() < 2:
        return
    found = mann_whitney_tests(x, y)
    wanted = stats.mannwhitneyu(answers(x), answers(y), method="asymptotic", use_continuity=False)
    assert found.w == pytest.approx(wanted.statistic)
    assert found.tests.at().p_value == pytest.approx(wanted.pvalue, rel=1e-8, abs=1e-300)
    assert found.superiority.at().value == pytest.approx(wanted.statistic / (x.sum() * y.sum()))


@given(st.integers(2, 5), st.integers(0, 9999))
@settings(max_examples=40, deadline=None)
def test_many_units_against_scipy(units: int, seed: int) -> None:
    counts = np.random.default_rng(seed).integers(0, 30, (units, 5))
    if (counts.sum(axis=1) == 0).any():
        return
    found, wanted = kruskal_wallis_tests(counts).at(), stats.kruskal(*map(answers, counts))
    assert (found.statistic, found.p_value) == pytest.approx((wanted.statistic, wanted.pvalue), rel=1e-8)
    assert found.df == units - 1


def test_two_units_are_the_square_of_two_groups() -> None:
    counts = np.random.default_rng(3).integers(1, 30, (2, 5))
    h, pair = kruskal_wallis_tests(counts).at(), mann_whitney_tests(*counts)
    assert (h.statistic, h.p_value) == pytest.approx(
        (pair.tests.statistic.item() ** 2, pair.tests.p_value.item())
    )


def test_design_effects_shrink_both_tests_alike() -> None:
    counts = np.array([[5, 9, 20, 40, 26], [9, 16, 25, 33, 17]])
    for effect in (1.0, 2.5):
        pair = mann_whitney_tests(*counts, design_effect_first=effect, design_effect_second=effect)
        z = mann_whitney_tests(*counts).tests.statistic / np.sqrt(effect)
        assert pair.tests.statistic == pytest.approx(z)
        h = kruskal_wallis_tests(counts, design_effect=effect).statistic
        assert h == pytest.approx(kruskal_wallis_tests(counts).statistic / effect)
        assert pair.superiority.design_effect == pytest.approx(effect)


@given(LEVELS, LEVELS)
@settings(max_examples=60, deadline=None)
def test_groups_swapped_and_scale_turned(first: list[int], second: list[int]) -> None:
    if not sum(first) or not sum(second):
        return
    one, other = mann_whitney_tests(first, second), mann_whitney_tests(second, first)
    turned = mann_whitney_tests(first[::-1], second[::-1])
    for found in (other, turned):
        assert found.cliffs_delta == pytest.approx(-one.cliffs_delta)
        assert found.superiority.ci_low == pytest.approx(1 - one.superiority.ci_high)
        np.testing.assert_allclose(found.tests.p_value, one.tests.p_value)
    low, high = one.cliffs_delta_limits
    assert -1 <= low <= one.cliffs_delta <= high <= 1


@given(LEVELS, LEVELS, st.integers(2, 9))
@settings(max_examples=30, deadline=None)
def test_more_people_of_the_same_answers_narrow_the_interval(
    first: list[int], second: list[int], times: int
) -> None:
    x, y = np.array(first) + 1, np.array(second) + 1
    one, more = (
        mann_whitney_tests(x, y).superiority.at(),
        mann_whitney_tests(times * x, times * y).superiority.at(),
    )
    assert more.value == pytest.approx(one.value)
    assert more.ci_high - more.ci_low < one.ci_high - one.ci_low


def test_merged_levels_count_as_ties() -> None:
    merged = mann_whitney_tests([10, 0, 30, 0], [20, 0, 10, 0])
    plain = mann_whitney_tests([10, 30], [20, 10])
    assert merged.w == plain.w
    assert merged.tests.p_value == pytest.approx(plain.tests.p_value)


def test_two_levels_are_the_difference_of_shares() -> None:
    """Cliff's delta of yes and no is the difference of the shares; z is that of the chi-square, but for N/(N-1)."""
    found = mann_whitney_tests([40, 60], [55, 45])
    assert found.cliffs_delta == pytest.approx(0.60 - 0.45)
    chi2 = stats.chi2_contingency([[40, 60], [55, 45]], correction=False).statistic
    assert found.tests.statistic**2 == pytest.approx(chi2 * 199 / 200)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ((1, 2, 4, 7, 6), (1, 2, 4, 7, 6)),
        ((1, 1, 3, 15, 80), (3, 5, 12, 30, 50)),
        ((0, 0, 2, 3, 95), (2, 8, 70, 15, 5)),
    ],
)
@pytest.mark.parametrize(("m", "n"), [(20, 20), (30, 100)])
def test_interval_of_superiority_coverage(p: tuple[int, ...], q: tuple[int, ...], m: int, n: int) -> None:
    shares = [np.array(part) / sum(part) for part in (p, q)]
    rng = np.random.default_rng(5)
    x, y = (rng.multinomial(size, share, 4000) for size, share in zip((m, n), shares, strict=True))
    found = mann_whitney_tests(x, y).superiority
    truth = shares[0] @ (np.cumsum(shares[1]) - shares[1] / 2)
    covered = ((found.ci_low <= truth) & (truth <= found.ci_high)).mean()
    assert 0.93 <= covered <= 0.99


def test_error_of_superiority_against_placements_of_people() -> None:
    """DeLong's variance from everyone's placement, mixed with half a person of continuous answers' spread."""
    x, y = np.array([1, 4, 9, 12, 6]), np.array([6, 8, 9, 5, 2])
    one, other = answers(x), answers(y)
    above = (one[:, None] > other) + 0.5 * (one[:, None] == other)
    theta, m, n = above.mean(), len(one), len(other)
    variance = above.mean(axis=1).var(ddof=1) / m + above.mean(axis=0).var(ddof=1) / n
    harmonic = m * n / (m + n)
    newcombe = (1 + ((m + n) / 2 - 1) * ((1 - theta) / (2 - theta) + theta / (1 + theta))) / (m * n)
    observed, wrong = variance * harmonic / (theta * (1 - theta)), harmonic * min(theta, 1 - theta)
    spread = (wrong * observed + 0.5 * newcombe * harmonic) / (wrong + 0.5)
    found = mann_whitney_tests(x, y).superiority.at()
    assert found.n_effective == pytest.approx(harmonic / spread)
    assert found.standard_error == pytest.approx(np.sqrt(theta * (1 - theta) * spread / harmonic))


def test_groups_wholly_apart_still_have_an_interval() -> None:
    found = mann_whitney_tests([0, 0, 30], [30, 0, 0]).superiority.at()
    assert found.value == found.ci_high == 1
    assert 0.85 < found.ci_low < 0.97


def test_millions_of_people_lose_no_digits() -> None:
    counts = np.array([[10, 20, 30, 25, 15], [12, 22, 30, 23, 13]])
    small, large = kruskal_wallis_tests(counts), kruskal_wallis_tests(counts * 1_000_000)
    n = counts.sum()
    ratio = (n * 1e6 - 1) / (n - 1)
    assert large.statistic == pytest.approx(small.statistic * ratio, rel=1e-9)
    assert mann_whitney_tests(*(counts * 1_000_000)).tests.p_value >= 0


def test_degenerate_counts_say_why_there_is_no_test() -> None:
    found = mann_whitney_tests([[0, 0], [3, 4], [9, 0]], [[0, 0], [0, 0], [5, 0]])
    reasons = [found.tests[row].reason for row in range(3)]
    assert reasons == [
        "nobody answered",
        "fewer than two groups have respondents",
        "everyone gave the same answer",
    ]
    assert np.isnan(found.superiority.value).tolist() == [True, True, False]
    assert found.superiority.value[2] == 0.5
    assert (found.superiority.ci_low[0], found.superiority.ci_high[0]) == (0.0, 1.0)
    units = kruskal_wallis_tests([[[0, 0], [0, 0]], [[3, 4], [0, 0]], [[3, 0], [4, 0]]])
    assert [units[row].reason for row in range(3)] == reasons


def test_rank_tests_reject_bad_input() -> None:
    for bad in ([-1, 2], [0.5, 2], [np.nan, 2]):
        with pytest.raises(InvalidCounts):
            mann_whitney_tests(bad, [1, 2])
        with pytest.raises(InvalidCounts):
            kruskal_wallis_tests([bad, [1, 2]])
    with pytest.raises(InvalidShape, match="one scale"):
        mann_whitney_tests([1, 2], [1, 2, 3])
    with pytest.raises(InvalidShape):
        kruskal_wallis_tests([1, 2, 3])
    with pytest.raises(InvalidOption):
        mann_whitney_tests([1, 2], [3, 4], design_effect_first=0)
    with pytest.raises(InvalidOption):
        mann_whitney_tests([1, 2], [3, 4], confidence_level=95)
