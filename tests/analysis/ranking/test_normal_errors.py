"""Estimates with normal errors."""

import numpy as np
import pytest

from analysis.errors import StatisticsError
from analysis.ranking.normal_errors import normal_errors


def test_draws_have_the_covariance_given() -> None:
    covariance = np.array([[0.04, 0.03, 0.0], [0.03, 0.09, 0.01], [0.0, 0.01, 0.01]])
    errors = normal_errors([1.0, 2.0, 3.0], covariance=covariance)
    drawn = errors.draws(200_000, rng=np.random.default_rng(1))
    np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=1e-3)
    np.testing.assert_allclose(errors.full_covariance(), covariance, atol=1e-12)
    assert errors.variance_of_differences()[0, 1] == pytest.approx(0.04 + 0.09 - 0.06)


def test_unit_without_estimate_leaves_rows_and_columns() -> None:
    covariance = np.diag([0.1, np.nan, 0.3])
    errors = normal_errors([1.0, np.nan, 3.0], covariance=covariance)
    np.testing.assert_allclose(errors.standard_error, np.sqrt([0.1, 0.3]))
    assert errors.draws(5, rng=np.random.default_rng(1)).shape == (5, 2)


def test_same_unit_twice_differs_by_nothing() -> None:
    assert normal_errors(
        [1.0, 1.0], covariance=np.ones((2, 2))
    ).variance_of_differences().max() == pytest.approx(0)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"standard_error": [0.1, 0.1], "covariance": np.eye(2)},
        {"standard_error": [0.1, 0.0]},
        {"standard_error": [0.1, -0.1]},
        {"standard_error": [0.1, np.inf]},
        {"standard_error": [0.1]},
        {"covariance": np.eye(3)},
        {"covariance": np.array([[1.0, 0.5], [0.2, 1.0]])},
        {"covariance": np.array([[1.0, 3.0], [3.0, 1.0]])},
        {"covariance": np.zeros((2, 2))},
    ],
)
def test_normal_errors_reject_bad_input(options: dict[str, object]) -> None:
    with pytest.raises(StatisticsError):
        normal_errors([0.5, 0.6], **options)


@pytest.mark.parametrize("value", [0.5, [[0.5]], [np.inf]])
def test_normal_errors_reject_bad_estimates(value: object) -> None:
    with pytest.raises(StatisticsError):
        normal_errors(value, standard_error=[0.1])
