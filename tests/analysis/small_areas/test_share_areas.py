"""Fay-Herriot for shares."""

import numpy as np
import pytest

from analysis.errors import StatisticsError
from analysis.small_areas.share_areas import arcsine_fay_herriot

ONES = np.ones((4, 1))


def test_arcsine_areas_keep_shares_inside_and_give_100_percent_an_error() -> None:
    rng = np.random.default_rng(5)
    n = rng.integers(4, 60, 40)
    share = rng.binomial(n, rng.beta(30, 2, 40)) / n
    found = arcsine_fay_herriot([*share, np.nan], [*n, 0], covariates=np.ones((41, 1)))
    assert (share == 1).any()
    for column in (found.value, found.synthetic, found.ci_low, found.ci_high):
        assert ((column >= 0) & (column <= 1)).all()
    assert ((found.ci_low <= found.value) & (found.value <= found.ci_high)).all()
    assert (found.value[:-1][share == 1] < 1).all()
    assert (found.ci_high - found.ci_low > 0.01).all()
    large = arcsine_fay_herriot([0.5, 0.7, 0.9], [1e7] * 3, covariates=np.ones((3, 1)))
    np.testing.assert_allclose(large.value, [0.5, 0.7, 0.9], atol=1e-4)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: arcsine_fay_herriot([1.2, 0.5, 0.5, 0.5], [5, 5, 5, 5], covariates=ONES),
        lambda: arcsine_fay_herriot([0.2, 0.5, 0.5, 0.5], [5, 5, 5, -5], covariates=ONES),
    ],
)
def test_share_areas_rejects_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()
