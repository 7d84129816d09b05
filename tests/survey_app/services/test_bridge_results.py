"""The measured break of a bridge wave: new minus old, each with its own people, said only where there are enough."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from survey_app.errors import NotFound
from survey_app.models import Wave, WaveBridge
from survey_app.queries import questionnaires as questionnaire_versions
from survey_app.queries import waves
from survey_app.services import questionnaires, releases
from survey_app.services.bridge_results import Linked, bridge_result
from survey_app.services.version_mappings import Kin, propose_links, store_mapping
from tests.builders import make_response, make_wave

TODAY = date(2026, 9, 15)
NOW = datetime(2026, 9, 15, 2, 0, tzinfo=UTC)


@pytest.fixture
def bridge(session, world):
    """A wave on the one-tap form with the full form as its second."""
    make_wave(
        session, "cau", version_id=world.versions["one_tap_v1"], root_id=world.province,
        unit_ids=list(world.units.values())[1:], opens_on=date(2026, 8, 1), closes_on=date(2026, 8, 31),
    )  # fmt: skip
    wave = waves.planned_wave(session, "cau")
    session.add(WaveBridge(wave_id=wave.row.id, version_id=world.versions["full_form_v1"], share=0.5))
    session.flush()
    return wave.row.id


def answer(session, world, wave_id: int, version: str, *, satisfied: int, n: int) -> None:
    """Answers on one of the two forms, one a day and point."""
    named = type(world)(**{**{f: getattr(world, f) for f in world.__slots__}, "waves": {"cau": wave_id}})
    for i in range(n):
        level = "satisfied" if i < satisfied else "dissatisfied"
        session.execute(update(Wave).where(Wave.id == wave_id).values(version_id=world.versions[version]))
        session.expire_all()
        make_response(session, named, wave="cau", answers={"overall": level}, on=date(2026, 8, 1 + i % 28))
    session.execute(update(Wave).where(Wave.id == wave_id).values(version_id=world.versions["one_tap_v1"]))
    session.flush()
    session.expire_all()


def result(session):
    releases.release_scores(session, minimum_new=5, today=TODAY)
    return bridge_result(session, waves.planned_wave(session, "cau"), today=TODAY, language="vi")


def test_the_break_is_new_minus_old_with_the_people_of_each(session, world, bridge):
    answer(session, world, bridge, "one_tap_v1", satisfied=80, n=100)
    answer(session, world, bridge, "full_form_v1", satisfied=54, n=90)
    overall = result(session).breaks[0]
    assert (overall.n_old, overall.n_new) == (100, 90)
    assert overall.difference.value == pytest.approx(0.6 - 0.8, abs=1e-6)
    assert overall.difference.ci_low < -0.2 < overall.difference.ci_high < 0
    assert overall.is_clear


def test_with_too_few_people_on_one_form_no_difference_is_said(session, world, bridge):
    answer(session, world, bridge, "one_tap_v1", satisfied=80, n=100)
    answer(session, world, bridge, "full_form_v1", satisfied=20, n=29)
    overall = result(session).breaks[0]
    assert (overall.n_old, overall.n_new, overall.new, overall.difference) == (100, 29, None, None)


def test_factors_of_one_form_only_are_named_and_not_compared(session, world, bridge):
    found = result(session)
    assert [each.code for each in found.breaks] == ["overall"]
    assert len(found.only_new) == 5
    assert (found.only_old, found.breaks[0].n_old) == ((), None)


def test_a_wave_with_one_form_has_no_break(session, world):
    with pytest.raises(NotFound):
        bridge_result(session, waves.planned_wave(session, "full"), today=TODAY, language="vi")


def test_factors_are_partners_by_the_mapping_and_not_by_their_code(session, world, bridge):
    """F1 goes on in PV1 under another code; PV2 has taken from three factors, so none of them is compared with it."""
    old_id = world.versions["full_form_v1"]
    new_id = questionnaire_versions.find_version(session, code="vi_du_2027", version=1).id
    session.execute(update(Wave).where(Wave.id == bridge).values(version_id=old_id))
    session.execute(update(WaveBridge).where(WaveBridge.wave_id == bridge).values(version_id=new_id))
    session.expire_all()
    found = result(session)
    pairs = [(each.code, each.linked) for each in found.breaks]
    assert pairs == [("overall", None), ("PV1", Linked(2, 4, 2))]
    assert (len(found.only_old), len(found.only_new)) == (4, 2)


def test_two_factors_of_one_code_are_not_compared_where_the_mapping_breaks_them(session, world, bridge):
    old = questionnaire_versions.version_definition(session, world.versions["full_form_v1"])
    made = questionnaires.publish(session, deepcopy(old) | {"version": 2}, TODAY)
    links = [replace(link, new="", kin=Kin.BROKEN) if link.old.startswith("F1.") else link
             for link in propose_links(old, old)]  # fmt: skip
    store_mapping(
        session, old_id=world.versions["full_form_v1"], new_id=made.id, links=links, basis="kiểm thử"
    )
    session.execute(update(Wave).where(Wave.id == bridge).values(version_id=world.versions["full_form_v1"]))
    session.execute(update(WaveBridge).where(WaveBridge.wave_id == bridge).values(version_id=made.id))
    session.expire_all()
    assert [each.code for each in result(session).breaks] == ["overall", "F2", "F3", "F4", "F5"]
