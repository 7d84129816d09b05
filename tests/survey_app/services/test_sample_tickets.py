"""Tickets of a drawn sample: an answer takes the stratum of its batch, where every stratum is a crowd."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from survey_app.models import Response, SampleTicketBatch, TicketBatch, WaveUnit
from survey_app.queries import samples as queries
from survey_app.queries.units import unit_by_code
from survey_app.services import sample_frames, sample_handouts
from survey_app.services.approvals import Moment
from survey_app.services.frame_reader import Entry, FrameRead
from survey_app.services.policy import current_policy
from survey_app.services.registry_changes.operations import carry_out_simulated
from survey_app.services.registry_changes.requests import ChangeRequest, NewUnit
from survey_app.services.sample_draws import DrawAsked, draw_sample
from survey_app.services.submissions import receive_response
from tests.builders import make_submission
from tests.survey_app.interviewing import NOW, SIGNER, TODAY, build_office

BIG, SMALL = "Đông Hà", "Hòa Xuân"


@pytest.fixture
def office(session, world):
    return build_office(session, world)


@pytest.fixture
def slips(session, world, office):
    """Links by unit and stratum, of a draw of every row: two large strata in one unit, a small one in the other."""
    strata = {BIG: {"Đất đai": 40, "Hộ tịch": 35}, SMALL: {"Đất đai": 40, "Hộ tịch": 12}}
    rows = tuple(
        Entry(world.units[unit], f"U-{unit}", f"{'DH'[name == 'Hộ tịch']}{i:03d}", name)
        for unit, sizes in strata.items()
        for name, n in sizes.items()
        for i in range(n)
    )
    frame_id = sample_frames.keep_frame(
        session, FrameRead(rows, False, (), ()), wave_id=world.waves["sample"], kind="transactions", title="Khung",
        viewer=office.office, now=NOW, today=TODAY,
    )  # fmt: skip
    sample_frames.accept_frame(session, frame_id=frame_id, viewer=office.office, now=NOW)
    asked = DrawAsked(frame_id=frame_id, method="simple", seed="s", n=len(rows))
    draw_id = draw_sample(session, asked, viewer=office.office, now=NOW, today=TODAY)
    made = sample_handouts.tickets_for_cases(
        session,
        draw_id=draw_id,
        viewer=office.office,
        base_url="http://x",
        signer=SIGNER,
        today=TODAY,
        now=NOW,
    )
    found: dict[tuple[str, str], list[str]] = {}
    for slip in made:
        unit = next(name for name in strata if name in slip.unit_title)
        found.setdefault((unit, slip.label[0]), []).append(slip.link)
    return draw_id, found


def stratum_after(session, world, link, *, unit, **changes):
    """The stratum of the answer that a link's bearer gives."""
    text = parse_qs(urlsplit(link).query)["t"][0]
    sent = make_submission(world, unit=unit, wave="sample", ticket=text)
    receive_response(session, replace(sent, **changes), signer=SIGNER, today=TODAY)
    row = session.scalars(select(Response).where(Response.id == sent.id)).one()
    return row.is_ticketed, row.stratum


def test_an_answer_takes_the_stratum_of_its_batch(session, world, slips):
    draw_id, links = slips
    least = current_policy(session, TODAY).min_index
    names = {(row.unit_id, row.name): row.number for row in queries.strata_of_draw(session, draw_id)}
    for letter, name in (("D", "Đất đai"), ("H", "Hộ tịch")):
        link = links[BIG, letter][0]
        assert stratum_after(session, world, link, unit=BIG) == (True, names[world.units[BIG], name])
        assert stratum_after(session, world, link, unit=BIG) == (False, 0), (
            "spent: who it is says nothing more"
        )
        assert stratum_after(session, world, links[BIG, letter][1], unit=BIG, is_test=True) == (False, 0)
    named = select(TicketBatch).where(TicketBatch.id.in_(select(SampleTicketBatch.batch_id)))
    batches = session.scalars(named).all()
    assert sorted(batch.size for batch in batches) == [35, 40]
    assert min(batch.size for batch in batches) >= least, "a stratum is named for a crowd only"


def test_a_unit_with_a_small_stratum_has_one_batch_that_names_none_and_the_record_says_so(
    session, world, slips
):
    draw_id, links = slips
    for letter in "DH":
        assert stratum_after(session, world, links[SMALL, letter][0], unit=SMALL) == (True, 0)
    given = queries.handouts_of(session, draw_id)
    assert [given[world.units[unit]].is_by_stratum for unit in (BIG, SMALL)] == [True, False]
    whole = select(TicketBatch.size).where(TicketBatch.id.not_in(select(SampleTicketBatch.batch_id)))
    assert session.scalars(whole).all() == [52]


def test_after_a_merger_the_answer_carries_the_number_that_the_new_unit_gives(session, world, office, slips):
    _draw_id, links = slips
    merged = ChangeRequest(
        kind="merge", unit_ids=(world.units[BIG], world.units["Cồn Cỏ"]), on=TODAY,
        successors=(NewUnit("QT.MOI", "Nam Đông Hà", "ward", None, 5),),
    )  # fmt: skip
    carry_out_simulated(session, merged, viewer=office.office, at=Moment(NOW, TODAY))
    session.expire_all()
    numbers = [stratum_after(session, world, links[BIG, letter][0], unit=BIG)[1] for letter in "DH"]
    parts = session.scalars(
        select(WaveUnit).where(WaveUnit.unit_id == unit_by_code(session, "QT.MOI").id)
    ).all()
    assert sorted(numbers) == [101, 102]
    assert set(numbers) < {part.stratum for part in parts}, "the wave counts them under the same numbers"
