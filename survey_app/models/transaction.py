"""Counts of files (hồ sơ) that units handled, with where each number came from; and the procedures they follow."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base, UtcDateTime

SOURCES = ("file", "hand", "api", "earlier")


class TransactionBatch(Base):
    """One loading of counts: from what, by whom. A number that is changed later points to the later batch."""

    __tablename__ = "transaction_batch"
    __table_args__ = (CheckConstraint(f"source IN {SOURCES}", name="source_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(200))
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("api_client.id"))
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    n_rows: Mapped[int]


class TransactionCount(Base):
    """Files of a unit between two days, by desk, field, way of filing and outcome; what is unknown stays so."""

    __tablename__ = "transaction_count"
    __table_args__ = (
        CheckConstraint("n_files >= 0", name="not_negative"),
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint("mode BETWEEN 0 AND 3", name="mode_known"),
        CheckConstraint("outcome BETWEEN 0 AND 3", name="outcome_known"),
        Index("ix_transaction_count_unit_id_starts_on", "unit_id", "starts_on"),
        Index("ix_transaction_count_batch_id", "batch_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # All dimensions as one text: an unknown desk takes part in it, as NULL in a unique index would not.
    key: Mapped[str] = mapped_column(String(80), unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    desk_id: Mapped[int | None] = mapped_column(ForeignKey("desk.id"))
    field_id: Mapped[int | None] = mapped_column(ForeignKey("service_field.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    mode: Mapped[int]
    outcome: Mapped[int]
    n_files: Mapped[int]
    is_simulated: Mapped[bool] = mapped_column(default=False)
    batch_id: Mapped[int] = mapped_column(ForeignKey("transaction_batch.id"))


class Procedure(Base):
    """An administrative procedure (TTHC) by its national code, with the field and the level that handles it."""

    __tablename__ = "procedure"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),
        CheckConstraint("level IN ('province', 'commune', 'both')", name="level_known"),
        Index("ix_procedure_field_id", "field_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(500))
    field_id: Mapped[int | None] = mapped_column(ForeignKey("service_field.id"))
    agency: Mapped[str] = mapped_column(String(200))
    level: Mapped[str] = mapped_column(String(10))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
