"""Covariance matrices from sums that add."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.measurement.covariance import (
    PairSums,
    checked_covariance,
    correlation_of,
    covariance_matrix,
    jackknife_variance,
    pair_sums,
    within_covariance,
)

seeds = st.integers(0, 10_000)


def scores(seed: int, *, n: int = 40, missing: float = 0.2) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.integers(1, 6, (n, 3)).astype(float)
    values[rng.random(values.shape) < missing] = np.nan
    return values


def test_complete_covariance_against_numpy() -> None:
    values = scores(1)
    complete = values[np.isfinite(values).all(axis=1)]
    np.testing.assert_allclose(covariance_matrix(pair_sums(values)), np.cov(complete.T), rtol=1e-12)


def test_pairwise_covariance_against_a_plain_loop() -> None:
    values = scores(2)
    found = covariance_matrix(pair_sums(values, missing="pairwise"))
    for j in range(3):
        for k in range(3):
            both = np.isfinite(values[:, j]) & np.isfinite(values[:, k])
            expected = (
                np.cov(values[both, j], values[both, k])[0, 1] if j != k else values[both, j].var(ddof=1)
            )
            assert found[j, k] == pytest.approx(expected, rel=1e-12)


@given(seeds)
def test_sums_of_parts_add_up_to_the_whole(seed: int) -> None:
    values = scores(seed)
    for missing in ("complete", "pairwise"):
        parts = pair_sums(values[:15], missing=missing) + pair_sums(values[15:], missing=missing)
        whole = pair_sums(values, missing=missing)
        grouped = pair_sums(values, np.arange(40) % 4, n_groups=4, missing=missing)
        for name in PairSums.__slots__:
            np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))
            np.testing.assert_array_equal(getattr(grouped.total(), name), getattr(whole, name))


def test_sums_without_a_group_are_those_of_the_others() -> None:
    values, groups = scores(3), np.arange(40) % 3
    left = pair_sums(values, groups, n_groups=4).without_each()
    assert left.n.shape == (3, 3, 3)  # the fourth group has nobody in it
    np.testing.assert_array_equal(left.products[1], pair_sums(values[groups != 1]).products)


def test_moments_of_complete_respondents_give_the_same_matrix() -> None:
    values = scores(4, missing=0.0)
    sums = PairSums.of_moments(40, values.sum(axis=0), values.T @ values)
    np.testing.assert_allclose(covariance_matrix(sums), np.cov(values.T), rtol=1e-12)


def test_within_covariance_against_centred_rows() -> None:
    values, groups = scores(5, missing=0.0), np.arange(40) % 4
    centred = values - np.array([values[groups == g].mean(axis=0) for g in range(4)])[groups]
    found = within_covariance(pair_sums(values, groups, n_groups=4))
    np.testing.assert_allclose(found, centred.T @ centred / 36, rtol=1e-12)


def test_jackknife_variance_of_a_mean_against_theory() -> None:
    values = np.random.default_rng(6).normal(size=30)
    replicates = (values.sum() - values) / 29
    assert jackknife_variance(values.mean(), replicates) == pytest.approx(values.var(ddof=1) / 30)
    assert jackknife_variance(values.mean(), replicates, scale=29 / 30) == pytest.approx(
        values.var(ddof=1) / 30
    )


def test_a_constant_item_has_no_variance_degenerate() -> None:
    values = np.column_stack([np.full(7, 0.1), np.arange(7.0)])
    found = covariance_matrix(pair_sums(values))
    assert found[0].tolist() == [0.0, 0.0]
    with pytest.raises(InvalidCounts, match="everyone gave the same answer"):
        correlation_of(found)


def test_sums_reject_bad_input() -> None:
    with pytest.raises(InvalidShape):
        pair_sums([1.0, 2.0])
    with pytest.raises(InvalidCounts, match="infinity"):
        pair_sums([[1.0, np.inf]])
    with pytest.raises(InvalidOption):
        pair_sums([[1.0, 2.0]], missing="listwise")
    with pytest.raises(InvalidShape, match="integer groups"):
        pair_sums([[1.0, 2.0]], [0.5])
    with pytest.raises(InvalidCounts, match="two people"):
        covariance_matrix(pair_sums([[1.0, 2.0]]))
    with pytest.raises(InvalidShape):
        pair_sums([[1.0, 2.0]]) + pair_sums([[1.0, 2.0, 3.0]])
    with pytest.raises(InvalidShape):
        pair_sums(scores(7)).without_each()
    with pytest.raises(InvalidShape):
        within_covariance(pair_sums(scores(7)))
    with pytest.raises(InvalidCounts, match="groups of one"):
        within_covariance(pair_sums([[1.0], [2.0]], [0, 1], n_groups=2))
    with pytest.raises(InvalidShape):
        PairSums.of_moments(3, [1.0, 2.0], [[1.0]])


@pytest.mark.parametrize(
    "matrix", [[1.0], [[1.0, 2.0]], [[1.0, 0.5], [0.4, 1.0]], [[-1.0]], [[np.nan]], [["a"]]]
)
def test_checked_covariance_rejects_bad_input(matrix: list) -> None:
    with pytest.raises((InvalidShape, InvalidCounts)):
        checked_covariance(matrix)


@pytest.mark.parametrize(
    ("replicates", "scale"), [([1.0], None), ([[1.0], [2.0]], None), ([1.0, 2.0], [1.0]), ([1.0, 2.0], -1)]
)
def test_jackknife_rejects_bad_input(replicates: list, scale: object) -> None:
    with pytest.raises(InvalidShape):
        jackknife_variance(1.0, replicates, scale=scale)
