"""Batches of tickets: where they count and until when. Which ticket is which is not recorded anywhere."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base


class TicketBatch(Base):
    """Tickets made together for one point. `n_spent` moves at night only, and by several tickets at a time."""

    __tablename__ = "ticket_batch"
    __table_args__ = (
        CheckConstraint("size BETWEEN 1 AND 5000", name="size_known"),
        CheckConstraint("n_spent BETWEEN 0 AND size", name="spent_within_size"),
        CheckConstraint("stage BETWEEN 0 AND 5", name="stage_known"),
        CheckConstraint("expires_on >= created_on", name="dates_in_order"),
        CheckConstraint(
            "(origin = 'api' AND client_id IS NOT NULL) OR (origin = 'staff' AND client_id IS NULL)",
            name="origin_known",
        ),
        Index("ix_ticket_batch_point_id", "point_id"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    code: Mapped[str] = mapped_column(ForeignKey("point_code.code"))
    wave_id: Mapped[int | None] = mapped_column(ForeignKey("wave.id"))
    stage: Mapped[int] = mapped_column(SmallInteger, default=0)
    field_id: Mapped[int | None] = mapped_column(ForeignKey("service_field.id"))
    size: Mapped[int]
    n_spent: Mapped[int] = mapped_column(default=0)
    created_on: Mapped[date]
    expires_on: Mapped[date]
    revoked_on: Mapped[date | None]
    origin: Mapped[str] = mapped_column(String(5))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("api_client.id"))
