"""A dump with cases, call-backs and responses leads from a case to the interviewer's responses, never to one."""

import logging
import random
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from survey_app.clock import utc_now
from survey_app.models import AuditEntry, CallBackCheck, InterviewAssignment, Interviewer, Response
from survey_app.services import assignments, call_backs, interviews
from survey_app.services.nightly import run_nightly
from tests.survey_app.interviewing import FACTS, SIGNER, build_office, interview_answers
from tests.survey_app.test_anonymity import _transaction, as_text, dump, joins

pytestmark = pytest.mark.both_databases

N = 12
CITIZEN, FIELDWORK = (
    ("response", "comment"),
    ("interview_assignment", "call_back_check", "interviewer", "audit_entry"),
)


@pytest.fixture
def held(app, session, world, settings):
    """Twelve interviews of one interviewer at one unit, every case drawn; which answers came from which case."""
    office = build_office(session, world)
    now = utc_now()
    today = now.astimezone(settings.TIME_ZONE).date()
    new = assignments.NewCases(wave_id=world.waves["full"], unit_id=world.units["Đông Hà"],
                               account_id=office.mai.account_id, mode="interview", n=N)  # fmt: skip
    whole = replace(call_backs.rule(), share=1.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(call_backs, "rule", lambda: whole)
        assignments.give_cases(session, new, viewer=office.office, today=today, now=now)
    session.commit()
    ids = list(session.scalars(select(InterviewAssignment.id)))
    random.Random(3).shuffle(ids)
    sent = {}
    for place, case_id in enumerate(ids):
        answers = {"overall": "satisfied", **FACTS, "visits": ("one", "two")[place % 2]}
        submission = interview_answers(world, answers=answers, comment=f"Ý kiến số {place}")
        submission = _of_wave(submission, world.waves["full"])
        interviews.submit_interview(session, case_id=case_id, submission=submission, viewer=office.mai,
                                    signer=SIGNER, today=today)  # fmt: skip
        session.commit()
        sent[case_id] = submission
    return sent


def _of_wave(submission, wave_id):
    return replace(submission, point=replace(submission.point, wave_id=wave_id))


def test_nothing_in_a_dump_joins_a_case_to_a_response(app, held, session, settings):
    with app.app_context():
        run_nightly(_transaction, now=utc_now() + timedelta(days=1), time_zone=settings.TIME_ZONE)
    tables = dump(session)
    assert len(tables["response"]) == len(tables["interview_assignment"]) == N
    assert {row["state"] for row in tables["interview_assignment"]} == {"done"}
    assert len(tables["call_back_check"]) == 5 * N, "every case was drawn and keeps its digests"
    for citizen, fieldwork in product(CITIZEN, FIELDWORK):
        assert joins(tables[citizen], tables[fieldwork]) == [], (citizen, fieldwork)


def test_the_search_would_find_a_case_in_a_response(held, session):
    tables = dump(session)
    leaking = [{**row, "batch": case} for row, case in zip(tables["response"], held, strict=True)]
    assert ("batch", "id") in joins(leaking, tables["interview_assignment"])


def test_a_response_names_the_code_and_neither_account_nor_case_nor_submission_is_kept_elsewhere(
    held, session
):
    tables = dump(session)
    (code,) = session.scalars(select(Interviewer.code))
    assert {row["collector"] for row in tables["response"]} == {code}
    elsewhere = " ".join(
        as_text(value)
        for name, rows in tables.items()
        if name != "response"
        for row in rows
        for value in row.values()
    )
    assert any(case_id.hex in elsewhere.replace("-", "") for case_id in held), "the scan finds what is there"
    for submission in held.values():
        assert submission.id.hex not in elsewhere.replace("-", "")


def test_a_digest_of_a_case_is_of_no_use_without_the_key(held, session):
    """Two answers occur six times each; their digests are all different, so not even equal answers show."""
    digests = list(session.scalars(select(CallBackCheck.digest).where(CallBackCheck.item_code == "visits")))
    assert len(set(digests)) == N
    assert len(set(session.scalars(select(Response.answers)))) == 2


def test_an_interview_writes_no_line_and_no_entry(app, session, world, request, caplog):
    caplog.set_level(logging.INFO)
    request.getfixturevalue("held")
    assert [entry.action for entry in session.scalars(select(AuditEntry))] == ["interview.cases_given"]
    assert [record.name for record in caplog.records if not record.name.startswith("alembic")] == []


def test_done_cases_keep_no_day_and_labels_go_with_the_call_back(held, session):
    rows = list(session.scalars(select(InterviewAssignment)))
    assert {row.last_attempt_on for row in rows} == {None}
    assert all(row.label for row in rows), "still due to be called back"
