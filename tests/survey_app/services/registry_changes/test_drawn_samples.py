"""A merger in the middle of a drawn sample: labels stay one each, and what was drawn apart is weighted apart."""

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import select

from survey_app.models import InterviewAssignment, ScoreRelease, WaveUnit
from survey_app.queries import samples as queries
from survey_app.queries.units import unit_by_code
from survey_app.services import sample_frames, sample_handouts, scorecards
from survey_app.services.approvals import Moment
from survey_app.services.frame_reader import Entry, FrameRead
from survey_app.services.registry_changes.operations import carry_out_simulated
from survey_app.services.registry_changes.requests import ChangeRequest, NewUnit
from survey_app.services.registry_changes.strata import stratum_now
from survey_app.services.sample_draws import DrawAsked, draw_sample
from tests.builders import make_response
from tests.survey_app.interviewing import NOW, TODAY, build_office

SIZES = {"Hòa Xuân": (40, 20), "Cồn Cỏ": (60, 30)}


@pytest.fixture
def office(session, world):
    return build_office(session, world)


@pytest.fixture
def draw_id(session, world, office):
    """Two communes whose lists are numbered alike, each in two strata of equal numbers."""
    rows = tuple(
        Entry(world.units[unit], f"U-{unit}", f"H{i:03d}", "Đất đai" if i < sizes[0] else "Hộ tịch")
        for unit, sizes in SIZES.items()
        for i in range(sum(sizes))
    )
    frame_id = sample_frames.keep_frame(
        session, FrameRead(rows, False, (), ()), wave_id=world.waves["sample"], kind="transactions",
        title="Khung", viewer=office.office, now=NOW, today=TODAY,
    )  # fmt: skip
    sample_frames.accept_frame(session, frame_id=frame_id, viewer=office.office, now=NOW)
    asked = DrawAsked(frame_id=frame_id, method="simple", seed="s", n=50, minimum=20)
    return draw_sample(session, asked, viewer=office.office, now=NOW, today=TODAY)


def merge(session, world, office):
    request = ChangeRequest(
        kind="merge", unit_ids=(world.units["Hòa Xuân"], world.units["Cồn Cỏ"]), on=TODAY,
        successors=(NewUnit("QT.MOI", "Hòa Cỏ", "commune", None, 5),),
    )  # fmt: skip
    carry_out_simulated(session, request, viewer=office.office, at=Moment(NOW, TODAY))
    session.expire_all()
    return unit_by_code(session, "QT.MOI").id


def give(session, office, draw_id):
    return sample_handouts.give_to_interviewers(
        session, draw_id=draw_id, account_ids=[office.mai.account_id, office.insider.account_id], mode="interview",
        viewer=office.office, today=TODAY, now=NOW,
    )  # fmt: skip


def cases_at(session, unit_id):
    session.expire_all()
    return list(session.scalars(select(InterviewAssignment).where(InterviewAssignment.unit_id == unit_id)))


@pytest.mark.parametrize("is_given_before", [True, False])
def test_labels_are_one_each_and_a_reserve_replaces_its_own_units_case(
    session, world, office, draw_id, is_given_before
):
    if is_given_before:
        give(session, office, draw_id)
    new = merge(session, world, office)
    if not is_given_before:
        give(session, office, draw_id)
    drawn = queries.cases_of_draw(session, draw_id)
    mains = [case for case in drawn if case.role == "main"]
    cases = cases_at(session, new)
    assert len({case.label for case in cases}) == len(cases) == len(mains)
    expected = Counter(stratum_now(session, case.unit_id, case.stratum, TODAY) for case in mains)
    assert Counter(case.stratum for case in cases) == expected
    assert len(expected) == 4, "two strata of each of two old units"

    alike = Counter(case.label for case in mains)
    twice = next(case for case in mains if alike[case.label] > 1 and case.unit_id == world.units["Cồn Cỏ"])
    stratum = stratum_now(session, twice.unit_id, twice.stratum, TODAY)
    for _again in range(2):
        reserve = sample_handouts.replace(
            session, draw_id=draw_id, unit_id=twice.unit_id, label=twice.label, reason="refused",
            viewer=office.office, today=TODAY, now=NOW,
        )  # fmt: skip
        twice = next(c for c in drawn if (c.unit_id, c.label) == (twice.unit_id, reserve))
    replaced = [case for case in cases_at(session, new) if case.state == "replaced"]
    assert [case.stratum for case in replaced] == [stratum, stratum], "the other old unit's case stays"
    assert len({case.label for case in cases_at(session, new)}) == len(cases) + 2


def test_a_merged_units_estimate_weights_what_was_drawn_apart_against_hand(session, world, office, draw_id):
    new = merge(session, world, office)
    parts = {
        row.stratum: row.population
        for row in session.scalars(select(WaveUnit).where(WaveUnit.unit_id == new))
        if row.wave_id == world.waves["sample"]
    }
    assert sorted(parts.values()) == [20, 30, 40, 60], "frames of equal numbers are not added"
    satisfied = {40: 8, 20: 2, 60: 9, 30: 1}
    for stratum, size in parts.items():
        for i in range(10):
            is_satisfied = i < satisfied[size]
            make_response(
                session, world, unit="Hòa Xuân", unit_id=new, wave="sample", stratum=stratum, on=TODAY,
                collector=f"K{stratum}-{i}",
                answers={"overall": "satisfied" if is_satisfied else "dissatisfied"},
            )  # fmt: skip
    session.add(ScoreRelease(unit_id=new, wave_id=world.waves["sample"], released_through=date(2026, 12, 31)))
    session.flush()
    card = scorecards.unit_scorecard(
        session, unit_id=new, basis="sample", period_code="2026Q3", viewer=office.office, today=TODAY
    )
    share = sum(size * k / 10 for size, k in satisfied.items()) / 150
    variance = sum(
        (size / 150) ** 2 * (1 - 10 / size) * (k / 10) * (1 - k / 10) / 9 for size, k in satisfied.items()
    )
    estimate = card.overall.estimate
    assert share == pytest.approx((32 + 4 + 54 + 3) / 150) != pytest.approx(0.5)
    assert estimate.value == pytest.approx(share)
    # Strata are counted as a cost, never as a gain, so the standard error is never less than this.
    assert variance**0.5 * 0.999 <= estimate.standard_error < 1.5 * variance**0.5
    assert estimate.n_respondents == 40


def test_a_merger_of_merged_units_still_tells_every_old_unit_apart(session, world, office, draw_id):
    first = merge(session, world, office)
    request = ChangeRequest(
        kind="merge", unit_ids=(world.units["Đông Hà"], first), on=date(2026, 8, 20),
        successors=(NewUnit("QT.LON", "Đông Hòa Cỏ", "ward", None, 5),),
    )  # fmt: skip
    at = date(2026, 8, 20)
    carry_out_simulated(session, request, viewer=office.office, at=Moment(NOW, at))
    numbers = {
        (unit, stratum): stratum_now(session, world.units[unit], stratum, at)
        for unit in ("Đông Hà", *SIZES)
        for stratum in (0, 1, 2)
    }
    assert len(set(numbers.values())) == len(numbers)
    assert all(number >= 100 for number in numbers.values()), "below are the new unit's own"
