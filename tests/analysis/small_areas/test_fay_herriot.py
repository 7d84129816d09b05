"""Fay-Herriot areas: estimates of the variance, shrinkage, mean squared errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from analysis.errors import StatisticsError
from analysis.small_areas.fay_herriot import METHODS, fay_herriot


def areas(seed: int, size: int = 30, *, between: float = 1.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(size), rng.normal(50, 10, size)])
    variance = rng.uniform(0.3, 3, size)
    truth = x @ [2.0, 0.1] + rng.normal(0, between**0.5, size)
    return truth + rng.normal(0, variance**0.5), variance, x


@pytest.mark.parametrize("seed", range(4))
def test_likelihoods_against_dense_normal_law(seed: int) -> None:
    y, d, x = areas(seed)

    def ml(a: float) -> float:
        v = np.diag(a + d)
        beta = np.linalg.solve(x.T @ np.linalg.solve(v, x), x.T @ np.linalg.solve(v, y))
        return -stats.multivariate_normal.logpdf(y, x @ beta, v)

    def reml(a: float) -> float:
        v = np.diag(a + d)
        return ml(a) + np.linalg.slogdet(x.T @ np.linalg.solve(v, x))[1] / 2

    for method, loss in (("ml", ml), ("reml", reml)):
        found = fay_herriot(y, d, covariates=x, method=method)
        other = optimize.minimize_scalar(loss, bounds=(0, 20), method="bounded", options={"xatol": 1e-10})
        assert found.variance_between == pytest.approx(max(other.x, 0), abs=1e-5)
    assert fay_herriot(y, d, covariates=x, method="ml").log_likelihood == pytest.approx(
        -ml(fay_herriot(y, d, covariates=x, method="ml").variance_between), rel=1e-10
    )


def test_equal_variances_against_theory() -> None:
    """With D constant and a mean only, REML and moments give A = s² - D."""
    y = np.array([1.0, 4.0, 2.5, 7.0, 5.5, 3.0, 8.0])
    for method in ("reml", "fay_herriot"):
        found = fay_herriot(y, np.full(7, 1.2), covariates=np.ones((7, 1)), method=method)
        assert found.variance_between == pytest.approx(y.var(ddof=1) - 1.2, rel=1e-9)
        np.testing.assert_allclose(found.value, y.mean() + found.gamma * (y - y.mean()))
    ml = fay_herriot(y, np.full(7, 1.2), covariates=np.ones((7, 1)), method="ml")
    assert ml.variance_between == pytest.approx(y.var() - 1.2, rel=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(METHODS))
def test_value_lies_between_and_scale_and_shift_carry_over(seed: int, method: str) -> None:
    y, d, x = areas(seed)
    found = fay_herriot(y, d, covariates=x, method=method)
    low, high = np.minimum(found.direct, found.synthetic), np.maximum(found.direct, found.synthetic)
    assert ((low - 1e-9 <= found.value) & (found.value <= high + 1e-9)).all()
    assert ((found.gamma >= 0) & (found.gamma <= 1)).all()
    assert (found.mse > 0).all()
    assert ((found.ci_low < found.value) & (found.value < found.ci_high)).all()
    scaled = fay_herriot(7 + 100 * y, 1e4 * d, covariates=x, method=method)
    np.testing.assert_allclose(scaled.value, 7 + 100 * found.value, rtol=1e-6)
    np.testing.assert_allclose(scaled.mse, 1e4 * found.mse, rtol=1e-5, atol=1e-9)
    turned = fay_herriot(y, d, covariates=x @ [[1.0, 30.0], [0.0, 2.0]], method=method)
    np.testing.assert_allclose(turned.value, found.value, rtol=1e-6)


def test_huge_spread_gives_the_direct_figures_and_none_the_regression() -> None:
    y, d, x = areas(1, between=1e8)
    np.testing.assert_allclose(fay_herriot(y, d, covariates=x).value, y, rtol=1e-4)
    calm = fay_herriot(x @ [2.0, 0.1] + 0.01 * np.sin(np.arange(30)), d, covariates=x)
    assert (calm.variance_between, calm.gamma.max()) == (0.0, 0.0)
    assert "no variation" in calm.reason
    np.testing.assert_allclose(calm.value, calm.synthetic)
    assert (calm.mse > 0).all()


def test_area_without_sample_is_given_the_regression() -> None:
    y, d, x = areas(2)
    full = fay_herriot(y, d, covariates=x)
    gap = fay_herriot([*y, np.nan], [*d, np.nan], covariates=np.vstack([x, [1.0, 60.0]]))
    np.testing.assert_allclose(gap.value[:-1], full.value)
    assert gap.value[-1] == pytest.approx(full.beta @ [1.0, 60.0])
    assert gap.gamma[-1] == 0
    assert gap.mse[-1] > full.variance_between
    assert np.isnan(gap.direct_se[-1])
    assert gap.n_areas == 30


def test_intervals_cover_and_combined_figures_err_less_coverage() -> None:
    rng = np.random.default_rng(3)
    d = np.repeat([0.5, 1.0, 2.0], 10)
    held, ratio, mse, error = [], [], [], []
    for _ in range(150):
        truth = rng.normal(5, 1, 30)
        y = truth + rng.normal(0, d**0.5)
        found = fay_herriot(y, d, covariates=np.ones((30, 1)))
        held.append(np.mean((found.ci_low <= truth) & (truth <= found.ci_high)))
        ratio.append(((found.value - truth) ** 2).mean() / ((y - truth) ** 2).mean())
        mse.append(found.mse.mean())
        error.append(((found.value - truth) ** 2).mean())
    assert 0.93 <= np.mean(held) <= 0.97
    assert np.mean(ratio) < 0.75
    assert np.mean(mse) == pytest.approx(np.mean(error), rel=0.08)


ONES = np.ones((4, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: fay_herriot([1, 2, 3, 4], [1, 1, 1], covariates=ONES),
        lambda: fay_herriot([1, 2, 3, 4], [1, 1, 1, 0], covariates=ONES),
        lambda: fay_herriot([1, 2, 3, 4], [1, 1, 1, -1], covariates=ONES),
        lambda: fay_herriot([1, 2, 3, np.inf], [1, 1, 1, 1], covariates=ONES),
        lambda: fay_herriot([1, 2, 3, 4], [1, 1, 1, 1], covariates=ONES[:3]),
        lambda: fay_herriot([1, 2, 3, 4], [1, 1, 1, 1], covariates=np.ones(4)),
        lambda: fay_herriot([1, 2, 3, 4], [1, 1, 1, 1], covariates=np.hstack([ONES, 2 * ONES])),
        lambda: fay_herriot([1, 2, 3, 4], [1, 1, 1, 1], covariates=np.eye(4)),
        lambda: fay_herriot([1, np.nan, np.nan, np.nan], [1, 1, 1, 1], covariates=ONES),
        lambda: fay_herriot([1, 2, 3, 4], [1, 1, 1, 1], covariates=np.nan * ONES),
        lambda: fay_herriot([1, 2, 3, 4], [1, 1, 1, 1], covariates=ONES, method="bayes"),
        lambda: fay_herriot([1, 2, 3, 4], [1, 1, 1, 1], covariates=ONES, confidence_level=95),
    ],
)
def test_fay_herriot_rejects_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
