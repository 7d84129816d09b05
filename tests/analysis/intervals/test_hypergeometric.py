"""Exact interval of a share of a short list."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.errors import InvalidCounts, InvalidOption
from analysis.intervals.hypergeometric import hypergeometric_interval

SAMPLES = st.integers(1, 60).flatmap(
    lambda size: st.integers(1, size).flatmap(
        lambda n: st.tuples(st.integers(0, n), st.just(n), st.just(size))
    )
)


def totals(k: int, n: int, size: int, level: float = 0.95) -> tuple[int, int]:
    found = hypergeometric_interval(k, n, population=size, confidence_level=level).at()
    return round(found.ci_low * size), round(found.ci_high * size)


def possible_totals(k: int, n: int, size: int, tail: Fraction) -> list[int]:
    """Every total that neither tail contradicts, in whole numbers and by enumeration."""
    possible = []
    for total in range(k, size - n + k + 1):
        ways = [comb(total, x) * comb(size - total, n - x) for x in range(n + 1)]
        if sum(ways[k:]) > tail * comb(size, n) and sum(ways[: k + 1]) > tail * comb(size, n):
            possible.append(total)
    return possible


@given(SAMPLES, st.sampled_from([Fraction(1, 40), Fraction(1, 20), Fraction(1, 200)]))
@settings(max_examples=150)
def test_limits_against_enumeration_in_whole_numbers(sample: tuple[int, int, int], tail: Fraction) -> None:
    possible = possible_totals(*sample, tail)
    assert totals(*sample, level=float(1 - 2 * tail)) == (possible[0], possible[-1])


@pytest.mark.parametrize(("n", "size"), [(7, 20), (30, 60), (12, 15)])
def test_every_list_is_covered_at_the_level_coverage(n: int, size: int) -> None:
    found = hypergeometric_interval(np.arange(n + 1), n, population=size)
    for total in range(size + 1):
        holds = (found.ci_low * size <= total + 1e-9) & (found.ci_high * size >= total - 1e-9)
        assert stats.hypergeom.pmf(np.arange(n + 1), size, total, n)[holds].sum() >= 0.95 - 1e-12


def test_long_lists_meet_their_tails() -> None:
    k, n, size = np.array([0, 900, 1000, 4]), 1000, np.array([10**4, 10**6, 10**5, 2000])
    found = hypergeometric_interval(k, n, population=size)
    low, high = np.rint(found.ci_low * size), np.rint(found.ci_high * size)
    inner = k > 0
    assert (stats.hypergeom.sf(k - 1, size, low, n)[inner] > 0.025).all()
    assert (stats.hypergeom.sf(k - 1, size, low - 1, n)[inner] <= 0.025).all()
    inner = k < n
    assert (stats.hypergeom.cdf(k, size, high, n)[inner] > 0.025).all()
    assert (stats.hypergeom.cdf(k, size, high + 1, n)[inner] <= 0.025).all()


@given(SAMPLES)
def test_dissatisfied_mirror_the_satisfied(sample: tuple[int, int, int]) -> None:
    k, n, size = sample
    low, high = totals(k, n, size)
    assert totals(n - k, n, size) == (size - high, size - low)


def test_nobody_and_everybody_degenerate() -> None:
    found = hypergeometric_interval([0, 24, 0, 1], [0, 30, 0, 1], population=[50, 30, 0, 1])
    assert found.ci_low.tolist() == [0, 0.8, 0, 1]
    assert found.ci_high.tolist() == [1, 0.8, 1, 1]
    assert np.isnan(found.value).tolist() == [True, False, True, False]


def test_longer_list_widens_towards_the_binomial() -> None:
    found = hypergeometric_interval(27, 30, population=[30, 40, 60, 200, 10**6])
    assert (np.diff(found.ci_high - found.ci_low) > 0).all()
    assert found.ci_low[-1] == pytest.approx(stats.beta.ppf(0.025, 27, 4), abs=1e-4)


@pytest.mark.parametrize(
    ("k", "n", "population", "error"),
    [
        (5.5, 10, 20, InvalidOption),
        (5, 10, 9, InvalidCounts),
        (5, 10, 20.5, InvalidCounts),
        (11, 10, 20, InvalidCounts),
        (-1, 10, 20, InvalidCounts),
        (5, 10, float("nan"), InvalidCounts),
    ],
)
def test_hypergeometric_rejects_bad_input(k: float, n: float, population: float, error: type) -> None:
    with pytest.raises(error):
        hypergeometric_interval(k, n, population=population)
