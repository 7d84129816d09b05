"""Wave against wave when units merged, split or moved."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.comparing.hypothesis_tests import NoTest
from analysis.comparing.lineage import (
    WaveCounts,
    counts_as_now,
    counts_as_then,
    counts_of_points,
    counts_of_units,
    wave_changes,
)
from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.intervals.two_shares import share_difference

# Three communes: the first two merged, the third was split between the merged one and a new one.
PEOPLE = np.array([[900, 0], [400, 0], [250, 750]])


def test_merged_units_carry_their_sums() -> None:
    found = counts_as_now([[80, 70], [45, 40]], [[100, 100], [50, 50]], [[900, 0], [400, 0]])
    assert found.k[0].tolist() == [125, 110]
    assert found.codes.tolist() == [NoTest.TESTED, NoTest.NO_COUNTERPART]


def test_split_units_are_divided_as_their_people_and_only_estimated() -> None:
    found = counts_as_now([80, 45, 60], [100, 50, 100], PEOPLE)
    assert found.n.tolist() == [175.0, 75.0]
    assert (found.codes == NoTest.ESTIMATED).all()


def test_points_make_a_split_exact() -> None:
    """The same split known by point: the third commune's two points went to different units."""
    k, n, then, now = [80, 45, 20, 40], [100, 50, 30, 70], [0, 1, 2, 2], [0, 0, 0, 1]
    old, new = counts_of_points(k, n, then, n_units=3), counts_of_points(k, n, now, n_units=2)
    assert old.k.tolist() == [80, 45, 60]
    assert new.k.tolist() == [145, 40]
    assert (new.codes == NoTest.TESTED).all()
    assert counts_of_points(k, n, [0, -1, -1, -1], n_units=1).n.tolist() == [100]


@given(st.integers(0, 9999))
@settings(max_examples=40, deadline=None)
def test_nobody_is_lost_or_counted_twice(seed: int) -> None:
    rng = np.random.default_rng(seed)
    people = rng.integers(0, 3, (6, 4)) * rng.integers(1, 500, (6, 4))
    people[people.sum(axis=1) == 0, 0] = 1
    n = rng.integers(0, 200, (6, 3))
    k = rng.binomial(n, 0.8)
    now = counts_as_now(k, n, people)
    np.testing.assert_allclose(now.k.sum(axis=0), k.sum(axis=0))
    np.testing.assert_allclose(now.n.sum(axis=0), n.sum(axis=0))
    back = counts_as_then(rng.integers(0, 5, 4), np.full(4, 5), people)
    came = people.sum(axis=0) > 0
    assert back.n.sum() == pytest.approx(5 * came.sum())
    own = counts_of_points(k, n, rng.integers(0, 5, 6), n_units=5)
    np.testing.assert_array_equal(own.n.sum(axis=0), n.sum(axis=0))


def test_carried_there_and_looked_at_back_a_merger_is_estimated_then() -> None:
    assert counts_as_then([140], [200], [[900], [300]]).codes.tolist() == [NoTest.ESTIMATED] * 2
    assert counts_as_then([140, 30], [200, 40], [[900, 300]]).codes.tolist() == [NoTest.TESTED]


def test_changes_of_exact_units_are_newcombes() -> None:
    before = counts_as_now([80, 45, 60], [100, 50, 100], [[9, 0], [4, 0], [0, 7]])
    found = wave_changes(before, counts_of_units([180, 70], [200, 100]), design_effect_after=1.5)
    one = share_difference(180, 200, 125, 150, design_effect1=1.5).at()
    assert (found.value[0], found.ci_low[0], found.ci_high[0], found.p_value[0]) == pytest.approx(
        (one.value, one.ci_low, one.ci_high, one.p_value)
    )
    assert (found.holm >= found.p_value).all()
    assert found.reason(0) == ""


def test_estimated_units_show_a_figure_without_limits_or_test() -> None:
    before = counts_as_now([80, 45, 60], [100, 50, 100], PEOPLE)
    found = wave_changes(before, counts_of_units([180, 70], [200, 100]))
    assert found.value[0] == pytest.approx(0.9 - 140 / 175)
    assert np.isnan([found.ci_low[0], found.p_value[0], found.holm[0]]).all()
    assert "estimate" in found.reason(0)


def test_broken_and_recoded_items_have_no_difference_and_say_why() -> None:
    wave = counts_of_units([[8, 7, 6]], [[10, 10, 10]])
    found = wave_changes(wave, wave, breaks=[NoTest.TESTED, NoTest.METHOD_BREAK, NoTest.RECODED])
    assert np.isnan(found.value).tolist() == [[False, True, True]]
    assert [bool(found.reason(0, item)) for item in range(3)] == [False, True, True]
    assert found.reason(0, 1) != found.reason(0, 2)
    assert not np.isnan(found.before).any()


def test_units_of_one_wave_only_and_empty_ones_say_why() -> None:
    before = counts_as_now([8], [10], [[5, 0, 0]])
    found = wave_changes(before, counts_of_units([9, 3, 0], [10, 10, 0]))
    assert [found.reason(unit) for unit in range(3)] == [
        "", NoTest.NO_COUNTERPART.reason, NoTest.NO_COUNTERPART.reason,
    ]  # fmt: skip
    empty = wave_changes(counts_of_units([0, 3], [0, 5]), counts_of_units([2, 3], [4, 5]))
    assert empty.reason(0) == "nobody answered"
    assert np.isnan(empty.value[0])
    assert empty.holm[1] == empty.p_value[1] == 1.0
    nothing = wave_changes(counts_of_units([0], [0]), counts_of_units([0], [0]))
    assert np.isnan(nothing.p_value).all()


def test_swapping_waves_turns_the_sign() -> None:
    one, other = counts_of_units([[80, 20]], [[100, 50]]), counts_of_units([[70, 40]], [[90, 60]])
    there, back = wave_changes(one, other), wave_changes(other, one)
    np.testing.assert_allclose(there.value, -back.value)
    np.testing.assert_allclose(there.ci_low, -back.ci_high)
    np.testing.assert_allclose(there.p_value, back.p_value)


def test_estimated_degrees_of_freedom_widen_the_change() -> None:
    one, other = counts_of_units([80], [100]), counts_of_units([90], [100])
    wide, narrow = (wave_changes(one, other, df=df) for df in (4, None))
    assert wide.ci_high - wide.ci_low > narrow.ci_high - narrow.ci_low
    assert wide.p_value > narrow.p_value


def test_lineage_rejects_bad_input() -> None:
    wave = counts_of_units([1, 2], [3, 4])
    with pytest.raises(InvalidShape, match="rows of people"):
        counts_as_now([1, 2], [3, 4], [[1, 0]])
    with pytest.raises(InvalidCounts, match="people >= 0"):
        counts_as_now([1], [3], [[-1, 2]])
    with pytest.raises(InvalidCounts, match="k <= n"):
        counts_of_units([5], [4])
    with pytest.raises(InvalidCounts):
        counts_of_units([0.5], [4])
    with pytest.raises(InvalidShape):
        counts_of_units(1, 2)
    with pytest.raises(InvalidShape):
        counts_of_points([1], [2], [3], n_units=2)
    with pytest.raises(InvalidShape, match="integer units"):
        counts_of_points([1], [2], [0.5], n_units=2)
    with pytest.raises(InvalidShape, match="one shape"):
        wave_changes(wave, counts_of_units([1], [2]))
    with pytest.raises(InvalidOption, match="METHOD_BREAK"):
        wave_changes(wave, wave, breaks=NoTest.NOBODY)
    with pytest.raises(InvalidShape, match="breaks like"):
        wave_changes(wave, wave, breaks=[NoTest.TESTED] * 3)
    assert len(WaveCounts(wave.k, wave.n, wave.codes)) == 2
