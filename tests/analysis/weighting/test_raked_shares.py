"""Raked shares of many units from counts."""

import numpy as np
import pytest

from analysis import Survey
from analysis.errors import InvalidCounts
from analysis.weighting.collapsing import Collapsing
from analysis.weighting.poststratified_shares import poststratified_share
from analysis.weighting.raked_shares import raked_share

A, B = np.arange(6) // 3, np.arange(6) % 3
N = np.array([[20, 8, 5, 12, 30, 9], [9, 9, 9, 9, 9, 9]])
K = np.array([[15, 6, 2, 11, 30, 5], [9, 9, 9, 9, 9, 9]])
MARGINS = [(A, [[60, 40], [10, 90]]), (B, [[50, 30, 20], [20, 40, 40]])]


def test_share_and_error_are_those_of_the_survey_of_the_rows() -> None:
    cell = np.repeat(np.arange(6), N[0])
    top = np.concatenate([np.r_[np.ones(k), np.zeros(n - k)] for k, n in zip(K[0], N[0], strict=True)])
    survey = Survey({"a": A[cell], "b": B[cell], "top": top})
    wanted = survey.raked({"a": {0: 60, 1: 40}, "b": {0: 50, 1: 30, 2: 20}})
    found = raked_share(K, N, MARGINS)
    assert found.estimates[0].value == pytest.approx(wanted.mean("top")["top"].value)
    assert found.estimates[0].standard_error == pytest.approx(wanted.mean("top")["top"].standard_error)
    assert found.weighting_effect[0] == pytest.approx(wanted.kish_design_effect)


def test_one_margin_is_nearly_post_stratification() -> None:
    raked = raked_share(K, N, [(np.arange(6), [[10, 20, 30, 10, 20, 10]])]).estimates
    cells = poststratified_share(K, N, [10, 20, 30, 10, 20, 10]).estimates
    np.testing.assert_allclose(raked.value, cells.value)
    np.testing.assert_allclose(raked.standard_error, cells.standard_error, rtol=0.1)
    np.testing.assert_allclose(raked.ci_low, cells.ci_low, atol=0.01)


def test_everyone_satisfied_keeps_a_width_degenerate() -> None:
    found = raked_share(K, N, MARGINS).estimates[1]
    assert (found.value, found.standard_error) == (1.0, 0.0)
    assert 0.8 < found.ci_low < 0.95


def test_unit_that_cannot_be_fitted_has_no_share_degenerate() -> None:
    n = np.array([[5, 0, 0, 0, 5, 0], [0] * 6, N[0]])
    found = raked_share(n, n, [(A, [60, 40]), (B, [50, 30, 20])], max_iterations=30)
    assert np.isnan(found.estimates.value).tolist() == [True, True, False]
    assert (found.estimates.ci_low[:2] == 0).all()
    assert found.cells.largest_error[0] > 0.1
    collapsed = raked_share(
        n, n, [(A, [60, 40]), (B, [50, 30, 20])], collapse=[Collapsing(), Collapsing(parents=([0, 1, 0],))]
    )
    assert collapsed.cells.collapsed[1][0].tolist() == [0, 1, 0]


def test_raked_share_coverage() -> None:
    rng = np.random.default_rng(3)
    p = np.array([0.9, 0.8, 0.95, 0.85, 0.75, 0.9])
    mix, size = np.array([0.3, 0.2, 0.1, 0.2, 0.1, 0.1]), np.array([10, 15, 20, 15, 20, 20.0])
    n = rng.multinomial(150, mix, size=3000)
    margins = [(A, [45, 55]), (B, [25, 35, 40])]
    found = raked_share(rng.binomial(n, p), n, margins).estimates
    # raking keeps the sample's association, so it aims at the fitted table, not at `size`
    truth = raked_share(np.rint(1e6 * mix * p), np.rint(1e6 * mix), margins).estimates.value[0]
    assert abs(truth - size @ p / 100) < 0.02
    known = np.isfinite(found.value)
    assert np.mean((found.ci_low <= truth)[known] & (truth <= found.ci_high)[known]) > 0.935


def test_raked_share_rejects_bad_input() -> None:
    with pytest.raises(InvalidCounts, match="k <= n"):
        raked_share(N + 1, N, MARGINS)
    with pytest.raises(InvalidCounts, match="one population"):
        raked_share(K, N, [(A, [60, 40]), (B, [50, 30, 30])])
