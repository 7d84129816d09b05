"""A mistaken draw is set aside by two people while nothing of it was used, and its units are drawn anew."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from survey_app.errors import DrawRefused, NeedsSecondPerson
from survey_app.models import AuditEntry, WaveUnit
from survey_app.queries import registry_changes
from survey_app.queries import samples as queries
from survey_app.services import approvals, sample_frames, sample_handouts, sample_lists
from survey_app.services.accounts import Role
from survey_app.services.approval_kinds import KINDS
from survey_app.services.approvals import Moment
from survey_app.services.frame_reader import Entry, FrameRead
from survey_app.services.registry_changes.operations import carry_out_simulated
from survey_app.services.registry_changes.requests import ChangeRequest, NewUnit
from survey_app.services.sample_draws import DrawAsked, check_draw, draw_sample
from survey_app.services.sample_set_asides import obstacle, propose_setting_aside
from tests.builders import make_response
from tests.survey_app.interviewing import NOW, SIGNER, TODAY, build_office, make_account

AT = Moment(NOW, TODAY)


@pytest.fixture
def office(session, world):
    return build_office(session, world)


@pytest.fixture
def second(session, world, office):
    return make_account(session, "phogiamdoc", Role.ADMIN, world.province)


@pytest.fixture
def draw(session, world, office):
    def make(seed, *, kind="transactions"):
        rows = tuple(
            Entry(world.units[unit], f"U-{unit}", f"H{i:03d}", "Đất đai" if i % 3 else "Hộ tịch")
            for unit, n in (("Đông Hà", 60), ("Hòa Xuân", 40))
            for i in range(n)
        )
        frame_id = sample_frames.keep_frame(
            session, FrameRead(rows, False, (), ()), wave_id=world.waves["sample"], kind=kind, title="Khung",
            viewer=office.office, now=NOW, today=TODAY,
        )  # fmt: skip
        sample_frames.accept_frame(session, frame_id=frame_id, viewer=office.office, now=NOW)
        asked = DrawAsked(frame_id=frame_id, method="simple", seed=seed, n=50, minimum=1)
        return draw_sample(session, asked, viewer=office.office, now=NOW, today=TODAY)

    return make


def propose(session, draw_id, by, **changes):
    said = {"reason": "Nhầm khung mẫu của quý trước", "seed_source": "Xổ số Quảng Trị 03/12/2026"} | changes
    return propose_setting_aside(session, draw_id=draw_id, kinds=KINDS, by=by, at=AT, **said)


def approve(session, approval_id, by):
    return approvals.approve(session, approval_id=approval_id, kinds=KINDS, note="", by=by, at=AT)


def parts(session, world):
    rows = session.scalars(select(WaveUnit).where(WaveUnit.wave_id == world.waves["sample"])).all()
    return {(row.unit_id, row.stratum): (row.target, row.population) for row in rows}


def test_two_people_set_a_draw_aside_and_its_units_are_drawn_anew(session, world, office, second, draw):
    old, units = draw("1111"), {world.units["Đông Hà"], world.units["Hòa Xuân"]}
    for changes, refused in (({"reason": " "}, "no_reason"), ({"seed_source": ""}, "no_seed_source")):
        with pytest.raises(DrawRefused, match=refused):
            propose(session, old, office.office, **changes)
    waiting = propose(session, old, office.office)
    with pytest.raises(DrawRefused, match="waiting"):
        propose(session, old, second)
    with pytest.raises(NeedsSecondPerson):
        approve(session, waiting, office.office)
    with pytest.raises(DrawRefused, match="already_drawn"):
        draw("2222")
    approve(session, waiting, second)

    assert units.isdisjoint(queries.drawn_unit_ids(session, world.waves["sample"]))
    assert {key: value for key, value in parts(session, world).items() if key[0] in units} == {
        (unit, 0): (None, None) for unit in units
    }
    of_wave = registry_changes.wave_parts(session, units, TODAY)
    assert not any(part.is_drawn for part in of_wave if part.wave_id == world.waves["sample"])
    for seed in ("", "1111"):
        with pytest.raises(DrawRefused, match="needs_new_seed"):
            draw(seed)
    new = draw("2222")
    found = {row.id: row for row in queries.draws_of(session, world.waves["sample"])}
    assert (found[old].set_aside_on, found[new].set_aside_on) == (TODAY, None), "the log keeps both"
    assert found[old].cases_digest != found[new].cases_digest
    assert check_draw(session, old).is_same
    assert sum(target or 0 for key, (target, _size) in parts(session, world).items() if key[0] in units) == 50
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "sample.set_aside")).one()
    assert (entry.details["seed"], entry.account_id) == ("1111", second.account_id)


def test_a_draw_that_was_set_aside_is_a_record_only(session, world, office, second, draw):
    old = draw("1111")
    approve(session, propose(session, old, office.office), second)
    who = {"draw_id": old, "viewer": office.office, "now": NOW}
    uses = (
        lambda: sample_lists.take_list(session, **who),
        lambda: sample_handouts.give_to_interviewers(
            session, account_ids=[office.mai.account_id], mode="phone", today=TODAY, **who
        ),
        lambda: sample_handouts.tickets_for_cases(
            session, base_url="http://x", signer=SIGNER, today=TODAY, **who
        ),
        lambda: propose(session, old, office.office),
    )
    for use in uses:
        with pytest.raises(DrawRefused, match=r"^set_aside$"):
            use()
    session.commit()
    for change in ("UPDATE sample_set_aside SET reason = 'x'", "DELETE FROM sample_set_aside"):
        with pytest.raises(DBAPIError, match="cannot change"):
            session.execute(text(change))
        session.rollback()


def test_a_draw_in_use_stays_also_when_it_was_used_after_the_proposal(session, world, office, second, draw):
    drawn = draw("1111")
    waiting = propose(session, drawn, office.office)
    wave = sample_frames.own_wave(session, wave_id=world.waves["sample"], viewer=office.office)
    found = queries.draw_by_id(session, drawn)
    assert obstacle(session, wave, found, at=AT) is None
    assert obstacle(session, wave, found, at=Moment(NOW, TODAY + timedelta(days=90))) == "wave_over"
    with session.begin_nested() as trial:
        make_response(
            session, world, wave="sample", unit="Đông Hà", answers={"overall": "satisfied"}, on=TODAY
        )
        session.flush()
        assert obstacle(session, wave, found, at=AT) == "in_use"
        trial.rollback()
    with session.begin_nested() as trial:
        merged = ChangeRequest(
            kind="merge", unit_ids=(world.units["Đông Hà"], world.units["Cồn Cỏ"]), on=TODAY,
            successors=(NewUnit("QT.MOI", "Nam Đông Hà", "ward", None, 5),),
        )  # fmt: skip
        carry_out_simulated(session, merged, viewer=office.office, at=AT)
        assert obstacle(session, wave, found, at=AT) == "unit_changed"
        trial.rollback()
    sample_handouts.give_to_interviewers(session, draw_id=drawn, account_ids=[office.mai.account_id],
                                         mode="interview", viewer=office.office, today=TODAY, now=NOW)  # fmt: skip
    with pytest.raises(DrawRefused, match="in_use"):
        approve(session, waiting, second)
    assert queries.draw_by_id(session, drawn).set_aside_on is None
