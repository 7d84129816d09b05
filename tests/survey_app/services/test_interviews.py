"""An interview is stored once, under the interviewer's code, and its case forgets when it was."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.db import write_transaction
from survey_app.errors import AlreadyAnsweredDifferently, BadToken, CaseClosed, InterviewsOver, NotFound
from survey_app.models import InterviewAssignment, Interviewer, Response
from survey_app.services import interviews
from survey_app.vocabulary import Channel
from tests.survey_app.interviewing import SIGNER, TODAY, build_office, give, hold, interview_answers


@pytest.fixture
def office(session, world):
    return build_office(session, world)


def case(session, case_id):
    session.expire_all()
    return session.get_one(InterviewAssignment, case_id)


def n_responses(session):
    return session.scalar(select(func.count()).select_from(Response))


@pytest.mark.parametrize(("mode", "channel"), [("interview", Channel.INTERVIEW), ("phone", Channel.PHONE)])
def test_an_interview_is_stored_under_the_code_and_the_case_is_done(session, world, office, mode, channel):
    (case_id,) = give(session, world, office, mode=mode)
    opened = interviews.open_interview(
        session, case_id=case_id, viewer=office.mai, signer=SIGNER, today=TODAY
    )
    assert SIGNER.read_point_token(opened.token).channel == opened.channel == channel
    hold(session, case_id, interview_answers(world, mode=channel), office.mai)
    response = session.scalars(select(Response)).one()
    code = session.scalars(select(Interviewer.code)).one()
    assert (response.collector, response.channel, response.unit_id) == (code, channel, world.units["Đông Hà"])
    assert code.startswith("PV") and len(code) == 7 and "mai" not in code
    done = case(session, case_id)
    assert (done.state, done.n_attempts, done.last_attempt_on, done.label) == ("done", 1, None, None)


def test_the_same_page_sent_twice_is_stored_once(session, world, office):
    (case_id,) = give(session, world, office)
    answers = interview_answers(world)
    first, second = (hold(session, case_id, answers, office.mai) for _ in range(2))
    assert (first.is_new, second.is_new, first.code) == (True, False, second.code)
    assert n_responses(session) == 1
    assert case(session, case_id).n_attempts == 1


def test_other_answers_under_the_same_id_are_refused(session, world, office):
    (case_id,) = give(session, world, office)
    answers = interview_answers(world)
    hold(session, case_id, answers, office.mai)
    changed = interview_answers(world, id=answers.id, answers={"overall": "dissatisfied"})
    with pytest.raises(AlreadyAnsweredDifferently):
        hold(session, case_id, changed, office.mai)


def test_a_second_interview_of_a_case_that_is_done_stores_nothing(session, world, office):
    (case_id,) = give(session, world, office)
    hold(session, case_id, interview_answers(world), office.mai)
    session.commit()
    with pytest.raises(CaseClosed):
        hold(session, case_id, interview_answers(world), office.mai)
    session.rollback()
    assert n_responses(session) == 1
    with pytest.raises(CaseClosed):
        interviews.open_interview(session, case_id=case_id, viewer=office.mai, signer=SIGNER, today=TODAY)


def test_nobody_opens_or_closes_the_case_of_another(session, world, office):
    (case_id,) = give(session, world, office)
    for act in (
        lambda: interviews.open_interview(session, case_id=case_id, viewer=office.nam, signer=SIGNER, today=TODAY),
        lambda: hold(session, case_id, interview_answers(world), office.nam),
        lambda: interviews.record_attempt(session, case_id=case_id, outcome="refused", viewer=office.nam, today=TODAY),
        lambda: interviews.own_case(session, case_id=uuid4(), viewer=office.mai),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            act()
    assert n_responses(session) == 0


@pytest.mark.parametrize("change", [{"mode": 4}, {"mode": 2}, {"unit": "Cồn Cỏ"}])
def test_a_page_of_another_unit_or_channel_does_not_fit_the_case(session, world, office, change):
    (case_id,) = give(session, world, office)
    with pytest.raises(BadToken):
        hold(session, case_id, interview_answers(world, **change), office.mai)


def test_an_interview_that_was_begun_in_time_is_stored_after_the_wave(session, world, office):
    (case_id,) = give(session, world, office)
    receipt = interviews.submit_interview(
        session, case_id=case_id, submission=interview_answers(world), viewer=office.mai, signer=SIGNER,
        today=date(2026, 10, 20),
    )  # fmt: skip
    assert receipt.is_new
    assert session.scalars(select(Response.is_late)).one() is True


@pytest.mark.parametrize("day", [date(2026, 7, 31), date(2026, 9, 1)])
def test_no_interview_is_begun_outside_the_wave(session, world, office, day):
    (case_id,) = give(session, world, office)
    with pytest.raises(InterviewsOver):
        interviews.open_interview(session, case_id=case_id, viewer=office.mai, signer=SIGNER, today=day)


def test_attempts_are_counted_and_only_the_last_day_is_kept(session, world, office):
    (case_id,) = give(session, world, office)
    for day in (TODAY, date(2026, 8, 12)):
        interviews.record_attempt(
            session, case_id=case_id, outcome="not_reached", viewer=office.mai, today=day
        )
    missed = case(session, case_id)
    assert (missed.state, missed.n_attempts, missed.last_attempt_on) == ("not_reached", 2, date(2026, 8, 12))
    hold(session, case_id, interview_answers(world), office.mai)
    assert (case(session, case_id).state, case(session, case_id).last_attempt_on) == ("done", None)


def test_a_refusal_ends_the_case(session, world, office):
    (case_id,) = give(session, world, office)
    interviews.record_attempt(session, case_id=case_id, outcome="refused", viewer=office.mai, today=TODAY)
    with pytest.raises(CaseClosed):
        interviews.record_attempt(
            session, case_id=case_id, outcome="not_reached", viewer=office.mai, today=TODAY
        )
    with pytest.raises(CaseClosed):
        hold(session, case_id, interview_answers(world), office.mai)


def test_rounds_count_by_unit_and_mode_and_list_what_is_left_in_order(session, world, office):
    ids = give(session, world, office, labels=("10", "9", "A-1"))
    give(session, world, office, unit_id=world.units["Hòa Xuân"], mode="phone", n=2)
    give(session, world, office, to=office.nam, n=4)
    interviews.record_attempt(session, case_id=ids[0], outcome="not_reached", viewer=office.mai, today=TODAY)
    interviews.record_attempt(session, case_id=ids[2], outcome="refused", viewer=office.mai, today=TODAY)
    first, second = interviews.my_rounds(session, viewer=office.mai, today=TODAY)
    assert (first.unit_title, first.mode, first.n_cases) == ("Phường Đông Hà", "interview", 3)
    assert (first.n_open, first.n_not_reached, first.n_refused, first.n_done) == (1, 1, 1, 0)
    assert [each.label for each in first.to_do] == ["9", "10"]
    assert (second.unit_title, second.mode, second.n_open) == ("Xã Hòa Xuân", "phone", 2)


def at_once(engine, acts):
    """Each act in a transaction of its own, all at the same time; what came of each."""

    def run(act):
        with Session(engine, expire_on_commit=False) as session:
            try:
                with write_transaction(session):
                    return act(session)
            except CaseClosed:
                return "closed"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_eight_of_the_same_page_at_once_are_one_interview(engine, session, world, office):
    (case_id,) = give(session, world, office)
    session.commit()
    answers = interview_answers(world)
    receipts = at_once(engine, [lambda s: hold(s, case_id, answers, office.mai)] * 8)
    assert sorted(receipt.is_new for receipt in receipts) == [False] * 7 + [True]
    assert (n_responses(session), case(session, case_id).n_attempts) == (1, 1)


def test_eight_pages_of_one_case_at_once_are_one_interview(engine, session, world, office):
    (case_id,) = give(session, world, office)
    session.commit()
    pages = [interview_answers(world) for _ in range(8)]
    outcomes = at_once(engine, [lambda s, page=page: hold(s, case_id, page, office.mai) for page in pages])
    assert outcomes.count("closed") == 7
    assert (n_responses(session), case(session, case_id).n_attempts) == (1, 1)
