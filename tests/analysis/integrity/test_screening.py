"""All screens together: false alarms as stated, stuffing found, a genuine mailing left in peace."""

import numpy as np
import pytest

from analysis.comparing.many_comparisons import adjust_p_values
from analysis.errors import StatisticsError
from analysis.integrity.bursts import burst_scores
from analysis.integrity.scores import Reason, Scores, scores_of
from analysis.integrity.screening import screening
from analysis.integrity.shares import excess_share_scores
from tests.analysis.integrity.test_bursts import N_BUCKETS, kiosk_days, mailing_days, scored


def scores_with(p: list[float]) -> Scores:
    p_value = np.array(p)
    reason = np.where(np.isnan(p_value), Reason.TOO_FEW, Reason.COMPUTED)
    return scores_of(0.5, 0.5, np.nan_to_num(p_value), np.full(len(p), 50.0), reason=reason, method="any")


def test_each_channel_is_a_family_of_its_own() -> None:
    kiosk, phone = scores_with([0.001, 0.04, 0.3, np.nan]), scores_with([0.02, 0.6])
    found = screening({("kiosk", "a"): kiosk, ("kiosk", "b"): scores_with([0.01]), ("phone", "a"): phone})
    wanted = adjust_p_values([0.001, 0.04, 0.3, 0.01], method="bh")
    assert found.adjusted["kiosk", "a"][:3] == pytest.approx(wanted[:3])
    assert found.adjusted["kiosk", "b"] == pytest.approx(wanted[3:])
    assert found.adjusted["phone", "a"] == pytest.approx(adjust_p_values([0.02, 0.6], method="bh"))
    assert found.flagged["kiosk", "a"].tolist() == [True, False, False, False]
    summary = found.channels["kiosk"]
    assert (summary.n_tests, summary.n_not_computed, summary.n_flagged) == (4, 1, 2)
    assert summary.expected_false_alarms == pytest.approx(0.05 * 2)


def test_expected_number_of_false_alarms_is_held() -> None:
    rng = np.random.default_rng(1)
    alarms = [
        screening({("kiosk", "a"): scores_with(rng.random(300))}, rate=1.5, method="expected")
        .flagged["kiosk", "a"]
        .sum()
        for _ in range(400)
    ]
    assert np.mean(alarms) == pytest.approx(1.5, abs=0.2)
    found = screening({("kiosk", "a"): scores_with([0.001, 0.5])}, rate=1.5, method="expected")
    assert found.adjusted["kiosk", "a"].tolist() == [0.002, 1.0]
    assert found.channels["kiosk"].expected_false_alarms == 1.5


def test_a_channel_with_nothing_wrong_is_rarely_flagged_at_all() -> None:
    rng = np.random.default_rng(2)
    clean = [
        screening({("kiosk", s): scores_with(rng.random(78)) for s in "abcd"}).channels["kiosk"].n_flagged
        == 0
        for _ in range(400)
    ]
    assert np.mean(clean) >= 0.95 - 1.645 * np.sqrt(0.05 * 0.95 / 400)


def test_two_hundred_presses_raise_a_flag_and_a_genuine_mailing_does_not() -> None:
    rng = np.random.default_rng(3)
    pool, past = kiosk_days(rng, 300).sum(axis=0), kiosk_days(rng, 30)
    kiosk = kiosk_days(rng, 40)
    kiosk[7, 30:42] += rng.multinomial(200, np.full(12, 1 / 12))
    mailing_past, mailing = mailing_days(rng, 60), mailing_days(rng, 40)
    found = screening(
        {
            ("kiosk", "burst"): scored(past, kiosk, pool),
            ("sms", "burst"): scored(mailing_past, mailing, np.full(N_BUCKETS, 10)),
        }
    )
    assert np.flatnonzero(found.flagged["kiosk", "burst"]).tolist() == [7]
    assert found.channels["sms"].n_flagged == 0
    assert found.channels["sms"].expected_false_alarms == 0


def test_fifty_stuffed_among_two_hundred_honest_are_found_by_several_signs() -> None:
    rng = np.random.default_rng(4)
    n = np.full(40, 200)
    straight, fast = rng.binomial(n, 0.17), rng.binomial(n, 0.04)
    n[0], straight[0], fast[0] = 250, straight[0] + 48, fast[0] + 45
    found = screening(
        {
            ("kiosk", "straight_line"): excess_share_scores(straight, n),
            ("kiosk", "speeding"): excess_share_scores(fast, n),
            ("kiosk", "burst"): burst_scores(rng.multinomial(200, np.full(60, 1 / 60), size=40), np.ones(60)),
        }
    )
    assert found.flagged["kiosk", "straight_line"][0]
    assert found.flagged["kiosk", "speeding"][0]
    assert found.channels["kiosk"].n_flagged <= 3


def test_nothing_to_screen_degenerate() -> None:
    assert screening({}).channels == {}
    found = screening({("kiosk", "a"): scores_with([np.nan]), ("qr", "b"): scores_with([])})
    assert found.channels["kiosk"].n_tests == 0
    assert found.channels["qr"].n_not_computed == 0
    assert not found.flagged["kiosk", "a"].any()


@pytest.mark.parametrize("arguments", [{"rate": 0}, {"rate": 1.2}, {"rate": np.nan}, {"method": "holm"}])
def test_screening_rejects_bad_input(arguments: dict) -> None:
    with pytest.raises(StatisticsError):
        screening({("kiosk", "a"): scores_with([0.5])}, **arguments)
