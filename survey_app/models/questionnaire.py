"""Questionnaires as versioned data: the definition, frozen on publication, and the byte each item option packs into."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base


class QuestionnaireVersion(Base):
    """One immutable form. `definition` is the whole tree; `digest` proves it unchanged."""

    __tablename__ = "questionnaire_version"
    __table_args__ = (
        UniqueConstraint("code", "version"),
        CheckConstraint("version >= 1", name="version_from_one"),
        CheckConstraint("n_slots BETWEEN 1 AND 255", name="slots_fit_a_row"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    n_slots: Mapped[int]
    published_on: Mapped[date | None]
    effective_from: Mapped[date]
    legal_basis: Mapped[str] = mapped_column(String(400))
    provenance: Mapped[str] = mapped_column(String(400))


class QuestionnaireSlot(Base):
    """What byte `position` (from 0) of a packed answer means; the analysts' view unpacks by it."""

    __tablename__ = "questionnaire_slot"
    __table_args__ = (UniqueConstraint("version_id", "item_code", "option_code"),)

    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    item_code: Mapped[str] = mapped_column(String(40))
    option_code: Mapped[str] = mapped_column(String(40), default="")
    factor_code: Mapped[str] = mapped_column(String(40), default="")
    kind: Mapped[str] = mapped_column(String(20))


class IndicatorSet(Base):
    """A set of administrative indicators with points and class boundaries, as law writes them (not a survey)."""

    __tablename__ = "indicator_set"
    __table_args__ = (UniqueConstraint("code", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    effective_from: Mapped[date]
    legal_basis: Mapped[str] = mapped_column(String(400))
    provenance: Mapped[str] = mapped_column(String(400))


class Policy(Base):
    """Thresholds, targets and error rates in force from a date, with the basis on which they were chosen."""

    __tablename__ = "policy"

    effective_from: Mapped[date] = mapped_column(primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    legal_basis: Mapped[str] = mapped_column(String(400))
