"""Tails, Wald tests, and reasons."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.arithmetic import quotient
from analysis.comparing.hypothesis_tests import (
    NoTest,
    chi_square_tests,
    f_tests,
    joined_codes,
    wald_test,
)
from analysis.distributions import f_tail, t_tail


@given(st.floats(0, 300), st.floats(0.3, 60), st.floats(0.5, 500))
@settings(max_examples=60, deadline=None)
def test_tails_against_scipy(x: float, df: float, below: float) -> None:
    assert f_tail(x, df, below) == pytest.approx(stats.f.sf(x, df, below), rel=1e-8, abs=1e-300)
    assert f_tail(x, df) == pytest.approx(stats.chi2.sf(df * x, df), rel=1e-8, abs=1e-300)
    assert t_tail(-x, df) == pytest.approx(2 * stats.t.sf(x, df), rel=1e-8, abs=1e-300)


def test_tails_without_degrees_of_freedom_are_unknown() -> None:
    assert np.isnan(f_tail([1.0, np.nan, 1.0], [0.0, 2.0, 2.0], [5.0, 5.0, -1.0])).all()
    assert np.isnan(t_tail([1.0, np.nan], [0.0, 3.0])).all()
    assert t_tail(0.0) == 1.0
    assert t_tail(1e4) == 0.0


def test_hotelling_against_theory() -> None:
    """T² of n independent rows: (n-d)/((n-1)d) T² on d and n - d degrees of freedom."""
    rows = np.random.default_rng(1).normal(0.3, 1, (20, 3))
    mean, covariance = rows.mean(axis=0), np.cov(rows.T) / 20
    found = wald_test(mean, covariance, df_denominator=19, method="hotelling", adjusted=True)
    t2 = mean @ np.linalg.solve(covariance, mean)
    assert found.statistic == pytest.approx(17 / (19 * 3) * t2)
    assert (found.df, found.df_denominator) == (3, 17)
    assert found.p_value == pytest.approx(stats.f.sf(found.statistic, 3, 17))


def test_wald_without_an_inverse_says_why() -> None:
    one = np.ones(2)
    assert "clusters" in wald_test(one, np.ones((2, 2)), df_denominator=9, method="w").reason
    assert "clusters" in wald_test(one, np.eye(2), df_denominator=0, method="w").reason
    assert "variance" in wald_test(one, np.diag([1.0, 0.0]), df_denominator=9, method="w").reason
    tiny = wald_test(1e-6 * one, 1e-12 * np.diag([1.0, 1e-6]), df_denominator=9, method="w")
    assert tiny.reason == ""


def test_every_reason_has_words() -> None:
    assert [code for code in NoTest if not code.reason] == [NoTest.TESTED]


def test_untested_cells_are_nan_and_the_rest_are_not() -> None:
    found = f_tests([2.0, 2.0], [3, 3], [10, 10], [NoTest.TESTED, NoTest.NOBODY], method="f")
    assert np.isnan(found.p_value).tolist() == [False, True]
    assert found[1].reason == "nobody answered"
    assert len(chi_square_tests([1.0], [1], [0], method="x")) == 1
    codes = joined_codes((2,), ([True, False], NoTest.NOBODY), ([True, True], NoTest.ONE_LEVEL))
    assert codes.tolist() == [NoTest.NOBODY, NoTest.ONE_LEVEL]
    assert quotient([1.0, 1.0], [0.0, 2.0], empty=7.0).tolist() == [7.0, 0.5]
