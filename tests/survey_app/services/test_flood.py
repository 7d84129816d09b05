"""Buckets by device, by code and overall; what a flood counted is told once, and names no answer."""

import logging

import pytest

from survey_app.services.flood import CALM_SECONDS, Admission, Flood, Limit, Limits, Outcome

FREE, WORK = Admission.FREE, Admission.WORK
LIMITS = Limits(device=Limit(2, 60), code=Limit(3, 60), overall=Limit(5, 60))


@pytest.fixture
def flood():
    return Flood(LIMITS)


def admitted(flood, n, *, at=0.0, **key):
    return [flood.admit(at=at, **key) for _ in range(n)]


def test_a_code_is_let_in_up_to_its_burst_and_then_as_fast_as_tokens_come_back(flood):
    assert admitted(flood, 4, code="A") == [FREE, FREE, FREE, WORK]
    assert admitted(flood, 2, code="A", at=1.0) == [FREE, WORK]
    assert admitted(flood, 4, code="A", at=1_000.0) == [FREE, FREE, FREE, WORK]


def test_codes_do_not_use_up_each_other_until_all_together_are_too_many(flood):
    assert admitted(flood, 3, code="A") == [FREE] * 3
    assert admitted(flood, 3, code="B") == [FREE, FREE, WORK]
    assert admitted(flood, 1, code="C") == [WORK]


def test_a_refused_answer_uses_up_nothing(flood):
    admitted(flood, 3, code="A")
    assert admitted(flood, 100, code="A") == [WORK] * 100
    assert admitted(flood, 2, code="B") == [FREE, FREE]


def test_an_enrolled_device_has_a_bucket_of_its_own_and_answers_for_no_flood_around_it(flood):
    assert WORK in admitted(flood, 10, code="A")
    assert admitted(flood, 3, code="A", device="kiosk 1") == [FREE, FREE, WORK]
    assert admitted(flood, 2, code="A", device="kiosk 2") == [FREE, FREE]


def test_a_device_and_a_code_of_one_name_are_two_keys(flood):
    assert admitted(flood, 3, code="A", device="A") == [FREE, FREE, WORK]
    assert admitted(flood, 3, code="A") == [FREE] * 3


def test_a_clock_that_stands_still_or_goes_back_gives_no_tokens(flood):
    admitted(flood, 3, code="A", at=50.0)
    assert admitted(flood, 1, code="A", at=20.0) == [WORK]


def test_a_flood_is_told_when_it_begins_and_once_more_when_it_is_over(flood, caplog):
    caplog.set_level(logging.INFO)
    for outcome in (Outcome.ASKED, Outcome.ASKED, Outcome.PROVEN, Outcome.PLAIN):
        flood.count("A", outcome, at=1.0)
    assert flood.counts("A") == {Outcome.ASKED: 2, Outcome.PROVEN: 1, Outcome.PLAIN: 1}
    admitted(flood, 1, code="B", at=CALM_SECONDS)
    assert [record.getMessage() for record in caplog.records] == ["flood began key=A"]
    admitted(flood, 1, code="B", at=1.0 + CALM_SECONDS)
    assert caplog.records[-1].getMessage() == "flood over key=A asked=2 proven=1 plain=1"
    assert flood.counts("A") == {}
