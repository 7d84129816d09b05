"""Arithmetic on arrays that needs care."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.arithmetic import log_choose, quotient


@given(st.integers(0, 10**9), st.integers(0, 6))
def test_log_choose_against_whole_numbers(n: int, k: int) -> None:
    """Three log factorials of a thousand million would be wrong by six millionths."""
    found = log_choose(np.array(float(n)), np.array(float(k)))
    exact = math.log(math.comb(n, k)) if k <= n else -math.inf
    assert found == pytest.approx(exact, rel=0, abs=2e-8)


def test_quotient_by_a_rounding_error_is_empty() -> None:
    assert quotient([1.0, 1.0, 3.0], [0.0, -1e-18, 2.0], empty=7.0).tolist() == [7.0, 7.0, 1.5]
