"""From a copy to a published version: faults, review by a second person, and what can no longer change."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from survey_app.errors import (
    DraftChanged,
    DraftHasFaults,
    DraftLocked,
    NeedsSecondPerson,
    NotAllowed,
    NotFound,
)
from survey_app.models import Account, AuditEntry, QuestionnaireVersion, Unit
from survey_app.queries import questionnaire_drafts as queries
from survey_app.services import approvals
from survey_app.services import definition_edit as edit
from survey_app.services import questionnaire_drafts as drafts
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approval_kinds import KINDS
from survey_app.services.approvals import Moment
from survey_app.services.version_mappings import Kin, Link, relation

NOW = datetime(2026, 9, 15, 3, 0, tzinfo=UTC)
AT = Moment(NOW, date(2026, 9, 15))


@pytest.fixture
def people(session, world):
    rows = [Account(name=name, password_hash="x", role=role, unit_id=world.province)
            for name, role in (("soan", "par_office"), ("duyet", "admin"), ("xem", "viewer"))]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return [Viewer(row.id, Role(row.role), world.province) for row in rows]


def reworded(session, draft_id, code, words):
    definition = queries.draft(session, draft_id).definition
    where = next(each.address for each in edit.placed_nodes(definition) if each.node["code"] == code)
    node = edit.node_at(definition, where)
    return edit.with_node(definition, where, {**node, "text": {**node["text"], "vi": words}})


def sent(session, world, writer, words="Đủ ghế và nước uống"):
    draft_id = drafts.copy_version(session, version_id=world.versions["full_form_v1"], by=writer, now=NOW)
    drafts.save_draft(session, reworded(session, draft_id, "F1.1", words), writer, now=NOW, draft_id=draft_id)
    approval_id = drafts.send_to_review(
        session, draft_id=draft_id, reason="Sửa lời", by=writer, now=NOW, revision=2, kinds=KINDS
    )
    return draft_id, approval_id


def test_a_second_person_publishes_exactly_what_was_proposed_with_its_mapping(session, world, people):
    writer, second, _ = people
    draft_id, approval_id = sent(session, world, writer)
    with pytest.raises(NeedsSecondPerson):
        approvals.approve(session, approval_id=approval_id, kinds=KINDS, note="", by=writer, at=AT)
    approvals.approve(session, approval_id=approval_id, kinds=KINDS, note="Đồng ý", by=second, at=AT)
    row = queries.draft(session, draft_id)
    assert row.state == "published"
    published = session.get_one(QuestionnaireVersion, row.published_id)
    assert (published.code, published.version, published.definition) == ("full_form", 2, row.definition)
    old = world.versions["full_form_v1"]
    kins = {
        item: relation(session, old_id=old, new_id=published.id, item=item).kin
        for item in ("overall", "F1.1")
    }
    assert kins == {"overall": Kin.SAME, "F1.1": Kin.BROKEN}
    actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions[-2:] == ["questionnaire.published", "approval.approved"]


@pytest.mark.parametrize("table", ["questionnaire_version", "version_mapping", "official_method"])
@pytest.mark.parametrize("change", ["UPDATE {} SET definition = '{{}}'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_is_published(session, world, table, change):
    statement = change.format(table).replace("definition = '{}'", "links = '[]'" if table == "version_mapping" else
                                             "definition = '{}'")  # fmt: skip
    with pytest.raises(DBAPIError, match="cannot change"):
        session.execute(text(statement))


def test_a_draft_in_review_is_locked_until_it_is_sent_back(session, world, people):
    writer, second, _ = people
    draft_id, _ = sent(session, world, writer)
    definition = queries.draft(session, draft_id).definition
    with pytest.raises(DraftLocked):
        drafts.save_draft(session, definition, writer, now=NOW, draft_id=draft_id)
    with pytest.raises(DraftLocked):
        drafts.discard_draft(session, draft_id=draft_id, by=writer, now=NOW)
    drafts.add_note(session, draft_id=draft_id, place="F1.1", text="Quá dài", by=second, now=NOW)
    drafts.take_back(session, draft_id=draft_id, note="Xem nhận xét", by=second, now=NOW, kinds=KINDS)
    row = queries.draft(session, draft_id)
    assert (row.state, row.approval_state, row.decision_note) == ("editing", "rejected", "Xem nhận xét")
    drafts.save_draft(session, definition, writer, now=NOW, draft_id=draft_id)
    assert [note.text for note in queries.notes_of(session, draft_id)] == ["Quá dài"]
    drafts.discard_draft(session, draft_id=draft_id, by=writer, now=NOW)
    assert drafts.open_drafts(session, viewer=writer) == []


def test_a_draft_with_faults_is_kept_and_not_sent(session, world, people):
    writer, _, _ = people
    draft_id = drafts.copy_version(session, version_id=world.versions["full_form_v1"], by=writer, now=NOW)
    spoilt = reworded(session, draft_id, "F1.1", "") | {"legal_basis": ""}
    drafts.save_draft(session, spoilt, writer, now=NOW, draft_id=draft_id)
    assert [fault.path for fault in drafts.load_draft(session, draft_id=draft_id, viewer=writer).faults] == [
        "legal_basis", "tree[2].children[0].children[0].text.vi",
    ]  # fmt: skip
    with pytest.raises(DraftHasFaults):
        drafts.send_to_review(
            session, draft_id=draft_id, reason="?", by=writer, now=NOW, revision=None, kinds=KINDS
        )


def test_of_two_who_edit_at_once_the_first_stays(session, world, people):
    writer, second, _ = people
    draft_id = drafts.copy_version(session, version_id=world.versions["one_tap_v1"], by=writer, now=NOW)
    mine = reworded(session, draft_id, "overall", "Lời của người thứ nhất")
    drafts.save_draft(session, mine, writer, now=NOW, draft_id=draft_id, revision=1)
    with pytest.raises(DraftChanged):
        drafts.save_draft(session, mine, second, now=NOW, draft_id=draft_id, revision=1)
    assert queries.draft(session, draft_id).definition == mine


def test_a_form_that_citizens_pages_cannot_show_has_a_fault(session, world, people):
    writer, _, _ = people
    draft_id = drafts.copy_version(session, version_id=world.versions["one_tap_v1"], by=writer, now=NOW)
    definition = queries.draft(session, draft_id).definition
    drafts.save_draft(session, edit.without_node(definition, "1"), writer, now=NOW, draft_id=draft_id)
    assert [
        fault.problem for fault in drafts.load_draft(session, draft_id=draft_id, viewer=writer).faults
    ] == ["citizens' pages need the multi-select reasons"]


def test_what_a_person_decided_of_an_item_survives_a_later_edit(session, world, people):
    writer, _, _ = people
    draft_id = drafts.copy_version(session, version_id=world.versions["full_form_v1"], by=writer, now=NOW)
    links = [Link(each["old"], each["new"], Kin(each["kin"]), each["points"])
             for each in queries.draft(session, draft_id).mapping]  # fmt: skip
    own = [Link("F2.1", "", Kin.BROKEN) if link.old == "F2.1" else link for link in links]
    drafts.decide_mapping(session, draft_id=draft_id, links=own, by=writer, now=NOW, revision=1)
    drafts.save_draft(
        session, reworded(session, draft_id, "F1.1", "Khác"), writer, now=NOW, draft_id=draft_id
    )
    kins = {each["old"]: each["kin"] for each in queries.draft(session, draft_id).mapping}
    assert (kins["F2.1"], kins["F1.1"], kins["F2.2"]) == ("broken", "broken", "same")


def test_the_next_version_counts_drafts_too(session, world, people):
    writer, _, _ = people
    for expected in (2, 3):
        draft_id = drafts.copy_version(session, version_id=world.versions["one_tap_v1"], by=writer, now=NOW)
        assert queries.draft(session, draft_id).definition["version"] == expected


def test_the_log_names_what_an_edit_changed(session, world, people):
    writer, _, _ = people
    draft_id = drafts.copy_version(session, version_id=world.versions["full_form_v1"], by=writer, now=NOW)
    drafts.save_draft(
        session, reworded(session, draft_id, "F1.1", "Khác"), writer, now=NOW, draft_id=draft_id
    )
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "questionnaire.edited")).one()
    assert entry.details == {"revision": 2, "changes": ["reworded F1.1"]}


def test_only_those_who_may_edit_do(session, world, people):
    with pytest.raises(NotAllowed):
        drafts.copy_version(session, version_id=world.versions["one_tap_v1"], by=people[2], now=NOW)


def test_a_draft_of_another_office_does_not_exist(session, world, people):
    writer, _, _ = people
    province = session.get_one(Unit, world.province)
    other = Unit(code="KHAC", name="Khác", kind="province", level=1, valid_from=province.valid_from,
                 search_key="khac", sort_key="khac")  # fmt: skip
    session.add(other)
    session.flush()
    account = Account(name="ngoai", password_hash="x", role="par_office", unit_id=other.id)
    session.add(account)
    session.flush()
    stranger = Viewer(account.id, Role.PAR_OFFICE, other.id)
    draft_id, _ = sent(session, world, writer)
    definition = queries.draft(session, draft_id).definition
    for attempt in (
        lambda: drafts.load_draft(session, draft_id=draft_id, viewer=stranger),
        lambda: drafts.save_draft(session, definition, stranger, now=NOW, draft_id=draft_id),
        lambda: drafts.add_note(session, draft_id=draft_id, place="", text="?", by=stranger, now=NOW),
        lambda: drafts.take_back(session, draft_id=draft_id, note="", by=stranger, now=NOW, kinds=KINDS),
        lambda: drafts.discard_draft(session, draft_id=draft_id, by=stranger, now=NOW),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert drafts.open_drafts(session, viewer=stranger) == []
    # Nor does its number tell that it is there.
    own = drafts.copy_version(session, version_id=world.versions["full_form_v1"], by=stranger, now=NOW)
    assert queries.draft(session, own).definition["version"] == 2
