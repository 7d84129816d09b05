"""Control charts and pooled periods."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import StatisticsError
from analysis.monitoring.control import Rule, Signal, p_chart, pool_periods
from analysis.monitoring.run_rules import WESTERN_ELECTRIC_RULES


def test_one_bad_week_is_signalled_and_does_not_widen_its_own_limits() -> None:
    chart = p_chart([90, 88, 91, 60, 89, 90, 92, 88], [100] * 8)
    assert chart.signals == (Signal(3, Rule.BEYOND_LIMITS),)
    assert set(chart.method) == {"p"}


def test_wandering_process_gets_laney_limits() -> None:
    shares = np.where(np.arange(20) % 2, 0.7, 0.9)
    chart = p_chart(1000 * shares, [1000] * 20)
    assert set(chart.method) == {"laney"}
    assert chart.signals == ()


def test_chance_alone_rarely_takes_laney_limits() -> None:
    rng = np.random.default_rng(7)
    charts = [p_chart(rng.binomial(60, 0.88, 26), [60] * 26) for _ in range(400)]
    assert np.mean([chart.method[0] == "laney" for chart in charts]) <= 0.08


def test_eight_weeks_on_one_side_are_a_shift() -> None:
    chart = p_chart([85, 84, 86, 85, 84, 86, 85, 86, 90, 91, 89, 90, 91, 90, 89, 91], [100] * 16)
    assert [signal.index for signal in chart.signals if signal.rule is Rule.RUN_OF_EIGHT] == [7, 15]


def test_break_restarts_the_centre_and_the_runs() -> None:
    chart = p_chart([80] * 6 + [90] * 6, [100] * 12, breaks=[6])
    assert chart.center.tolist() == [0.8] * 6 + [0.9] * 6
    assert chart.signals == ()


def test_all_satisfied_series_is_flat() -> None:
    chart = p_chart([40] * 9, [40] * 9)
    assert (chart.lower == 1).all()
    assert (chart.upper == 1).all()
    assert chart.signals == ()


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.integers(1, 40))
def test_pooling_keeps_every_answer_and_reaches_min_n(n: list[int], min_n: int) -> None:
    pooled = pool_periods(n, n, min_n=min_n)
    assert pooled.n.sum() == sum(n)
    assert len(pooled.n) <= 1 or (pooled.n >= min_n).all()
    np.testing.assert_array_equal(pooled.first[1:], pooled.last[:-1] + 1)


def test_pooling_never_crosses_a_break() -> None:
    pooled = pool_periods([10] * 6, [10] * 6, min_n=30, breaks=[2])
    assert pooled.first.tolist() == [0, 2]
    assert pooled.breaks == (1,)


def test_laney_over_uneven_months_against_hand_count() -> None:
    x, n = np.array([80.0, 45, 190, 33, 410, 61]), np.array([100.0, 50, 200, 40, 500, 70])
    chart = p_chart(x, n, method="laney")
    center = x.sum() / n.sum()
    sigma = np.sqrt(center * (1 - center) / n)
    z = (x / n - center) / sigma
    sigma_z = np.abs(np.diff(z)).mean() / 1.128
    np.testing.assert_allclose(chart.upper, center + 3 * sigma * sigma_z)
    np.testing.assert_allclose(chart.z, z / sigma_z)
    assert np.ptp(chart.upper) > 0


def test_runs_and_trends_stop_at_a_break() -> None:
    rising = [80, 82, 84, 86, 88, 90]
    rules = (Rule.TREND_OF_SIX,)
    assert [s.index for s in p_chart(rising, [100] * 6, rules=rules).signals] == [5]
    assert p_chart(rising, [100] * 6, rules=rules, breaks=[3]).signals == ()
    assert p_chart(rising, [100] * 6, rules=rules).rules == rules


def test_more_rules_find_more_and_the_default_stays() -> None:
    rng = np.random.default_rng(2)
    x = rng.binomial(200, 0.85, 200)
    n = np.full(200, 200)
    default, western = p_chart(x, n), p_chart(x, n, rules=WESTERN_ELECTRIC_RULES)
    assert default.rules == (Rule.BEYOND_LIMITS, Rule.RUN_OF_EIGHT)
    assert set(default.signals) < set(western.signals)


def test_exact_limits_near_the_ceiling_keep_the_false_alarms_down() -> None:
    rng = np.random.default_rng(4)
    n = np.full(4000, 30)
    x = rng.binomial(n, 0.97)
    normal, exact = (p_chart(x, n, method="p", limits=kind) for kind in ("normal", "exact"))
    assert (normal.upper > 1).all()
    assert (exact.upper <= 1).all()
    assert exact.limits == ("exact",) * 4000
    alarms = [sum(s.rule is Rule.BEYOND_LIMITS for s in chart.signals) / 4000 for chart in (normal, exact)]
    assert alarms[1] < 0.0035 < 0.008 < alarms[0]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: p_chart([1], [0]),
        lambda: p_chart([], []),
        lambda: p_chart([1, 2], [5, 5], method="u"),
        lambda: p_chart([1, 2], [5, 5], breaks=[2]),
        lambda: p_chart([1, 2], [5, 5], breaks=[0]),
        lambda: pool_periods([1], [5], min_n=0),
        lambda: p_chart([1, 2], [5, 5], limits="wide"),
        lambda: p_chart([1, 2], [5, 5], limits="exact", method="laney"),
        lambda: p_chart([1, 2], [5, 5], n_sigma=0),
    ],
)
def test_control_rejects_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
