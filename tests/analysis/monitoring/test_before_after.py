"""Changes of a share at a date."""

import numpy as np
import pytest

from analysis.errors import StatisticsError
from analysis.intervals.two_shares import share_difference
from analysis.monitoring.before_after import before_after_difference, difference_in_differences

X, N = np.array([80, 85, 83, 90, 88, 91, 95, 92]), np.array([100, 104, 98, 105, 101, 99, 108, 100])


def wandering(
    seed: int, size: int = 26, *, rho: float = 0.5, spread: float = 0.05
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    level = np.zeros(size)
    for t in range(size):
        level[t] = rho * level[t - 1] + (1 - rho**2) ** 0.5 * rng.normal()
    n = rng.integers(150, 400, size)
    return rng.binomial(n, np.clip(0.85 + spread * level, 0, 1)), n


def test_two_waves_against_newcombe() -> None:
    found = before_after_difference([80, 90], [100, 104], at=1, error="binomial")
    assert found.difference == share_difference(90, 104, 80, 100).at()
    assert found.is_same_measure


def test_change_is_the_difference_of_pooled_shares_and_turns_with_time() -> None:
    x, n = wandering(5)
    found, back = before_after_difference(x, n, at=10), before_after_difference(x[::-1], n[::-1], at=16)
    assert found.difference.value == pytest.approx(x[10:].sum() / n[10:].sum() - x[:10].sum() / n[:10].sum())
    assert found.difference.ci_low <= found.difference.value <= found.difference.ci_high
    assert back.difference.value == pytest.approx(-found.difference.value)
    assert back.difference.p_value == pytest.approx(found.difference.p_value)
    assert found.before.n_respondents + found.after.n_respondents == n.sum()


def test_change_in_a_wandering_series_is_less_sure_than_people_alone_suggest() -> None:
    x, n = wandering(6, rho=0.6)
    lengths = [
        np.subtract(*[(d := before_after_difference(x, n, at=13, error=error).difference).ci_high, d.ci_low])
        for error in ("binomial", "over_dispersed", "autoregressive")
    ]
    assert lengths[0] < lengths[1] < lengths[2]


def test_break_is_marked_and_everyone_satisfied_still_has_limits() -> None:
    x, n = wandering(7)
    at = before_after_difference(x, n, at=13, breaks=[13])
    aside = before_after_difference(x, n, at=13, breaks=[5])
    assert not at.is_same_measure
    assert "holds that change" in at.reason
    assert "mixes two methods" in aside.reason
    full = before_after_difference([30] * 6, [30] * 6, at=3)
    assert full.difference.value == 0
    assert full.difference.ci_low < 0 < full.difference.ci_high


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: before_after_difference(X, N, at=0),
        lambda: before_after_difference(X, N, at=8),
        lambda: before_after_difference(X, N, at=4, breaks=[9]),
        lambda: before_after_difference(X[:2], N[:2], at=1),
    ],
)
def test_before_after_rejects_bad_input(wrong: object) -> None:
    with pytest.raises(StatisticsError):
        wrong()


def test_difference_in_differences_is_the_change_beyond_that_of_the_controls_coverage():
    rng = np.random.default_rng(11)
    n, covered, significant = np.full(16, 60), 0, 0
    for _ in range(200):
        sides = []
        for change in (0.10, 0.03):
            shares = np.repeat([0.75, 0.75 + change], 8)
            sides.append(before_after_difference(rng.binomial(n, shares), n, at=8))
        found = difference_in_differences(*sides)
        covered += found.ci_low <= 0.07 <= found.ci_high
        # The test and the interval say the same.
        is_outside = found.ci_low > 0 or found.ci_high < 0
        assert is_outside == (found.p_value < 0.05)
        significant += is_outside
        back = difference_in_differences(*sides[::-1])
        assert (back.value, back.ci_high) == pytest.approx((-found.value, -found.ci_low))
    assert 0.93 <= covered / 200 <= 0.995
    assert significant > 30
