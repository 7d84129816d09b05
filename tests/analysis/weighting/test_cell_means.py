"""Residuals from the weighted means of margins."""

import numpy as np
import pytest
import statsmodels.api as sm

from analysis.surveys.projection import Projection
from analysis.weighting.calibration import treatment_coded
from analysis.weighting.cell_means import CellMeans

RNG = np.random.default_rng(7)
A, B = RNG.integers(0, 4, 300), RNG.integers(0, 3, 300)
W, Y = RNG.uniform(0.5, 4, 300), RNG.normal(size=(300, 2))
MODEL = np.column_stack(list(treatment_coded({"a": A, "b": B}, ["a", "b"], categories=["a", "b"]).values()))


def test_two_margins_against_statsmodels() -> None:
    left = CellMeans.of([A, B], W).residuals(Y)
    wanted = np.column_stack([sm.WLS(y, MODEL, weights=W).fit().resid for y in Y.T])
    np.testing.assert_allclose(left, wanted, atol=1e-10)


def test_two_margins_are_the_projection_on_their_indicators() -> None:
    np.testing.assert_allclose(
        CellMeans.of([A, B], W).residuals(Y), Projection.of(MODEL, W).residuals(Y), atol=1e-10
    )


def test_few_sweeps_stop_where_told() -> None:
    once = CellMeans.of([A, B], W, n_sweeps=1).residuals(Y)
    assert np.abs(once - CellMeans.of([A, B], W).residuals(Y)).max() > 1e-6
    assert np.bincount(B, weights=W * once[:, 0]) == pytest.approx([0, 0, 0], abs=1e-9)


def test_cell_without_weight_explains_nothing() -> None:
    cells = CellMeans.of([np.array([0, 0, 1])], np.array([1.0, 1.0, 0.0]))
    assert cells.residuals(np.array([[2.0], [4.0], [9.0]])).ravel().tolist() == [-1.0, 1.0, 9.0]
