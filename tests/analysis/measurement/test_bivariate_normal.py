"""The bivariate normal distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from analysis.errors import InvalidCounts
from analysis.measurement.bivariate_normal import (
    bivariate_normal_cdf,
    bivariate_normal_density,
    rectangle_probabilities,
)

limits = st.floats(-6, 6)
correlations = st.floats(-1, 1)


def by_quadrature(h: float, k: float, r: float) -> float:
    """Plackett's integral over the correlation, in the angle whose sine it is."""

    def slope(angle: float) -> float:
        return np.exp(-(h * h + k * k - 2 * h * k * np.sin(angle)) / (2 * np.cos(angle) ** 2))

    area = integrate.quad(slope, 0, np.arcsin(r), epsabs=1e-14, epsrel=1e-12, limit=400)[0]
    return special.ndtr(h) * special.ndtr(k) + area / (2 * np.pi)


def test_cdf_against_quadrature() -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        h, k = rng.normal(size=2) * rng.choice([0.01, 1, 3])
        r = rng.choice([-1, 1]) * rng.choice([rng.uniform(), 1 - 10 ** rng.uniform(-9, -1)])
        assert bivariate_normal_cdf(h, k, r) == pytest.approx(by_quadrature(h, k, r), abs=1e-12)


def test_cdf_against_scipy() -> None:
    for h, k, r in ((0.3, -1.2, 0.6), (-2.0, -1.0, -0.3), (1.5, 1.5, 0.9)):
        expected = stats.multivariate_normal([0, 0], [[1, r], [r, 1]]).cdf([h, k])
        assert bivariate_normal_cdf(h, k, r) == pytest.approx(expected, abs=1e-10)


def test_cdf_at_the_origin_against_theory() -> None:
    r = np.linspace(-1, 1, 21)
    np.testing.assert_allclose(bivariate_normal_cdf(0, 0, r), 0.25 + np.arcsin(r) / (2 * np.pi), atol=1e-15)


def test_density_against_scipy() -> None:
    expected = stats.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]]).pdf([0.3, -1.2])
    assert bivariate_normal_density(0.3, -1.2, 0.6) == pytest.approx(expected, rel=1e-12)


@given(limits, limits, correlations)
def test_cdf_is_symmetric_and_its_quadrants_add_up(h: float, k: float, r: float) -> None:
    both = bivariate_normal_cdf(h, k, r)
    assert both == pytest.approx(bivariate_normal_cdf(k, h, r), abs=1e-14)
    # Below h is below h and below k, or below h and above k.
    assert both + bivariate_normal_cdf(h, -k, -r) == pytest.approx(special.ndtr(h), abs=1e-13)


@given(limits, limits, correlations, correlations)
def test_cdf_grows_with_the_correlation(h: float, k: float, first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert bivariate_normal_cdf(h, k, low) <= bivariate_normal_cdf(h, k, high) + 1e-14


@pytest.mark.parametrize(
    ("h", "k", "r", "expected"),
    [
        (np.inf, 1.0, 0.3, special.ndtr(1.0)),
        (-np.inf, 1.0, 0.3, 0.0),
        (1.0, 2.0, 1.0, special.ndtr(1.0)),
        (1.0, -1.0, -1.0, 0.0),
        (1.0, 0.5, -1.0, special.ndtr(1.0) + special.ndtr(0.5) - 1),
        (1e-310, -1e-310, 0.0, 0.25),
        (np.inf, np.inf, -1.0, 1.0),
    ],
)
def test_cdf_degenerate(h: float, k: float, r: float, expected: float) -> None:
    assert bivariate_normal_cdf(h, k, r) == pytest.approx(expected, abs=1e-15)


@given(st.lists(limits, min_size=1, max_size=4), st.lists(limits, min_size=1, max_size=4), correlations)
def test_cells_of_a_table_sum_to_one(rows: list, columns: list, r: float) -> None:
    cells = rectangle_probabilities(np.sort(rows), np.sort(columns), r)
    assert cells.min() >= 0
    assert cells.sum() == pytest.approx(1.0, abs=1e-13)
    np.testing.assert_allclose(cells.sum(axis=1).cumsum()[:-1], special.ndtr(np.sort(rows)), atol=1e-13)


def test_cdf_rejects_bad_input() -> None:
    with pytest.raises(InvalidCounts, match="correlation"):
        bivariate_normal_cdf(0, 0, 1.01)
    with pytest.raises(InvalidCounts, match="NaN"):
        bivariate_normal_cdf(np.nan, 0, 0.5)
    with pytest.raises(InvalidCounts, match="line"):
        bivariate_normal_density(0, 0, 1.0)
