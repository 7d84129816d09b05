"""The evidence of a wave in one value: plan, form, decisions, log, and whether log and answers are as they were."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_app.queries import approvals as approval_queries
from survey_app.queries import audit as audit_queries
from survey_app.queries import evidence as queries
from survey_app.queries import lookups, questionnaires, roots, units
from survey_app.queries.approvals import ApprovalRow
from survey_app.queries.audit import NamedEntry
from survey_app.queries.evidence import PlannedUnit
from survey_app.queries.lookups import WaveRow
from survey_app.queries.questionnaires import VersionRow
from survey_app.queries.roots import StoredRoot
from survey_app.services import audit
from survey_app.services.accounts import Viewer, require_unit, visible_unit_ids
from survey_app.services.audit_verification import Anchor, ChainReport, current_anchor, verify_chain
from survey_app.services.root_verification import RootsReport, verify_roots

TAKEN = "evidence.taken"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything about a wave that can be shown without showing an answer."""

    wave: WaveRow
    office: str
    planned: tuple[PlannedUnit, ...]
    version: VersionRow
    version_digest: bytes
    definition: dict[str, Any]
    decisions: tuple[ApprovalRow, ...]
    entries: tuple[NamedEntry, ...]
    batches: tuple[StoredRoot, ...]
    chain: ChainReport
    roots: RootsReport
    anchor: Anchor | None


def visible_waves(session: Session, *, viewer: Viewer) -> list[WaveRow]:
    """The waves whose whole office this reader may see."""
    return queries.waves_of(session, visible_unit_ids(session, viewer=viewer))


def collect(session: Session, *, wave_id: int, viewer: Viewer, anchors: list[Anchor]) -> Evidence:
    """Gather and verify. Reads only; hashing the answers of a large wave takes a while."""
    office_id = queries.root_unit_id(session, wave_id)
    require_unit(session, unit_id=office_id, viewer=viewer)
    wave = lookups.wave_row(session, wave_id)
    below = visible_unit_ids(session, viewer=Viewer(viewer.account_id, viewer.role, office_id))
    return Evidence(
        wave=wave,
        office=units.unit_by_id(session, office_id).label,
        planned=tuple(queries.planned_units(session, wave_id)),
        version=queries.version_row(session, wave.version_id),
        version_digest=questionnaires.version_digest(session, wave.version_id),
        definition=questionnaires.version_definition(session, wave.version_id),
        decisions=tuple(approval_queries.approvals_of(session, unit_ids=below)),
        entries=tuple(audit_queries.entries_about(session, targets=(f"wave:{wave_id}", wave.code))),
        batches=tuple(roots.stored_roots(session, wave_id=wave_id)),
        chain=verify_chain(session, anchors=anchors),
        roots=verify_roots(session, wave_id=wave_id),
        anchor=current_anchor(session),
    )


def note_taken(session: Session, *, wave_code: str, viewer: Viewer, now: datetime) -> None:
    """That somebody took the evidence away is an entry."""
    audit.record(session, TAKEN, target=wave_code, by=viewer, at=now)
