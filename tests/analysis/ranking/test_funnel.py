"""Funnels: limits of chance, over-dispersion, and who lies outside."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.comparing.many_comparisons import adjust_p_values
from analysis.errors import StatisticsError
from analysis.ranking.funnel import binomial_limits, funnel_limits, funnel_outliers


def units(seed: int, size: int, spread: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = rng.integers(20, 800, size)
    return rng.binomial(n, np.clip(rng.normal(0.85, spread, size), 0.01, 0.99)), n


def test_funnel_narrows_with_n() -> None:
    low, high = funnel_limits([88, 900, 4400], [100, 1000, 5000]).limits[0.95]
    assert (np.diff(high - low) < 0).all()


@settings(max_examples=60)
@given(st.floats(0.02, 0.98), st.integers(1, 400), st.sampled_from([0.9, 0.95, 0.998]))
def test_exact_limits_against_binomial_tails(center: float, n: int, level: float) -> None:
    low, high = (limit.item() for limit in binomial_limits(center, n, level=level))
    counts = np.arange(n + 1)
    tail = (1 - level) / 2
    below, above = counts[counts / n < low - 1e-9], counts[counts / n > high + 1e-9]
    assert stats.binom.cdf(below.max(initial=-1), n, center) <= tail + 1e-9
    assert stats.binom.sf(above.min(initial=n + 1) - 1, n, center) <= tail + 1e-9
    assert 0 <= low <= high <= 1


def test_exact_limits_near_100_percent_stay_inside_and_approach_the_normal_ones() -> None:
    small = funnel_limits([19, 18, 20], [20] * 3, center=0.97, limits_method="exact")
    assert (small.limits[0.998][1] <= 1).all()
    assert (funnel_limits([19, 18, 20], [20] * 3, center=0.97).limits[0.998][1] > 1).all()
    large = [
        funnel_limits([850_000], [1_000_000], center=0.85, limits_method=kind) for kind in ("exact", "normal")
    ]
    np.testing.assert_allclose(large[0].limits[0.95], large[1].limits[0.95], atol=2e-6)


@given(st.integers(0, 10_000), st.integers(2, 60))
def test_allowances_widen_the_limits_and_shrink_z(seed: int, size: int) -> None:
    k, n = units(seed, size, spread=0.08)
    for kind in ("additive", "multiplicative"):
        found = funnel_limits(k, n, over_dispersion=kind)
        for level, (low, high) in found.limits.items():
            assert (found.limits_allowed[level][0] <= low + 1e-12).all()
            assert (found.limits_allowed[level][1] >= high - 1e-12).all()
        assert (np.abs(found.z_additive) <= np.abs(found.z) + 1e-12).all()
        assert (np.abs(found.z_multiplicative) <= np.abs(found.z) + 1e-12).all()
    none = funnel_limits(k, n, over_dispersion="none")
    assert none.limits_allowed == none.limits


def test_multiplicative_allowance_against_its_formula() -> None:
    k, n = units(1, 40, spread=0.1)
    found = funnel_limits(k, n, over_dispersion="multiplicative", winsorised=0)
    z = (k / n - found.center) / np.sqrt(found.center * (1 - found.center) / n)
    phi = (z**2).mean()
    np.testing.assert_allclose(found.z_multiplicative, z / np.sqrt(phi))
    half = (found.limits_allowed[0.95][1] - found.center) / (found.limits[0.95][1] - found.center)
    np.testing.assert_allclose(half, np.sqrt(phi))


def test_design_effect_counts_fewer_people() -> None:
    k, n = np.array([80, 180, 850]), np.array([100, 200, 1000])
    np.testing.assert_allclose(
        funnel_limits(k, n, design_effect=4).limits[0.95], funnel_limits(k / 4, n / 4 * 1.0).limits[0.95]
    )


def test_additive_variance_between_units_is_recovered() -> None:
    k, n = units(5, 3000, spread=0.05)
    assert funnel_limits(k, n, winsorised=0).tau2 ** 0.5 == pytest.approx(0.05, rel=0.05)
    assert funnel_limits(*units(5, 3000), winsorised=0).tau2 ** 0.5 < 0.012


def test_outliers_against_adjusted_tails() -> None:
    k, n = units(3, 50)
    k[7] = int(0.6 * n[7])
    for kind in ("normal", "exact"):
        funnel = funnel_limits(k, n, over_dispersion="none", limits_method=kind)
        found = funnel_outliers(funnel, adjustment="holm")
        if kind == "exact":
            tails = np.minimum(stats.binom.cdf(k, n, funnel.center), stats.binom.sf(k - 1, n, funnel.center))
        else:
            tails = stats.norm.sf(np.abs(funnel.z))
        np.testing.assert_allclose(found.p_values, np.minimum(2 * tails, 1), rtol=1e-9)
        np.testing.assert_allclose(found.adjusted, adjust_p_values(found.p_values, method="holm"))
        assert np.flatnonzero(found.codes).tolist() == [7]
        assert found.codes[7] == -1


def test_benjamini_hochberg_names_no_fewer_than_holm() -> None:
    funnel = funnel_limits(*units(9, 200, spread=0.1), over_dispersion="none")
    screen, strict = (np.abs(funnel_outliers(funnel, adjustment=name).codes).sum() for name in ("bh", "holm"))
    assert screen > strict > 0


def test_one_unit_degenerate() -> None:
    found = funnel_limits([8], [10])
    assert (found.tau2, found.z.tolist()) == (0.0, [0.0])
    assert funnel_outliers(found).codes.tolist() == [0]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: funnel_limits([5, 5], [5, 5]),
        lambda: funnel_limits([], []),
        lambda: funnel_limits([5], [0]),
        lambda: funnel_limits([5, 4], [9, 9], design_effect=0),
        lambda: funnel_limits([5, 4], [9, 9], center=1.0),
        lambda: funnel_limits([5, 4], [9, 9], levels=[95]),
        lambda: funnel_limits([5, 4], [9, 9], limits_method="wide"),
        lambda: funnel_limits([5, 4], [9, 9], over_dispersion="some"),
        lambda: funnel_limits([5, 4], [9, 9], winsorised=0.5),
        lambda: funnel_outliers(funnel_limits([5, 4], [9, 9]), alpha=5),
        lambda: funnel_outliers(funnel_limits([5, 4], [9, 9]), adjustment="none"),
        lambda: binomial_limits(1.0, [5], level=0.95),
        lambda: binomial_limits(0.5, [0], level=0.95),
    ],
)
def test_funnel_rejects_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
