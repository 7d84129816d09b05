"""A draw from a frame to its record, its wave, its cases and tickets, its replacements; and drawn again."""

from collections import Counter
from dataclasses import replace as changed
from datetime import date, timedelta
from random import Random
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError

from survey_app.errors import AssignmentRefused, CaseClosed, DrawRefused, NotFound
from survey_app.models import (
    AuditEntry,
    InterviewAssignment,
    Response,
    SampleCase,
    SampleFrameEntry,
    Ticket,
    Wave,
    WaveUnit,
)
from survey_app.queries import calendar, interviews
from survey_app.queries import samples as queries
from survey_app.queries.units import unit_by_code
from survey_app.services import sample_frames, sample_handouts, sample_lists, tickets
from survey_app.services.accounts import Role
from survey_app.services.approvals import Moment
from survey_app.services.frame_reader import Entry, FrameRead
from survey_app.services.registry_changes.operations import carry_out_simulated
from survey_app.services.registry_changes.requests import ChangeRequest, NewUnit
from survey_app.services.retention import SEED, over_time, purge, read_retention
from survey_app.services.sample_draws import DrawAsked, check_draw, draw_sample, own_draw
from survey_app.signing import Signer
from tests.survey_app.interviewing import (
    NOW,
    SIGNER,
    TODAY,
    build_office,
    hold,
    interview_answers,
    make_account,
)

MANY = 60


@pytest.fixture
def office(session, world):
    return build_office(session, world)


@pytest.fixture
def framed(session, world, office):
    """A frame that was taken: two units with two strata each, and a small one."""

    def make(kind="transactions", *, is_taken=True):
        rows = []
        if kind == "transactions":
            for unit, n in (("Đông Hà", MANY), ("Hòa Xuân", 40), ("Cồn Cỏ", 9)):
                rows += [
                    Entry(world.units[unit], f"U-{unit}", f"H{i:03d}", "Đất đai" if i % 3 else "Hộ tịch")
                    for i in range(n)
                ]
        else:
            rows = [
                Entry(world.units["Đông Hà"], "U-Đông Hà", f"T{i:02d}", "", f"Thôn {i}", 50 + i)
                for i in range(9)
            ]
        read = FrameRead(tuple(rows), False, (), ())
        frame_id = sample_frames.keep_frame(session, read, wave_id=world.waves["sample"], kind=kind, title="Khung",
                                            viewer=office.office, now=NOW, today=TODAY)  # fmt: skip
        if is_taken:
            sample_frames.accept_frame(session, frame_id=frame_id, viewer=office.office, now=NOW)
        return frame_id

    return make


@pytest.fixture
def drawn(session, office, framed):
    def make(kind="transactions", **changes):
        values = {
            "method": "simple" if kind == "transactions" else "two_stage",
            "seed": "s",
            "n": 40,
            "minimum": 3,
        }
        asked = DrawAsked(frame_id=framed(kind), **values | changes)
        return draw_sample(session, asked, viewer=office.office, now=NOW, today=TODAY)

    return make


def labels_of(session, draw_id, *, unit, role):
    return [
        case.label
        for case in queries.cases_of_draw(session, draw_id)
        if (case.unit_id, case.role) == (unit, role)
    ]


def test_a_draw_tells_its_wave_and_can_be_drawn_again(session, world, office, drawn):
    draw_id = drawn()
    strata = queries.strata_of_draw(session, draw_id)
    assert sum(row.n_cases for row in strata) == 40
    assert sum(row.population for row in strata) == 109
    rows = session.scalars(select(WaveUnit).where(WaveUnit.wave_id == world.waves["sample"])).all()
    assert {(r.unit_id, r.stratum, r.target, r.population) for r in rows} == {
        (row.unit_id, row.number, row.n_cases, row.population) for row in strata
    }
    unit = world.units["Đông Hà"]
    assert calendar.frame_sizes(session, wave_ids=[world.waves["sample"]], unit_ids=[unit]) == {
        unit: (MANY, 22)
    }
    assert check_draw(session, draw_id).is_same
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "sample.drawn")).one()
    assert (entry.details["seed"], entry.details["n"]) == ("s", 40)


def test_a_unit_is_drawn_once_a_wave_and_only_from_a_frame_that_was_taken(session, office, drawn, framed):
    drawn()
    with pytest.raises(DrawRefused, match="already_drawn"):
        drawn(seed="a better one")
    with pytest.raises(DrawRefused, match="frame_not_taken"):
        draw_sample(session, DrawAsked(frame_id=framed(is_taken=False), method="simple", n=5), viewer=office.office,
                    now=NOW, today=TODAY)  # fmt: skip


def test_what_cannot_be_drawn_is_refused(session, world, office, framed):
    frame_id = framed()
    asked = DrawAsked(frame_id=frame_id, method="simple", n=10)
    refused = {
        "wrong_method": changed(asked, method="two_stage"),
        "long_seed": changed(asked, seed="x" * 41),
        "wrong_number": changed(asked, n=0),
        "frame_too_small": changed(asked, n=110),
    }
    for reason, each in refused.items():
        with pytest.raises(DrawRefused, match=reason):
            draw_sample(session, each, viewer=office.office, now=NOW, today=TODAY)
    session.get_one(Wave, world.waves["sample"]).closes_on = TODAY.replace(day=9)
    with pytest.raises(DrawRefused, match="wave_over"):
        draw_sample(session, asked, viewer=office.office, now=NOW, today=TODAY)
    stranger = make_account(session, "xã", Role.PAR_OFFICE, world.units["Hòa Xuân"])
    with pytest.raises(NotFound):
        draw_sample(session, asked, viewer=stranger, now=NOW, today=TODAY)


def test_what_was_drawn_cannot_be_changed_even_by_hand(session, drawn):
    drawn()
    session.commit()
    for change in (
        "UPDATE sample_draw SET seed = 'other'",
        "DELETE FROM sample_draw",
        "UPDATE sample_stratum SET population = 1",
        "UPDATE sample_case SET label = 'X1' WHERE place = 1",
    ):
        with pytest.raises(DBAPIError, match="cannot change"):
            session.execute(text(change))
        session.rollback()


def test_a_changed_frame_or_list_is_found(session, drawn):
    draw_id = drawn()
    session.execute(delete(SampleCase).where(SampleCase.draw_id == draw_id, SampleCase.label == "H001"))
    assert check_draw(session, draw_id).is_sample_same
    session.execute(delete(SampleFrameEntry).where(SampleFrameEntry.label == "H002"))
    checked = check_draw(session, draw_id)
    assert not checked.is_frame_same
    assert not checked.is_same


def test_cases_go_to_interviewers_in_equal_shares_and_never_to_the_rated_unit(session, world, office, drawn):
    draw_id = drawn()
    give = {"draw_id": draw_id, "mode": "interview", "viewer": office.office, "today": TODAY, "now": NOW}
    with pytest.raises(AssignmentRefused, match="not_independent"):
        sample_handouts.give_to_interviewers(session, account_ids=[office.insider.account_id], **give)
    session.rollback()


def test_a_drawn_case_gives_its_stratum_and_weight_to_the_response(session, world, office, drawn):
    draw_id = drawn()
    people = [office.mai.account_id, office.insider.account_id]
    n = sample_handouts.give_to_interviewers(session, draw_id=draw_id, account_ids=people, mode="interview",
                                             viewer=office.office, today=TODAY, now=NOW, rng=Random(1))  # fmt: skip
    assert n == 40
    given = session.scalars(select(InterviewAssignment)).all()
    at_home = {row.account_id for row in given if row.unit_id == world.units["Đông Hà"]}
    assert at_home == {office.mai.account_id}
    assert max(Counter(row.account_id for row in given).values()) <= 30
    with pytest.raises(DrawRefused, match="all_given"):
        sample_handouts.give_to_interviewers(session, draw_id=draw_id, account_ids=people, mode="interview",
                                             viewer=office.office, today=TODAY, now=NOW)  # fmt: skip
    case = next(row for row in given if row.unit_id == world.units["Đông Hà"] and row.stratum == 1)
    weight = case.weight
    assert weight == pytest.approx(20 / 7)
    hold(session, case.id, interview_answers(world), office.mai)
    response = session.scalars(select(Response)).one()
    assert (response.stratum, response.weight) == (1, pytest.approx(weight))


def test_a_reserve_of_the_same_stratum_takes_the_place_and_the_log_says_so(session, world, office, drawn):
    draw_id = drawn(reserve_share=0.2)
    unit = world.units["Đông Hà"]
    sample_handouts.give_to_interviewers(session, draw_id=draw_id, account_ids=[office.mai.account_id], mode="phone",
                                         viewer=office.office, today=TODAY, now=NOW)  # fmt: skip
    cases = [case for case in queries.cases_of_draw(session, draw_id) if case.unit_id == unit]
    out = next(case for case in cases if case.role == "main" and case.stratum == 2)

    def replace(label, reason="refused"):
        return sample_handouts.replace(session, draw_id=draw_id, unit_id=unit, label=label, reason=reason,
                                       viewer=office.office, today=TODAY, now=NOW)  # fmt: skip

    reserves = [case.label for case in cases if case.role == "reserve" and case.stratum == 2]
    first = replace(out.label)
    assert first == reserves[0]
    with pytest.raises(DrawRefused, match="replaced_before"):
        replace(out.label)
    assert replace(first, "moved") == reserves[1], "a reserve that is in use may be replaced too"
    case = interviews.case_by_label(session, wave_id=world.waves["sample"], unit_id=unit, label=reserves[1])
    assert (case.state, case.account_id, case.mode) == ("open", office.mai.account_id, "phone")
    log = queries.replacements_of(session, draw_id)
    assert {(row.label, row.reason, row.replacement) for row in log} == {
        (out.label, "refused", first), (first, "moved", reserves[1]),
    }  # fmt: skip
    with pytest.raises(NotFound):
        replace(reserves[2])
    others = [
        case.label for case in cases if case.role == "main" and case.stratum == 2 and case.label != out.label
    ]
    for label in others[: len(reserves) - 2]:
        replace(label)
    with pytest.raises(DrawRefused, match="no_reserve"):
        replace(others[-1])


def test_a_case_that_was_interviewed_is_not_replaced(session, world, office, drawn):
    draw_id = drawn()
    sample_handouts.give_to_interviewers(session, draw_id=draw_id, account_ids=[office.mai.account_id],
                                         mode="interview", viewer=office.office, today=TODAY, now=NOW)  # fmt: skip
    case = next(
        row for row in session.scalars(select(InterviewAssignment)) if row.unit_id == world.units["Đông Hà"]
        and row.call_back == "none"
    )  # fmt: skip
    label = case.label
    hold(session, case.id, interview_answers(world, id=uuid4()), office.mai)
    with pytest.raises(CaseClosed):
        sample_handouts.replace(session, draw_id=draw_id, unit_id=world.units["Đông Hà"], label=label,
                                reason="refused", viewer=office.office, today=TODAY, now=NOW)  # fmt: skip


def test_a_case_that_went_to_another_unit_with_a_merger_is_replaced_there(session, world, office, drawn):
    draw_id, old = drawn(), world.units["Đông Hà"]
    sample_handouts.give_to_interviewers(session, draw_id=draw_id, account_ids=[office.mai.account_id],
                                         mode="interview", viewer=office.office, today=TODAY, now=NOW)  # fmt: skip
    label = next(row.label for row in session.scalars(select(InterviewAssignment)) if row.unit_id == old)
    request = ChangeRequest(
        kind="merge", unit_ids=(old, world.units["Cồn Cỏ"]), on=TODAY,
        successors=(NewUnit("QT.MOI", "Nam Đông Hà", "ward", None, 5),),
    )  # fmt: skip
    carry_out_simulated(session, request, viewer=office.office, at=Moment(NOW, TODAY))
    reserve = sample_handouts.replace(session, draw_id=draw_id, unit_id=old, label=label, reason="moved",
                                      viewer=office.office, today=TODAY, now=NOW)  # fmt: skip
    session.expire_all()
    new = unit_by_code(session, "QT.MOI").id
    states = {
        row.label: row.state for row in session.scalars(select(InterviewAssignment)) if row.unit_id == new
    }
    assert (states[label], states[reserve]) == ("replaced", "open")


def test_a_unit_that_was_merged_after_the_draw_gets_its_cases_where_it_is_now(session, world, office, drawn):
    draw_id, old = drawn(), world.units["Đông Hà"]
    # The other old unit's list is numbered alike, which is refused.
    session.execute(delete(SampleCase).where(SampleCase.unit_id == world.units["Cồn Cỏ"]))
    request = ChangeRequest(
        kind="merge", unit_ids=(old, world.units["Cồn Cỏ"]), on=TODAY,
        successors=(NewUnit("QT.MOI", "Nam Đông Hà", "ward", None, 5),),
    )  # fmt: skip
    carry_out_simulated(session, request, viewer=office.office, at=Moment(NOW, TODAY))
    label = next(row.label for row in session.scalars(select(SampleCase))
                 if row.unit_id == old and row.role == "main")  # fmt: skip
    sample_handouts.give_to_interviewers(session, draw_id=draw_id, account_ids=[office.mai.account_id],
                                         mode="interview", viewer=office.office, today=TODAY, now=NOW)  # fmt: skip
    reserve = sample_handouts.replace(session, draw_id=draw_id, unit_id=old, label=label, reason="moved",
                                      viewer=office.office, today=TODAY, now=NOW)  # fmt: skip
    session.expire_all()
    new = unit_by_code(session, "QT.MOI").id
    states = {
        row.label: row.state for row in session.scalars(select(InterviewAssignment)) if row.unit_id == new
    }
    assert (states[label], states[reserve]) == ("replaced", "open")


def test_tickets_are_paired_at_random_and_small_units_get_none(session, world, office, drawn):
    draw_id = drawn(n=60)
    slips = sample_handouts.tickets_for_cases(
        session, draw_id=draw_id, viewer=office.office, base_url="http://x", signer=SIGNER, today=TODAY, now=NOW,
        rng=Random(3),
    )  # fmt: skip
    n = {row.unit_id: row.n_cases for row in queries.handouts_of(session, draw_id).values()}
    assert set(n) == {world.units["Đông Hà"], world.units["Hòa Xuân"]}, (
        "a batch of few tells of single people"
    )
    assert len(slips) == len({slip.link for slip in slips}) == sum(n.values())
    batches = tickets.list_batches(session, viewer=office.office, today=TODAY)
    in_order = [
        link for batch in batches for link in tickets.ticket_links(batch, base_url="http://x", signer=SIGNER)
    ]
    assert set(in_order) == {slip.link for slip in slips}
    unit = [slip.link for slip in slips if slip.unit_title == "Phường Đông Hà"]
    assert unit != [link for link in in_order if link in set(unit)], (
        "the order of a batch is no order of the list"
    )
    assert len(session.scalars(select(Ticket)).all()) == len(slips)
    with pytest.raises(DrawRefused, match="no_tickets"):
        sample_handouts.tickets_for_cases(session, draw_id=draw_id, viewer=office.office, base_url="http://x",
                                          signer=Signer("y" * 40), today=TODAY, now=NOW)  # fmt: skip


def test_the_list_names_a_kish_table_and_taking_it_is_audited(session, world, office, drawn):
    draw_id = drawn("residents", n=30, take=10)
    found, listed = sample_lists.take_list(session, draw_id=draw_id, viewer=office.office, now=NOW)
    assert found.n_cases == 30
    assert {each.kish for each in listed} <= {"A", "B1", "B2", "C", "D", "E1", "E2", "F"}
    assert session.scalars(select(AuditEntry).where(AuditEntry.action == "sample.list_taken")).one()
    stranger = make_account(session, "xã", Role.PAR_OFFICE, world.units["Hòa Xuân"])
    with pytest.raises(NotFound):
        own_draw(session, draw_id=draw_id, viewer=stranger)


def test_lists_are_purged_a_year_after_their_wave_and_the_record_stays(session, drawn):
    draw_id, rules = drawn(), read_retention(SEED, on=TODAY)
    closed = date(2026, 8, 31)

    def counted(today):
        return {each.kind: each.n for each in over_time(session, rules=rules, today=today) if each.n}

    assert counted(closed + timedelta(days=365)) == {}, "a year is not over before its last day"
    later = closed + timedelta(days=366)
    assert counted(later) == {"sample_rows": 109, "sample_cases": 40 + 15}
    purge(session, rules=rules, today=later, now=NOW)
    session.expire_all()
    assert counted(later) == {}
    assert queries.cases_of_draw(session, draw_id) == []
    assert queries.draw_by_id(session, draw_id).n_cases == 40
    with pytest.raises(DrawRefused, match="frame_gone"):
        check_draw(session, draw_id)


def test_a_list_that_was_not_taken_may_be_thrown_away(session, office, framed):
    taken, waiting = framed(), framed(is_taken=False)
    sample_frames.discard_frame(session, frame_id=waiting, viewer=office.office, now=NOW)
    with pytest.raises(NotFound):
        queries.frame_by_id(session, waiting)
    with pytest.raises(DrawRefused, match="frame_taken"):
        sample_frames.discard_frame(session, frame_id=taken, viewer=office.office, now=NOW)
