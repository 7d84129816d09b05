"""A change split into rates and mix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from analysis.errors import InvalidCounts, InvalidOption, InvalidShape
from analysis.intervals.two_shares import share_difference
from analysis.weighting.kitagawa import kitagawa_split
from tests.analysis.weighting.test_standardisation import ADMITTED, APPLIED

COUNTS = hnp.arrays(np.int64, (3, 4), elements=st.integers(0, 40))


def test_parts_by_hand() -> None:
    split = kitagawa_split([[8, 5]], [[10, 10]], [[27, 4]], [[30, 10]])
    # mix .5, .5 to .75, .25; shares .8, .5 to .9, .4
    assert split.rate[0].value == pytest.approx(0.625 * 0.1 - 0.375 * 0.1)
    assert split.mix[0].value == pytest.approx(0.25 * 0.85 - 0.25 * 0.45)
    assert split.change[0].value == pytest.approx(31 / 40 - 13 / 20)
    assert split.rate_by_cell[0] == pytest.approx([0.0625, -0.0375])


def test_known_mixes_replace_those_of_the_respondents() -> None:
    split = kitagawa_split(
        [[8, 5]], [[10, 10]], [[27, 4]], [[30, 10]], population_before=[[20, 80]], population_after=[[20, 80]]
    )
    assert split.mix[0].value == 0
    assert split.mix[0].standard_error == 0
    assert split.rate[0].value == pytest.approx(split.change[0].value)


def test_lower_admission_of_women_is_all_mix_against_paper() -> None:
    split = kitagawa_split(ADMITTED[0], APPLIED[0], ADMITTED[1], APPLIED[1])
    assert split.change[0].value < -0.1
    assert split.rate[0].value > 0
    assert split.mix[0].ci_high < -0.1


@given(COUNTS, COUNTS, st.data())
@settings(max_examples=50, deadline=None)
def test_parts_add_up_and_turn_round(n0: np.ndarray, n1: np.ndarray, data: st.DataObject) -> None:
    k0, k1 = (data.draw(COUNTS.map(lambda drawn, n=n: np.minimum(drawn, n))) for n in (n0, n1))
    split, back = kitagawa_split(k0, n0, k1, n1), kitagawa_split(k1, n1, k0, n0)
    np.testing.assert_allclose(split.rate.value + split.mix.value, split.change.value, atol=1e-12)
    known = np.isfinite(split.change.value)
    np.testing.assert_array_equal(known, (n0.sum(axis=1) > 0) & (n1.sum(axis=1) > 0))
    np.testing.assert_allclose(split.rate_by_cell.sum(axis=1)[known], split.rate.value[known], atol=1e-12)
    np.testing.assert_allclose(split.mix_by_cell.sum(axis=1)[known], split.mix.value[known], atol=1e-12)
    for part in ("change", "rate", "mix"):
        ours, theirs = getattr(split, part), getattr(back, part)
        np.testing.assert_allclose(ours.value, -theirs.value, atol=1e-12)
        np.testing.assert_allclose(ours.standard_error, theirs.standard_error, atol=1e-12)
        assert (ours.ci_low <= ours.value)[known].all()


def test_new_channel_is_mix_alone() -> None:
    split = kitagawa_split([[8, 0]], [[10, 0]], [[8, 18]], [[10, 20]])
    assert split.one_sided.tolist() == [[False, True]]
    assert split.rate[0].value == pytest.approx(0)
    assert split.mix[0].value == pytest.approx(split.change[0].value) == pytest.approx(26 / 30 - 0.8)


def test_side_without_respondents_has_no_change_degenerate() -> None:
    change = kitagawa_split([[0]], [[0]], [[1]], [[2]]).change[0]
    assert np.isnan(change.value)
    assert (change.ci_low, change.ci_high) == (-1.0, 1.0)


def test_everyone_satisfied_on_both_sides_keeps_a_width_degenerate() -> None:
    change = kitagawa_split([[20, 9]], [[20, 9]], [[30, 4]], [[30, 4]]).change[0]
    assert change.value == pytest.approx(0)
    assert 0.1 < change.ci_high < 0.3
    assert 0.1 < -change.ci_low < 0.3


def test_one_cell_is_a_plain_difference_and_clusters_widen_it() -> None:
    one = kitagawa_split([[30]], [[40]], [[45]], [[50]])
    assert one.change[0].standard_error == pytest.approx(np.sqrt(0.75 * 0.25 / 40 + 0.9 * 0.1 / 50))
    newcombe = share_difference(45, 50, 30, 40).at()
    assert (one.change[0].ci_low, one.change[0].ci_high) == pytest.approx((newcombe.ci_low, newcombe.ci_high))
    wide = kitagawa_split([[30]], [[40]], [[45]], [[50]], design_effect=4.0)
    assert wide.change[0].standard_error == pytest.approx(2 * one.change[0].standard_error)


@pytest.mark.parametrize("is_known", [False, True])
def test_kitagawa_coverage(is_known: bool) -> None:
    rng = np.random.default_rng(5)
    p, q = np.array([0.9, 0.95, 0.7]), np.array([0.92, 0.9, 0.75])
    a, b = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    n0, n1 = rng.multinomial(200, a, size=3000), rng.multinomial(200, b, size=3000)
    known = {"population_before": 1000 * a, "population_after": 1000 * b} if is_known else {}
    split = kitagawa_split(rng.binomial(n0, p), n0, rng.binomial(n1, q), n1, **known)
    truths = (b @ q - a @ p, (a + b) / 2 @ (q - p), (b - a) @ (p + q) / 2)
    for part, truth in zip((split.change, split.rate, split.mix), truths, strict=True):
        assert 0.93 < np.mean((part.ci_low <= truth) & (truth <= part.ci_high)) < 0.97


def test_kitagawa_rejects_bad_input() -> None:
    with pytest.raises(InvalidShape, match="same cells"):
        kitagawa_split([[1]], [[2]], [[1, 1]], [[2, 2]])
    with pytest.raises(InvalidShape, match="before and after"):
        kitagawa_split([[1]], [[2]], [[1]], [[2]], population_before=[[3]])
    with pytest.raises(InvalidCounts, match="wherever there are dossiers"):
        kitagawa_split(
            [[1, 0]], [[2, 0]], [[1, 1]], [[2, 2]], population_before=[[3, 3]], population_after=[[3, 3]]
        )
    with pytest.raises(InvalidCounts, match="k <= n"):
        kitagawa_split([[3]], [[2]], [[1]], [[2]])
    with pytest.raises(InvalidOption, match="design_effect"):
        kitagawa_split([[1]], [[2]], [[1]], [[2]], design_effect=0)
