"""Repeated forms, one busy device, invented numbers, runs."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.sandbox.stats.runs import Runs

from analysis.errors import StatisticsError
from analysis.integrity.concentration import herfindahl_index, herfindahl_scores, top_device_scores
from analysis.integrity.digits import heaping_scores, last_digit_counts, last_digit_scores
from analysis.integrity.duplicates import collision_rate, duplicate_scores
from analysis.integrity.runs import longest_run_scores, runs_scores
from analysis.integrity.scores import Reason
from tests.analysis.integrity.rates import is_kept


def forms(rng: np.random.Generator, n: int, *, mood: float = 0.0) -> np.ndarray:
    """Patterns of four answers of five levels that move together; many people tick one column."""
    latent = mood + rng.normal(0, 1, (n, 1)) + rng.normal(0, 0.7, (n, 4))
    answers = np.clip(np.rint(latent + 3.4), 1, 5).astype(int) - 1
    return answers @ 5 ** np.arange(4)


def patterns(batches: list[np.ndarray]) -> np.ndarray:
    return np.array([np.bincount(batch, minlength=625) for batch in batches])


def test_honest_batches_repeat_no_more_often_than_stated() -> None:
    rng = np.random.default_rng(1)
    p_values = [
        duplicate_scores(patterns([forms(rng, 30) for _ in range(12)]), rng=rng, n_resamples=199).p_value
        for _ in range(50)
    ]
    assert is_kept(np.concatenate(p_values), alpha=0.05)


def test_copied_forms_are_found_and_a_good_day_is_not() -> None:
    rng = np.random.default_rng(2)
    batches = [forms(rng, 40) for _ in range(20)]
    batches[0] = np.concatenate([forms(rng, 25), np.repeat(forms(rng, 3), 5)])
    batches[1] = forms(rng, 40, mood=0.8)
    table = patterns(batches)
    overall = np.arange(625) % 5
    plain = duplicate_scores(table, rng=rng)
    by_level = duplicate_scores(table, rng=rng, stratum=overall)
    assert by_level.p_value[0] <= 0.005
    assert plain.p_value[1] < by_level.p_value[1]
    assert by_level.p_value[1] > 0.05


def test_collision_rate_against_all_pairs() -> None:
    batch = [3, 3, 1, 2, 3, 1]
    pairs = list(combinations(batch, 2))
    wanted = sum(a == b for a, b in pairs) / len(pairs)
    assert collision_rate(np.bincount(batch)) == pytest.approx(wanted)
    assert np.isnan(collision_rate([1, 0]))


def test_batches_without_freedom_say_so_degenerate() -> None:
    rng = np.random.default_rng(3)
    scores = duplicate_scores([[20, 0], [0, 0], [1, 1]], rng=rng)
    assert scores.reason.tolist() == [Reason.COMPUTED, Reason.NO_RESPONSES, Reason.TOO_FEW]
    assert duplicate_scores([[20, 5]], rng=rng).reason[0] == Reason.NO_VARIATION
    assert (duplicate_scores([[20, 0], [15, 0]], rng=rng).reason == Reason.NO_VARIATION).all()
    assert len(duplicate_scores(np.zeros((0, 3)), rng=rng)) == 0


@pytest.mark.parametrize("concentration", [np.inf, 40.0])
def test_honest_devices_are_flagged_no_more_often_than_stated(concentration: float) -> None:
    rng, part = np.random.default_rng(4), np.array([0.6, 0.25, 0.1, 0.05])
    chance = part if np.isinf(concentration) else rng.dirichlet(part * concentration, 1_500)
    counts = rng.multinomial(rng.integers(30, 200, 1_500), chance)
    usual = np.tile(part, (1_500, 1))
    top = top_device_scores(counts, usual, concentration=concentration)
    assert is_kept(top.p_value, alpha=0.05)
    assert is_kept(top.p_value, alpha=0.01)
    index = herfindahl_scores(
        counts[:500], usual[:500], rng=rng, concentration=concentration, n_resamples=199
    )
    assert is_kept(index.p_value, alpha=0.05)


def test_a_device_that_brings_all_the_praise_is_found() -> None:
    answers, praise = np.array([[60, 50, 55, 40]]), np.array([[55, 6, 5, 4]])
    scores = top_device_scores(praise, answers, concentration=60)
    assert scores.p_value[0] < 0.01
    assert scores.place[0] == 0
    even = top_device_scores([[28, 26, 25, 21]], answers, concentration=60)
    assert even.p_value[0] > 0.5


def test_herfindahl_of_the_simplest_units_degenerate() -> None:
    assert herfindahl_index([[0, 0], [4, 0], [2, 2]]).tolist() == [0, 1, 0.5]
    scores = top_device_scores([[30, 0], [0, 0], [5, 5]], [[1, 0], [1, 1], [1, 1]])
    assert scores.reason.tolist() == [Reason.NO_REFERENCE, Reason.NO_RESPONSES, Reason.TOO_FEW]
    assert (
        herfindahl_scores([[30, 0]], [[1, 0]], rng=np.random.default_rng(0)).reason[0] == Reason.NO_REFERENCE
    )


def test_last_digits_of_honest_counts_are_even() -> None:
    rng = np.random.default_rng(2)
    digits = np.array([last_digit_counts(row) for row in rng.poisson(rng.uniform(60, 400, (5_000, 40)))])
    assert is_kept(last_digit_scores(digits, rng=rng).p_value, alpha=0.05)
    assert is_kept(last_digit_scores(digits, rng=rng).p_value, alpha=0.01)
    assert is_kept(heaping_scores(digits).p_value, alpha=0.05)


def test_rounded_counts_are_found() -> None:
    rng = np.random.default_rng(6)
    honest = rng.poisson(150, (50, 60))
    rounded = np.where(rng.random(honest.shape) < 0.4, 5 * np.rint(honest / 5), honest)
    digits = np.array([last_digit_counts(row) for row in rounded])
    assert (heaping_scores(digits).p_value < 0.01).mean() > 0.9
    assert (last_digit_scores(digits, rng=rng).p_value < 0.01).mean() > 0.7


def test_last_digit_test_against_the_chi_square_for_many_numbers() -> None:
    table = np.array([[130, 90, 95, 105, 100, 110, 85, 95, 98, 92]])
    found = last_digit_scores(table, rng=np.random.default_rng(7))
    wanted = stats.chisquare(table[0])
    assert found.statistic[0] == pytest.approx(wanted.statistic)
    assert found.p_value[0] == pytest.approx(wanted.pvalue, abs=0.02)


@given(st.integers(1, 6), st.integers(1, 6))
@settings(deadline=None)
def test_runs_against_every_order(n1: int, n2: int) -> None:
    counts = []
    for places in combinations(range(n1 + n2), n1):
        order = np.isin(np.arange(n1 + n2), places)
        counts.append(1 + int((order[1:] != order[:-1]).sum()))
    counts = np.array(counts)
    seen = np.unique(counts)
    for side, tail in (("few", lambda r: counts <= r), ("many", lambda r: counts >= r)):
        found = runs_scores(np.full(len(seen), n1), n2, seen, alternative=side)
        assert found.p_value == pytest.approx([tail(r).mean() for r in seen])
        assert found.expected[0] == pytest.approx(counts.mean())


def test_runs_against_statsmodels_for_long_batches() -> None:
    rng = np.random.default_rng(8)
    flags = np.sort(rng.random(400)) < rng.random(400)
    n_runs = 1 + int((flags[1:] != flags[:-1]).sum())
    found = runs_scores(flags.sum(), (~flags).sum(), n_runs, alternative="two-sided")
    _, wanted = Runs(flags.astype(int)).runs_test(correction=False)
    assert np.log(found.p_value) == pytest.approx(np.log(wanted), rel=0.1)


def longest_satisfied(flags: np.ndarray) -> np.ndarray:
    """Longest run of each row, by a running count."""
    run, longest = np.zeros(len(flags), dtype=int), np.zeros(len(flags), dtype=int)
    for column in flags.T:
        run = np.where(column, run + 1, 0)
        longest = np.maximum(longest, run)
    return longest


def test_runs_keep_their_rate_and_find_blocks() -> None:
    rng = np.random.default_rng(9)
    honest = rng.random((3_000, 60)) < 0.8
    n_runs = 1 + (honest[:, 1:] != honest[:, :-1]).sum(axis=1)
    n = honest.sum(axis=1), (~honest).sum(axis=1)
    assert is_kept(runs_scores(*n, n_runs).p_value, alpha=0.05)
    assert is_kept(longest_run_scores(*n, longest_satisfied(honest)).p_value, alpha=0.05)
    stuffed = np.insert(honest[:300], [20] * 60, True, axis=1)
    n_runs = 1 + (stuffed[:, 1:] != stuffed[:, :-1]).sum(axis=1)
    n = stuffed.sum(axis=1), (~stuffed).sum(axis=1)
    by_longest = longest_run_scores(*n, longest_satisfied(stuffed)).p_value < 0.01
    by_number = runs_scores(*n, n_runs).p_value < 0.01
    assert by_longest.mean() > 0.9
    assert 0.01 < by_number.mean() < by_longest.mean()


@given(st.integers(1, 7), st.integers(1, 5))
@settings(deadline=None)
def test_longest_run_is_bounded_against_every_order(n1: int, n2: int) -> None:
    orders = [np.isin(np.arange(n1 + n2), places) for places in combinations(range(n1 + n2), n1)]
    longest = longest_satisfied(np.array(orders))
    for run in np.unique(longest):
        exact = (longest >= run).mean()
        found = longest_run_scores([n1], n2, run).p_value[0]
        assert found >= exact - 1e-12
        if 2 * run > n1:
            assert found == pytest.approx(exact)


def test_runs_of_one_kind_say_nothing_degenerate() -> None:
    scores = runs_scores([20, 0, 1], [0, 0, 1], [1, 0, 2])
    assert scores.reason.tolist() == [Reason.NO_VARIATION, Reason.NO_RESPONSES, Reason.COMPUTED]
    assert scores.p_value[2] == 1


def test_screens_of_batches_reject_bad_input() -> None:
    rng = np.random.default_rng(0)
    for counts in ([1, 2], [[1.5, 2]], [[-1, 2]], [[np.nan, 1]]):
        with pytest.raises(StatisticsError):
            duplicate_scores(counts, rng=rng)
        with pytest.raises(StatisticsError):
            top_device_scores(counts, counts)
        with pytest.raises(StatisticsError):
            last_digit_scores(counts, rng=rng)
    with pytest.raises(StatisticsError):
        duplicate_scores([[10, 20]], rng=rng, n_resamples=0)
    with pytest.raises(StatisticsError):
        duplicate_scores([[10, 20]], rng=rng, stratum=[0])
    with pytest.raises(StatisticsError):
        top_device_scores([[10, 20]], [[1, 0]])
    with pytest.raises(StatisticsError):
        top_device_scores([[10, 20]], [[1, 1]], concentration=0)
    with pytest.raises(StatisticsError):
        herfindahl_scores([[10, 20]], [[1, 1]], rng=rng, n_resamples=0)
    with pytest.raises(StatisticsError):
        last_digit_counts([1.5])
    with pytest.raises(StatisticsError):
        last_digit_counts([15], smallest=5)
    with pytest.raises(StatisticsError):
        runs_scores([5], [5], [12])
    with pytest.raises(StatisticsError):
        runs_scores([5], [5], [1])
    with pytest.raises(StatisticsError):
        runs_scores([5], [5], [4], alternative="less")
    for longest in (0, 6, 1.5):
        with pytest.raises(StatisticsError):
            longest_run_scores([5], [5], [longest])
