"""Differences, all pairs of units, and equality over units."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.oneway import anova_oneway
from statsmodels.stats.proportion import proportions_ztest

from analysis import Survey
from analysis.comparing.equality import equality_of_figures, equality_of_means, equality_of_shares
from analysis.comparing.pairs import (
    LARGEST_PAIRS,
    PAIR_RULES,
    pairwise_contrasts,
    pairwise_differences,
    pairwise_rank_tests,
    unit_pairs,
)
from analysis.comparing.rank_tests import mann_whitney_tests
from analysis.comparing.t_tests import two_group_t_test
from analysis.comparing.two_means import difference_of_means
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.intervals.shares import wilson_interval
from analysis.types import Estimates


def means_of(groups: list[np.ndarray]) -> Estimates:
    """Plain means of independent groups."""
    n = np.array([len(group) for group in groups])
    error = np.array([group.std(ddof=1) for group in groups]) / np.sqrt(n)
    value = np.array([group.mean() for group in groups])
    return Estimates(value, value, value, n, np.ones(len(n)), n.astype(float), n - 1.0, error, "mean", 0.95)


@given(st.integers(0, 9999))
@settings(max_examples=30, deadline=None)
def test_difference_of_means_against_scipy_welch(seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups = [rng.normal(size=size) for size in rng.integers(3, 40, 2)]
    both = means_of(groups)
    found = difference_of_means(both[:1], both[1:]).at(0)
    wanted = stats.ttest_ind(*groups, equal_var=False)
    limits = wanted.confidence_interval()
    assert (found.value, found.ci_low, found.ci_high, found.p_value) == pytest.approx(
        (groups[0].mean() - groups[1].mean(), limits.low, limits.high, wanted.pvalue)
    )


def test_pairs_adjust_like_another_program_and_widen_with_their_number() -> None:
    estimates = wilson_interval([60, 88, 90, 75, 0], [100, 100, 110, 100, 0])
    found = pairwise_differences(estimates)
    tested = ~np.isnan(found.p_value)
    assert (len(found), tested.sum()) == (10, 6)
    np.testing.assert_allclose(found.holm[tested], multipletests(found.p_value[tested], method="holm")[1])
    np.testing.assert_allclose(found.bh[tested], multipletests(found.p_value[tested], method="fdr_bh")[1])
    widths = {
        rule: pairwise_differences(estimates, simultaneous=rule)
        for rule in ("none", "tukey", "sidak", "bonferroni")
    }
    sizes = [(pairs.ci_high - pairs.ci_low)[tested].sum() for pairs in widths.values()]
    assert sizes == sorted(sizes)
    assert ((found.ci_low <= found.value) & (found.value <= found.ci_high))[tested].all()


def test_simultaneous_limits_hold_together_coverage() -> None:
    """Seven alike units: 21 differences together hold 0 in about 95 of 100 worlds; one by one in far fewer."""
    rng = np.random.default_rng(9)
    kept = {"sidak": 0, "tukey": 0, "none": 0}
    for _ in range(200):
        units = wilson_interval(rng.binomial(120, 0.8, 7), np.full(7, 120))
        for rule in kept:
            pairs = pairwise_differences(units, simultaneous=rule)
            kept[rule] += ((pairs.ci_low <= 0) & (pairs.ci_high >= 0)).all()
    assert kept["sidak"] >= 183
    assert kept["tukey"] >= 180
    assert kept["none"] < 140


@pytest.mark.parametrize("adjustment", ["holm", "bh"])
def test_pooled_z_tests_against_statsmodels(adjustment: str) -> None:
    k, n = np.array([83, 90, 129, 70]), np.array([100, 93, 136, 82])
    found = pairwise_differences(wilson_interval(k, n), method="mee")
    p = [proportions_ztest(k[[i, j]], n[[i, j]])[1] for i, j in zip(found.first, found.second, strict=True)]
    np.testing.assert_allclose(found.p_value, p, rtol=1e-10)
    wanted = multipletests(p, method={"bh": "fdr_bh"}.get(adjustment, adjustment))[1]
    np.testing.assert_allclose(getattr(found, adjustment), wanted, rtol=1e-10)


def test_order_of_units_does_not_matter() -> None:
    k, n = np.array([60, 88, 95, 90]), np.array([100, 100, 120, 100])
    order = np.array([2, 0, 3, 1])
    one, other = (pairwise_differences(wilson_interval(k[at], n[at])) for at in (np.arange(4), order))
    lookup = {frozenset((a, b)): p for a, b, p in zip(one.first, one.second, one.holm, strict=True)}
    for a, b, p in zip(other.first, other.second, other.holm, strict=True):
        assert lookup[frozenset((order[a], order[b]))] == pytest.approx(p)


def test_contrasts_of_one_survey_know_the_covariance() -> None:
    rng = np.random.default_rng(4)
    cluster = np.repeat(np.arange(20), 6)
    data = {
        "y": rng.normal(size=20)[cluster] + rng.normal(size=120), "kind": np.tile(["A", "B", "C"], 40), "c": cluster
    }  # fmt: skip
    survey = Survey(data, clusters="c")
    figures = survey.mean("y", by="kind", covariance=True)
    found = pairwise_contrasts(figures, simultaneous="none")
    pair = two_group_t_test(survey, "y", "kind", groups=("A", "B"), df=19)
    assert (found.value[0], found.p_value[0]) == pytest.approx((pair.value, pair.p_value))
    assert (found.ci_low[0], found.ci_high[0]) == pytest.approx((pair.ci_low, pair.ci_high))
    # Clusters that hold all kinds cancel in the difference.
    unaware = pairwise_differences(figures.estimates, method="welch", simultaneous="none")
    assert (unaware.ci_high - unaware.ci_low > found.ci_high - found.ci_low).all()


def test_pairs_of_ranks_are_each_as_alone() -> None:
    counts = np.random.default_rng(1).integers(0, 30, (6, 5))
    found = pairwise_rank_tests(counts, design_effect=np.linspace(1, 2, 6))
    effect = np.linspace(1, 2, 6)
    for row, (a, b) in enumerate(zip(found.first, found.second, strict=True)):
        alone = mann_whitney_tests(
            counts[a], counts[b], design_effect_first=effect[a], design_effect_second=effect[b]
        )
        assert found.found.tests.p_value[row] == pytest.approx(alone.tests.p_value.item())
    assert (found.holm >= found.found.tests.p_value).all()


def test_equality_of_shares_against_scipy() -> None:
    k, n = np.array([30, 45, 60]), np.array([100, 120, 90])
    found, wanted = (
        equality_of_shares(wilson_interval(k, n)).at(),
        stats.chi2_contingency([k, n - k], correction=False),
    )
    assert (found.statistic, found.df, found.p_value) == pytest.approx(
        (wanted.statistic, wanted.dof, wanted.pvalue)
    )
    with_df = equality_of_shares(wilson_interval(k, n, df=20)).at()
    assert (with_df.statistic, with_df.df_denominator) == pytest.approx((wanted.statistic / 2, 60))
    assert with_df.p_value > found.p_value


@given(st.integers(3, 6), st.integers(0, 9999))
@settings(max_examples=30, deadline=None)
def test_equality_of_means_against_statsmodels_welch(units: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups = [rng.normal(scale=rng.uniform(0.5, 2), size=size) for size in rng.integers(3, 30, units)]
    found, wanted = equality_of_means(means_of(groups)).at(), anova_oneway(groups, use_var="unequal")
    assert (found.statistic, found.p_value) == pytest.approx((wanted.statistic, wanted.pvalue), rel=1e-8)
    assert found.df_denominator == pytest.approx(wanted.df_denom)


def test_equality_of_two_figures_is_their_contrast() -> None:
    rng = np.random.default_rng(2)
    survey = Survey(
        {"y": rng.normal(size=60), "kind": ["A", "B"] * 30, "c": np.arange(60) // 3}, clusters="c"
    )
    figures = survey.mean("y", by="kind", covariance=True)
    assert equality_of_figures(figures).p_value == pytest.approx(pairwise_contrasts(figures).p_value[0])
    groups = [np.array([1.0, 2, 4, 4]), np.array([3.0, 5, 5, 6])]
    t = stats.ttest_ind(*groups, equal_var=False)
    assert equality_of_means(means_of(groups)).p_value == pytest.approx(t.pvalue)


def test_nothing_to_compare_says_why() -> None:
    nobody, alone = wilson_interval([0, 0], [0, 0]), wilson_interval([3, 0], [5, 0])
    assert [equality_of_shares(e).at().reason for e in (nobody, alone)] == [
        "nobody answered", "fewer than two groups have respondents",
    ]  # fmt: skip
    assert "same answer" in equality_of_shares(wilson_interval([5, 7], [5, 7])).at().reason
    flat = means_of([np.ones(4), np.array([1.0, 2.0, 3.0])])
    assert "variance" in equality_of_means(flat).at().reason
    for rule in PAIR_RULES:
        assert np.isnan(pairwise_differences(nobody, simultaneous=rule).p_value).all()
    assert len(pairwise_differences(wilson_interval([3], [5]))) == 0
    census = wilson_interval([50, 60], [100, 100], population=[100, 100])
    assert "variance" in equality_of_shares(census).at().reason
    assert pairwise_differences(census).p_value.item() == 0.0


def test_one_equal_pair_has_p_one() -> None:
    assert pairwise_differences(wilson_interval([50, 50], [100, 100])).p_value.item() == 1.0


def test_pairs_reject_bad_input() -> None:
    some = wilson_interval([3, 4], [5, 6])
    for call in (
        lambda: pairwise_differences(some, simultaneous="hope"),
        lambda: pairwise_differences(some, method="odds"),
        lambda: pairwise_differences(some, confidence_level=2),
        lambda: pairwise_contrasts(Survey({"y": [1.0, 2.0]}).mean("y")),
        lambda: equality_of_figures(Survey({"y": [1.0, 2.0]}).mean("y")),
    ):
        with pytest.raises(InvalidOption):
            call()
    with pytest.raises(InvalidCounts, match=r"in \[0, 1\]"):
        pairwise_differences(means_of([np.array([2.0, 3.0]), np.array([2.0, 4.0])]))
    with pytest.raises(InvalidShape, match="pairs"):
        unit_pairs(LARGEST_PAIRS)
    with pytest.raises(InvalidShape):
        pairwise_rank_tests([1, 2, 3])
