"""Results of a period on their way to being published, what units said of them, and what was published for good."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base, UtcDateTime

STATES = ("draft", "review", "hearing", "approved", "published", "superseded", "withdrawn")


class Publication(Base):
    """One revision of a period's results: from the draft to the release, whose content the database keeps as it is.

    `as_of` is the day whose policy the figures follow; `terms` names the closings and the policy they stand on.
    """

    __tablename__ = "publication"
    __table_args__ = (
        UniqueConstraint("root_unit_id", "basis", "period_code", "revision"),
        CheckConstraint(f"state IN {STATES}", name="state_known"),
        CheckConstraint("revision >= 1", name="revision_from_one"),
        CheckConstraint("revision = 1 OR reason <> ''", name="later_revision_has_reason"),
        CheckConstraint("state <> 'published' OR published_on IS NOT NULL", name="published_has_day"),
        Index(
            "uq_publication_in_force", "root_unit_id", "basis", "period_code", unique=True,
            sqlite_where=text("state = 'published'"), postgresql_where=text("state = 'published'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    root_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    basis: Mapped[str] = mapped_column(String(20))
    period_code: Mapped[str] = mapped_column(String(40))
    revision: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(String(1000), default="")
    state: Mapped[str] = mapped_column(String(12), default="draft")
    as_of: Mapped[date]
    is_simulated: Mapped[bool]
    method_version: Mapped[str] = mapped_column(String(20))
    fingerprint: Mapped[str] = mapped_column(String(64))
    verification_code: Mapped[str] = mapped_column(String(14))
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    started_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    published_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str] = mapped_column(String(1000), default="")


class PublicationPart(Base):
    """A part of the content in one language: the comparison, the whole, or a unit's card (`unit:` and its id)."""

    __tablename__ = "publication_part"
    __table_args__ = ({"sqlite_with_rowid": False},)

    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    position: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class PublishedScore(Base):
    """One published figure of a unit, or of the root for all of them; empty where it was withheld or too small."""

    __tablename__ = "published_score"
    __table_args__ = (
        CheckConstraint("showing IN ('shown', 'insufficient', 'withheld')", name="showing_known"),
        CheckConstraint("showing <> 'withheld' OR (n IS NULL AND value IS NULL)", name="withheld_is_empty"),
        {"sqlite_with_rowid": False},
    )

    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    showing: Mapped[str] = mapped_column(String(12))
    n: Mapped[int | None]
    value: Mapped[float | None] = mapped_column(Double)
    ci_low: Mapped[float | None] = mapped_column(Double)
    ci_high: Mapped[float | None] = mapped_column(Double)


class HearingNotice(Base):
    """That a unit was asked what it says of its results, and until when it may."""

    __tablename__ = "hearing_notice"
    __table_args__ = (
        CheckConstraint("reply_by >= notified_on", name="reply_after_notice"),
        {"sqlite_with_rowid": False},
    )

    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    notified_on: Mapped[date]
    reply_by: Mapped[date]


class UnitReply(Base):
    """What a unit wrote of its results, with a document if it sent one, and what the office answered."""

    __tablename__ = "unit_reply"
    __table_args__ = (
        UniqueConstraint("publication_id", "unit_id"),
        CheckConstraint("stance IN ('agrees', 'objects')", name="stance_known"),
        CheckConstraint("answer IN ('', 'accepted', 'declined')", name="answer_known"),
        CheckConstraint("answer = '' OR answer_reason <> ''", name="answer_has_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publication.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    stance: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(String(4000))
    file_name: Mapped[str | None] = mapped_column(String(120))
    file_type: Mapped[str | None] = mapped_column(String(100))
    file: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    replied_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    replied_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(String(8), default="")
    answer_reason: Mapped[str] = mapped_column(String(2000), default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PublicPages(Base):
    """Whether everyone may read what a root unit has published; without a row nobody may."""

    __tablename__ = "public_pages"

    root_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    is_open: Mapped[bool]
    changed_on: Mapped[date]
