"""Questionnaires in the making, so that the editor and the way to publication have something to show."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.demo.places import ROOT
from survey_app.demo.truth import TODAY
from survey_app.models import Account
from survey_app.queries import questionnaire_drafts, units
from survey_app.queries import questionnaires as versions
from survey_app.services import definition_edit as edit
from survey_app.services import method_drafts
from survey_app.services import questionnaire_drafts as drafts
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approval_kinds import KINDS
from survey_app.services.definitions import Definition

WRITER = "sonoivu"
AT = datetime(TODAY.year, TODAY.month, TODAY.day, 2, 0, tzinfo=UTC)
FROM = "2027-01-01"


def draft_questionnaires(session: Session) -> None:
    """One draft with a fault and missing translations, and one that waits for its second person."""
    account_id = session.execute(select(Account.id).where(Account.name == WRITER)).scalar_one()
    writer = Viewer(account_id, Role.PAR_OFFICE, units.unit_by_code(session, ROOT).id)
    _being_written(session, writer)
    _in_review(session, writer)
    _method_being_written(session, writer)


def _being_written(session: Session, writer: Viewer) -> None:
    draft_id, definition = _copied(session, writer, "full_form")
    definition = _with(definition, "F1.1", text={"vi": "Nơi ngồi chờ có đủ chỗ ngồi và bàn viết"})
    parent = _address(definition, "F5")
    fresh: dict[str, Any] = {
        "code": "F5.5", "kind": "satisfaction", "scale": "satisfaction5",
        "text": {"vi": "Kết quả xử lý góp ý, phản ánh được công khai"},
    }  # fmt: skip
    definition, _ = edit.with_new_node(definition, parent, fresh)
    definition, _ = edit.with_new_node(definition, parent, {**fresh, "code": "F5.6", "text": {}})
    definition["legal_basis"] = ""
    drafts.save_draft(session, definition, writer, now=AT, draft_id=draft_id)
    drafts.add_note(
        session, draft_id=draft_id, place="F5.6", text="Câu này còn chờ lời hỏi của phòng chuyên môn.",
        by=writer, now=AT,
    )  # fmt: skip


def _in_review(session: Session, writer: Viewer) -> None:
    draft_id, definition = _copied(session, writer, "access_2024")
    definition = _with(definition, "TC24.2", text={"vi": "Nơi ngồi chờ đủ chỗ ngồi, bàn viết, nước uống"})
    drafts.save_draft(session, definition, writer, now=AT, draft_id=draft_id)
    drafts.send_to_review(
        session, draft_id=draft_id, reason="Bổ sung nước uống vào nội dung về nơi ngồi chờ.", by=writer,
        now=AT, revision=None, kinds=KINDS,
    )  # fmt: skip


def _method_being_written(session: Session, writer: Viewer) -> None:
    """The next version of the method in use, with a band that stands in the wrong order."""
    copied = next(row for row in questionnaire_drafts.methods(session) if row.code == "sipas_2017")
    draft_id = method_drafts.new_draft(session, copied_id=copied.id, by=writer, now=AT, today=FROM)
    definition = copied.definition | {
        "version": copied.version + 1, "effective_from": FROM,
        "provenance": "Bản thảo MÔ PHỎNG để xem thử cách soạn; không phải văn bản.",
        "bands": [{"at_least": 0.9, "points": 10}, {"at_least": 0.95, "points": 9}, {"at_least": 0, "points": 0}],
    }  # fmt: skip
    method_drafts.save_draft(session, definition, draft_id=draft_id, by=writer, now=AT, revision=1)


def _copied(session: Session, writer: Viewer, code: str) -> tuple[int, dict[str, Any]]:
    version = versions.find_version(session, code=code, version=1)
    if version is None:
        raise LookupError(code)
    draft_id = drafts.copy_version(session, version_id=version.id, by=writer, now=AT)
    definition = questionnaire_drafts.draft(session, draft_id).definition
    provenance = "Bản thảo MÔ PHỎNG để xem thử. " + definition["provenance"]
    return draft_id, definition | {"effective_from": FROM, "provenance": provenance[:400]}


def _with(definition: Definition, code: str, **values: Any) -> dict[str, Any]:
    address = _address(definition, code)
    return edit.with_node(definition, address, {**edit.node_at(definition, address), **values})


def _address(definition: Definition, code: str) -> str:
    return next(each.address for each in edit.placed_nodes(definition) if each.node["code"] == code)
