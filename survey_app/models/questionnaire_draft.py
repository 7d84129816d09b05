"""Questionnaires in the making, what one version means for another, and official methods as data."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base, UtcDateTime


class QuestionnaireDraft(Base):
    """A definition that may still change, with faults or without. Its state follows from approval and publication.

    `revision` counts the changes, so that two people who edit at once never overwrite each other unseen.
    """

    __tablename__ = "questionnaire_draft"
    __table_args__ = (
        CheckConstraint("revision >= 1", name="revision_from_one"),
        Index("ix_questionnaire_draft_approval_id", "approval_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # The office whose draft it is: the unit of whoever began it, also when that person moves on.
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    based_on_id: Mapped[int | None] = mapped_column(ForeignKey("questionnaire_version.id"))
    mapping: Mapped[list[Any]] = mapped_column(JSON)
    revision: Mapped[int] = mapped_column(default=1)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"))
    published_id: Mapped[int | None] = mapped_column(ForeignKey("questionnaire_version.id"))


class DraftNote(Base):
    """What a reviewer says about a draft, or about one place of it."""

    __tablename__ = "draft_note"
    __table_args__ = (Index("ix_draft_note_draft_id", "draft_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_draft.id"))
    place: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(String(1000))
    by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class VersionMapping(Base):
    """What each item of an older version is in a newer one, as first published: the same, recoded, or broken off."""

    __tablename__ = "version_mapping"
    __table_args__ = (CheckConstraint("old_id <> new_id", name="two_versions"),)

    old_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"), primary_key=True)
    new_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"), primary_key=True)
    links: Mapped[list[Any]] = mapped_column(JSON)
    basis: Mapped[str] = mapped_column(String(400))


class MappingRevision(Base):
    """A later word on a mapping that was published: the newest one holds, and every earlier one stays to be read."""

    __tablename__ = "mapping_revision"
    __table_args__ = (
        UniqueConstraint("old_id", "new_id", "number"),
        CheckConstraint("number >= 2", name="number_from_two"),
        ForeignKeyConstraint(["old_id", "new_id"], ["version_mapping.old_id", "version_mapping.new_id"]),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    old_id: Mapped[int]
    new_id: Mapped[int]
    number: Mapped[int]
    links: Mapped[list[Any]] = mapped_column(JSON)
    basis: Mapped[str] = mapped_column(String(400))
    decided_on: Mapped[date]


class OfficialMethod(Base):
    """How official numbers are made of a questionnaire: aggregation, and bands of points, with their legal basis."""

    __tablename__ = "official_method"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    effective_from: Mapped[date]
    legal_basis: Mapped[str] = mapped_column(String(400))
    provenance: Mapped[str] = mapped_column(String(400))
    is_example: Mapped[bool]


class MethodDraft(Base):
    """An official method that may still change, with faults or without; a second person puts it into force."""

    __tablename__ = "method_draft"
    __table_args__ = (CheckConstraint("revision >= 1", name="revision_from_one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    revision: Mapped[int] = mapped_column(default=1)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"))
    published_id: Mapped[int | None] = mapped_column(ForeignKey("official_method.id"))
