"""Bursts within a day and silence at peak, on a kiosk and on a channel that mails."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import StatisticsError
from analysis.integrity.bursts import burst_scan, burst_scores, rank_among_past_days
from analysis.integrity.profiles import arrival_dispersion, share_concentration, shrunken_profile
from analysis.integrity.scores import Reason
from analysis.integrity.silence import silence_scores
from tests.analysis.integrity.rates import is_kept

N_BUCKETS = 96
WINDOWS = (1, 2, 4, 12)
MINUTES = np.arange(N_BUCKETS)
DAY = 1 + 2 * np.exp(-(((MINUTES - 20) / 10) ** 2)) + np.exp(-(((MINUTES - 65) / 12) ** 2))
DAY /= DAY.sum()


def kiosk_days(
    rng: np.random.Generator, n_days: int, *, mean: float = 60, dispersion: float = 1.5
) -> np.ndarray:
    """Five-minute counts of busy and quiet days, people coming in small groups."""
    expected = mean * rng.gamma(8, 1 / 8, (n_days, 1)) * DAY
    return rng.negative_binomial(expected / (dispersion - 1), 1 / dispersion)


def mailing_days(rng: np.random.Generator, n_days: int, *, mean: float = 100) -> np.ndarray:
    """Answers to batches of messages: 25 at a time, within minutes, at any hour."""
    days = np.zeros((n_days, N_BUCKETS), dtype=int)
    for day in days:
        for _ in range(rng.poisson(mean / 25)):
            after = rng.exponential(2.5, rng.poisson(25)).astype(int)
            day += np.bincount(np.minimum(rng.integers(0, 84) + after, N_BUCKETS - 1), minlength=N_BUCKETS)
    return days


def scored(past: np.ndarray, today: np.ndarray, pool: np.ndarray):
    """Scores of days by what the past days teach."""
    profile = shrunken_profile(past.sum(axis=0), pool)
    others = shrunken_profile(past.sum(axis=0) - past, pool)
    dispersion = arrival_dispersion(past, others, windows=WINDOWS)
    return burst_scores(today, profile, dispersion=dispersion, profile_responses=past.sum(), windows=WINDOWS)


@pytest.mark.parametrize(("mean", "dispersion"), [(30, 1.5), (100, 1.5), (60, 2.5)])
def test_honest_kiosk_days_are_flagged_no_more_often_than_stated(mean: float, dispersion: float) -> None:
    rng = np.random.default_rng(1)
    pool = kiosk_days(rng, 300, mean=mean, dispersion=dispersion).sum(axis=0)
    days = [kiosk_days(rng, 60, mean=mean, dispersion=dispersion) for _ in range(20)]
    p_values = np.concatenate([scored(day[:20], day[20:], pool).p_value for day in days])
    assert is_kept(p_values, alpha=0.05)
    assert is_kept(p_values, alpha=0.01)


def test_a_genuine_mailing_is_no_burst_on_its_own_channel() -> None:
    rng = np.random.default_rng(2)
    past, today = mailing_days(rng, 60), mailing_days(rng, 600)
    even = np.ones(N_BUCKETS)
    by_channel = scored(past, today, 10 * even)
    as_a_kiosk = burst_scores(today, even, windows=WINDOWS)
    assert is_kept(by_channel.p_value, alpha=0.01)
    assert (as_a_kiosk.p_value < 0.001).mean() > 0.9


@pytest.mark.parametrize(("n_presses", "n_buckets"), [(30, 2), (50, 6), (200, 12)])
def test_presses_of_staff_are_found(n_presses: int, n_buckets: int) -> None:
    rng = np.random.default_rng(3)
    pool, past, today = kiosk_days(rng, 300).sum(axis=0), kiosk_days(rng, 30), kiosk_days(rng, 100)
    start = rng.integers(0, N_BUCKETS - n_buckets, 100)
    for day, first in zip(today, start, strict=True):
        day[first : first + n_buckets] += rng.multinomial(n_presses, np.full(n_buckets, 1 / n_buckets))
    scores = scored(past, today, pool)
    assert (scores.p_value < 0.001).mean() > 0.9
    found = np.abs(scores.place - start) <= 12
    assert found.mean() > 0.8


def test_scan_by_resampling_keeps_its_rate_and_is_sharper_than_the_bound() -> None:
    rng = np.random.default_rng(4)
    days = rng.multinomial(40, DAY, size=500)
    honest = np.array([burst_scan(day, DAY, rng=rng, n_resamples=99).p_value for day in days])
    assert is_kept(honest, alpha=0.05)
    stuffed = days[:60].copy()
    stuffed[:, 50:52] += 3
    sharp = np.array([burst_scan(day, DAY, rng=rng, n_resamples=199).p_value for day in stuffed])
    bound = burst_scores(stuffed, DAY, windows=(1, 2, 3, 4, 5, 6)).p_value
    assert (sharp < 0.05).mean() > (bound < 0.05).mean()


def test_scan_with_bunching_needs_more_to_speak() -> None:
    day = np.full(24, 2)
    day[10] = 12
    loose = burst_scan(day, np.ones(24), rng=np.random.default_rng(5), dispersion=4)
    strict = burst_scan(day, np.ones(24), rng=np.random.default_rng(5))
    assert strict.p_value < 0.02 < loose.p_value
    assert strict.place == loose.place == 10


def test_dispersion_is_recovered_from_past_days() -> None:
    rng = np.random.default_rng(6)
    for phi in (1.5, 3.0):
        past = kiosk_days(rng, 2_000, mean=150, dispersion=phi)
        assert arrival_dispersion(past, DAY, windows=(1, 4)) == pytest.approx(phi, rel=0.12)
    assert arrival_dispersion(rng.multinomial(50, DAY, size=500), DAY)[0] < 1.05


def test_concentration_of_parts_is_recovered_from_past_months() -> None:
    rng, part = np.random.default_rng(7), np.array([0.5, 0.3, 0.2])
    past = np.array([rng.multinomial(400, chance) for chance in rng.dirichlet(part * 30, 2_000)])
    assert share_concentration(past, part) == pytest.approx(30, rel=0.15)
    assert share_concentration(rng.multinomial(400, part, size=50), part) > 1_000


@given(st.integers(0, 999), st.integers(1, 40))
@settings(deadline=None, max_examples=30)
def test_more_presses_are_never_less_suspicious(seed: int, extra: int) -> None:
    day = np.random.default_rng(seed).poisson(3, 20)
    more = day.copy()
    more[int(np.argmax(day))] += extra
    calm, stuffed = burst_scores([day, more], np.ones(20), windows=(1,)).p_value
    assert stuffed <= calm + 1e-12


def test_rank_among_past_days_is_exact() -> None:
    rng = np.random.default_rng(8)
    days = rng.poisson(5, (2_000, 40))
    assert is_kept(rank_among_past_days(days[:, 0], days[:, 1:]), alpha=0.05)
    assert rank_among_past_days([9], [[9, 9]])[0] == 1


def test_silence_is_found_and_a_slow_day_is_not() -> None:
    rng = np.random.default_rng(9)
    day_factor = rng.gamma(3, 1 / 3, 2_000)
    own, others = rng.poisson(10 * day_factor), rng.poisson(30 * day_factor)
    beside = silence_scores(own, 10, n_others=others, expected_others=30)
    assert is_kept(beside.p_value, alpha=0.05)
    alone = silence_scores(own, 10)
    assert (alone.p_value < 0.05).mean() > 0.15
    assert silence_scores([0], [10], n_others=[30], expected_others=[30]).p_value[0] < 1e-3
    assert silence_scores([0], [10], n_others=[4], expected_others=[30]).p_value[0] > 0.05


def test_silence_with_bunched_arrivals_keeps_its_rate() -> None:
    rng, phi = np.random.default_rng(10), 3.0
    own, others = (rng.negative_binomial(mean / (phi - 1), 1 / phi, 3_000) for mean in (10, 30))
    assert is_kept(silence_scores(own, 10, dispersion=phi).p_value, alpha=0.05)
    beside = silence_scores(own, 10, n_others=others, expected_others=30, dispersion=phi)
    assert is_kept(beside.p_value, alpha=0.05)


def test_days_that_cannot_be_judged_say_why_degenerate() -> None:
    scores = burst_scores([[0, 0], [1, 2], [20, 20]], [1, 1])
    assert scores.reason.tolist() == [Reason.NO_RESPONSES, Reason.TOO_FEW, Reason.COMPUTED]
    assert scores.place.tolist()[:2] == [-1, -1]
    assert burst_scores([[30]], [1]).p_value[0] == 1
    assert len(burst_scores(np.zeros((0, 4)), np.ones(4))) == 0
    assert burst_scan([0, 0], [1, 1], rng=np.random.default_rng(0)).reason is Reason.NO_RESPONSES
    assert silence_scores([0], [1]).reason[0] == Reason.TOO_FEW
    assert silence_scores([0], [9], n_others=[0], expected_others=[9]).reason[0] == Reason.NO_REFERENCE
    assert arrival_dispersion([[1, 0], [0, 1]], [0.5, 0.5]).tolist() == [1]
    assert arrival_dispersion([[9]], [1]).tolist() == [1]


@pytest.mark.parametrize(
    "arguments",
    [
        {"counts": [1, 2]},
        {"counts": [[-1, 2]]},
        {"counts": [[1.5, 2]]},
        {"counts": [[np.nan, 2]]},
        {"profile": [0, 1]},
        {"profile": [1, 1, 1]},
        {"dispersion": 0.5},
        {"dispersion": np.nan},
        {"profile_responses": 0},
        {"windows": (0,)},
        {"windows": ()},
        {"windows": (2, 1)},
        {"windows": (1.5,)},
    ],
)
def test_burst_scores_reject_bad_input(arguments: dict) -> None:
    with pytest.raises(StatisticsError):
        burst_scores(**({"counts": [[10, 20]], "profile": [1, 1]} | arguments))


def test_other_screens_of_a_day_reject_bad_input() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(StatisticsError):
        burst_scan([10, 20], [1, 1], rng=rng, n_resamples=0)
    with pytest.raises(StatisticsError):
        shrunken_profile([1, 2], [1, 2, 3])
    with pytest.raises(StatisticsError):
        shrunken_profile([-1, 2], [1, 2])
    with pytest.raises(StatisticsError):
        silence_scores([1], [5], n_others=[3])
    with pytest.raises(StatisticsError):
        silence_scores([1.5], [5])
    with pytest.raises(StatisticsError):
        silence_scores([1], [-5])
    with pytest.raises(StatisticsError):
        rank_among_past_days([1], [1, 2])
