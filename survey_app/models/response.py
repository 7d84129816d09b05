"""Answers, and beside them, with no key from one to the other, comments and spent tickets."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base

WITHOUT_ROWID = {"sqlite_with_rowid": False}


class Response(Base):
    """One person's answers, packed one byte a slot in the order of the version; a local date and no finer time."""

    __tablename__ = "response"
    __table_args__ = (
        CheckConstraint("channel BETWEEN 1 AND 6", name="channel_known"),
        CheckConstraint("stage BETWEEN 0 AND 5", name="stage_known"),
        CheckConstraint("capacity BETWEEN 0 AND 3", name="capacity_known"),
        CheckConstraint("assisted_by BETWEEN 0 AND 5", name="assisted_by_known"),
        CheckConstraint("residence BETWEEN 0 AND 3", name="residence_known"),
        CheckConstraint("weight IS NULL OR weight > 0", name="weight_positive"),
        CheckConstraint("length(answers) BETWEEN 1 AND 255", name="answers_present"),
        CheckConstraint("is_proxy IN (0, 1) OR is_proxy IS NULL", name="is_proxy_known"),
        Index("ix_response_unit_id_collected_on", "unit_id", "collected_on"),
        Index("ix_response_point_id_collected_on", "point_id", "collected_on"),
        Index("ix_response_received_on", "received_on"),
        WITHOUT_ROWID,
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    desk_id: Mapped[int | None] = mapped_column(ForeignKey("desk.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    field_id: Mapped[int | None] = mapped_column(ForeignKey("service_field.id"))
    stratum: Mapped[int] = mapped_column(SmallInteger, default=0)
    channel: Mapped[int] = mapped_column(SmallInteger)
    stage: Mapped[int] = mapped_column(SmallInteger, default=0)
    capacity: Mapped[int] = mapped_column(SmallInteger, default=0)
    assisted_by: Mapped[int] = mapped_column(SmallInteger, default=0)
    residence: Mapped[int] = mapped_column(SmallInteger, default=0)
    is_proxy: Mapped[int | None] = mapped_column(SmallInteger)
    language: Mapped[str] = mapped_column(String(8))
    collector: Mapped[str | None] = mapped_column(String(40))
    weight: Mapped[float | None]
    batch: Mapped[UUID | None] = mapped_column(Uuid)
    # The closing of its wave that took the answer in; 0 is none yet.
    closed_in: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    is_test: Mapped[bool] = mapped_column(default=False)
    is_ticketed: Mapped[bool] = mapped_column(default=False)
    is_late: Mapped[bool] = mapped_column(default=False)
    flags: Mapped[int] = mapped_column(SmallInteger, default=0)
    duration_bucket: Mapped[int] = mapped_column(SmallInteger, default=0)
    gap_bucket: Mapped[int] = mapped_column(SmallInteger, default=0)
    collected_on: Mapped[date]
    received_on: Mapped[date]
    answers: Mapped[bytes] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary(16))
    supplement_digest: Mapped[bytes | None] = mapped_column(LargeBinary(16))


class Comment(Base):
    """Words of someone, somewhere in a month. Which response they came with is not recorded anywhere."""

    __tablename__ = "comment"
    __table_args__ = (
        CheckConstraint("length(text) BETWEEN 1 AND 4000", name="text_length"),
        CheckConstraint("polarity IN ('good', 'bad', 'neutral')", name="polarity_known"),
        Index("ix_comment_unit_id_month", "unit_id", "month"),
        WITHOUT_ROWID,
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    month: Mapped[date]
    polarity: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(String(4000))
    released_on: Mapped[date | None]


class Ticket(Base):
    """One right to answer, made in a batch beforehand; answering only turns `is_spent`, with no time and no link."""

    __tablename__ = "ticket"
    __table_args__ = (Index("ix_ticket_batch", "batch"), WITHOUT_ROWID)

    hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    batch: Mapped[UUID] = mapped_column(ForeignKey("ticket_batch.id"))
    is_spent: Mapped[bool] = mapped_column(default=False)


class Exclusion(Base):
    """A reversible predicate over device-days or a batch; no row is named, and both figures are kept."""

    __tablename__ = "exclusion"
    __table_args__ = (CheckConstraint("to_on >= from_on", name="dates_in_order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    channel: Mapped[int | None] = mapped_column(SmallInteger)
    collector: Mapped[str | None] = mapped_column(String(40))
    batch: Mapped[UUID | None] = mapped_column(Uuid)
    from_on: Mapped[date]
    to_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(400))
    is_active: Mapped[bool] = mapped_column(default=False)
