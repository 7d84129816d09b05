"""Four eyes: a change that alters figures is proposed by one person and carried out when another approves it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from survey_app.errors import AlreadyDecided, NeedsSecondPerson, NotAllowed, NotFound
from survey_app.models import Approval
from survey_app.queries import approvals as queries
from survey_app.queries.approvals import ApprovalRow
from survey_app.services import audit
from survey_app.services.accounts import Role, Viewer, require_unit, visible_unit_ids

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a change is carried out: the instant for the record, and the office's day for the rules."""

    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of change: who may propose and approve it, and how it is carried out."""

    roles: frozenset[Role]
    carry_out: Callable[[Session, Payload, Viewer, Moment], None]


def propose(
    session: Session,
    *,
    kind: str,
    kinds: Mapping[str, Kind],
    unit_id: int,
    subject: str,
    payload: Payload,
    reason: str,
    by: Viewer,
    now: datetime,
) -> int:
    """Write down a change that waits for its second person; its id."""
    _require_role(kinds[kind], by)
    require_unit(session, unit_id=unit_id, viewer=by)
    row = Approval(
        kind=kind,
        unit_id=unit_id,
        subject=subject,
        payload=dict(payload),
        reason=reason,
        proposed_by_id=by.account_id,
        proposed_at=now,
        decision_note="",
        state="pending",
    )
    session.add(row)
    session.flush()
    _record(session, "proposed", row.id, kind, subject, by=by, at=now, reason=reason)
    return row.id


def approve(
    session: Session, *, approval_id: int, kinds: Mapping[str, Kind], note: str, by: Viewer, at: Moment
) -> ApprovalRow:
    """Carry the change out, in this transaction, as the second person."""
    row = _undecided(session, approval_id, kinds, by)
    if row.proposed_by_id == by.account_id:
        raise NeedsSecondPerson(row.subject)
    # The entry of the decision comes last: whoever else writes one waits from there on.
    kinds[row.kind].carry_out(session, row.payload, by, at)
    _decide(session, row, "approved", note=note, by=by, at=at.now)
    return row


def reject(
    session: Session, *, approval_id: int, kinds: Mapping[str, Kind], note: str, by: Viewer, now: datetime
) -> None:
    """Refuse the change as the second person, or take back one's own."""
    row = _undecided(session, approval_id, kinds, by)
    state = "withdrawn" if row.proposed_by_id == by.account_id else "rejected"
    _decide(session, row, state, note=note, by=by, at=now)


def visible_approvals(
    session: Session, *, viewer: Viewer, kinds: Mapping[str, Kind], is_pending: bool | None = None
) -> list[ApprovalRow]:
    """The changes this person may decide or follow, the newest first."""
    rows = queries.approvals_of(
        session, unit_ids=visible_unit_ids(session, viewer=viewer), is_pending=is_pending
    )
    return [row for row in rows if row.kind in kinds and viewer.role in kinds[row.kind].roles]


def visible_approval(
    session: Session, *, approval_id: int, viewer: Viewer, kinds: Mapping[str, Kind]
) -> ApprovalRow:
    """One change that this person may see; any other does not exist."""
    row = queries.approval(session, approval_id)
    require_unit(session, unit_id=row.unit_id, viewer=viewer)
    if row.kind not in kinds or viewer.role not in kinds[row.kind].roles:
        raise NotFound(f"approval {approval_id}")
    return row


def _undecided(session: Session, approval_id: int, kinds: Mapping[str, Kind], by: Viewer) -> ApprovalRow:
    visible_approval(session, approval_id=approval_id, viewer=by, kinds=kinds)
    row = queries.approval(session, approval_id, lock=True)
    if row.state != "pending":
        raise AlreadyDecided(row.subject)
    return row


def _decide(session: Session, row: ApprovalRow, state: str, *, note: str, by: Viewer, at: datetime) -> None:
    values = {"state": state, "decided_by_id": by.account_id, "decided_at": at, "decision_note": note}
    session.execute(update(Approval).where(Approval.id == row.id).values(**values))
    _record(session, state, row.id, row.kind, row.subject, by=by, at=at, reason=note)


def _require_role(kind: Kind, by: Viewer) -> None:
    if by.role not in kind.roles:
        raise NotAllowed


def _record(
    session: Session, step: str, approval_id: int, kind: str, subject: str, *, by: Viewer, at: datetime,
    reason: str,
) -> None:  # fmt: skip
    details = {"kind": kind, "subject": subject, "reason": reason}
    audit.record(session, f"approval.{step}", target=f"approval:{approval_id}", by=by, at=at, details=details)
