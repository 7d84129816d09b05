"""An official method in the making: written by one person, put into force by a second, unchangeable from then on."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from survey_app.errors import DefinitionError, DraftChanged, DraftHasFaults, DraftLocked, NotAllowed, NotFound
from survey_app.models import MethodDraft
from survey_app.queries import method_drafts as queries
from survey_app.queries import questionnaire_drafts as published
from survey_app.queries.method_drafts import MethodDraftRow
from survey_app.queries.questionnaire_drafts import MethodRow
from survey_app.services import approvals, audit, official_methods, questionnaires
from survey_app.services.accounts import Role, Viewer, require_unit, visible_unit_ids
from survey_app.services.approvals import Kind, Moment, Payload
from survey_app.services.method_faults import POOLED

PUBLISH = "method.publish"
EDITORS = frozenset({Role.ADMIN, Role.PAR_OFFICE})


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with everything that stands in its way."""

    row: MethodDraftRow
    faults: tuple[DefinitionError, ...]


def new_draft(session: Session, *, copied_id: int | None, by: Viewer, now: datetime, today: str) -> int:
    """A draft of the next version of a method, or of a method with nothing decided yet; its id."""
    _require_editor(by)
    if copied_id is None:
        definition: dict[str, Any] = {
            "code": "phuong_phap", "version": 1, "title": {}, "questionnaire": {"code": "", "version": 0},
            "aggregation": POOLED, "aspects": [], "decimals": 2, "bands": [], "is_example": False,
            "legal_basis": "", "provenance": "", "effective_from": today,
        }  # fmt: skip
    else:
        definition = deepcopy(method_row(session, copied_id).definition)
    definition["version"] = _next_version(session, definition["code"])
    draft = MethodDraft(
        unit_id=by.unit_id, definition=definition, revision=1, created_by_id=by.account_id,
        changed_by_id=by.account_id, changed_at=now,
    )  # fmt: skip
    session.add(draft)
    session.flush()
    _record(session, "method.drafted", draft.id, definition, by=by, now=now)
    return draft.id


def method_row(session: Session, method_id: int) -> MethodRow:
    """A method in force or to come, by its id."""
    found = next((row for row in published.methods(session) if row.id == method_id), None)
    if found is None:
        raise NotFound(f"method {method_id}")
    return found


def open_drafts(session: Session, *, viewer: Viewer) -> list[MethodDraftRow]:
    """The drafts in work of the viewer's own office."""
    return queries.open_method_drafts(session, visible_unit_ids(session, viewer=viewer))


def load_draft(session: Session, *, draft_id: int, viewer: Viewer) -> Draft:
    """A draft of the viewer's own office with its faults; that of another office does not exist."""
    row = _own(session, draft_id, viewer)
    faults = list(official_methods.faults_of(session, row.definition))
    named = (row.definition["code"], row.definition["version"])
    if row.published_id is None and named in {
        (each.code, each.version) for each in published.methods(session)
    }:
        faults.append(DefinitionError("version", "a method is in force under this number"))
    return Draft(row, tuple(faults))


def save_draft(
    session: Session,
    definition: Mapping[str, Any],
    *,
    draft_id: int,
    by: Viewer,
    now: datetime,
    revision: int,
) -> None:
    """Keep the next state of a draft, faults and all; raises `DraftChanged` where somebody else saved meanwhile."""
    row = _editable(session, draft_id, by, revision=revision)
    changed = sorted(key for key, value in definition.items() if row.definition.get(key) != value)
    values = {"definition": dict(definition), "revision": row.revision + 1, "changed_by_id": by.account_id,
              "changed_at": now}  # fmt: skip
    session.execute(update(MethodDraft).where(MethodDraft.id == draft_id).values(**values))
    _record(session, "method.edited", draft_id, definition, by=by, now=now, changes=changed)


def send_to_review(
    session: Session, *, draft_id: int, reason: str, by: Viewer, now: datetime, revision: int,
    kinds: Mapping[str, Kind],
) -> int:  # fmt: skip
    """Lock a draft without faults and ask a second person to put it into force; the id of the proposal."""
    row = _editable(session, draft_id, by, revision=revision)
    faults = load_draft(session, draft_id=draft_id, viewer=by).faults
    if faults:
        raise DraftHasFaults(len(faults))
    definition = row.definition
    approval_id = approvals.propose(
        session, kind=PUBLISH, kinds=kinds, unit_id=by.unit_id,
        subject=f"{definition['title']['vi']} – v{definition['version']}"[:200],
        payload={"draft_id": draft_id, "digest": questionnaires.definition_digest(definition).hex(),
                 "effective_from": definition["effective_from"], "legal_basis": definition["legal_basis"]},
        reason=reason, by=by, now=now,
    )  # fmt: skip
    session.execute(update(MethodDraft).where(MethodDraft.id == draft_id).values(approval_id=approval_id))
    return approval_id


def discard_draft(session: Session, *, draft_id: int, by: Viewer, now: datetime) -> None:
    """Throw a draft away."""
    row = _editable(session, draft_id, by)
    session.execute(delete(MethodDraft).where(MethodDraft.id == draft_id))
    _record(session, "method.discarded", draft_id, row.definition, by=by, now=now)


def put_into_force(session: Session, payload: Payload, by: Viewer, at: Moment) -> None:
    """As the second person: exactly what was proposed becomes a method, for good."""
    row = queries.method_draft(session, payload["draft_id"], lock=True)
    digest = questionnaires.definition_digest(row.definition).hex()
    if digest != payload["digest"] or row.published_id is not None:
        raise DraftChanged(row.changed_by)
    official_methods.store_method(session, row.definition)
    named = (row.definition["code"], row.definition["version"])
    made = next(each for each in published.methods(session) if (each.code, each.version) == named)
    session.execute(update(MethodDraft).where(MethodDraft.id == row.id).values(published_id=made.id))
    details = {
        "code": made.code,
        "version": made.version,
        "from": row.definition["effective_from"],
        "digest": digest,
    }
    audit.record(session, "method.published", target=f"method:{made.id}", by=by, at=at.now, details=details)


PUBLISH_KIND = Kind(roles=EDITORS, carry_out=put_into_force)


def _next_version(session: Session, code: str) -> int:
    return 1 + max((row.version for row in published.methods(session) if row.code == code), default=0)


def _own(session: Session, draft_id: int, viewer: Viewer, *, lock: bool = False) -> MethodDraftRow:
    row = queries.method_draft(session, draft_id, lock=lock)
    require_unit(session, unit_id=row.unit_id, viewer=viewer)
    return row


def _editable(session: Session, draft_id: int, by: Viewer, *, revision: int | None = None) -> MethodDraftRow:
    _require_editor(by)
    row = _own(session, draft_id, by, lock=True)
    if row.state != "editing":
        raise DraftLocked(row.state)
    if revision is not None and revision != row.revision:
        raise DraftChanged(row.changed_by)
    return row


def _require_editor(by: Viewer) -> None:
    if by.role not in EDITORS:
        raise NotAllowed


def _record(
    session: Session, action: str, draft_id: int, definition: Mapping[str, Any], *, by: Viewer, now: datetime,
    **more: Any,
) -> None:  # fmt: skip
    details = {"code": definition["code"], "version": definition["version"], **more}
    audit.record(session, action, target=f"method_draft:{draft_id}", by=by, at=now, details=details)
