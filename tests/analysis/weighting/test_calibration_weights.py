"""Factors that take weights to known totals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape, NoConvergence
from analysis.weighting.calibration_distances import distance_of
from analysis.weighting.calibration_weights import calibrated_weights

DISTANCES = [
    ("linear", None),
    ("raking", None),
    ("logit", (0.4, 2.5)),
    ("linear", (0.6, 1.6)),
    ("raking", (0.6, 1.6)),
]


def problem(seed: int, n: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns, weights, and totals that factors between 0.75 and 1.35 can reach."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.integers(0, 2, n), rng.normal(3, 1, n)])
    w = rng.uniform(1, 5, n)
    return x, w, (w * rng.uniform(0.75, 1.35, n)) @ x


def distance_between(name: str, bounds: tuple[float, float] | None, g: np.ndarray) -> np.ndarray:
    if name == "linear":
        return (g - 1) ** 2 / 2
    if name == "raking":
        return g * np.log(g) - g + 1
    low, high = bounds
    steepness = (high - low) / ((1 - low) * (high - 1))
    return (
        (g - low) * np.log((g - low) / (1 - low)) + (high - g) * np.log((high - g) / (high - 1))
    ) / steepness


@pytest.mark.parametrize(("name", "bounds"), DISTANCES)
def test_nearest_weights_against_brute_force(name: str, bounds: tuple[float, float] | None) -> None:
    x, w, totals = problem(3, n=20)
    inside = (1e-3, 50.0) if bounds is None else (bounds[0] + 1e-9, bounds[1] - 1e-9)
    met = {"type": "eq", "fun": lambda g: (w * g) @ x - totals, "jac": lambda _: (w[:, None] * x).T}
    best = optimize.minimize(
        lambda g: w @ distance_between(name, bounds, g), np.ones(20), method="SLSQP", bounds=[inside] * 20,
        constraints=met, options={"ftol": 1e-14, "maxiter": 2000},
    )  # fmt: skip
    found = calibrated_weights(x, w, totals, distance=name, bounds=bounds)
    np.testing.assert_allclose(found.factors, best.x, atol=2e-5)


@given(st.integers(0, 10_000), st.sampled_from(DISTANCES))
@settings(max_examples=60, deadline=None)
def test_totals_are_met_inside_the_bounds(
    seed: int, distance: tuple[str, tuple[float, float] | None]
) -> None:
    name, bounds = distance
    x, w, totals = problem(seed)
    found = calibrated_weights(x, w, totals, distance=name, bounds=bounds)
    np.testing.assert_allclose((w * found.factors) @ x, totals, rtol=1e-9)
    if bounds is not None:
        assert found.factors.min() >= bounds[0] - 1e-12
        assert found.factors.max() <= bounds[1] + 1e-12
    if name == "raking":
        assert found.factors.min() > 0


@given(st.integers(0, 10_000), st.floats(0.01, 100), st.sampled_from(DISTANCES[:3]))
@settings(max_examples=25, deadline=None)
def test_units_of_columns_and_of_weights_do_not_matter(
    seed: int, scale: float, distance: tuple[str, tuple[float, float] | None]
) -> None:
    x, w, totals = problem(seed)
    name, bounds = distance
    units = np.array([1.0, scale, 1 / scale])
    mixed = np.array([[1.0, 0.0, 2.0], [0.0, 1.0, 1.0], [0.0, 0.0, 1.0]])
    first = calibrated_weights(x, w, totals, distance=name, bounds=bounds).factors
    for other in (
        calibrated_weights(x * units, w, totals * units, distance=name, bounds=bounds),
        calibrated_weights(x, scale * w, scale * totals, distance=name, bounds=bounds),
        calibrated_weights(x @ mixed, w, totals @ mixed, distance=name, bounds=bounds),
    ):
        np.testing.assert_allclose(other.factors, first, atol=1e-7)


def test_cells_with_summed_weights_give_the_factors_of_their_rows() -> None:
    x, w, _ = problem(1)
    x[:, 2] = np.round(x[:, 2])
    cells, code = np.unique(x, axis=0, return_inverse=True)
    totals = (w * 1.1) @ x + [0, 3, 5]
    rows = calibrated_weights(x, w, totals, distance="raking").factors
    found = calibrated_weights(cells, np.bincount(code.ravel(), weights=w), totals, distance="raking").factors
    np.testing.assert_allclose(found[code.ravel()], rows, rtol=1e-8)


def test_ratio_estimator_scales_everyone_alike() -> None:
    x = np.array([[1.0], [2.0], [7.0]])
    found = calibrated_weights(x, [1, 1, 1], [15], scale=1 / x[:, 0])
    np.testing.assert_allclose(found.factors, 1.5)


def test_dependent_columns_are_harmless_where_their_totals_agree() -> None:
    x, w, totals = problem(2)
    twice = np.column_stack([x, x[:, 1] + x[:, 2]])
    found = calibrated_weights(twice, w, np.r_[totals, totals[1] + totals[2]])
    np.testing.assert_allclose(found.factors, calibrated_weights(x, w, totals).factors, atol=1e-10)
    with pytest.raises(InvalidCounts, match="depend on each other"):
        calibrated_weights(twice, w, np.r_[totals, totals[1] + totals[2] + 5])


def test_column_of_zeros_meets_only_a_total_of_zero() -> None:
    x, w, totals = problem(2)
    empty = np.column_stack([x, np.zeros(len(x))])
    assert calibrated_weights(empty, w, np.r_[totals, 0.0]).largest_error < 1e-9
    with pytest.raises(InvalidCounts, match="depend on each other"):
        calibrated_weights(empty, w, np.r_[totals, 1.0])


def test_bounds_that_cannot_be_met_name_those_that_can() -> None:
    x = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    with pytest.raises(InvalidOption, match=r"0\.700 and 1\.300"):
        calibrated_weights(x, [10, 10, 10], [30, 13], distance="logit", bounds=(0.8, 1.25))
    with pytest.raises(InvalidOption, match="0 to inf"):
        calibrated_weights(x, [10, 10, 10], [30, 35], distance="raking")


def test_too_few_iterations_say_so() -> None:
    x, w, totals = problem(5)
    with pytest.raises(NoConvergence, match="after 1 iterations"):
        calibrated_weights(x, w, totals, distance="raking", max_iterations=1)


def test_rows_without_weight_take_no_part_degenerate() -> None:
    x, w, totals = problem(6)
    w[:5] = 0
    found = calibrated_weights(x, w, totals * 0.9, distance="raking")
    np.testing.assert_allclose(
        found.factors[5:], calibrated_weights(x[5:], w[5:], totals * 0.9, distance="raking").factors
    )


@pytest.mark.parametrize(("name", "bounds"), DISTANCES)
def test_distance_is_consistent_with_its_slope_and_integral(
    name: str, bounds: tuple[float, float] | None
) -> None:
    rule = distance_of(name, bounds)
    assert rule.factor(np.zeros(1)).item() == pytest.approx(1)
    assert rule.slope(np.zeros(1)).item() == pytest.approx(1)
    at = np.array([-0.7, -0.21, 0.13, 0.9])
    width = 1e-6
    slope = (rule.factor(at + width) - rule.factor(at - width)) / (2 * width)
    np.testing.assert_allclose(rule.slope(at), slope, rtol=1e-5, atol=1e-8)
    for end in at:
        area, _ = integrate.quad(lambda u: rule.factor(np.array([u])).item(), 0, end, limit=200)
        gap = rule.integral(np.array([end])) - rule.integral(np.zeros(1))
        assert gap.item() == pytest.approx(area, rel=1e-6)


def test_calibrated_weights_rejects_bad_input() -> None:
    x, w, totals = problem(1)
    for options, error, match in (
        ({"distance": "nearest"}, InvalidOption, "distance"),
        ({"distance": "logit"}, InvalidOption, "finite bounds"),
        ({"bounds": (1.2, 2.0)}, InvalidOption, "low < 1 < high"),
        ({"scale": 0.0}, InvalidCounts, "scale > 0"),
    ):
        with pytest.raises(error, match=match):
            calibrated_weights(x, w, totals, **options)
    with pytest.raises(InvalidCounts, match="finite matrix"):
        calibrated_weights(np.where(x == 1, np.nan, x), w, totals)
    with pytest.raises(InvalidShape, match="p totals"):
        calibrated_weights(x, w, totals[:2])
    with pytest.raises(InvalidCounts, match="weights >= 0"):
        calibrated_weights(x, -w, totals)
