"""A later word on a published mapping: two people, one item at a time, and nothing frozen before it moves."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from survey_app.errors import DefinitionError, InvalidField, MappingChanged, NeedsSecondPerson
from survey_app.models import Account, AuditEntry
from survey_app.queries import snapshots, version_mappings
from survey_app.services import approvals, wave_snapshots
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approval_kinds import KINDS
from survey_app.services.approvals import Moment
from survey_app.services.mapping_revisions import propose_link
from survey_app.services.version_mappings import Kin, Link
from tests.survey_app.services.test_versions_compared import CHANGED, DAY, answered, line, second_version

NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
AT = Moment(NOW, date(2026, 9, 15))


@pytest.fixture
def people(session, world):
    rows = [Account(name=name, password_hash="x", role=role, unit_id=world.province)
            for name, role in (("soan", "par_office"), ("duyet", "admin"))]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return [Viewer(row.id, Role(row.role), world.province) for row in rows]


def proposed(session, world, new_id, writer, link, basis="Phép thử tháng 8"):
    return propose_link(
        session, old_id=world.versions["full_form_v1"], new_id=new_id, link=link, basis=basis,
        reason="Thử lại", by=writer, now=NOW, kinds=KINDS,
    )  # fmt: skip


def approved(session, approval_id, by):
    approvals.approve(session, approval_id=approval_id, kinds=KINDS, note="", by=by, at=AT)


@pytest.mark.only_database("sqlite")
def test_the_trend_obeys_the_newest_word_and_a_closed_wave_keeps_its_own(session, world, people):
    writer, second = people
    new_id = second_version(session, world, Kin.BROKEN)
    answered(session, world)
    closed = world.waves["full"]
    wave_snapshots.freeze(
        session, wave_id=closed, received_through=CHANGED - DAY, closed_on=CHANGED, reason=""
    )
    frozen = snapshots.snapshots_of(session, closed)[-1]
    before = line(session, world)
    approval_id = proposed(session, world, new_id, writer, Link("overall", "overall", Kin.SAME))
    assert line(session, world) == before
    with pytest.raises(NeedsSecondPerson):
        approved(session, approval_id, writer)
    approved(session, approval_id, second)
    after = line(session, world)
    assert CHANGED in before.breaks
    assert CHANGED not in after.breaks
    kept = snapshots.snapshots_of(session, closed)[-1]
    assert kept == frozen
    mine = {"old_id": world.versions["full_form_v1"], "new_id": new_id}
    assert {**mine, "number": 1} in kept.terms["mappings"]
    assert wave_snapshots.verify(session, wave_id=closed).differences == ()
    history = version_mappings.mapping_history(session, **mine)
    assert [(row.number, row.decided_on) for row in history] == [(1, None), (2, AT.today)]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "questionnaire.remapped")).one()
    assert (entry.details["from"], entry.details["to"], entry.details["code"]) == (
        "broken",
        "same",
        "overall",
    )


def test_what_cannot_be_or_changes_nothing_is_not_proposed(session, world, people):
    new_id = second_version(session, world, Kin.SAME)
    with pytest.raises(InvalidField, match="unchanged"):
        proposed(session, world, new_id, people[0], Link("overall", "overall", Kin.SAME))
    with pytest.raises(InvalidField, match="missing"):
        proposed(session, world, new_id, people[0], Link("overall", "", Kin.BROKEN), basis=" ")
    with pytest.raises(DefinitionError, match="two old items"):
        proposed(session, world, new_id, people[0], Link("F1.1", "F1.2", Kin.SAME))


def test_of_two_proposals_for_one_item_the_later_is_refused_and_other_items_stay(session, world, people):
    writer, second = people
    new_id = second_version(session, world, Kin.SAME)
    first = proposed(session, world, new_id, writer, Link("F1.1", "", Kin.BROKEN))
    late = proposed(session, world, new_id, writer, Link("F1.1", "F1.1", Kin.BROKEN))
    other = proposed(session, world, new_id, writer, Link("F1.2", "", Kin.BROKEN))
    approved(session, first, second)
    approved(session, other, second)
    with pytest.raises(MappingChanged):
        approved(session, late, second)
    links = version_mappings.mapping_between(session, old_id=world.versions["full_form_v1"], new_id=new_id)
    kins = {each["old"]: each["kin"] for each in links}
    assert (kins["F1.1"], kins["F1.2"], kins["F1.3"]) == ("broken", "broken", "same")
    with pytest.raises(DBAPIError, match="cannot change"):
        session.execute(text("DELETE FROM mapping_revision"))
