"""What the report on interviewers counts, against counting by hand and other programs' figures."""

import pytest
from scipy.stats import beta, fisher_exact
from sqlalchemy import select

from survey_app.models import InterviewAssignment
from survey_app.services import assignments, call_backs, interview_report, interviews
from survey_app.services.accounts import Role
from survey_app.vocabulary import Channel
from tests.builders import make_response, release_everything
from tests.survey_app.interviewing import (
    FACTS,
    NOW,
    SIGNER,
    TODAY,
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


def report(session, office, **more):
    session.flush()
    values = {"wave_code": "sample", "viewer": office.office, "today": TODAY}
    return interview_report.interview_report(session, **values | more)


def called_back(session, world, office, *, by, n, n_differing=0, outcome="held"):
    """Interviews that were held and called back, the first ones with another number of visits."""
    for place in range(n):
        (case_id,) = give(session, world, office, to=by, is_drawn=True)
        hold(session, case_id, interview_answers(world), by)
        answers = {**SAME, "visits": "one"} if place < n_differing else SAME
        call_backs.record_call_back(session, case_id=case_id, outcome=outcome, answers=answers,
                                    viewer=office.office, signer=SIGNER, now=NOW)  # fmt: skip


def test_progress_and_the_share_that_answered(session, world, office):
    ids = give(session, world, office, n=6)
    for case_id in ids[:2]:
        hold(session, case_id, interview_answers(world), office.mai)
    interviews.record_attempt(session, case_id=ids[2], outcome="refused", viewer=office.mai, today=TODAY)
    interviews.record_attempt(session, case_id=ids[3], outcome="not_reached", viewer=office.mai, today=TODAY)
    interviews.record_attempt(session, case_id=ids[4], outcome="refused", viewer=office.mai, today=TODAY)
    assignments.replace_case(session, case_id=ids[4], viewer=office.office, today=TODAY, now=NOW)
    progress = report(session, office).total
    assert (progress.n_cases, progress.n_open, progress.n_done) == (6, 2, 2)
    assert (progress.n_refused, progress.n_not_reached, progress.n_replaced) == (1, 1, 1)
    assert (progress.answered.k, progress.answered.n) == (2, 5)
    assert progress.answered.estimate.ci_low == pytest.approx(beta.ppf(0.025, 2, 4))
    assert progress.answered.estimate.ci_high == pytest.approx(beta.ppf(0.975, 3, 3))


def test_differing_cases_and_items_by_interviewer(session, world, office):
    called_back(session, world, office, by=office.mai, n=3, n_differing=2)
    called_back(session, world, office, by=office.nam, n=2)
    called_back(session, world, office, by=office.nam, n=1, outcome="not_held")
    called_back(session, world, office, by=office.nam, n=1, outcome="not_reached")
    found = report(session, office)
    mai, nam = found.lines
    assert (mai.name, nam.name) == ("mai", "nam")
    assert (mai.call_backs.differing.k, mai.call_backs.differing.n, mai.call_backs.denied.k) == (2, 3, 0)
    assert (nam.call_backs.differing.k, nam.call_backs.differing.n) == (0, 2)
    assert (nam.call_backs.denied.k, nam.call_backs.denied.n, nam.call_backs.n_unreached) == (1, 3, 1)
    assert nam.has_sign, "somebody said that no interview took place"
    visits = next(item for item in found.items if item.code == "visits")
    assert (visits.total.k, visits.total.n) == (2, 5)
    assert {code: (share.k, share.n) for code, share in visits.by_interviewer} == {
        mai.code: (2, 3), nam.code: (0, 2),
    }  # fmt: skip
    others = [item.total.k for item in found.items if item.code != "visits"]
    assert others == [0, 0, 0, 0]


def test_small_numbers_say_so_and_are_not_tested(session, world, office):
    called_back(session, world, office, by=office.mai, n=4, n_differing=4)
    called_back(session, world, office, by=office.nam, n=4)
    found = report(session, office)
    assert [line.call_backs.differing.is_small for line in found.lines] == [True, True]
    assert [line.p_value for line in found.lines] == [None, None]
    assert (found.p_value, [line.has_sign for line in found.lines]) == (None, [False, False])


def test_one_interviewer_who_differs_from_the_others_is_a_sign(session, world, office):
    called_back(session, world, office, by=office.mai, n=12, n_differing=10)
    called_back(session, world, office, by=office.nam, n=12)
    mai, nam = report(session, office).lines
    expected = fisher_exact([[10, 2], [0, 12]]).pvalue
    assert mai.p_value == pytest.approx(expected, rel=1e-9), "one comparison seen from two sides"
    assert (mai.has_sign, nam.has_sign) == (True, False), "agreeing more often is no sign"
    assert report(session, office).p_value < 0.001


def test_an_office_sees_its_own_units_only(session, world, office):
    give(session, world, office, n=3)
    give(session, world, office, unit_id=world.units["Hòa Xuân"], n=2)
    local = make_account(session, "hoaxuan", Role.PAR_OFFICE, world.units["Hòa Xuân"])
    assert report(session, office, viewer=local).total.n_cases == 2
    rows = interview_report.wave_progress(
        session, wave_id=world.waves["sample"], viewer=office.office, today=TODAY
    )
    assert [(unit, progress.n_cases) for unit, _row, progress in rows] == [
        ("Phường Đông Hà", 3),
        ("Xã Hòa Xuân", 2),
    ]


def test_without_a_name_the_wave_with_cases_is_shown(session, world, office):
    assert report(session, office, wave_code=None).wave.code == "sample", "the newest"
    give(session, world, office, wave_id=world.waves["full"])
    assert report(session, office, wave_code=None).wave.code == "full"
    assert session.scalars(select(InterviewAssignment.wave_id)).one() == world.waves["full"]


def test_the_interviewer_effect_is_the_icc_of_released_answers(session, world, office):
    """Three interviewers: 9 of 10, 5 of 10 and 1 of 10 satisfied; a kiosk and one with a single answer do not count."""
    for code, k in (("PVA", 9), ("PVB", 5), ("PVC", 1)):
        for place in range(10):
            answer = "satisfied" if place < k else "dissatisfied"
            make_response(session, world, wave="sample", on=TODAY, channel=Channel.INTERVIEW, collector=code,
                          answers={"overall": answer})  # fmt: skip
    make_response(session, world, wave="sample", on=TODAY, channel=Channel.PHONE, collector="PVD")
    for _place in range(20):
        make_response(session, world, wave="sample", on=TODAY, channel=Channel.KIOSK, collector="K1")
    assert report(session, office).effect is None, "nothing is released yet"
    release_everything(session, world)
    effect = report(session, office).effect
    between = 10 * sum((share - 0.5) ** 2 for share in (0.9, 0.5, 0.1)) / 2
    within = 10 * sum(share * (1 - share) for share in (0.9, 0.5, 0.1)) / 27
    assert (effect.n_interviewers, effect.n_responses) == (3, 30)
    assert effect.value == pytest.approx((between - within) / (between + 9 * within))
    assert effect.ci_low < effect.value < effect.ci_high


def test_the_effect_of_one_interviewer_or_of_few_answers_is_not_shown(session, world, office):
    for _place in range(40):
        make_response(session, world, wave="sample", on=TODAY, channel=Channel.INTERVIEW, collector="PVA")
    for _place in range(4):
        make_response(session, world, wave="sample", on=TODAY, channel=Channel.INTERVIEW, collector="PVB")
    release_everything(session, world)
    assert report(session, office).effect is None
