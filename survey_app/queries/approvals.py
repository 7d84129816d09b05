"""Changes that wait for, or had, their second person."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from survey_app.errors import NotFound
from survey_app.models import Account, Approval

_Proposer, _Decider = aliased(Account), aliased(Account)


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A proposed change, who proposed it and who decided."""

    id: int
    kind: str
    unit_id: int
    subject: str
    payload: dict[str, Any]
    reason: str
    state: str
    proposed_by_id: int
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str


def approval(session: Session, approval_id: int, *, lock: bool = False) -> ApprovalRow:
    """One change; with `lock` its row stays as it is until the transaction ends."""
    if lock:
        session.execute(select(Approval.id).where(Approval.id == approval_id).with_for_update())
    row = session.execute(_approvals().where(Approval.id == approval_id)).one_or_none()
    if row is None:
        raise NotFound(f"approval {approval_id}")
    return ApprovalRow(*row)


def approvals_of(
    session: Session, *, unit_ids: Collection[int], is_pending: bool | None = None
) -> list[ApprovalRow]:
    """Changes of these units, the newest first; only those that wait, or only those decided, when asked."""
    statement = _approvals().where(Approval.unit_id.in_(unit_ids))
    if is_pending is not None:
        statement = statement.where((Approval.state == "pending") == is_pending)
    rows = session.execute(statement.order_by(Approval.proposed_at.desc(), Approval.id.desc()))
    return [ApprovalRow(*row) for row in rows]


def _approvals() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Approval.id, Approval.kind, Approval.unit_id, Approval.subject, Approval.payload, Approval.reason,
        Approval.state, Approval.proposed_by_id, _Proposer.name, Approval.proposed_at, _Decider.name,
        Approval.decided_at, Approval.decision_note,
    )  # fmt: skip
    return (
        select(*columns)
        .join(_Proposer, _Proposer.id == Approval.proposed_by_id)
        .outerjoin(_Decider, _Decider.id == Approval.decided_by_id)
    )
