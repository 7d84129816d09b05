"""Counts and sums kept per cell so that a page need not recount; always rebuildable from the responses."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, SmallInteger, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base


class RollupMonth(Base):
    """A point's whole month has been counted; while this row is absent its figures come from the responses."""

    __tablename__ = "rollup_month"

    month: Mapped[date] = mapped_column(primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), primary_key=True)


class RollupDirty(Base):
    """Something arrived for an earlier month; `mark` is random, so that a rebuild and a submit queue on this row."""

    __tablename__ = "rollup_dirty"

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    mark: Mapped[UUID] = mapped_column(Uuid)


class CountCell(Base):
    """Sparse level counts: `counts` packs (slot × 32 + code, number) pairs as little-endian u2, u4."""

    __tablename__ = "count_cell"
    __table_args__ = (
        Index("ix_count_cell_unit_id_month", "unit_id", "month"),
        Index("ix_count_cell_point_id_month", "point_id", "month"),
        {"sqlite_with_rowid": False},
    )

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    agency_id: Mapped[int] = mapped_column(primary_key=True, default=0)
    field_id: Mapped[int] = mapped_column(primary_key=True, default=0)
    stage: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"), primary_key=True)
    stratum: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    is_excluded: Mapped[bool] = mapped_column(primary_key=True)
    n_responses: Mapped[int]
    counts: Mapped[bytes] = mapped_column(LargeBinary)


class MomentCell(Base):
    """Sums and products of respondents' (satisfied, answered, score) per group, and the same of device-day totals."""

    __tablename__ = "moment_cell"
    __table_args__ = (
        Index("ix_moment_cell_unit_id_month", "unit_id", "month"),
        Index("ix_moment_cell_point_id_month", "point_id", "month"),
        {"sqlite_with_rowid": False},
    )

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    channel: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"), primary_key=True)
    stratum: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    is_excluded: Mapped[bool] = mapped_column(primary_key=True)
    n_responses: Mapped[int]
    n_clusters: Mapped[int]
    moments: Mapped[bytes] = mapped_column(LargeBinary)
