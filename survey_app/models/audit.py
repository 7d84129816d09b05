"""Who of the staff changed what, as a chain that only grows. Submitted answers are never written here."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base, UtcDateTime


class AuditEntry(Base):
    """One entry. `seal` covers all of it and, by `previous`, everything before; older entries carry no seal.

    The database refuses to change or delete an entry (revision 0009).
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_sequence", "sequence", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    action: Mapped[str] = mapped_column(String(60))
    target: Mapped[str] = mapped_column(String(200))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    sequence: Mapped[int | None]
    previous: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    seal: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class AuditHead(Base):
    """The newest entry of the chain: one row, on which writers queue."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int]
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))
