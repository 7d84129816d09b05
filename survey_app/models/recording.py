"""The voice that reads a text aloud, kept beside the answers it helps to give and joined to none of them."""

from datetime import date

from sqlalchemy import CheckConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base


class Recording(Base):
    """One text read in one language, by the office or by a program; the text is known by a digest of its Vietnamese."""

    __tablename__ = "recording"
    __table_args__ = (
        CheckConstraint("source IN ('office', 'generated')", name="source_known"),
        CheckConstraint("media_type IN ('audio/mpeg', 'audio/ogg')", name="media_type_known"),
        CheckConstraint("duration_ms > 0", name="duration_positive"),
        Index("ix_recording_digest", "digest"),
    )

    text_key: Mapped[str] = mapped_column(String(16), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    source: Mapped[str] = mapped_column(String(9), primary_key=True)
    media_type: Mapped[str] = mapped_column(String(10))
    duration_ms: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    uploaded_on: Mapped[date]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
