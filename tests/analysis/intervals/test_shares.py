"""Intervals of a share from counts."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape, StatisticsError
from analysis.intervals.limits import likelihood_limits
from analysis.intervals.share_limits import ALIASES, share_limits
from analysis.intervals.shares import INTERVALS, korn_graubard_interval, proportion_interval, wilson_interval

METHODS = sorted(INTERVALS)
CLOSED = sorted(set(METHODS) - {"logit", "jeffreys_equal_tailed"})
"""Methods that hold the estimate and have limits for every sample."""

LEVELS = st.sampled_from([0.8, 0.95, 0.99])
COUNTS = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))

NEWCOMBE_1998 = {
    "wald": [(0.2522, 0.3638), (0.0527, 0.1500), (0.0, 0.0), (-0.0319, 0.1009)],
    "wald_cc": [(0.2503, 0.3657), (0.0494, 0.1534), (-0.0250, 0.0250), (-0.0492, 0.1181)],
    "wilson": [(0.2553, 0.3662), (0.0624, 0.1605), (0.0, 0.1611), (0.0061, 0.1718)],
    "wilson_cc": [(0.2535, 0.3682), (0.0598, 0.1644), (0.0, 0.2005), (0.0018, 0.1963)],
    "clopper_pearson": [(0.2527, 0.3676), (0.0578, 0.1617), (0.0, 0.1684), (0.0009, 0.1776)],
    "mid_p": [(0.2544, 0.3658), (0.0601, 0.1581), (0.0, 0.1391), (0.0017, 0.1585)],
    "likelihood": [(0.2542, 0.3655), (0.0596, 0.1567), (0.0, 0.0916), (0.0020, 0.1432)],
}
"""Table I: 81/263, 15/148, 0/20 and 1/29; Wald's limits before they are cut."""

STATSMODELS = {
    "wald": "normal",
    "wilson": "wilson",
    "agresti_coull": "agresti_coull",
    "clopper_pearson": "beta",
    "jeffreys_equal_tailed": "jeffreys",
}


def percent(value: float) -> str:
    return f"{100 * value:.1f}"


@pytest.mark.parametrize("method", NEWCOMBE_1998)
def test_interval_against_paper_of_newcombe(method: str) -> None:
    found = proportion_interval([81, 15, 0, 1], [263, 148, 20, 29], method=method, clip=False)
    np.testing.assert_allclose(
        np.column_stack([found.ci_low, found.ci_high]), NEWCOMBE_1998[method], atol=5.001e-5
    )


@pytest.mark.parametrize("method", STATSMODELS)
@given(counts=COUNTS, level=LEVELS)
@settings(max_examples=30)
def test_interval_against_statsmodels(method: str, counts: tuple[int, int], level: float) -> None:
    found = proportion_interval(*counts, method=method, confidence_level=level).at()
    expected = proportion_confint(*counts, alpha=1 - level, method=STATSMODELS[method])
    assert (found.ci_low, found.ci_high) == pytest.approx(np.clip(expected, 0, 1), rel=1e-9, abs=1e-12)


@given(COUNTS, LEVELS)
def test_exact_tails_at_the_limits_against_the_binomial(counts: tuple[int, int], level: float) -> None:
    k, n = counts
    tail = (1 - level) / 2
    exact = proportion_interval(k, n, method="clopper_pearson", confidence_level=level).at()
    half = proportion_interval(k, n, method="mid_p", confidence_level=level).at()
    if k > 0:
        assert stats.binom.sf(k - 1, n, exact.ci_low) == pytest.approx(tail, rel=1e-6)
        above = stats.binom.sf(k, n, half.ci_low) + stats.binom.pmf(k, n, half.ci_low) / 2
        assert above == pytest.approx(tail, rel=1e-6)
    if k < n:
        assert stats.binom.cdf(k, n, exact.ci_high) == pytest.approx(tail, rel=1e-6)


@given(COUNTS, st.floats(0.1, 8))
@example((1, 5000), 8.0)
@example((4999, 5000), 0.1)
def test_likelihood_has_fallen_by_half_the_squared_critical_value_at_the_limits(
    counts: tuple[int, int], critical: float
) -> None:
    k, n = counts
    low, high = likelihood_limits(np.array(k / n), np.array(float(n)), critical)
    for limit in ([low] if k > 0 else []) + ([high] if k < n else []):
        fall = stats.binom.logpmf(k, n, k / n) - stats.binom.logpmf(k, n, limit)
        assert fall == pytest.approx(critical**2 / 2, rel=1e-6)


@pytest.mark.parametrize(
    ("n", "limits"),
    [
        (10, "59.6–98.2"),
        (20, "69.9–97.2"),
        (30, "74.4–96.5"),
        (50, "78.6–95.7"),
        (100, "82.6–94.5"),
        (200, "85.1–93.4"),
        (400, "86.7–92.6"),
        (1000, "88.0–91.7"),
    ],
)
def test_wilson_at_90_percent_against_published_card(n: int, limits: str) -> None:
    estimate = wilson_interval(0.9 * n, n).at()
    assert f"{percent(estimate.ci_low)}–{percent(estimate.ci_high)}" == limits


@pytest.mark.parametrize(("n", "low"), [(10, "72.2"), (30, "88.6"), (50, "92.9"), (100, "96.3")])
def test_wilson_of_all_satisfied_against_published_card(n: int, low: str) -> None:
    estimate = wilson_interval(n, n).at()
    assert percent(estimate.ci_low) == low
    assert estimate.ci_high == 1.0


@pytest.mark.parametrize("method", CLOSED)
@given(counts=COUNTS, effect=st.floats(1, 20), level=LEVELS, df=st.sampled_from([None, 5.0]))
@settings(max_examples=40)
def test_interval_holds_the_estimate_inside_0_and_1(
    method: str, counts: tuple[int, int], effect: float, level: float, df: float | None
) -> None:
    estimate = proportion_interval(
        *counts, method=method, design_effect=effect, df=df, confidence_level=level
    ).at()
    assert 0 <= estimate.ci_low <= estimate.value <= estimate.ci_high <= 1
    if method != "wald":  # at 0 and 100 % it has no width, which is why nothing uses it
        assert estimate.ci_low < estimate.ci_high


@pytest.mark.parametrize("method", METHODS)
@given(counts=st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
@settings(max_examples=40)
def test_interval_of_the_dissatisfied_mirrors_that_of_the_satisfied(
    method: str, counts: tuple[int, int]
) -> None:
    k, n = counts
    one, other = (proportion_interval(x, n, method=method).at() for x in (k, n - k))
    assert one.ci_low == pytest.approx(1 - other.ci_high, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("method", [*CLOSED, "jeffreys_equal_tailed", "auto"])
@pytest.mark.parametrize("n", [1, 7, 30, 400])
def test_limits_rise_with_the_satisfied(method: str, n: int) -> None:
    found = proportion_interval(np.arange(n + 1), n, method=method)
    assert (np.diff(found.ci_low) >= -1e-12).all()
    assert (np.diff(found.ci_high) >= -1e-12).all()


@pytest.mark.parametrize("method", METHODS)
def test_more_people_or_less_certainty_narrow(method: str) -> None:
    sizes = proportion_interval([9, 90, 900], [10, 100, 1000], method=method)
    assert (np.diff(sizes.ci_high - sizes.ci_low) < 0).all()
    nested = [proportion_interval(45, 50, method=method, confidence_level=c).at() for c in (0.8, 0.95, 0.99)]
    assert nested[2].ci_low < nested[1].ci_low < nested[0].ci_low
    assert nested[0].ci_high < nested[1].ci_high < nested[2].ci_high


@pytest.mark.parametrize("method", METHODS)
def test_larger_design_effect_widens(method: str) -> None:
    found = proportion_interval([27] * 3, [30] * 3, method=method, design_effect=[1, 2, 4])
    assert (np.diff(found.ci_high - found.ci_low) > 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_design_effect_of_two_is_half_the_people(method: str) -> None:
    halved, fewer = proportion_interval(54, 60, method=method, design_effect=2).at(), None
    fewer = proportion_interval(27, 30, method=method).at()
    assert (halved.ci_low, halved.ci_high) == pytest.approx((fewer.ci_low, fewer.ci_high))
    assert (halved.n_respondents, halved.n_effective, halved.design_effect) == (60, 30, 2)


@pytest.mark.parametrize("method", METHODS)
def test_degrees_of_freedom_widen_by_t_or_by_a_smaller_n(method: str) -> None:
    plain, unsure = (
        proportion_interval(270, 300, method=method, design_effect=1.5, df=df).at() for df in (None, 4)
    )
    assert unsure.ci_high - unsure.ci_low > plain.ci_high - plain.ci_low
    assert unsure.design_effect == pytest.approx(1.5)
    assert unsure.standard_error == pytest.approx(plain.standard_error)


@given(COUNTS, st.permutations(range(4)))
def test_cells_do_not_know_of_each_other(counts: tuple[int, int], order: list[int]) -> None:
    k, n = counts
    ks, ns = np.array([k, 0, 5, n]), np.array([n, 9, 5, n])
    for method in ("mid_p", "likelihood", "korn_graubard", "auto"):
        together = proportion_interval(ks, ns, method=method)
        shuffled = proportion_interval(ks[order], ns[order], method=method)
        np.testing.assert_allclose(shuffled.ci_low, together.ci_low[order], rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_nobody_answered_is_unknown_not_zero_degenerate(method: str) -> None:
    estimate = proportion_interval([0, 5], [0, 6], method=method)[0]
    assert np.isnan(estimate.value)
    assert (estimate.ci_low, estimate.ci_high, estimate.n_respondents) == (0.0, 1.0, 0)


@pytest.mark.parametrize("method", METHODS)
def test_everyone_in_the_population_answered_leaves_no_sampling_error(method: str) -> None:
    estimate = proportion_interval(24, 30, method=method, population=30).at()
    if method != "korn_graubard":  # never more than n, by the NCHS rule
        assert estimate.ci_low == estimate.ci_high == 0.8


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [1, 2, 10**7])
@pytest.mark.parametrize("effect", [1e-3, 1.0, 50.0])
@pytest.mark.parametrize("df", [None, 1.0])
def test_corner_samples_have_limits_or_say_not_degenerate(
    method: str, n: int, effect: float, df: float | None
) -> None:
    counts = np.array([0, min(1e-9, n), 0.3, 1, n - 1 if n > 1 else 0, n])
    found = proportion_interval(counts, n, method=method, design_effect=effect, df=df)
    is_boundary = (counts == 0) | (counts == n)
    undefined = is_boundary if method == "logit" else np.zeros(6, dtype=bool)
    assert np.isnan(found.ci_low).tolist() == undefined.tolist()
    inner = ~undefined
    assert (found.ci_low[inner] <= found.ci_high[inner]).all()
    assert (found.ci_low[inner] >= 0).all()
    assert (found.ci_high[inner] <= 1).all()


def test_logit_is_undefined_and_wald_without_width_at_the_ceiling_degenerate() -> None:
    assert np.isnan([proportion_interval(30, 30, method="logit").at().ci_low]).all()
    wald = proportion_interval(30, 30, method="wald").at()
    assert wald.ci_low == wald.ci_high == 1.0


def test_only_wald_and_agresti_coull_leave_0_to_1_when_not_cut() -> None:
    outside = set()
    for method in METHODS:
        found = proportion_interval([0, 1, 9, 10], 10, method=method, clip=False)
        if (found.ci_low < 0).any() and (found.ci_high > 1).any():
            outside.add(method)
    assert outside == {"wald", "wald_cc", "agresti_coull"}


def test_population_narrows_only_when_given() -> None:
    widths = [
        estimates.ci_high - estimates.ci_low
        for estimates in (wilson_interval(27, 30), wilson_interval(27, 30, population=60))
    ]
    assert widths[1] < widths[0]


def test_korn_graubard_at_the_ceiling_uses_the_borrowed_design_effect() -> None:
    alone, borrowed = (
        korn_graubard_interval(60, 60, borrowed_design_effect=deff).at() for deff in (1.0, 2.0)
    )
    assert alone.ci_low == pytest.approx(0.025 ** (1 / 60))
    assert borrowed.ci_low == pytest.approx(0.025 ** (1 / 30))


def test_korn_graubard_never_counts_more_than_n() -> None:
    assert korn_graubard_interval(50, 100, design_effect=0.5).at().n_effective == 100
    assert proportion_interval(50, 100, method="beta", design_effect=0.5).at().n_effective == 200


def test_borrowed_design_effect_is_used_at_the_boundary_only() -> None:
    found = proportion_interval([0, 30, 60], 60, method="wilson", borrowed_design_effect=3)
    assert found.n_effective.tolist() == [20, 60, 20]


def test_every_alias_is_the_method_it_stands_for() -> None:
    for alias, method in ALIASES.items():
        one, other = (proportion_interval(27, 30, method=name).at() for name in (alias, method))
        assert one == other


def test_shares_have_limits_without_counts() -> None:
    p, n_effective = np.array([0.9, np.nan, 0.4]), np.array([30.0, 0.0, np.inf])
    low, high = share_limits(p, n_effective)
    assert (low.round(3).tolist(), high.round(3).tolist()) == ([0.744, 0.0, 0.4], [0.965, 1.0, 0.4])


@pytest.mark.parametrize("method", [*METHODS, "auto"])
@pytest.mark.parametrize(
    ("k", "n", "options", "error"),
    [
        (float("nan"), 10, {}, InvalidCounts),
        (-1, 10, {}, InvalidCounts),
        (11, 10, {}, InvalidCounts),
        (5, 10.5, {}, InvalidCounts),
        (5, -10, {}, InvalidCounts),
        (5, 10, {"population": 9}, InvalidCounts),
        (5, 10, {"design_effect": 0}, InvalidOption),
        (5, 10, {"design_effect": float("nan")}, InvalidCounts),
        (5, 10, {"df": -1}, InvalidOption),
        (5, 10, {"confidence_level": 95}, InvalidOption),
        ([5, 6], [10, 10, 10], {}, InvalidShape),
        ("many", 10, {}, InvalidShape),
    ],
)
def test_interval_rejects_bad_input(method: str, k: object, n: object, options: dict, error: type) -> None:
    with pytest.raises(error) as caught:
        proportion_interval(k, n, method=method, **options)
    assert isinstance(caught.value, StatisticsError)
    assert caught.value.expected
    assert caught.value.got
    assert caught.value.hint


def test_unknown_method_is_refused_by_name() -> None:
    with pytest.raises(InvalidOption, match="'wilsn'"):
        proportion_interval(5, 10, method="wilsn")


def test_estimates_can_be_picked_by_cell_row_and_mask() -> None:
    table = wilson_interval([[1, 2], [3, 4]], [[5, 5], [5, 5]])
    assert table[1, 0].value == 0.6
    assert len(table[1]) == 2
    assert table[table.value > 0.5].value.tolist() == [0.6, 0.8]
    assert table.at(0, 1).n_respondents == 5
