"""Intraclass correlations from group sums."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.formula.api import ols

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.measurement.group_sums import group_sums
from analysis.measurement.intraclass import ESTIMATORS, INTERVALS, intraclass_correlation

KEPT = json.loads((Path(__file__).parent / "data" / "measurement.json").read_text(encoding="utf-8"))
seeds = st.integers(0, 10_000)
Sums = tuple[np.ndarray, np.ndarray, np.ndarray]


def kept(name: str) -> Sums:
    return tuple(np.array(KEPT[name][part], dtype=float) for part in ("n", "sums", "squares"))


def rows(seed: int, *, sizes: tuple[int, ...] = (4, 9, 7, 12, 3)) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(len(sizes)), sizes)
    return groups, rng.normal(size=len(sizes))[groups] + rng.normal(size=len(groups)) + 3


def sums_of(groups: np.ndarray, scores: np.ndarray) -> Sums:
    return tuple(np.bincount(groups, weights=scores**power) for power in (0, 1, 2))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("juarez_h1_by_interviewer", 0.073),
        ("london_score_by_surgery", 0.053),
        ("london_top2_by_surgery", 0.035),
    ],
)
def test_icc_of_real_surveys(name: str, expected: float) -> None:
    found = intraclass_correlation(*kept(name))
    assert found.value.round(3).item() == expected
    assert found.ci_low > 0


def test_a_small_icc_of_large_groups_has_a_large_design_effect() -> None:
    found = intraclass_correlation(*kept("juarez_h1_by_interviewer"))
    assert found.mean_group_size == pytest.approx(285.92, abs=0.01)
    assert found.design_effect == pytest.approx(1 + (found.mean_group_size - 1) * found.value)
    assert 5 < found.design_effect_low < 20 < found.design_effect < found.design_effect_high


def test_anova_against_statsmodels() -> None:
    groups, scores = rows(1)
    table = sm.stats.anova_lm(ols("y ~ C(g)", pd.DataFrame({"y": scores, "g": groups})).fit())
    between, within = table["mean_sq"]
    sums = group_sums(*sums_of(groups, scores))
    assert sums.mean_square_between == pytest.approx(between)
    assert sums.mean_square_within == pytest.approx(within)
    size = (35 - np.sum(sums.n**2) / 35) / 4
    expected = (between - within) / (between + (size - 1) * within)
    assert intraclass_correlation(*sums_of(groups, scores)).value == pytest.approx(expected)


def test_reml_against_statsmodels_mixedlm() -> None:
    groups, scores = rows(2)
    fitted = sm.MixedLM(scores, np.ones(len(scores)), groups=groups).fit(reml=True)
    between = fitted.cov_re[0, 0]
    found = intraclass_correlation(*sums_of(groups, scores), estimator="reml")
    assert found.value == pytest.approx(between / (between + fitted.scale), abs=1e-4)


def test_fleiss_cuzick_against_a_plain_loop() -> None:
    n, x = np.array([10, 14, 8, 20]), np.array([3, 12, 5, 16])
    share = x.sum() / n.sum()
    inside = sum(a * (m - a) / m for a, m in zip(x, n, strict=True))
    expected = 1 - inside / ((n.sum() - 4) * share * (1 - share))
    assert intraclass_correlation(n, x, x, estimator="fleiss_cuzick").value == pytest.approx(expected)


def test_exact_limits_against_the_definition() -> None:
    n, sums, squares = sums_of(*rows(3))
    found = intraclass_correlation(n, sums, squares)
    means, within = sums / n, (squares - sums**2 / n).sum() / (n.sum() - 5)

    def statistic(icc: float) -> float:
        weights = n / (1 + n * icc / (1 - icc))
        centre = (weights * means).sum() / weights.sum()
        return (weights * (means - centre) ** 2).sum() / (4 * within)

    for limit, tail in ((found.ci_low, 0.975), (found.ci_high, 0.025)):
        quantile = stats.f.ppf(tail, 4, n.sum() - 5)
        expected = optimize.brentq(lambda icc, quantile=quantile: statistic(icc) - quantile, -0.08, 0.999999)
        assert limit == pytest.approx(expected, abs=1e-9)


def test_the_three_f_intervals_are_one_for_equal_groups() -> None:
    sums = sums_of(*rows(4, sizes=(6, 6, 6, 6)))
    low, high = np.array(
        [
            (found.ci_low, found.ci_high)
            for found in (
                intraclass_correlation(*sums, interval=name)
                for name in ("exact", "searle", "thomas_hultquist")
            )
        ]
    ).T
    np.testing.assert_allclose(low, low[0], atol=1e-9)
    np.testing.assert_allclose(high, high[0], atol=1e-9)


@pytest.mark.parametrize("icc", [0.02, 0.3])
def test_exact_interval_coverage_with_very_unequal_groups(icc: float) -> None:
    rng = np.random.default_rng(20_260_101)
    n = np.array([320, 1, 1, 2, 2, 296, 341, 210, 239, 14])
    shape = (1_500, len(n))
    means = np.sqrt(icc) * rng.normal(size=shape) + np.sqrt((1 - icc) / n) * rng.normal(size=shape)
    inside = (1 - icc) * np.where(n > 1, rng.chisquare(np.maximum(n - 1, 1), size=shape), 0.0)
    found = intraclass_correlation(np.broadcast_to(n, shape), n * means, inside + n * means**2)
    assert 0.935 < np.mean((found.ci_low <= icc) & (icc <= found.ci_high)) < 0.965


@settings(max_examples=40)
@given(seeds, st.sampled_from(ESTIMATORS), st.sampled_from(INTERVALS), st.floats(-50, 50), st.floats(0.1, 20))
def test_icc_ignores_shift_and_scale_and_lies_in_its_interval(
    seed: int, estimator: str, interval: str, shift: float, scale: float
) -> None:
    groups, scores = rows(seed)
    if estimator == "fleiss_cuzick":
        scores, shift, scale = (scores > 3).astype(float), 0.0, 1.0
    first, second = (
        intraclass_correlation(*sums_of(groups, values), estimator=estimator, interval=interval)
        for values in (scores, shift + scale * scores)
    )
    if first.reason == "":
        assert second.value == pytest.approx(first.value, abs=1e-5)
        assert second.ci_high == pytest.approx(first.ci_high, abs=1e-5)
    assert first.reason != "" or first.ci_low <= first.value <= first.ci_high <= 1


@settings(max_examples=30)
@given(seeds)
def test_icc_does_not_depend_on_the_order_of_groups_or_on_empty_ones(seed: int) -> None:
    sums = sums_of(*rows(seed))
    order = np.random.default_rng(seed).permutation(5)
    for interval in INTERVALS:
        straight, turned = (
            intraclass_correlation(*table, interval=interval)
            for table in (sums, [np.insert(part[order], 2, 0) for part in sums])
        )
        assert turned.value == pytest.approx(straight.value, abs=1e-12)
        assert turned.ci_low == pytest.approx(straight.ci_low, abs=1e-9)
        assert turned.ci_high == pytest.approx(straight.ci_high, abs=1e-9)


def test_many_items_at_once_equal_one_by_one() -> None:
    tables = [sums_of(*rows(seed)) for seed in range(6)]
    stacked = [np.array([table[part] for table in tables]).reshape(2, 3, 5) for part in range(3)]
    for estimator in ("anova", "reml"):
        for interval in INTERVALS:
            found = intraclass_correlation(*stacked, estimator=estimator, interval=interval)
            alone = intraclass_correlation(*tables[4], estimator=estimator, interval=interval)
            assert found.value[1, 1] == pytest.approx(alone.value.item())
            assert found.ci_high[1, 1] == pytest.approx(alone.ci_high.item())


def test_two_groups_say_next_to_nothing() -> None:
    found = intraclass_correlation([100, 100], [400, 420], [1700, 1850])
    assert found.ci_high > 0.95


def test_reml_is_zero_when_groups_differ_less_than_chance() -> None:
    n, sums = [10, 10, 10], [30, 30, 30]
    found = intraclass_correlation(n, sums, [110, 110, 110], estimator="reml", interval="searle")
    assert found.value == 0
    assert found.design_effect == 1


@pytest.mark.parametrize(
    ("n", "sums", "squares", "reason", "value"),
    [
        ([5], [15], [50], "one group", np.nan),
        ([5, 0], [15, 0], [50, 0], "one group", np.nan),
        ([0, 0], [0, 0], [0, 0], "one group", np.nan),
        ([1, 1, 1], [1, 2, 3], [1, 4, 9], "no group of two or more", np.nan),
        ([3, 3], [15, 15], [75, 75], "everyone answered alike", np.nan),
        ([3, 3], [15, 12], [75, 48], "no spread within groups", 1.0),
    ],
)
@pytest.mark.parametrize("interval", INTERVALS)
def test_icc_says_why_there_is_none_degenerate(
    n: list, sums: list, squares: list, reason: str, value: float, interval: str
) -> None:
    for estimator in ("anova", "reml"):
        found = intraclass_correlation(n, sums, squares, estimator=estimator, interval=interval)
        assert found.reason == reason
        np.testing.assert_equal(found.value.item(), value)
        assert found.ci_low < 0 and found.ci_high == 1


@pytest.mark.parametrize(
    ("n", "sums", "squares", "error"),
    [
        (5, 15, 50, InvalidShape),
        ([5, 5], [15], [50], InvalidShape),
        ([], [], [], InvalidShape),
        ([5, -1], [15, 1], [50, 1], InvalidCounts),
        ([5, 2.5], [15, 5], [50, 10], InvalidCounts),
        ([5, 5], [15, 15], [50, 40], InvalidCounts),
        ([5, 0], [15, 0], [50, 3], InvalidCounts),
        ([5, 5], [15, np.nan], [50, 50], InvalidCounts),
    ],
)
def test_group_sums_reject_bad_input(
    n: object, sums: object, squares: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        intraclass_correlation(n, sums, squares)


def test_icc_rejects_bad_options() -> None:
    sums = sums_of(*rows(5))
    for options in ({"estimator": "mls"}, {"interval": "wald"}, {"confidence_level": 95}):
        with pytest.raises(InvalidOption):
            intraclass_correlation(*sums, **options)
    with pytest.raises(InvalidCounts, match="0 and 1"):
        intraclass_correlation(*sums, estimator="fleiss_cuzick")
