"""Sums by area."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import StatisticsError
from analysis.small_areas.area_moments import AreaMoments, area_moments, area_moments_of_rows


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


def test_rows_and_sums_give_the_same() -> None:
    y, x, area = people(4)
    from_rows = area_moments_of_rows(y, x, area=area, n_areas=16)
    from_sums = sums(y, x, area)
    np.testing.assert_allclose(from_rows.within[:15], from_sums.within, atol=1e-9)
    np.testing.assert_allclose(from_rows.mean[:15], from_sums.mean, atol=1e-12)
    assert from_rows.n[15] == 0
    assert np.isnan(from_rows.mean[15]).all()


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_moments_of_two_groups_add(seed: int) -> None:
    y, x, area = people(seed)
    first = np.random.default_rng(seed).random(len(y)) < 0.5
    parts = [area_moments_of_rows(y[use], x[use], area=area[use], n_areas=15) for use in (first, ~first)]
    whole = area_moments_of_rows(y, x, area=area)
    for added in (parts[0] + parts[1], parts[1] + parts[0]):
        np.testing.assert_array_equal(added.n, whole.n)
        np.testing.assert_allclose(added.mean, whole.mean, atol=1e-10)
        np.testing.assert_allclose(added.within, whole.within, atol=1e-9)


GOOD = area_moments([2], [[7.0, 2.0]], [[[25.0, 7.0], [7.0, 2.0]]])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: area_moments_of_rows([1, 2], np.ones((3, 1)), area=[0, 1]),
        lambda: area_moments_of_rows([1, 2], np.ones((2, 1)), area=[0, 5], n_areas=2),
        lambda: area_moments_of_rows([1, np.nan], np.ones((2, 1)), area=[0, 1]),
        lambda: area_moments_of_rows([1, 2], np.ones((2, 1)), area=[0.5, 1]),
        lambda: area_moments([2], [[7.0, 2.0]], [[[20.0, 7.0], [7.0, 2.0]]]),
        lambda: area_moments([2.5], [[7.0]], [[[25.0]]]),
        lambda: area_moments([2], [7.0], [[[25.0]]]),
        lambda: GOOD + area_moments([2], [[7.0]], [[[25.0]]]),
    ],
)
def test_area_moments_rejects_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
