"""A questionnaire in the making: written by one person, published by a second, unchangeable from then on."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from survey_app.errors import DefinitionError, DraftChanged, DraftHasFaults, DraftLocked, NotAllowed
from survey_app.models import DraftNote, QuestionnaireDraft
from survey_app.queries import questionnaire_drafts as queries
from survey_app.queries import questionnaires as versions
from survey_app.queries.questionnaire_drafts import DraftRow
from survey_app.services import approvals, audit, questionnaires
from survey_app.services.accounts import Role, Viewer, require_unit, visible_unit_ids
from survey_app.services.approvals import Kind, Moment, Payload
from survey_app.services.definition_diff import differences
from survey_app.services.definition_edit import blank_definition, check_shape
from survey_app.services.definitions import Definition, definition_faults, items_under
from survey_app.services.screen_faults import screen_faults
from survey_app.services.version_mappings import (
    Kin,
    Link,
    link_faults,
    propose_links,
    read_links,
    store_mapping,
)

PUBLISH = "questionnaire.publish"
EDITORS = frozenset({Role.ADMIN, Role.PAR_OFFICE})
NOTE_LENGTH = 1000
# So many changes of one edit are named in the audit log.
MOST_TOLD = 40


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft with everything that stands in its way."""

    row: DraftRow
    faults: tuple[DefinitionError, ...]
    mapping_faults: tuple[DefinitionError, ...]

    @property
    def is_ready(self) -> bool:
        return not self.faults and not self.mapping_faults


def save_draft(
    session: Session,
    definition: Definition,
    by: Viewer,
    *,
    now: datetime,
    draft_id: int | None = None,
    revision: int | None = None,
    based_on_id: int | None = None,
) -> int:
    """Keep a whole definition as a draft, faults and all: a new one, or the next state of one; its id.

    `revision` is the one the editor saw; where another has been saved since, `DraftChanged` is raised and theirs
    stays. A definition that is not of the shape of a questionnaire is refused.
    """
    _require_editor(by)
    check_shape(definition)
    if draft_id is None:
        return _new_draft(session, definition, by, now=now, based_on_id=based_on_id)
    row = _editable(session, draft_id, revision, by)
    mapping = row.mapping
    if row.based_on_id is not None:
        old = versions.version_definition(session, row.based_on_id)
        mapping = [link.stored() for link in refreshed_links(row.mapping, old, row.definition, definition)]
    changes = [f"{change.what} {change.code}".strip() for change in differences(row.definition, definition)]
    _store(session, row, by, now, changes[:MOST_TOLD], definition=dict(definition), mapping=mapping)
    return draft_id


def copy_version(session: Session, *, version_id: int, by: Viewer, now: datetime) -> int:
    """A draft of the next version, as the last one stands."""
    definition = deepcopy(versions.version_definition(session, version_id))
    definition["version"] = next_version(session, definition["code"], by=by)
    return save_draft(session, definition, by, now=now, based_on_id=version_id)


def blank_draft(session: Session, *, code: str, by: Viewer, now: datetime, effective_from: str) -> int:
    """A draft with nothing but the overall item and the question for reasons."""
    definition = blank_definition(code, effective_from=effective_from)
    definition["version"] = next_version(session, code, by=by)
    return save_draft(session, definition, by, now=now)


def next_version(session: Session, code: str, *, by: Viewer) -> int:
    """The number after the last version that is published, or being written where the writer can see it."""
    drafted = [
        row.definition["version"] for row in open_drafts(session, viewer=by) if row.definition["code"] == code
    ]
    highest: int = max([queries.highest_version(session, code), *drafted])
    return highest + 1


def open_drafts(session: Session, *, viewer: Viewer) -> list[DraftRow]:
    """The drafts in work of the viewer's own office, the last changed first."""
    return queries.open_drafts(session, visible_unit_ids(session, viewer=viewer))


def own_draft(session: Session, *, draft_id: int, viewer: Viewer, lock: bool = False) -> DraftRow:
    """A draft of the viewer's own office; that of another office does not exist."""
    row = queries.draft(session, draft_id, lock=lock)
    require_unit(session, unit_id=row.unit_id, viewer=viewer)
    return row


def load_draft(session: Session, *, draft_id: int, viewer: Viewer) -> Draft:
    row = own_draft(session, draft_id=draft_id, viewer=viewer)
    return Draft(row, draft_faults(session, row), _mapping_faults(session, row))


def draft_faults(session: Session, row: DraftRow) -> tuple[DefinitionError, ...]:
    """What keeps a draft from being published, place by place."""
    definition = row.definition
    faults = [*definition_faults(definition), *screen_faults(definition)]
    if row.published_id is None and definition["version"] <= queries.highest_version(
        session, definition["code"]
    ):
        faults.append(DefinitionError("version", "this version is published already"))
    return tuple(faults)


def decide_mapping(
    session: Session, *, draft_id: int, links: Sequence[Link], by: Viewer, now: datetime, revision: int | None
) -> None:
    """Keep what a person says of each old item; faults are shown, and stop only the way to review."""
    _require_editor(by)
    row = _editable(session, draft_id, revision, by)
    before = {each["old"]: each for each in row.mapping}
    changes = [f"mapping {link.old}" for link in links if before.get(link.old) != link.stored()]
    _store(session, row, by, now, changes[:MOST_TOLD], mapping=[link.stored() for link in links])


def refreshed_links(
    stored: Sequence[Mapping[str, Any]], old: Definition, before: Definition, after: Definition
) -> tuple[Link, ...]:
    """The mapping after a change: what a person decided otherwise than proposed stays, the rest is proposed anew."""
    proposed_before = {link.old: link.stored() for link in propose_links(old, before)}
    decided = {row["old"]: row for row in stored}
    codes = {item["code"] for item in items_under(after["tree"])}
    links = []
    for link in propose_links(old, after):
        row = decided.get(link.old)
        is_own = row is not None and dict(row) != proposed_before.get(link.old)
        if row is not None and is_own and (not row["new"] or row["new"] in codes):
            links.append(Link(row["old"], row["new"], Kin(row["kin"]), dict(row["points"]), link.why))
        else:
            links.append(link)
    return tuple(links)


def send_to_review(
    session: Session, *, draft_id: int, reason: str, by: Viewer, now: datetime, revision: int | None,
    kinds: Mapping[str, Kind],
) -> int:  # fmt: skip
    """Lock a draft without faults and ask a second person to publish it; the id of the proposal."""
    _require_editor(by)
    row = _editable(session, draft_id, revision, by)
    draft = load_draft(session, draft_id=draft_id, viewer=by)
    if not draft.is_ready:
        raise DraftHasFaults(len(draft.faults) + len(draft.mapping_faults))
    definition = row.definition
    approval_id = approvals.propose(
        session, kind=PUBLISH, kinds=kinds, unit_id=by.unit_id,
        subject=f"{definition['title']['vi']} – v{definition['version']}"[:200],
        payload={"draft_id": draft_id, "digest": questionnaires.definition_digest(definition).hex(),
                 "revision": row.revision},
        reason=reason, by=by, now=now,
    )  # fmt: skip
    session.execute(
        update(QuestionnaireDraft).where(QuestionnaireDraft.id == draft_id).values(approval_id=approval_id)
    )
    return approval_id


def take_back(
    session: Session, *, draft_id: int, note: str, by: Viewer, now: datetime, kinds: Mapping[str, Kind]
) -> None:
    """Unlock a draft in review: its proposer takes it back, anybody else sends it back with a note."""
    _require_editor(by)
    row = own_draft(session, draft_id=draft_id, viewer=by, lock=True)
    if row.state != "review" or row.approval_id is None:
        raise DraftLocked(row.state)
    approvals.reject(session, approval_id=row.approval_id, kinds=kinds, note=note, by=by, now=now)


def add_note(session: Session, *, draft_id: int, place: str, text: str, by: Viewer, now: datetime) -> None:
    """Say something of a draft, or of one of its items; possible in review too."""
    _require_editor(by)
    if own_draft(session, draft_id=draft_id, viewer=by).state == "published":
        raise DraftLocked("published")
    note = DraftNote(
        draft_id=draft_id, place=place[:40], text=text[:NOTE_LENGTH], by_id=by.account_id, at=now
    )
    session.add(note)
    session.flush()
    audit.record(session, "questionnaire.noted", target=f"draft:{draft_id}", by=by, at=now)


def discard_draft(session: Session, *, draft_id: int, by: Viewer, now: datetime) -> None:
    """Throw a draft away, with its notes."""
    _require_editor(by)
    row = _editable(session, draft_id, None, by)
    session.execute(delete(DraftNote).where(DraftNote.draft_id == draft_id))
    session.execute(delete(QuestionnaireDraft).where(QuestionnaireDraft.id == draft_id))
    details = {"code": row.definition["code"], "version": row.definition["version"]}
    audit.record(
        session, "questionnaire.discarded", target=f"draft:{draft_id}", by=by, at=now, details=details
    )


def publish_draft(session: Session, payload: Payload, by: Viewer, at: Moment) -> None:
    """As the second person: exactly what was proposed becomes a version, with its mapping to the old one."""
    row = queries.draft(session, payload["draft_id"], lock=True)
    definition = row.definition
    if (
        questionnaires.definition_digest(definition).hex() != payload["digest"]
        or row.published_id is not None
    ):
        raise DraftChanged(row.changed_by)
    version = questionnaires.publish(session, definition, at.today)
    if row.based_on_id is not None:
        old = versions.version_definition(session, row.based_on_id)
        links = read_links(row.mapping, old, definition)
        store_mapping(
            session, old_id=row.based_on_id, new_id=version.id, links=links, basis=definition["legal_basis"]
        )
    session.execute(
        update(QuestionnaireDraft).where(QuestionnaireDraft.id == row.id).values(published_id=version.id)
    )
    details = {"code": definition["code"], "version": definition["version"], "digest": version.digest.hex()}
    audit.record(session, "questionnaire.published", target=f"version:{version.id}", by=by, at=at.now,
                 details=details)  # fmt: skip


PUBLISH_KIND = Kind(roles=EDITORS, carry_out=publish_draft)


def _new_draft(
    session: Session, definition: Definition, by: Viewer, *, now: datetime, based_on_id: int | None
) -> int:
    links: tuple[Link, ...] = ()
    if based_on_id is not None:
        links = propose_links(versions.version_definition(session, based_on_id), definition)
    draft = QuestionnaireDraft(
        unit_id=by.unit_id, definition=dict(definition), based_on_id=based_on_id,
        mapping=[link.stored() for link in links], revision=1, created_by_id=by.account_id, created_at=now,
        changed_by_id=by.account_id, changed_at=now,
    )  # fmt: skip
    session.add(draft)
    session.flush()
    details = {"code": definition["code"], "version": definition["version"]}
    audit.record(session, "questionnaire.drafted", target=f"draft:{draft.id}", by=by, at=now, details=details)
    return draft.id


def _editable(session: Session, draft_id: int, revision: int | None, by: Viewer) -> DraftRow:
    row = own_draft(session, draft_id=draft_id, viewer=by, lock=True)
    if row.state != "editing":
        raise DraftLocked(row.state)
    if revision is not None and revision != row.revision:
        raise DraftChanged(row.changed_by)
    return row


def _store(
    session: Session, row: DraftRow, by: Viewer, now: datetime, changes: Sequence[str], **values: Any
) -> None:
    session.execute(
        update(QuestionnaireDraft)
        .where(QuestionnaireDraft.id == row.id)
        .values(revision=row.revision + 1, changed_by_id=by.account_id, changed_at=now, **values)
    )
    details = {"revision": row.revision + 1, "changes": list(changes)}
    audit.record(session, "questionnaire.edited", target=f"draft:{row.id}", by=by, at=now, details=details)


def _mapping_faults(session: Session, row: DraftRow) -> tuple[DefinitionError, ...]:
    if row.based_on_id is None:
        return ()
    links = [Link(each["old"], each["new"], Kin(each["kin"]), each["points"]) for each in row.mapping]
    old = versions.version_definition(session, row.based_on_id)
    return tuple(link_faults(links, old, row.definition))


def _require_editor(by: Viewer) -> None:
    if by.role not in EDITORS:
        raise NotAllowed
