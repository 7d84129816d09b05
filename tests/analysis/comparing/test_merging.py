"""Merged units: Mantel-Haenszel, reversals, and Kitagawa's split."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable

from analysis.comparing.mantel_haenszel import mantel_haenszel_tests
from analysis.comparing.merging import merged_comparison, merged_units_comparison
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape

# Charig et al. (1986), British Medical Journal 292:879-882: small and large kidney stones, two treatments.
STONES = np.array([[81, 192], [234, 55]]), np.array([[87, 263], [270, 80]])


def drawn(seed: int, parts: int = 4, shape: tuple[int, ...] = ()) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = rng.integers(5, 60, (*shape, 2, parts))
    return rng.binomial(n, rng.uniform(0.2, 0.9, n.shape)), n


def stratified(k: np.ndarray, n: np.ndarray) -> StratifiedTable:
    tables = [
        np.array([[k[0, i], n[0, i] - k[0, i]], [k[1, i], n[1, i] - k[1, i]]]) for i in range(k.shape[1])
    ]
    return StratifiedTable(tables)


def test_kidney_stones_against_paper() -> None:
    found = merged_comparison(*STONES)
    np.testing.assert_allclose(found.merged_shares, [0.78, 0.826], atol=5e-4)
    np.testing.assert_allclose(found.shares[:, 0], [0.931, 0.867], atol=5e-4)
    assert found.is_reversed
    assert found.is_reversed_in_every_part


@given(st.integers(0, 9999), st.integers(2, 6))
@settings(max_examples=40, deadline=None)
def test_common_odds_ratio_and_tests_against_statsmodels(seed: int, parts: int) -> None:
    k, n = drawn(seed, parts)
    found, wanted = merged_comparison(k, n), stratified(k, n)
    if not 0 < found.odds_ratio < np.inf:
        return
    assert found.odds_ratio == pytest.approx(wanted.oddsratio_pooled)
    assert (found.odds_ratio_low, found.odds_ratio_high) == pytest.approx(wanted.oddsratio_pooled_confint())
    test, other = found.mantel_haenszel_tests.at(), wanted.test_null_odds(correction=False)
    assert (test.statistic, test.p_value) == pytest.approx((other.statistic, other.pvalue))
    if ((k.sum(axis=0) > 0) & (k.sum(axis=0) < n.sum(axis=0))).all():
        test, other = found.homogeneity_tests.at(), wanted.test_equal_odds(adjust=True)
        assert (test.statistic, test.p_value) == pytest.approx(
            (other.statistic, other.pvalue), rel=1e-6, abs=1e-9
        )
    merged = stats.chi2_contingency([k.sum(axis=1), (n - k).sum(axis=1)], correction=False)
    assert found.merged_tests.at().p_value == pytest.approx(merged.pvalue)


def test_standardised_difference_against_simulation_coverage() -> None:
    """Sato's limits hold the common difference in about 95 of 100 samples of small parts."""
    rng = np.random.default_rng(3)
    n = np.array([[12, 30, 8, 20], [25, 10, 15, 20]])
    base = np.array([0.3, 0.5, 0.6, 0.4])
    k = rng.binomial(n, np.stack([base + 0.2, base]), (4000, 2, 4))
    found = merged_comparison(k, np.broadcast_to(n, k.shape))
    covered = ((found.standardised_low <= 0.2) & (found.standardised_high >= 0.2)).mean()
    assert 0.935 <= covered <= 0.965
    assert found.standardised_difference.mean() == pytest.approx(0.2, abs=0.01)


def test_standardised_limits_against_paper_formula() -> None:
    """Sato (1989): (d ΣP + ΣQ) / (Σ n₁n₂/N)², part by part."""
    k, n = drawn(5)
    found = merged_comparison(k, n)
    p = q = weight = 0.0
    for x1, x2, n1, n2 in zip(*k.tolist(), *n.tolist(), strict=True):
        size = n1 + n2
        p += (n1**2 * x2 - n2**2 * x1 + n1 * n2 * (n2 - n1) / 2) / size**2
        q += (x1 * (n2 - x2) + x2 * (n1 - x1)) / (2 * size)
        weight += n1 * n2 / size
    error = np.sqrt(found.standardised_difference * p + q) / weight
    assert found.standardised_high - found.standardised_difference == pytest.approx(
        stats.norm.isf(0.025) * error
    )


def test_kitagawa_split_by_hand() -> None:
    """Rates at the mean mix, and mix at the mean rates."""
    found = merged_comparison([[60, 10], [10, 18]], [[75, 20], [25, 60]])
    shares = np.array([[0.8, 0.5], [0.4, 0.3]])
    mix = np.array([[75 / 95, 20 / 95], [25 / 85, 60 / 85]])
    assert found.rate_part == pytest.approx(mix.mean(axis=0) @ (shares[0] - shares[1]))
    assert found.mix_part == pytest.approx(shares.mean(axis=0) @ (mix[0] - mix[1]))


@given(st.integers(0, 9999))
@settings(max_examples=40, deadline=None)
def test_laws_of_order_and_sum(seed: int) -> None:
    k, n = drawn(seed)
    found = merged_comparison(k, n)
    order = np.random.default_rng(seed).permutation(4)
    mixed, swapped = merged_comparison(k[:, order], n[:, order]), merged_comparison(k[::-1], n[::-1])
    turned = merged_comparison(n - k, n)
    assert mixed.odds_ratio == pytest.approx(found.odds_ratio)
    assert mixed.mantel_haenszel_tests.p_value == pytest.approx(found.mantel_haenszel_tests.p_value)
    for other in (swapped, turned):
        assert other.odds_ratio * found.odds_ratio == pytest.approx(1)
        assert other.standardised_difference == pytest.approx(-found.standardised_difference)
        assert other.standardised_low == pytest.approx(-found.standardised_high)
        assert other.is_reversed == found.is_reversed
    assert found.rate_part + found.mix_part == pytest.approx(found.merged_difference)
    assert found.merged_shares == pytest.approx(k.sum(axis=1) / n.sum(axis=1))
    assert 0 <= found.mantel_haenszel_tests.p_value <= 1
    assert found.standardised_low <= found.standardised_difference <= found.standardised_high


def test_same_mix_leaves_everything_to_the_rates_and_same_rates_to_the_mix() -> None:
    same_mix = merged_comparison([[30, 80], [20, 60]], [[50, 100], [50, 100]])
    assert same_mix.mix_part == pytest.approx(0)
    assert same_mix.standardised_difference == pytest.approx(same_mix.merged_difference)
    same_rates = merged_comparison([[45, 20], [9, 100]], [[50, 40], [10, 200]])
    assert same_rates.rate_part == pytest.approx(0)
    assert same_rates.odds_ratio == pytest.approx(1)
    assert not same_rates.is_reversed


def test_many_units_at_once_are_each_as_alone_and_padding_is_harmless() -> None:
    k, n = drawn(1, shape=(5,))
    found = merged_comparison(k, n)
    for row in range(5):
        alone = merged_comparison(np.pad(k[row], ((0, 0), (0, 2))), np.pad(n[row], ((0, 0), (0, 2))))
        for name in ("odds_ratio", "odds_ratio_high", "standardised_low", "rate_part", "is_reversed"):
            assert getattr(found, name)[row] == pytest.approx(getattr(alone, name))
        for name in ("merged_tests", "mantel_haenszel_tests", "homogeneity_tests"):
            assert getattr(found, name)[row].p_value == pytest.approx(getattr(alone, name).at().p_value)


def test_parts_find_their_merged_unit() -> None:
    k, n = drawn(2, parts=7)
    parents = np.array([2, 0, 2, 1, 0, 2, 2])
    found = merged_units_comparison(k, n, parents, n_units=4, design_effect=np.full((2, 7), 1.5))
    for unit in range(3):
        alone = merged_comparison(k[:, parents == unit], n[:, parents == unit], design_effect=1.5)
        assert found.odds_ratio[unit] == pytest.approx(alone.odds_ratio)
        assert found.merged_tests[unit].p_value == pytest.approx(alone.merged_tests.at().p_value)
    assert np.isnan(found.merged_difference[3])
    assert found.mantel_haenszel_tests[3].reason == "nobody answered"


def test_design_effect_divides_the_tests_and_keeps_the_figures() -> None:
    k, n = drawn(4)
    one, two = merged_comparison(k, n), merged_comparison(k, n, design_effect=2.0)
    assert two.odds_ratio == pytest.approx(one.odds_ratio)
    assert two.merged_tests.statistic == pytest.approx(one.merged_tests.statistic / 2)
    assert two.odds_ratio_high > one.odds_ratio_high
    assert two.standardised_high - two.standardised_low > one.standardised_high - one.standardised_low


def test_one_part_of_many_groups_is_the_chi_square() -> None:
    k, n = np.array([[30], [45], [60]]), np.array([[100], [120], [90]])
    found = mantel_haenszel_tests(k, n).at()
    wanted = stats.chi2_contingency(np.hstack([k, n - k]), correction=False)
    assert found.statistic == pytest.approx(wanted.statistic * 309 / 310)
    assert found.df == 2


def test_many_groups_do_not_depend_on_their_order_and_an_absent_one_leaves() -> None:
    rng = np.random.default_rng(6)
    n = rng.integers(5, 40, (3, 4))
    k = rng.binomial(n, 0.5)
    found, mixed = mantel_haenszel_tests(k, n).at(), mantel_haenszel_tests(k[[2, 0, 1]], n[[2, 0, 1]]).at()
    assert (found.statistic, found.df) == pytest.approx((mixed.statistic, mixed.df))
    absent = mantel_haenszel_tests(np.vstack([k, np.zeros(4)]), np.vstack([n, np.zeros(4)])).at()
    assert (found.statistic, found.df) == pytest.approx((absent.statistic, absent.df))


def test_groups_that_share_no_part_have_no_test_inside_and_say_so() -> None:
    found = merged_comparison([[30, 0], [0, 20]], [[50, 0], [0, 50]])
    assert found.mantel_haenszel_tests.at().reason == "fewer than two groups have respondents"
    assert np.isnan(found.standardised_difference)
    assert found.mix_part == pytest.approx(found.merged_difference)
    assert not found.is_reversed


@pytest.mark.parametrize(
    ("k", "n", "ratio"), [([[5, 5], [2, 1]], [[5, 5], [5, 5]], np.inf), ([[0, 0], [2, 1]], [[5, 5], [5, 5]], 0.0),
                          ([[5, 5], [5, 5]], [[5, 5], [5, 5]], np.nan), ([[0], [0]], [[0], [0]], np.nan)],
)  # fmt: skip
def test_degenerate_odds_are_said_and_never_warned(k: list, n: list, ratio: float) -> None:
    found = merged_comparison(k, n)
    np.testing.assert_equal(found.odds_ratio, ratio)
    assert found.homogeneity_tests.at().reason
    if not np.isnan(ratio):
        assert (found.odds_ratio_low, found.odds_ratio_high) == (0.0, np.inf)


def test_merging_rejects_bad_input() -> None:
    with pytest.raises(InvalidCounts, match="k <= n"):
        merged_comparison([[6], [1]], [[5], [5]])
    with pytest.raises(InvalidCounts):
        merged_comparison([[0.5], [1]], [[5], [5]])
    with pytest.raises(InvalidShape):
        merged_comparison([[1], [1], [1]], [[5], [5], [5]])
    with pytest.raises(InvalidShape):
        merged_comparison([1, 2], [5, 5])
    with pytest.raises(InvalidOption):
        merged_comparison(*STONES, design_effect=-1)
    with pytest.raises(InvalidOption):
        merged_comparison(*STONES, confidence_level=95)
    with pytest.raises(InvalidShape):
        mantel_haenszel_tests([[1, 2]], [[3, 4]])
    with pytest.raises(InvalidShape):
        merged_units_comparison(*STONES, [0, 5], n_units=2)
    with pytest.raises(InvalidShape):
        merged_units_comparison([1, 2], [3, 4], [0, 1], n_units=2)
