"""Differences of two shares."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from statsmodels.stats import proportion as statsmodels_proportion

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.intervals.score_difference import Pairs, restricted_share, score_statistic
from analysis.intervals.shares import design_interval, wilson_interval
from analysis.intervals.two_shares import DIFFERENCE_METHODS, difference_of_estimates, share_difference

METHODS = sorted(DIFFERENCE_METHODS)

GROUP = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
ROWS = np.array(
    [(56, 70, 48, 80), (9, 10, 3, 10), (6, 7, 2, 7), (5, 56, 0, 29), (0, 10, 0, 20), (10, 10, 0, 20)]
)
NEWCOMBE_1998B = {
    "wald": [(0.0575, 0.3425), (0.2605, 0.9395), (0.1481, 0.9947), (0.0146, 0.1640), (0.0, 0.0), (1.0, 1.0)],
    "mee": [
        (0.0533, 0.3377),
        (0.1821, 0.8370),
        (0.0544, 0.8478),
        (-0.0313, 0.1926),
        (-0.1611, 0.2775),
        (0.7225, 1.0),
    ],
    "miettinen_nurminen": [
        (0.0528, 0.3382),
        (0.1700, 0.8406),
        (0.0342, 0.8534),
        (-0.0326, 0.1933),
        (-0.1658, 0.2844),
        (0.7156, 1.0),
    ],
    "newcombe": [
        (0.0524, 0.3339),
        (0.1705, 0.8090),
        (0.0582, 0.8062),
        (-0.0381, 0.1926),
        (-0.1611, 0.2775),
        (0.6791, 1.0),
    ],
}
"""Table II, methods 1, 5, 6 and 10."""


def both(found: object) -> np.ndarray:
    return np.column_stack([found.ci_low, found.ci_high])


@pytest.mark.parametrize("method", NEWCOMBE_1998B)
def test_difference_against_paper_of_newcombe(method: str) -> None:
    found = share_difference(*ROWS.T, method=method, clip=False)
    np.testing.assert_allclose(both(found), NEWCOMBE_1998B[method], atol=5.1e-5)


@pytest.mark.parametrize(
    ("method", "name"), [("wald", "wald"), ("agresti_caffo", "agresti-caffo"), ("newcombe", "newcomb")]
)
def test_difference_against_statsmodels(method: str, name: str) -> None:
    rows = [(56, 70, 48, 80), (9, 10, 3, 10), (5, 56, 1, 29), (180, 200, 170, 200)]
    for row in rows:
        found = share_difference(*row, method=method, clip=False).at()
        expected = statsmodels_proportion.confint_proportions_2indep(*row, compare="diff", method=name)
        assert (found.ci_low, found.ci_high) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(("method", "correction"), [("mee", False), ("miettinen_nurminen", True)])
def test_score_p_value_against_statsmodels(method: str, correction: bool) -> None:
    for row in [(56, 70, 48, 80), (9, 10, 3, 10), (5, 56, 1, 29), (180, 200, 170, 200)]:
        expected = statsmodels_proportion.test_proportions_2indep(
            *row, method="score", compare="diff", correction=correction
        )
        assert share_difference(*row, method=method).at().p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_pooled_test_against_chi_square() -> None:
    expected = stats.chi2_contingency([[56, 14], [48, 32]], correction=False)
    assert share_difference(56, 70, 48, 80, method="mee").at().p_value == pytest.approx(expected.pvalue)


@given(GROUP, GROUP, st.floats(-0.999, 0.999))
@settings(max_examples=100)
def test_restricted_share_against_bounded_search(
    first: tuple[int, int], second: tuple[int, int], difference: float
) -> None:
    (k1, n1), (k2, n2) = first, second
    pairs = Pairs(*(np.array(float(number)) for number in (k1 / n1, n1, k2 / n2, n2)))

    def loss(q: float) -> float:
        other = min(max(q + difference, 0.0), 1.0)
        return -stats.binom.logpmf(k1, n1, other) - stats.binom.logpmf(k2, n2, q)

    found = float(restricted_share(pairs, np.array(difference)))
    low, high = max(0.0, -difference), min(1.0, 1.0 - difference)
    assert low <= found <= high
    with np.errstate(all="ignore"):
        best = optimize.minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-10})
    assert loss(min(max(found, low + 1e-13), high - 1e-13)) <= best.fun + 1e-7


@given(GROUP, GROUP, st.sampled_from([0.8, 0.95]))
@settings(max_examples=60)
def test_score_limits_are_where_the_statistic_is_critical(
    first: tuple[int, int], second: tuple[int, int], level: float
) -> None:
    (k1, n1), (k2, n2) = first, second
    found = share_difference(k1, n1, k2, n2, method="mee", confidence_level=level).at()
    pairs = Pairs(*(np.array(float(number)) for number in (k1 / n1, n1, k2 / n2, n2)))
    for limit in (found.ci_low, found.ci_high):
        if abs(limit) < 1 - 1e-9:
            statistic = float(score_statistic(pairs, np.array(limit)))
            assert abs(statistic) == pytest.approx(stats.norm.ppf(0.5 + level / 2), rel=1e-6)


@given(GROUP, GROUP)
@settings(max_examples=60)
def test_p_value_of_newcombe_against_a_root_search(first: tuple[int, int], second: tuple[int, int]) -> None:
    found = share_difference(*first, *second).at()
    if found.value == 0:
        assert found.p_value == 1
        return

    def end_beside_0(z: float) -> float:
        level = 1 - 2 * stats.norm.sf(z)
        wide = share_difference(*first, *second, confidence_level=level).at()
        return wide.ci_low if found.value > 0 else wide.ci_high

    if found.p_value > 1e-12:
        z = optimize.brentq(end_beside_0, 1e-9, 7.5, xtol=1e-10)
        assert found.p_value == pytest.approx(2 * stats.norm.sf(z), rel=1e-6)


def test_p_value_of_few_degrees_of_freedom_is_never_0() -> None:
    """Sixty standard errors are not certain when the variance has one degree of freedom."""
    found = share_difference(9000, 10_000, 6000, 10_000, df1=1, df2=1)
    error = np.sqrt(0.09 / 10_000 + 0.24 / 10_000)
    assert 0.3 / error > 40
    assert found.p_value == pytest.approx(2 * stats.t.sf(0.3 / error, found.df.item()), rel=0.2)


@pytest.mark.parametrize("method", METHODS)
@given(first=GROUP, second=GROUP, effect=st.floats(1, 5), df=st.sampled_from([None, 6.0]))
@settings(max_examples=40)
def test_interval_holds_the_difference_and_agrees_with_its_test(
    method: str, first: tuple[int, int], second: tuple[int, int], effect: float, df: float | None
) -> None:
    found = share_difference(
        *first, *second, method=method, design_effect1=effect, df1=df, df2=df, clip=False
    ).at()
    assert 0 <= found.p_value <= 1
    if method != "agresti_caffo":  # centred on the difference of shrunk shares
        assert found.ci_low - 1e-12 <= found.value <= found.ci_high + 1e-12
    leaves_out_0 = found.ci_low > 1e-9 or found.ci_high < -1e-9
    if abs(found.p_value - 0.05) > 1e-6:
        assert leaves_out_0 == (found.p_value < 0.05)


@pytest.mark.parametrize("method", METHODS)
@given(first=GROUP, second=GROUP)
@settings(max_examples=30)
def test_exchanged_groups_and_dissatisfied_mirror(
    method: str, first: tuple[int, int], second: tuple[int, int]
) -> None:
    (k1, n1), (k2, n2) = first, second
    found = share_difference([k1, k2, n1 - k1], [n1, n2, n1], [k2, k1, n2 - k2], [n2, n1, n2], method=method)
    for other in (1, 2):
        assert found.ci_low[other] == pytest.approx(-found.ci_high[0], abs=1e-9)
        assert found.ci_high[other] == pytest.approx(-found.ci_low[0], abs=1e-9)
        assert found.p_value[other] == pytest.approx(found.p_value[0], abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_more_people_narrow_and_design_effects_widen(method: str) -> None:
    sizes = share_difference([9, 90, 900], [10, 100, 1000], [8, 80, 800], [10, 100, 1000], method=method)
    assert (np.diff(sizes.ci_high - sizes.ci_low) < 0).all()
    assert (np.diff(sizes.p_value) < 0).all()
    effects = share_difference(90, 100, 80, 100, method=method, design_effect2=[1, 2, 4])
    assert (np.diff(effects.ci_high - effects.ci_low) > 0).all()
    unsure = share_difference(90, 100, 80, 100, method=method, df1=5, df2=5)
    assert unsure.at().p_value > share_difference(90, 100, 80, 100, method=method).at().p_value
    assert unsure.df == pytest.approx(10, abs=2)


def test_estimates_of_designs_are_compared_with_their_own_df() -> None:
    first = design_interval([0.8, 0.9], [0.0009, 0.0], [400, 400], [30, 30])
    second = design_interval([0.7, 0.9], [0.0009, 0.0004], [400, 300], [30, 12])
    found = difference_of_estimates(first, second)
    assert found.df[0] == pytest.approx(60, abs=1.5)
    assert found.df[1] == pytest.approx(12)  # the first is a census and adds no variance
    assert found.p_value[1] == 1


def test_counts_and_estimates_give_the_same_difference() -> None:
    one = share_difference(90, 100, 80, 120, design_effect1=1.5)
    other = difference_of_estimates(wilson_interval(90, 100, design_effect=1.5), wilson_interval(80, 120))
    assert one.at() == other.at()


def test_scores_on_another_scale_are_stretched_shares() -> None:
    one, other = wilson_interval([80, 70], [100, 100])
    stretched = [replace(e, value=1 + 4 * e.value) for e in (one, other)]
    plain, scores = (
        difference_of_estimates(one, other).at(),
        difference_of_estimates(*stretched, bounds=(1, 5)).at(),
    )
    assert (scores.value, scores.ci_low, scores.ci_high) == pytest.approx(
        (4 * plain.value, 4 * plain.ci_low, 4 * plain.ci_high)
    )
    assert scores.p_value == pytest.approx(plain.p_value)
    with pytest.raises(InvalidCounts, match=r"in \[0, 1\]"):
        difference_of_estimates(*stretched)


@pytest.mark.parametrize("method", METHODS)
def test_empty_group_is_unknown_degenerate(method: str) -> None:
    found = share_difference([0, 5], [0, 10], [5, 0], [10, 0], method=method)
    assert np.isnan(found.value).all()
    assert np.isnan(found.p_value).all()
    assert found.ci_low.tolist() == [-1, -1]
    assert found.ci_high.tolist() == [1, 1]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("effect", [1e-6, 1.0, 100.0])
def test_corner_tables_have_limits_degenerate(method: str, effect: float) -> None:
    sizes = np.array([1, 2, 10**6])
    k1, k2 = (np.stack([0 * sizes, sizes, sizes // 2])[..., None] for _ in range(2))
    found = share_difference(
        k1.reshape(9, 1), np.tile(sizes, 3)[:, None], k2.reshape(1, 9), np.tile(sizes, 3), method=method,
        design_effect1=effect,
    )  # fmt: skip
    assert np.isfinite(found.ci_low).all()
    assert np.isfinite(found.ci_high).all()
    assert ((found.p_value >= 0) & (found.p_value <= 1)).all()
    assert (found.ci_low <= found.ci_high).all()


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"wald"}))
def test_two_ceilings_are_no_difference_and_still_have_a_width_degenerate(method: str) -> None:
    found = share_difference(30, 30, 40, 40, method=method).at()
    assert found.ci_low < 0 < found.ci_high
    # The shrunk shares of Agresti and Caffo differ a little.
    assert found.p_value == pytest.approx(1, abs=0.8 if method == "agresti_caffo" else 0)


def test_far_apart_groups_have_a_p_value_of_0_not_an_overflow() -> None:
    assert share_difference(10**6, 10**6, 0, 10**6).at().p_value == 0


@pytest.mark.parametrize(
    ("row", "options", "error"),
    [
        ((5, 10, 11, 10), {}, InvalidCounts),
        ((-1, 10, 5, 10), {}, InvalidCounts),
        ((5, float("nan"), 5, 10), {}, InvalidCounts),
        ((5, 10, 5, 9.5), {}, InvalidCounts),
        (([5, 6], 10, [5, 6, 7], 10), {}, InvalidShape),
        ((5, 10, 5, 10), {"design_effect1": 0}, InvalidOption),
        ((5, 10, 5, 10), {"df2": -2}, InvalidOption),
        ((5, 10, 5, 10), {"confidence_level": 95}, InvalidOption),
        ((5, 10, 5, 10), {"method": "t"}, InvalidOption),
    ],
)
def test_difference_rejects_bad_input(row: tuple, options: dict, error: type) -> None:
    with pytest.raises(error):
        share_difference(*row, **options)
