"""A guided change of the registry as it was carried out, with everything needed to take it back exactly."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base, UtcDateTime

OPERATION_KINDS = ("merge", "split", "rename", "move", "population")


class RegistryOperation(Base):
    """A merger, split, new name, new parent or new population, from a day on.

    `changes` are rows that carry dates and were written at once; `later` are rows without a date, such as the
    unit of an account, which are written on the day.
    """

    __tablename__ = "registry_operation"
    __table_args__ = (
        CheckConstraint(f"kind IN {OPERATION_KINDS}", name="kind_known"),
        Index("ix_registry_operation_effective_on", "effective_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    effective_on: Mapped[date]
    subject: Mapped[str] = mapped_column(String(200))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    request: Mapped[dict[str, Any]] = mapped_column(JSON)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    later: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    settled_on: Mapped[date | None]
    carried_out_at: Mapped[datetime] = mapped_column(UtcDateTime)
    carried_out_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
