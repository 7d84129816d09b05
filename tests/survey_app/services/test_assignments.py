"""Cases are given to those who may interview, in numbers or by a list that names nobody."""

from datetime import date
from random import Random

import pytest
from sqlalchemy import func, select

from survey_app.errors import AssignmentRefused, CaseClosed, LabelsRefused, NotFound
from survey_app.models import AuditEntry, CallBackCheck, InterviewAssignment
from survey_app.services import assignments, interviews
from survey_app.services.accounts import Role
from survey_app.services.assignments import NewCases
from tests.survey_app.interviewing import (
    NOW,
    TODAY,
    build_office,
    give,
    hold,
    interview_answers,
    make_account,
)


@pytest.fixture
def office(session, world):
    return build_office(session, world)


def labels(session):
    return sorted(filter(None, session.scalars(select(InterviewAssignment.label))))


def test_numbers_go_on_where_they_ended_even_when_labels_are_gone(session, world, office):
    first, *_rest = give(session, world, office, n=3)
    hold(session, first, interview_answers(world), office.mai)
    give(session, world, office, to=office.nam, n=2)
    assert labels(session) == ["002", "003", "004", "005"]


def test_a_list_gives_one_case_a_label_and_is_not_taken_twice(session, world, office):
    give(session, world, office, labels=("H-01", "H-02"))
    assert labels(session) == ["H-01", "H-02"]
    with pytest.raises(LabelsRefused) as refused:
        give(session, world, office, labels=("H-03", "H-02"))
    assert refused.value.faults == ((2, "known"),)


def test_about_a_tenth_is_drawn_and_gets_its_checks(session, world, office):
    new = NewCases(wave_id=world.waves["sample"], unit_id=world.units["Đông Hà"],
                   account_id=office.mai.account_id, mode="phone", n=105)  # fmt: skip
    assignments.give_cases(session, new, viewer=office.office, today=TODAY, now=NOW, rng=Random(5))
    n_drawn = session.scalar(
        select(func.count()).select_from(InterviewAssignment).where(InterviewAssignment.call_back == "drawn")
    )
    assert n_drawn in (10, 11)
    checks = session.scalars(select(CallBackCheck.item_code)).all()
    assert len(checks) == 5 * n_drawn
    assert set(checks) == {"stage", "visits", "punctuality", "sex", "age_band"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"wave": "tap"}, "wave_over"),
        ({"n": 0}, "wrong_number"),
        ({"n": 501}, "wrong_number"),
        ({"unit": "Quảng Trị"}, "not_in_wave"),
    ],
)
def test_cases_that_make_no_sense_are_refused(session, world, office, change, reason):
    values = {"n": change.get("n", 1), "wave_id": world.waves[change.get("wave", "sample")]}
    values["unit_id"] = world.units[change.get("unit", "Đông Hà")]
    with pytest.raises(AssignmentRefused) as refused:
        give(session, world, office, **values)
    assert refused.value.reason == reason


def test_nobody_interviews_about_the_own_unit(session, world, office):
    with pytest.raises(AssignmentRefused) as refused:
        give(session, world, office, to=office.insider)
    assert refused.value.reason == "not_independent"
    give(session, world, office, to=office.insider, unit_id=world.units["Hòa Xuân"])


def test_an_office_gives_cases_in_its_own_units_to_its_own_interviewers_only(session, world, office):
    elsewhere = make_account(session, "conco", Role.PAR_OFFICE, world.units["Cồn Cỏ"])
    new = NewCases(wave_id=world.waves["sample"], unit_id=world.units["Đông Hà"],
                   account_id=office.nam.account_id, mode="phone", n=1)  # fmt: skip
    with pytest.raises(NotFound):
        assignments.give_cases(session, new, viewer=elsewhere, today=TODAY, now=NOW)
    own_unit = NewCases(wave_id=world.waves["sample"], unit_id=world.units["Cồn Cỏ"],
                        account_id=office.mai.account_id, mode="phone", n=1)  # fmt: skip
    with pytest.raises(NotFound):
        assignments.give_cases(session, own_unit, viewer=elsewhere, today=TODAY, now=NOW)
    assert [row.name for row in assignments.interviewers_for(session, viewer=elsewhere)] == ["nam"]


def test_a_manager_is_no_interviewer(session, world, office):
    manager = make_account(session, "lãnhđạo", Role.MANAGER, world.province)
    with pytest.raises(NotFound):
        give(session, world, office, to=manager)


def test_a_refused_case_is_replaced_by_a_new_one_and_stays_counted(session, world, office):
    (case_id,) = give(session, world, office)
    interviews.record_attempt(session, case_id=case_id, outcome="refused", viewer=office.mai, today=TODAY)
    (waiting,) = assignments.replaceable_cases(session, wave_id=world.waves["sample"], viewer=office.office)
    assert waiting.id == case_id
    label = assignments.replace_case(session, case_id=case_id, viewer=office.office, today=TODAY, now=NOW)
    session.expire_all()
    assert sorted(session.scalars(select(InterviewAssignment.state))) == ["open", "replaced"]
    assert label == "002"
    with pytest.raises(CaseClosed):
        assignments.replace_case(session, case_id=case_id, viewer=office.office, today=TODAY, now=NOW)


def test_an_open_or_done_case_is_not_replaced(session, world, office):
    open_case, done = give(session, world, office, n=2)
    hold(session, done, interview_answers(world), office.mai)
    for case_id in (open_case, done):
        with pytest.raises(CaseClosed):
            assignments.replace_case(session, case_id=case_id, viewer=office.office, today=TODAY, now=NOW)


def test_giving_is_written_down_and_interviewing_is_not(session, world, office):
    (case_id,) = give(session, world, office)
    hold(session, case_id, interview_answers(world), office.mai)
    session.flush()
    assert [entry.action for entry in session.scalars(select(AuditEntry))] == ["interview.cases_given"]


def test_a_wave_that_has_not_begun_may_be_prepared(session, world, office):
    new = NewCases(wave_id=world.waves["sample"], unit_id=world.units["Đông Hà"],
                   account_id=office.mai.account_id, mode="phone", n=1)  # fmt: skip
    assert assignments.give_cases(session, new, viewer=office.office, today=date(2026, 7, 20), now=NOW) == 1
