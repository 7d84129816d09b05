"""One variance found in [0, infinity)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import StatisticsError
from analysis.small_areas.variance_component import orthonormal_columns, variance_component


@given(st.floats(1e-6, 1e6))
def test_peak_is_found_over_twelve_decades(peak: float) -> None:
    found = variance_component(
        lambda a: -((np.log1p(a) - np.log1p(peak)) ** 2),
        lambda a: -2 * (np.log1p(a) - np.log1p(peak)) / (1 + a),
        scale=1.0,
    )
    assert found == pytest.approx(peak, rel=1e-6)


def test_higher_of_two_peaks_is_taken() -> None:
    def height(a: float) -> float:
        return float(np.exp(-((np.log(a + 1e-9) - 3) ** 2)) + 2 * np.exp(-((np.log(a + 1e-9) + 3) ** 2)))

    def slope(a: float) -> float:
        step = 1e-6 * (a + 1e-6)
        return (height(a + step) - height(max(a - step, 0.0))) / (2 * step)

    assert variance_component(height, slope, scale=1.0) == pytest.approx(np.exp(-3), rel=1e-2)


def test_rise_to_the_far_end_is_refused() -> None:
    with pytest.raises(StatisticsError):
        variance_component(lambda a: a, lambda a: 1.0, scale=1.0)


@given(st.integers(0, 10_000), st.integers(1, 5))
def test_columns_are_rebuilt_from_their_orthonormal_ones(seed: int, width: int) -> None:
    x = np.random.default_rng(seed).normal(0, 1, (12, width)) * 10.0 ** np.arange(width)
    q, r = orthonormal_columns(x)
    np.testing.assert_allclose(q @ r, x, atol=1e-9 * 10**width)
    np.testing.assert_allclose(q.T @ q, np.eye(width), atol=1e-12)


@pytest.mark.parametrize("x", [np.zeros((4, 1)), np.ones((4, 2)), np.eye(3), np.ones((4, 0))])
def test_orthonormal_columns_reject_bad_input(x: np.ndarray) -> None:
    with pytest.raises(StatisticsError):
        orthonormal_columns(x)
