"""What an office sets up for its documents, and the batches of reports it asks for."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base, UtcDateTime


class LetterheadVersion(Base):
    """Head, signature, recipients and grounds of an office's documents, in force from a day until the next one.

    `signer_titles`, `recipients` and `bases` are lists of lines.
    """

    __tablename__ = "letterhead_version"
    __table_args__ = (UniqueConstraint("unit_id", "effective_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    effective_from: Mapped[date]
    superior: Mapped[str] = mapped_column(String(200))
    issuer: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(100))
    abbreviation: Mapped[str] = mapped_column(String(40))
    signer_titles: Mapped[list[str]] = mapped_column(JSON)
    signer_name: Mapped[str] = mapped_column(String(100))
    recipients: Mapped[list[str]] = mapped_column(JSON)
    bases: Mapped[list[str]] = mapped_column(JSON)


class ConversionTable(Base):
    """How a share of satisfied respondents becomes points of a set of criteria, with its ground and dates.

    `bands` are rows of `{"from": "85", "points": "2.5"}`: the lowest percentage of a band and what it gives, both
    decimal numbers as text, so that a border is exactly where the office wrote it.
    """

    __tablename__ = "conversion_table"
    __table_args__ = (CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    title: Mapped[str] = mapped_column(String(200))
    basis: Mapped[str] = mapped_column(String(20))
    legal_basis: Mapped[str] = mapped_column(String(500))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    bands: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class DocumentBatch(Base):
    """Reports of many units that the worker makes into one file; the file is gone after `expires_on`."""

    __tablename__ = "document_batch"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed')", name="known_state"),
        CheckConstraint("n_done >= 0 AND n_done <= n_total", name="done_within_total"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    root_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    basis: Mapped[str] = mapped_column(String(20))
    period_code: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(2))
    formats: Mapped[list[str]] = mapped_column(JSON)
    units: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    n_done: Mapped[int] = mapped_column(SmallInteger)
    n_total: Mapped[int] = mapped_column(SmallInteger)
    file_name: Mapped[str] = mapped_column(String(100))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_on: Mapped[date]
