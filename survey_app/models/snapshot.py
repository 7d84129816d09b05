"""What was counted when a wave was closed. Written once: the database refuses every later change."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base


class WaveSnapshot(Base):
    """One closing of a wave; reopening and closing again adds a revision with its reason.

    `root` covers every answer received up to `received_through`; `n_counted` are those that figures count. `terms`
    holds what they were counted by: policy, targets, exclusions, and the units' last releases.
    """

    __tablename__ = "wave_snapshot"
    __table_args__ = (
        UniqueConstraint("wave_id", "revision"),
        CheckConstraint("revision >= 1", name="revision_from_one"),
        CheckConstraint("received_through < closed_on", name="received_before_closing"),
        CheckConstraint("n_counted <= n_received", name="counted_were_received"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"))
    revision: Mapped[int] = mapped_column(SmallInteger)
    closed_on: Mapped[date]
    received_through: Mapped[date]
    first_on: Mapped[date | None]
    last_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(1000), default="")
    n_received: Mapped[int]
    n_counted: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    method_version: Mapped[str] = mapped_column(String(20))
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)


class WaveTally(Base):
    """Level counts and moments of a unit between two days: a month, a period of the office, or all days of the wave."""

    __tablename__ = "wave_tally"
    __table_args__ = ({"sqlite_with_rowid": False},)

    snapshot_id: Mapped[int] = mapped_column(ForeignKey("wave_snapshot.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"), primary_key=True)
    starts_on: Mapped[date] = mapped_column(primary_key=True)
    ends_on: Mapped[date] = mapped_column(primary_key=True)
    is_excluded: Mapped[bool] = mapped_column(primary_key=True)
    n_responses: Mapped[int]
    n_clusters: Mapped[int]
    counts: Mapped[bytes] = mapped_column(LargeBinary)
    moments: Mapped[bytes] = mapped_column(LargeBinary)
    item_moments: Mapped[bytes] = mapped_column(LargeBinary)
