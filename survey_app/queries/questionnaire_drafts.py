"""Drafts of questionnaires with who works on them and notes, where versions are used, and official methods."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from survey_app.errors import NotFound
from survey_app.models import (
    Account,
    Approval,
    DraftNote,
    IndicatorSet,
    OfficialMethod,
    QuestionnaireDraft,
    QuestionnaireVersion,
    Wave,
)

_Creator, _Changer = aliased(Account), aliased(Account)


def draft_state(published_id: int | None, approval_state: str | None) -> str:
    """Of anything drafted by one and put into force by another: "editing", "review" while decided upon, "published"."""
    if published_id is not None:
        return "published"
    return "review" if approval_state == "pending" else "editing"


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft, whose it is, who made and last changed it, and what its approval says."""

    id: int
    unit_id: int
    definition: dict[str, Any]
    based_on_id: int | None
    mapping: list[Any]
    revision: int
    created_by_id: int
    created_by: str
    changed_by: str
    changed_at: datetime
    approval_id: int | None
    approval_state: str | None
    decision_note: str | None
    published_id: int | None

    @property
    def state(self) -> str:
        """In work, locked while a second person decides, or published."""
        return draft_state(self.published_id, self.approval_state)


@dataclass(frozen=True, slots=True)
class NoteRow:
    """What somebody said of a draft, the oldest first."""

    id: int
    place: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class UseRow:
    """A wave that asks a version."""

    version_id: int
    code: str
    title_vi: str
    title_en: str
    opens_on: date
    closes_on: date | None

    def title(self, language: str) -> str:
        return self.title_vi if language == "vi" else self.title_en


@dataclass(frozen=True, slots=True)
class MethodRow:
    """An official method as lists show it, with its whole definition."""

    id: int
    code: str
    version: int
    definition: dict[str, Any]
    effective_from: date
    legal_basis: str
    provenance: str
    is_example: bool


@dataclass(frozen=True, slots=True)
class IndicatorSetRow:
    """A set of administrative indicators as lists show it."""

    id: int
    code: str
    version: int
    definition: dict[str, Any]
    effective_from: date
    legal_basis: str
    provenance: str


def draft(session: Session, draft_id: int, *, lock: bool = False) -> DraftRow:
    """One draft; with `lock` its row stays as it is until the transaction ends."""
    if lock:
        session.execute(
            select(QuestionnaireDraft.id).where(QuestionnaireDraft.id == draft_id).with_for_update()
        )
    row = session.execute(_drafts().where(QuestionnaireDraft.id == draft_id)).one_or_none()
    if row is None:
        raise NotFound(f"draft {draft_id}")
    return DraftRow(*row)


def open_drafts(session: Session, unit_ids: Collection[int]) -> list[DraftRow]:
    """Drafts of these units that are not published yet, the last changed first."""
    statement = _drafts().where(
        QuestionnaireDraft.published_id.is_(None), QuestionnaireDraft.unit_id.in_(unit_ids)
    )
    ordered = statement.order_by(QuestionnaireDraft.changed_at.desc(), QuestionnaireDraft.id.desc())
    return [DraftRow(*row) for row in session.execute(ordered)]


def notes_of(session: Session, draft_id: int) -> list[NoteRow]:
    rows = session.execute(
        select(DraftNote.id, DraftNote.place, DraftNote.text, Account.name, DraftNote.at)
        .join(Account, Account.id == DraftNote.by_id)
        .where(DraftNote.draft_id == draft_id)
        .order_by(DraftNote.at, DraftNote.id)
    )
    return [NoteRow(*row) for row in rows]


def highest_version(session: Session, code: str) -> int:
    """The last published version of a code; 0 where there is none."""
    highest = select(func.max(QuestionnaireVersion.version)).where(QuestionnaireVersion.code == code)
    return session.scalar(highest) or 0


def definitions(session: Session) -> dict[int, dict[str, Any]]:
    """Every published definition by the id of its version."""
    rows = session.execute(select(QuestionnaireVersion.id, QuestionnaireVersion.definition))
    return {row.id: row.definition for row in rows}


def uses(session: Session) -> list[UseRow]:
    """The waves of every version, the latest first."""
    rows = session.execute(
        select(Wave.version_id, Wave.code, Wave.title_vi, Wave.title_en, Wave.opens_on, Wave.closes_on)
        .order_by(Wave.opens_on.desc(), Wave.id)
    )  # fmt: skip
    return [UseRow(*row) for row in rows]


def methods(session: Session) -> list[MethodRow]:
    columns = (getattr(OfficialMethod, name) for name in MethodRow.__slots__)
    ordered = select(*columns).order_by(OfficialMethod.code, OfficialMethod.version)
    return [MethodRow(*row) for row in session.execute(ordered)]


def indicator_sets(session: Session) -> list[IndicatorSetRow]:
    columns = (getattr(IndicatorSet, name) for name in IndicatorSetRow.__slots__)
    ordered = select(*columns).order_by(IndicatorSet.code, IndicatorSet.version)
    return [IndicatorSetRow(*row) for row in session.execute(ordered)]


def _drafts() -> Select[Any]:
    draft_ = QuestionnaireDraft
    columns: tuple[Any, ...] = (
        draft_.id, draft_.unit_id, draft_.definition, draft_.based_on_id, draft_.mapping, draft_.revision,
        draft_.created_by_id,
        _Creator.name, _Changer.name, draft_.changed_at, draft_.approval_id, Approval.state,
        Approval.decision_note, draft_.published_id,
    )  # fmt: skip
    return (
        select(*columns)
        .join(_Creator, _Creator.id == draft_.created_by_id)
        .join(_Changer, _Changer.id == draft_.changed_by_id)
        .outerjoin(Approval, Approval.id == draft_.approval_id)
    )
