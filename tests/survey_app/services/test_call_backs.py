"""A call-back compares facts without keeping any: digests while it is due, whether they agree afterwards."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from survey_app.errors import CaseClosed, DefinitionError, InvalidAnswer, NotAllowed, NotFound
from survey_app.models import AuditEntry, CallBackCheck, InterviewAssignment
from survey_app.services import call_backs, forms
from survey_app.services.accounts import Role, Viewer
from survey_app.services.submissions import Dimensions
from survey_app.signing import Signer
from survey_app.vocabulary import Stage
from tests.survey_app.interviewing import (
    FACTS,
    NOW,
    SIGNER,
    build_office,
    give,
    hold,
    interview_answers,
    make_account,
)

SAME = {"stage": "collect_result", **FACTS}


@pytest.fixture
def office(session, world):
    return build_office(session, world)


@pytest.fixture
def held(session, world, office):
    """A drawn case whose interview was held."""
    (case_id,) = give(session, world, office, is_drawn=True)
    hold(session, case_id, interview_answers(world), office.mai)
    session.expire_all()
    return case_id


def call_back(session, case_id, by, *, outcome="held", answers=SAME):
    call_backs.record_call_back(
        session, case_id=case_id, outcome=outcome, answers=answers, viewer=by, signer=SIGNER, now=NOW
    )
    session.expire_all()


def checks(session, case_id):
    rows = session.scalars(select(CallBackCheck).where(CallBackCheck.assignment_id == case_id))
    return {row.item_code: row for row in rows}


def test_a_case_that_is_not_drawn_keeps_no_digest(session, world, office):
    (case_id,) = give(session, world, office)
    hold(session, case_id, interview_answers(world), office.mai)
    assert checks(session, case_id) == {}


def test_a_drawn_case_keeps_its_label_and_a_digest_of_each_fact_until_the_call(session, office, held):
    assert session.get_one(InterviewAssignment, held).label == "001"
    assert {row.digest is not None for row in checks(session, held).values()} == {True}
    call_back(session, held, office.office)
    assert session.get_one(InterviewAssignment, held).label is None
    assert {row.digest for row in checks(session, held).values()} == {None}


def test_the_same_facts_agree_and_another_differs(session, office, held):
    call_back(session, held, office.office, answers={**SAME, "visits": "one"})
    assert {code: row.is_alike for code, row in checks(session, held).items()} == {
        "stage": True, "visits": False, "punctuality": True, "sex": True, "age_band": True,
    }  # fmt: skip


@pytest.mark.parametrize("unknown", ["", "dont_know", "refused"])
def test_a_fact_that_is_not_remembered_is_not_compared(session, office, held, unknown):
    call_back(session, held, office.office, answers={**SAME, "visits": unknown})
    assert checks(session, held)["visits"].is_alike is None


def test_a_fact_that_was_not_answered_looks_like_any_other_and_is_not_compared(session, world, office):
    (case_id,) = give(session, world, office, is_drawn=True)
    asked_only = interview_answers(
        world, answers={"overall": "satisfied", "visits": "dont_know"},
        dimensions=Dimensions(stage=Stage.REFUSED),
    )  # fmt: skip
    hold(session, case_id, asked_only, office.mai)
    session.expire_all()
    assert {len(row.digest) for row in checks(session, case_id).values()} == {16}
    call_back(session, case_id, office.office)
    found = {code: row.is_alike for code, row in checks(session, case_id).items()}
    assert found == {"stage": False, "visits": None, "punctuality": None, "sex": None, "age_band": None}


@pytest.mark.parametrize("outcome", ["not_held", "not_reached"])
def test_an_interview_that_was_not_held_compares_nothing(session, office, held, outcome):
    call_back(session, held, office.office, outcome=outcome)
    assert session.get_one(InterviewAssignment, held).call_back == outcome
    assert {(row.digest, row.is_alike) for row in checks(session, held).values()} == {(None, None)}


def test_a_call_back_is_made_once(session, office, held):
    call_back(session, held, office.office)
    with pytest.raises(CaseClosed):
        call_back(session, held, office.office, outcome="not_held")


def test_a_case_that_is_open_has_no_call_back(session, world, office):
    (case_id,) = give(session, world, office, is_drawn=True)
    with pytest.raises(NotFound):
        call_backs.due_call_back(session, case_id=case_id, viewer=office.office)


def test_neither_the_interviewer_nor_another_office_calls_back(session, world, office, held):
    elsewhere = make_account(session, "conco", Role.PAR_OFFICE, world.units["Cồn Cỏ"])
    with pytest.raises(NotFound):
        call_back(session, held, elsewhere)
    with pytest.raises(NotAllowed):
        call_back(session, held, Viewer(office.mai.account_id, Role.PAR_OFFICE, world.province))


def test_an_answer_or_an_outcome_that_is_not_offered_is_refused(session, office, held):
    with pytest.raises(InvalidAnswer):
        call_back(session, held, office.office, answers={**SAME, "visits": "forty"})
    with pytest.raises(InvalidAnswer):
        call_back(session, held, office.office, outcome="maybe")
    assert session.get_one(InterviewAssignment, held).call_back == "drawn"


def test_a_digest_is_of_the_key_the_case_the_item_and_the_answer(session, world, office):
    ids = give(session, world, office, is_drawn=True, n=21)
    drawn = {row.assignment_id for row in session.scalars(select(CallBackCheck))}
    assert len(drawn) == 3, "two and, with this draw, one more"
    for case_id in drawn & set(ids):
        hold(session, case_id, interview_answers(world), office.mai)
    session.expire_all()
    digests = [row.digest for row in session.scalars(select(CallBackCheck))]
    assert len(set(digests)) == len(digests) == 15, "the same answers look different in every case"
    other = Signer("another secret of the tests, also long enough")
    guesses = {
        other.digest("call-back", case_id.bytes + code.encode() + b"\0" + said.encode())
        for case_id in drawn
        for code, said in SAME.items()
    }
    assert not guesses & set(digests), "a guess without the key confirms nothing"


def test_a_satisfaction_item_is_never_asked_again(session, world, monkeypatch):
    form = forms.load_form(session, version_id=world.versions["full_form_v1"])
    assert set(call_backs.check_items(form)) <= {"stage"} | {
        item.code for item in form.items if item.kind in ("fact", "profile")
    }
    wrong = replace(call_backs.rule(), checks={"full_form": ("stage", "overall")})
    monkeypatch.setattr(call_backs, "rule", lambda: wrong)
    with pytest.raises(DefinitionError):
        call_backs.check_items(form)


def test_the_record_says_who_called_back_and_nothing_of_the_case(session, office, held):
    call_back(session, held, office.office)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "interview.called_back")).one()
    assert entry.account_id == office.office.account_id
    assert set(entry.details) == {"wave_id"}
    assert held.hex not in f"{entry.target}{entry.details}".replace("-", "")
