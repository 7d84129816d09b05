"""Official methods in the making, with who works on them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from survey_app.errors import NotFound
from survey_app.models import Account, Approval, MethodDraft
from survey_app.queries.questionnaire_drafts import draft_state

_Changer = aliased(Account)


@dataclass(frozen=True, slots=True)
class MethodDraftRow:
    """A draft, whose it is, who last changed it, and what its approval says."""

    id: int
    unit_id: int
    definition: dict[str, Any]
    revision: int
    changed_by: str
    changed_at: datetime
    approval_id: int | None
    approval_state: str | None
    decision_note: str | None
    published_id: int | None

    @property
    def state(self) -> str:
        """In work, locked while a second person decides, or in force as a method."""
        return draft_state(self.published_id, self.approval_state)


def method_draft(session: Session, draft_id: int, *, lock: bool = False) -> MethodDraftRow:
    """One draft; with `lock` its row stays as it is until the transaction ends."""
    if lock:
        session.execute(select(MethodDraft.id).where(MethodDraft.id == draft_id).with_for_update())
    row = session.execute(_drafts().where(MethodDraft.id == draft_id)).one_or_none()
    if row is None:
        raise NotFound(f"method draft {draft_id}")
    return MethodDraftRow(*row)


def open_method_drafts(session: Session, unit_ids: Collection[int]) -> list[MethodDraftRow]:
    """Drafts of these units that are not in force, the last changed first."""
    statement = _drafts().where(MethodDraft.published_id.is_(None), MethodDraft.unit_id.in_(unit_ids))
    ordered = statement.order_by(MethodDraft.changed_at.desc(), MethodDraft.id.desc())
    return [MethodDraftRow(*row) for row in session.execute(ordered)]


def _drafts() -> Select[Any]:
    columns: tuple[Any, ...] = (
        MethodDraft.id, MethodDraft.unit_id, MethodDraft.definition, MethodDraft.revision, _Changer.name,
        MethodDraft.changed_at, MethodDraft.approval_id, Approval.state, Approval.decision_note,
        MethodDraft.published_id,
    )  # fmt: skip
    return (
        select(*columns)
        .join(_Changer, _Changer.id == MethodDraft.changed_by_id)
        .outerjoin(Approval, Approval.id == MethodDraft.approval_id)
    )
