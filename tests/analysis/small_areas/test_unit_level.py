"""The unit-level model, and the sums by area it is worked out from."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import StatisticsError
from analysis.small_areas.area_moments import AreaMoments, area_moments, area_moments_of_rows
from analysis.small_areas.unit_level import unit_level_eblup


def people(
    seed: int, size: int = 15, *, between: float = 0.5, offset: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    area = np.repeat(np.arange(size), rng.integers(2, 9, size))
    x = np.column_stack([np.ones(len(area)), rng.normal(offset, 1, len(area)), rng.random(len(area)) < 0.4])
    y = x @ [offset, 0.8, -0.5] + rng.normal(0, between**0.5, size)[area] + rng.normal(0, 1, len(area))
    return y, x.astype(float), area


def sums(y: np.ndarray, x: np.ndarray, area: np.ndarray) -> AreaMoments:
    rows = np.column_stack([y, x])
    own = [rows[area == a] for a in range(area.max() + 1)]
    return area_moments([len(r) for r in own], [r.sum(0) for r in own], [r.T @ r for r in own])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.filterwarnings("ignore")
def test_estimates_against_statsmodels(seed: int, method: str) -> None:
    y, x, area = people(seed)
    found = unit_level_eblup(sums(y, x, area), covariate_means=np.ones((15, 3)), method=method)
    other = sm.MixedLM(y, x, area).fit(reml=method == "reml")
    assert found.log_likelihood == pytest.approx(other.llf, abs=1e-5)
    assert found.variance_between == pytest.approx(float(other.cov_re[0, 0]), rel=1e-2, abs=1e-4)
    assert found.variance_within == pytest.approx(other.scale, rel=1e-3)
    np.testing.assert_allclose(found.beta, other.fe_params, rtol=2e-3, atol=1e-3)
    effects = np.array([float(np.ravel(other.random_effects[a])[0]) for a in range(15)])
    np.testing.assert_allclose(found.effect, effects, atol=5e-3)


def test_large_offsets_do_not_cancel() -> None:
    y, x, area = people(5)
    plain = unit_level_eblup(area_moments_of_rows(y, x, area=area), covariate_means=np.ones((15, 3)))
    shift = np.array([0, 1e6, 0])
    moved = unit_level_eblup(
        area_moments_of_rows(y + 1e6, x + shift, area=area), covariate_means=np.ones((15, 3)) + shift
    )
    assert moved.variance_between == pytest.approx(plain.variance_between, rel=1e-6)
    np.testing.assert_allclose(moved.value - 1e6, plain.value, atol=1e-6)
    np.testing.assert_allclose(moved.beta[1:], plain.beta[1:], rtol=1e-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_weights_intervals_and_order(seed: int) -> None:
    y, x, area = people(seed)
    means = np.random.default_rng(seed).normal(0, 1, (15, 3)) * [0, 1, 0.2] + [1, 0, 0.4]
    found = unit_level_eblup(area_moments_of_rows(y, x, area=area), covariate_means=means)
    assert ((found.gamma >= 0) & (found.gamma < 1)).all()
    assert (np.diff(found.gamma[np.argsort(found.n)]) >= -1e-12).all()
    assert ((found.ci_low < found.value) & (found.value < found.ci_high)).all()
    np.testing.assert_allclose(found.value, found.synthetic + found.effect)
    order = np.random.default_rng(seed).permutation(15)
    turned = unit_level_eblup(
        area_moments_of_rows(y, x, area=np.argsort(order)[area]), covariate_means=means[order]
    )
    np.testing.assert_allclose(turned.value, found.value[order], rtol=1e-6)


def test_finite_population_counts_those_who_answered_as_known() -> None:
    y, x, area = people(6)
    moments = area_moments_of_rows(y, x, area=area)
    means = moments.mean[:, 1:]
    endless = unit_level_eblup(moments, covariate_means=means)
    census = unit_level_eblup(moments, covariate_means=means, population=moments.n)
    np.testing.assert_allclose(census.value, census.direct)
    np.testing.assert_allclose(census.mse, 0)
    large = unit_level_eblup(moments, covariate_means=means, population=np.full(15, 10**9))
    np.testing.assert_allclose(large.value, endless.value, rtol=1e-6)
    np.testing.assert_allclose(large.mse, endless.mse, rtol=1e-6)
    half = unit_level_eblup(moments, covariate_means=means, population=2 * moments.n)
    assert (half.mse < endless.mse + endless.variance_within / (4 * moments.n)).all()
    assert half.is_finite_population


def test_area_without_respondents_is_given_the_regression() -> None:
    y, x, area = people(7)
    found = unit_level_eblup(
        area_moments_of_rows(y, x, area=area, n_areas=16),
        covariate_means=np.ones((16, 3)),
        population=np.full(16, 100),
    )
    assert found.value[15] == pytest.approx(found.synthetic[15])
    assert (found.gamma[15], np.isnan(found.direct[15]), np.isnan(found.direct_se[15])) == (0, True, True)
    assert found.mse[15] > found.variance_between * 0.99


def test_no_spread_between_areas_is_a_boundary_and_said() -> None:
    y = np.tile([1.0, 2.0, 3.0, 4.0], 5)
    found = unit_level_eblup(
        area_moments_of_rows(y, np.ones((20, 1)), area=np.repeat(np.arange(5), 4)),
        covariate_means=np.ones((5, 1)),
    )
    assert (found.variance_between, found.gamma.max()) == (0.0, 0.0)
    assert "no variation" in found.reason
    np.testing.assert_allclose(found.value, 2.5)
    assert (found.mse > 0).all()


def test_mean_squared_error_is_about_right_coverage() -> None:
    rng = np.random.default_rng(8)
    area = np.repeat(np.arange(20), 4)
    held, mse, error = [], [], []
    for _ in range(120):
        truth = rng.normal(3, 0.7, 20)
        y = truth[area] + rng.normal(0, 1, 80)
        found = unit_level_eblup(
            area_moments_of_rows(y, np.ones((80, 1)), area=area), covariate_means=np.ones((20, 1))
        )
        held.append(np.mean((found.ci_low <= truth) & (truth <= found.ci_high)))
        mse.append(found.mse.mean())
        error.append(((found.value - truth) ** 2).mean())
    assert 0.93 <= np.mean(held) <= 0.97
    assert np.mean(mse) == pytest.approx(np.mean(error), rel=0.1)


Y, X, AREA = people(1)
GOOD = area_moments_of_rows(Y, X, area=AREA)
MEANS = np.ones((15, 3))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: unit_level_eblup(GOOD, covariate_means=np.ones((15, 2))),
        lambda: unit_level_eblup(GOOD, covariate_means=MEANS, population=np.ones(15)),
        lambda: unit_level_eblup(GOOD, covariate_means=MEANS, population=[100.0] * 3),
        lambda: unit_level_eblup(GOOD, covariate_means=MEANS, method="bayes"),
        lambda: unit_level_eblup(GOOD, covariate_means=MEANS, confidence_level=95),
        lambda: unit_level_eblup(
            area_moments_of_rows([1, 2, 3], np.ones((3, 1)), area=[0, 1, 2]), covariate_means=np.ones((3, 1))
        ),
        lambda: unit_level_eblup(
            area_moments_of_rows([1, 2, 3], np.ones((3, 1)), area=[0, 0, 0]), covariate_means=np.ones((1, 1))
        ),
        lambda: unit_level_eblup(
            area_moments_of_rows([1, 1, 2, 2], np.ones((4, 1)), area=[0, 0, 1, 1]),
            covariate_means=np.ones((2, 1)),
        ),
        lambda: unit_level_eblup(
            area_moments_of_rows([1, 1, 1, 1], np.ones((4, 1)), area=[0, 0, 1, 1]),
            covariate_means=np.ones((2, 1)),
        ),
        lambda: unit_level_eblup(
            area_moments_of_rows(Y, np.column_stack([X, X[:, 1]]), area=AREA),
            covariate_means=np.ones((15, 4)),
        ),
    ],
)
def test_unit_level_rejects_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
