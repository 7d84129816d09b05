"""An official method from a draft to a rule in force: row-level faults, a second person, and no change after."""

from datetime import UTC, date, datetime

import pytest

from survey_app.errors import DraftChanged, DraftHasFaults, DraftLocked, NeedsSecondPerson, NotFound
from survey_app.models import Account, Unit
from survey_app.services import approvals, method_drafts
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approval_kinds import KINDS
from survey_app.services.approvals import Moment
from survey_app.services.official_methods import method_of, methods

NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
AT = Moment(NOW, date(2026, 9, 15))


def viewer(session, name, role, unit_id):
    account = Account(name=name, password_hash="x", role=role, unit_id=unit_id)
    session.add(account)
    session.flush()
    return Viewer(account.id, Role(role), unit_id)


@pytest.fixture
def people(session, world):
    return [
        viewer(session, "soan", "par_office", world.province),
        viewer(session, "duyet", "admin", world.province),
    ]


def begun(session, writer, **changes):
    """A draft of the second version of the method in use, changed so."""
    copied = next(each.row for each in methods(session) if each.row.code == "sipas_2017")
    draft_id = method_drafts.new_draft(session, copied_id=copied.id, by=writer, now=NOW, today="2026-09-15")
    row = method_drafts.load_draft(session, draft_id=draft_id, viewer=writer).row
    method_drafts.save_draft(
        session, row.definition | {"effective_from": "2027-01-01"} | changes, draft_id=draft_id, by=writer, now=NOW,
        revision=1,
    )  # fmt: skip
    return draft_id


def sent(session, draft_id, writer):
    return method_drafts.send_to_review(
        session, draft_id=draft_id, reason="Văn bản mới", by=writer, now=NOW, revision=2, kinds=KINDS
    )


def test_a_second_person_puts_it_into_force_from_its_day_and_nothing_changes_it_then(session, world, people):
    writer, second = people
    bands = [{"at_least": 0.9, "points": 10}, {"at_least": 0, "points": 0}]
    draft_id = begun(session, writer, bands=bands)
    approval_id = sent(session, draft_id, writer)
    with pytest.raises(NeedsSecondPerson):
        approvals.approve(session, approval_id=approval_id, kinds=KINDS, note="", by=writer, at=AT)
    approvals.approve(session, approval_id=approval_id, kinds=KINDS, note="", by=second, at=AT)
    form = {"code": "full_form", "version": 1}
    before, after = (method_of(session, **form, on=day) for day in (date(2026, 12, 31), date(2027, 1, 1)))
    assert (before.row.version, before.bands) == (1, ())
    assert (after.row.version, after.band_of(0.9).points) == (2, 10)
    assert (
        method_drafts.load_draft(session, draft_id=draft_id, viewer=writer).row.published_id == after.row.id
    )
    with pytest.raises(DraftLocked):
        method_drafts.save_draft(
            session, after.row.definition, draft_id=draft_id, by=writer, now=NOW, revision=2
        )


def test_faults_stand_at_their_rows_and_stop_only_the_way_to_review(session, world, people):
    bands = [{"at_least": 0.5, "points": "mười"}, {"at_least": 0.9, "points": 9}]
    draft_id = begun(session, people[0], bands=bands, legal_basis="", version=1, effective_from="mai")
    faults = method_drafts.load_draft(session, draft_id=draft_id, viewer=people[0]).faults
    assert {fault.path for fault in faults} == {
        "bands.0.points", "bands.1.at_least", "legal_basis", "version", "effective_from",
    }  # fmt: skip
    with pytest.raises(DraftHasFaults):
        sent(session, draft_id, people[0])


def test_a_foreign_office_and_a_late_save_do_not_reach_it(session, world, people):
    draft_id = begun(session, people[0])
    definition = method_drafts.load_draft(session, draft_id=draft_id, viewer=people[0]).row.definition
    with pytest.raises(DraftChanged):
        method_drafts.save_draft(session, definition, draft_id=draft_id, by=people[1], now=NOW, revision=1)
    other = Unit(code="KHAC", name="Khác", kind="province", level=1, valid_from=date(2025, 7, 1), search_key="khac",
                 sort_key="khac")  # fmt: skip
    session.add(other)
    session.flush()
    stranger = viewer(session, "ngoai", "admin", other.id)
    with pytest.raises(NotFound):
        method_drafts.load_draft(session, draft_id=draft_id, viewer=stranger)
    with pytest.raises(NotFound):
        method_drafts.discard_draft(session, draft_id=draft_id, by=stranger, now=NOW)
    assert method_drafts.open_drafts(session, viewer=stranger) == []
