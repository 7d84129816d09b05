"""Replicate weights as a data file brings them."""

import numpy as np
import pytest

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.surveys.replicate_weights import replicate_scale, supplied_replicates

FULL, SETS = np.array([2.0, 2.0, 3.0]), np.array([[0, 3, 3.0], [3, 0, 3.0], [4.5, 4.5, 0]])


def test_scale_by_method() -> None:
    for method, scale in (("JK1", 0.75), ("BRR", 0.25), ("bootstrap", 1 / 3), ("SDR", 1.0)):
        assert replicate_scale(method, 4) == pytest.approx(scale)
    assert replicate_scale("Fay", 4, rho=0.3) == pytest.approx(1 / (4 * 0.49))


def test_factors_on_top_of_the_weights_are_whole_weights() -> None:
    whole = supplied_replicates(FULL, SETS, method="JK1")
    factors = supplied_replicates(FULL, SETS / FULL[:, None], method="JK1", combined=False)
    np.testing.assert_allclose(factors.matrix(), whole.matrix())
    codes = np.array([0, 1, 0])
    for ours, theirs in zip(factors.sums(FULL, codes, 2), whole.sums(FULL, codes, 2), strict=True):
        np.testing.assert_allclose(ours, theirs)


def test_sums_are_those_of_the_matrix() -> None:
    found = supplied_replicates(FULL, SETS, method="JK1")
    full, sets = found.sums(np.array([1.0, 5.0, 2.0]), np.array([1, 0, 1]), 2)
    assert full.tolist() == [10, 8]
    np.testing.assert_allclose(sets, [5 * SETS[1], SETS[0] + 2 * SETS[2]])


def test_centre_is_the_mean_of_counted_replicates_or_the_estimate() -> None:
    sets = np.array([[1.0, 2.0, 9.0]])
    for mse, wanted in ((False, (0.5**2 + 0.5**2) * 2), (True, (4**2 + 3**2) * 2)):
        found = supplied_replicates(FULL, SETS, scale=2, rscales=[1, 1, 0], mse=mse)
        assert (found.deviations(np.array([5.0]), sets) ** 2).sum() == pytest.approx(wanted)


def test_degrees_of_freedom_are_the_rank_minus_one() -> None:
    assert supplied_replicates(FULL, SETS, method="JK1").df == 2
    assert supplied_replicates(FULL, np.column_stack([FULL, 2 * FULL]), method="BRR").df == 0
    assert supplied_replicates(FULL, SETS, method="JK1", df=14).df == 14


def test_supplied_replicates_rejects_bad_input() -> None:
    for full, sets, options, error, match in (
        (FULL, SETS[:2], {}, InvalidShape, "one row per respondent"),
        (FULL, SETS[:, :1], {}, InvalidShape, "R >= 2"),
        (FULL, -SETS, {}, InvalidCounts, "weights >= 0"),
        (FULL, SETS * [0, 1, 1], {}, InvalidCounts, "not all 0"),
        (FULL, SETS * np.nan, {}, InvalidCounts, "finite"),
        (FULL, SETS, {"method": "JKn"}, InvalidOption, "a scale"),
        (FULL, SETS, {"method": "jack"}, InvalidOption, "method"),
        (FULL, SETS, {"method": "Fay", "rho": 1.0}, InvalidOption, "rho"),
        (FULL, SETS, {"scale": 0.0}, InvalidOption, "scale > 0"),
        (FULL, SETS, {"scale": 1.0, "rscales": -1.0}, InvalidOption, "rscales >= 0"),
    ):
        with pytest.raises(error, match=match):
            supplied_replicates(full, sets, **({"method": "JK1"} | options))
