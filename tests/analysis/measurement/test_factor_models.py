"""Confirmatory factor models, their fit, and omega."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.multivariate.factor import Factor

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape, NoConvergence
from analysis.measurement.factor_fit import fit_indices, rmsea_interval
from analysis.measurement.factor_models import FactorModel, confirmatory_factor_model
from analysis.measurement.omega import composite_reliability, mcdonald_omega

LOADINGS = np.array([0.8, 0.7, 0.6, 0.5, 0.75])
ONE = LOADINGS[:, None] * LOADINGS + np.diag(1 - LOADINGS**2)
TWO = {"f": ["a", "b", "c"], "g": ["d", "e"]}
seeds = st.integers(0, 10_000)


def two_factor_covariance(correlation: float = 0.5) -> np.ndarray:
    weights = np.zeros((5, 2))
    weights[[0, 1, 2], 0], weights[[3, 4], 1] = LOADINGS[:3], LOADINGS[3:]
    common = weights @ np.array([[1, correlation], [correlation, 1]]) @ weights.T
    return common + np.diag(1 - LOADINGS**2)


def sample(covariance: np.ndarray, seed: int, *, n: int = 300) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.cov(rng.multivariate_normal(np.zeros(len(covariance)), covariance, size=n).T)


def one_factor(covariance: np.ndarray, **options: object) -> FactorModel:
    items = "abcde"[: len(covariance)]
    return confirmatory_factor_model(covariance, n=300, factors={"f": items}, items=items, **options)


def test_one_factor_against_statsmodels() -> None:
    covariance = sample(ONE, 1)
    scale = np.sqrt(np.diag(covariance))
    other = Factor(
        endog=None, n_factor=1, corr=covariance / np.outer(scale, scale), method="ml", nobs=300
    ).fit()
    found = one_factor(covariance)
    np.testing.assert_allclose(found.standardised_loadings, np.abs(other.loadings[:, 0]), atol=2e-4)
    np.testing.assert_allclose(
        found.residual_variances / np.diag(covariance) * 300 / 299, other.uniqueness, atol=4e-4
    )


def test_fit_indices_against_paper() -> None:
    # The three-factor example of Rosseel (2012), Journal of Statistical Software 48(2).
    low, high = rmsea_interval(85.306, 24, 301)
    assert (round(low, 3), round(high, 3)) == (0.071, 0.114)


def test_chi_square_and_information_criteria_against_the_likelihood() -> None:
    covariance = sample(ONE, 2) * 299 / 300
    found = one_factor(sample(ONE, 2))
    free, bound = (
        -150 * (5 * np.log(2 * np.pi) + np.linalg.slogdet(s)[1] + np.trace(np.linalg.solve(s, covariance)))
        for s in (covariance, found.implied)
    )
    assert found.fit.chi_square == pytest.approx(2 * (free - bound), abs=1e-8)
    assert found.fit.log_likelihood == pytest.approx(bound)
    assert found.fit.aic == pytest.approx(20 - 2 * bound)
    assert found.fit.bic == pytest.approx(10 * np.log(300) - 2 * bound)
    assert found.fit.p_value == pytest.approx(stats.chi2.sf(found.fit.chi_square, 5))


@settings(max_examples=25)
@given(seeds)
def test_exact_covariances_are_reproduced(seed: int) -> None:
    rng = np.random.default_rng(seed)
    loadings, rho = rng.uniform(0.4, 0.9, 6), rng.uniform(-0.6, 0.8)
    belongs = np.array([0, 0, 0, 1, 1, 1])
    between = np.where(belongs[:, None] == belongs, 1.0, rho)
    covariance = np.outer(loadings, loadings) * between
    np.fill_diagonal(covariance, 1.0)
    scale = rng.uniform(0.5, 3, 6)
    found = confirmatory_factor_model(
        covariance * np.outer(scale, scale),
        n=500,
        factors={"f": "abc", "g": "def"},
        items="abcdef",
        likelihood="wishart",
    )
    np.testing.assert_allclose(found.loadings, loadings * scale, rtol=1e-4)
    np.testing.assert_allclose(found.implied, covariance * np.outer(scale, scale), rtol=1e-4, atol=1e-4)
    assert found.factor_correlation[0, 1] == pytest.approx(rho, abs=1e-4)
    assert found.fit.chi_square == pytest.approx(0, abs=1e-6)
    assert found.fit.srmr == pytest.approx(0, abs=1e-4)


@settings(max_examples=20)
@given(seeds)
def test_fit_does_not_depend_on_units_order_or_identification(seed: int) -> None:
    covariance = sample(two_factor_covariance(), seed)
    straight = confirmatory_factor_model(covariance, n=300, factors=TWO, items="abcde")
    scale = np.random.default_rng(seed).uniform(0.2, 5, 5)
    turned = confirmatory_factor_model(
        (covariance * np.outer(scale, scale))[::-1, ::-1],
        n=300,
        factors={"g": ["e", "d"], "f": ["c", "b", "a"]},
        items="edcba",
        identification="marker",
    )
    assert turned.fit.chi_square == pytest.approx(straight.fit.chi_square, abs=1e-6)
    order = [turned.items.index(name) for name in straight.items]
    np.testing.assert_allclose(turned.standardised_loadings[order], straight.standardised_loadings, atol=1e-5)
    np.testing.assert_allclose(turned.standardised_errors[order], straight.standardised_errors, atol=1e-5)


def test_marker_loadings_and_their_errors_against_numerical_differences() -> None:
    covariance = sample(two_factor_covariance(), 3)
    unit, marker = (
        confirmatory_factor_model(covariance, n=300, factors=TWO, items="abcde", identification=name)
        for name in ("unit_variance", "marker")
    )
    theta = np.concatenate([unit.loadings, unit.residual_variances, [unit.factor_correlation[0, 1]]])

    def as_marker(at: np.ndarray) -> np.ndarray:
        scale = at[[0, 3]]
        return np.concatenate(
            [at[:5] / scale[[0, 0, 0, 1, 1]], [scale[0] ** 2, scale[0] * scale[1] * at[10]]]
        )

    steps = 1e-6 * np.eye(11)
    jacobian = np.array([(as_marker(theta + step) - as_marker(theta - step)) / 2e-6 for step in steps]).T
    errors = np.sqrt(np.diag(jacobian @ unit.parameter_covariance @ jacobian.T))
    np.testing.assert_allclose(marker.loadings, as_marker(theta)[:5], rtol=1e-6)
    np.testing.assert_allclose(marker.loading_errors, errors[:5], rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(marker.factor_covariance_errors[0], errors[5:], rtol=1e-5)
    assert marker.loading_errors[0] == marker.loading_errors[3] == 0


def test_standard_errors_and_chi_square_against_simulation() -> None:
    truth = two_factor_covariance()
    models = [
        confirmatory_factor_model(sample(truth, seed), n=300, factors=TWO, items="abcde")
        for seed in range(250)
    ]
    loadings = np.array([model.loadings for model in models])
    errors = np.array([model.loading_errors for model in models])
    np.testing.assert_allclose(errors.mean(axis=0), loadings.std(axis=0), rtol=0.2)
    assert np.mean([model.fit.chi_square for model in models]) == pytest.approx(4, abs=0.6)


def test_items_that_fit_badly_are_seen_in_every_index() -> None:
    two_in_one = confirmatory_factor_model(
        two_factor_covariance(0.0), n=300, factors={"f": "abcde"}, items="abcde"
    ).fit
    right = confirmatory_factor_model(two_factor_covariance(0.3), n=300, factors=TWO, items="abcde").fit
    assert two_in_one.cfi < 0.95 < right.cfi
    assert two_in_one.rmsea_ci_low > right.rmsea_ci_low == 0
    assert two_in_one.srmr > right.srmr


def test_three_items_fit_by_construction_degenerate() -> None:
    found = one_factor(sample(ONE[:3, :3], 4)).fit
    assert (found.df, found.cfi, found.tli, found.rmsea, found.rmsea_ci_high) == (0, 1.0, 1.0, 0.0, 0.0)
    assert np.isnan(found.p_value)


def test_heywood_case_is_reported_degenerate() -> None:
    # r12 r13 / r23 > 1 asks for a negative residual variance of the first item.
    covariance = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]])
    found = one_factor(covariance)
    assert found.residual_variances[0] < 0
    assert len(found.improper) == 1 and "residual variance of a" in found.improper[0]
    assert found.fit.chi_square == pytest.approx(0, abs=1e-6)


def test_factors_that_are_one_are_reported_degenerate() -> None:
    covariance = two_factor_covariance(1.0)
    covariance[0, 3] = covariance[3, 0] = covariance[0, 3] + 0.05
    found = confirmatory_factor_model(covariance, n=300, factors=TWO, items="abcde")
    assert any("correlation of f and g" in words for words in found.improper)


def test_a_factor_of_two_items_unrelated_to_the_other_is_not_identified() -> None:
    with pytest.raises((InvalidOption, NoConvergence)):
        confirmatory_factor_model(two_factor_covariance(0.0), n=300, factors=TWO, items="abcde")


def test_items_of_opposite_keys_load_with_opposite_signs() -> None:
    turned = ONE * np.outer([1, 1, -1, 1, 1], [1, 1, -1, 1, 1])
    np.testing.assert_allclose(
        one_factor(turned).standardised_loadings, LOADINGS * [1, 1, -1, 1, 1], atol=1e-5
    )


def test_22_items_of_5_factors_in_less_than_two_seconds() -> None:
    rng = np.random.default_rng(5)
    belongs = np.arange(22) % 5
    opinions = rng.multivariate_normal(np.zeros(5), 0.6 + 0.4 * np.eye(5), size=1_000)[:, belongs]
    covariance = np.cov((0.8 * opinions + 0.6 * rng.normal(size=(1_000, 22))).T)
    items = [f"i{item}" for item in range(22)]
    factors = {f"F{f}": [items[i] for i in np.flatnonzero(belongs == f)] for f in range(5)}
    start = time.perf_counter()
    found = confirmatory_factor_model(covariance, n=1_000, factors=factors, items=items)
    assert time.perf_counter() - start < 2
    assert found.fit.df == 199 and found.fit.cfi > 0.99
    np.testing.assert_allclose(found.average_variance_extracted, 0.64, atol=0.05)


def test_omega_of_equal_loadings_is_alpha() -> None:
    equal = np.full((4, 4), 0.4) + 0.6 * np.eye(4)
    found = mcdonald_omega(equal, n=200, items="abcd")[0]
    assert found.value == pytest.approx(4 * 0.4 / (1 + 3 * 0.4), abs=1e-6)


def test_omega_interval_coverage() -> None:
    truth = LOADINGS.sum() ** 2 / (LOADINGS.sum() ** 2 + (1 - LOADINGS**2).sum())
    found = [mcdonald_omega(sample(ONE, seed, n=150), n=150, items="abcde")[0] for seed in range(400)]
    assert 0.925 < np.mean([one.ci_low <= truth <= one.ci_high for one in found]) < 0.975


@settings(max_examples=15)
@given(seeds)
def test_omega_lies_in_its_interval_and_ignores_a_common_unit(seed: int) -> None:
    covariance = sample(ONE, seed)
    first, second = (
        mcdonald_omega(matrix, n=300, items="abcde")[0] for matrix in (covariance, 9 * covariance)
    )
    assert 0 < first.ci_low < first.value < first.ci_high < 1
    assert second.value == pytest.approx(first.value, abs=1e-6)


def test_omega_of_each_factor_does_not_depend_on_identification() -> None:
    covariance = sample(two_factor_covariance(), 6)
    unit, marker = (
        composite_reliability(
            confirmatory_factor_model(covariance, n=300, factors=TWO, items="abcde", identification=name)
        )
        for name in ("unit_variance", "marker")
    )
    np.testing.assert_allclose(unit.value, marker.value)
    np.testing.assert_allclose(unit.ci_low, marker.ci_low)
    several = mcdonald_omega(sample(ONE, 7), n=300, items="abcde", factors={"f": "abc", "g": "cde"})
    assert several.value.shape == (2,)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"factors": {"f": ["a", "b"]}}, InvalidOption),
        ({"factors": {}}, InvalidOption),
        ({"factors": {"f": ["a", "b", "x"]}}, InvalidShape),
        ({"factors": {"f": ["a", "b", "c"], "g": ["c", "d"]}}, InvalidShape),
        ({"items": "abc"}, InvalidShape),
        ({"items": "aabcd"}, InvalidShape),
        ({"n": 3}, InvalidCounts),
        ({"n": 100.5}, InvalidOption),
        ({"identification": "effects"}, InvalidOption),
        ({"likelihood": "robust"}, InvalidOption),
        ({"rmsea_level": 90}, InvalidOption),
        ({"covariance": np.ones((5, 5))}, InvalidCounts),
        ({"covariance": np.zeros((5, 5))}, InvalidCounts),
    ],
)
def test_factor_model_rejects_bad_input(change: dict, error: type[Exception]) -> None:
    request = {"covariance": ONE, "n": 300, "factors": {"f": list("abcde")}, "items": "abcde"} | change
    with pytest.raises(error):
        confirmatory_factor_model(request.pop("covariance"), **request)


def test_unrelated_items_have_no_factor() -> None:
    with pytest.raises((NoConvergence, InvalidOption)):
        one_factor(np.eye(5))


def test_fit_indices_reject_bad_input() -> None:
    with pytest.raises(InvalidOption, match="identified"):
        fit_indices(np.eye(2), np.eye(2), n=10, n_parameters=4)
    with pytest.raises(InvalidShape):
        fit_indices(np.eye(2), np.eye(3), n=10, n_parameters=1)
