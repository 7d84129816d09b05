"""Trends over periods."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.errors import StatisticsError
from analysis.monitoring.period_errors import ERRORS, period_coefficient
from analysis.monitoring.trend import cochran_armitage_trend, share_trend

X, N = np.array([80, 85, 83, 90, 88, 91, 95, 92]), np.array([100, 104, 98, 105, 101, 99, 108, 100])


def wandering(
    seed: int, size: int = 26, *, rho: float = 0.5, spread: float = 0.05
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    level = np.zeros(size)
    for t in range(size):
        level[t] = rho * level[t - 1] + (1 - rho**2) ** 0.5 * rng.normal()
    n = rng.integers(150, 400, size)
    return rng.binomial(n, np.clip(0.85 + spread * level, 0, 1)), n


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(2, 8))
def test_cochran_armitage_against_correlation_of_people(seed: int, size: int) -> None:
    """X² is N r² of score and answer, person by person."""
    rng = np.random.default_rng(seed)
    n = rng.integers(3, 40, size)
    x = np.minimum(rng.binomial(n, 0.7), n - 1)
    x[0] = max(x[0], 1)
    score = np.cumsum(rng.uniform(0.5, 2, size))
    found = cochran_armitage_trend(x, n, score=score)
    who = np.repeat([1, 0], [x.sum(), (n - x).sum()])
    when = np.concatenate([np.repeat(score, x), np.repeat(score, n - x)])
    assert found.statistic == pytest.approx(n.sum() * np.corrcoef(who, when)[0, 1] ** 2, rel=1e-8, abs=1e-10)
    assert found.p_value == pytest.approx(stats.chi2.sf(found.statistic, 1), rel=1e-8)
    chi2, p, df, _ = stats.chi2_contingency([x, n - x], correction=False)
    assert (found.equality_statistic, found.equality_p_value, found.equality_df) == pytest.approx(
        (chi2, p, df), rel=1e-8
    )
    if size > 2:
        assert found.statistic + found.departure_statistic == pytest.approx(
            found.equality_statistic, abs=1e-9
        )


def test_trend_does_not_depend_on_the_origin_of_scores_and_turns_with_them() -> None:
    base, moved = cochran_armitage_trend(X, N), cochran_armitage_trend(X, N, score=100 - 2.0 * np.arange(8))
    assert moved.statistic == pytest.approx(base.statistic)
    assert moved.slope == pytest.approx(-base.slope / 2)
    halved = cochran_armitage_trend(X, N, design_effect=2)
    assert halved.statistic == pytest.approx(base.statistic / 2)
    assert halved.slope == pytest.approx(base.slope)


def test_binomial_slope_is_the_cochran_armitage_test() -> None:
    test, line = cochran_armitage_trend(X, N), share_trend(X, N, error="binomial")
    assert (line.slope / line.standard_error) ** 2 == pytest.approx(test.statistic)
    assert line.p_value == pytest.approx(test.p_value)
    assert line.df == np.inf


def test_over_dispersed_slope_against_weighted_least_squares() -> None:
    x, n = wandering(1)
    found = share_trend(x, n, error="over_dispersed")
    other = sm.WLS(x / n, sm.add_constant(np.arange(26.0)), weights=n).fit()
    assert found.slope == pytest.approx(other.params[1])
    assert found.standard_error == pytest.approx(other.bse[1])
    assert found.p_value == pytest.approx(other.pvalues[1])
    np.testing.assert_allclose([found.ci_low, found.ci_high], other.conf_int()[1])


@pytest.mark.parametrize("lags", [0, 2, 5])
def test_newey_west_slope_against_statsmodels(lags: int) -> None:
    x, n = wandering(2)
    found = share_trend(x, n, error="newey_west", lags=lags)
    other = sm.WLS(x / n, sm.add_constant(np.arange(26.0)), weights=n).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}
    )
    assert found.standard_error == pytest.approx(other.bse[1], rel=1e-8)


def test_autoregressive_error_against_dense_generalised_variance() -> None:
    x, n = wandering(3)
    found = share_trend(x, n)
    pooled = x.sum() / n.sum()
    w = n / (pooled * (1 - pooled))
    design = np.column_stack([np.ones(26), np.arange(26.0)]) * np.sqrt(w)[:, None]
    hat = np.linalg.solve(design.T @ design, design.T)
    residual = (np.eye(26) - design @ hat) @ (x / n * np.sqrt(w))
    raw = (residual[1:] * residual[:-1]).sum() / (residual**2).sum()
    rho = np.clip(raw + (2 + 4 * raw) / 26, 0, 0.95)
    r = rho ** np.abs(np.subtract.outer(np.arange(26), np.arange(26)))
    phi = (residual**2).sum() / np.trace((np.eye(26) - design @ hat) @ r)
    assert found.autocorrelation == pytest.approx(rho)
    assert found.dispersion == pytest.approx(phi)
    assert found.standard_error == pytest.approx((phi * hat @ r @ hat.T)[1, 1] ** 0.5)


def test_breaks_take_a_jump_out_of_the_slope_against_dummies() -> None:
    x, n = np.array([80, 81, 82, 83, 70, 71, 72, 73]), np.full(8, 100)
    found = share_trend(x, n, breaks=[4], error="binomial")
    assert found.slope == pytest.approx(0.01)
    assert share_trend(x, n, error="binomial").slope < 0
    design = np.column_stack([np.arange(8) < 4, np.arange(8) >= 4, np.arange(8.0)]).astype(float)
    other = sm.WLS(wandering(4, 8)[0] / wandering(4, 8)[1], design, weights=wandering(4, 8)[1]).fit()
    assert share_trend(*wandering(4, 8), breaks=[4], error="over_dispersed").slope == pytest.approx(
        other.params[2]
    )


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.sampled_from(ERRORS))
def test_no_error_is_below_chance_and_time_can_run_backwards(seed: int, error: str) -> None:
    x, n = wandering(seed)
    found = share_trend(x, n, error=error)
    assert found.standard_error >= share_trend(x, n, error="binomial").standard_error * (1 - 1e-12)
    assert found.ci_low <= found.slope <= found.ci_high
    assert 0 <= found.p_value <= 1
    back = share_trend(x[::-1], n[::-1], error=error)
    assert (back.slope, back.standard_error) == pytest.approx((-found.slope, found.standard_error))


def test_neighbouring_weeks_that_resemble_each_other_do_not_make_a_trend_coverage() -> None:
    alarms = dict.fromkeys(("binomial", "over_dispersed", "autoregressive"), 0)
    for seed in range(300):
        for error in alarms:
            alarms[error] += share_trend(*wandering(seed, rho=0.4), error=error).p_value < 0.05
    assert alarms["binomial"] > 120
    assert alarms["over_dispersed"] > 36
    assert alarms["autoregressive"] < 36


def test_constant_series_degenerate() -> None:
    full = cochran_armitage_trend([5, 9, 7], [5, 9, 7])
    assert (full.statistic, full.p_value, full.equality_p_value) == (0, 1, 1)
    assert "nothing to test" in full.reason
    line = share_trend([5, 9, 7, 8], [5, 9, 7, 8])
    assert (line.slope, line.p_value, np.isnan(line.standard_error)) == (0, 1, True)
    assert line.reason
    flat = share_trend([8] * 6, [10] * 6)
    assert flat.slope == pytest.approx(0, abs=1e-12)
    assert flat.p_value == pytest.approx(1)
    assert np.isnan(cochran_armitage_trend([5, 6], [9, 9]).departure_p_value)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: cochran_armitage_trend([5], [9]),
        lambda: cochran_armitage_trend([5, 6], [9, 0]),
        lambda: cochran_armitage_trend([5, 10], [9, 9]),
        lambda: cochran_armitage_trend([5, 6], [9, 9], score=[1, 1]),
        lambda: cochran_armitage_trend([5, 6], [9, 9], score=[1, 2, 3]),
        lambda: cochran_armitage_trend([5, 6], [9, 9], score=[1, np.nan]),
        lambda: cochran_armitage_trend([5, 6], [9, 9], design_effect=0),
        lambda: share_trend(X[:3], N[:3]),
        lambda: share_trend(X, N, error="robust"),
        lambda: share_trend(X, N, breaks=[0]),
        lambda: share_trend(X, N, breaks=[5, 3]),
        lambda: share_trend(X, N, breaks=[8]),
        lambda: share_trend(X, N, error="newey_west", lags=8),
        lambda: share_trend(X, N, confidence_level=95),
        lambda: share_trend(X, N, score=[0, 0, 0, 0, 1, 1, 1, 1], breaks=[4]),
        lambda: period_coefficient(
            np.array([0.5, 0.6]), np.ones(2), others=np.ones((2, 1)), column=np.ones(2), error="binomial"
        ),
    ],
)
def test_trend_rejects_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
