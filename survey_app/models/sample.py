"""Samples: saved plans, frames to draw from, what was drawn with which seed, and who took whose place."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base

WITHOUT_ROWID = {"sqlite_with_rowid": False}


class SamplePlan(Base):
    """A saved question of the planner; its answer is computed anew whenever it is opened."""

    __tablename__ = "sample_plan"
    __table_args__ = (Index("ix_sample_plan_unit_id", "unit_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    title: Mapped[str] = mapped_column(String(120))
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    saved_on: Mapped[date]
    is_simulated: Mapped[bool] = mapped_column(default=False)


class SampleFrame(Base):
    """The list that a wave's sample is drawn from, without anything that names or reaches a person."""

    __tablename__ = "sample_frame"
    __table_args__ = (
        CheckConstraint("kind IN ('transactions', 'residents')", name="kind_known"),
        CheckConstraint("n_entries > 0 AND n_people >= n_entries", name="counts_positive"),
        Index("ix_sample_frame_wave_id", "wave_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"))
    kind: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(120))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    n_entries: Mapped[int]
    n_people: Mapped[int]
    # Whether the file's own codes were replaced by keyed ones.
    is_keyed: Mapped[bool]
    is_accepted: Mapped[bool] = mapped_column(default=False)
    loaded_on: Mapped[date]
    is_simulated: Mapped[bool] = mapped_column(default=False)


class SampleFrameEntry(Base):
    """A transaction, or a cluster of `size` households, under a label that says nothing of anybody."""

    __tablename__ = "sample_frame_entry"
    __table_args__ = (CheckConstraint("size > 0", name="size_positive"), WITHOUT_ROWID)

    frame_id: Mapped[int] = mapped_column(ForeignKey("sample_frame.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    label: Mapped[str] = mapped_column(String(20), primary_key=True)
    stratum: Mapped[str] = mapped_column(String(120), default="")
    # The name of a cluster (thôn, tổ dân phố); empty for a transaction.
    name: Mapped[str] = mapped_column(String(120), default="")
    size: Mapped[int] = mapped_column(default=1)
    handled_on: Mapped[date | None]


class SampleDraw(Base):
    """One draw: its seed and everything else that it needs to be made again, and what came of it. Never changed."""

    __tablename__ = "sample_draw"
    __table_args__ = (
        CheckConstraint("method IN ('simple', 'systematic', 'two_stage')", name="method_known"),
        CheckConstraint("n_cases > 0 AND n_reserves >= 0", name="counts_positive"),
        Index("ix_sample_draw_frame_id", "frame_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    frame_id: Mapped[int] = mapped_column(ForeignKey("sample_frame.id"))
    method: Mapped[str] = mapped_column(String(12))
    seed: Mapped[str] = mapped_column(String(40))
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    frame_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    cases_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    n_cases: Mapped[int]
    n_reserves: Mapped[int]
    drawn_on: Mapped[date]
    drawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    is_simulated: Mapped[bool] = mapped_column(default=False)


class SampleSetAside(Base):
    """A mistaken draw that two people set aside before it was used. Kept beside the draw; neither is ever changed."""

    __tablename__ = "sample_set_aside"
    __table_args__ = (CheckConstraint("approved_by_id <> asked_by_id", name="two_people"),)

    draw_id: Mapped[int] = mapped_column(ForeignKey("sample_draw.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(1000))
    # Where the seed of the next draw will come from, said before that number is known.
    seed_source: Mapped[str] = mapped_column(String(200))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    approved_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    set_aside_on: Mapped[date]


class SampleStratum(Base):
    """A stratum of a draw within a unit, by the number that its cases and responses carry."""

    __tablename__ = "sample_stratum"
    __table_args__ = (
        CheckConstraint("population > 0 AND n_cases >= 0 AND n_reserves >= 0", name="counts_positive"),
    )

    draw_id: Mapped[int] = mapped_column(ForeignKey("sample_draw.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(120))
    population: Mapped[int]
    n_cases: Mapped[int]
    n_reserves: Mapped[int]


class SampleCase(Base):
    """A drawn case or a reserve, its chance of being drawn and its design weight. No answer leads to it."""

    __tablename__ = "sample_case"
    __table_args__ = (
        CheckConstraint("role IN ('main', 'reserve')", name="role_known"),
        CheckConstraint("probability > 0 AND probability <= 1", name="probability_is_a_proportion"),
        CheckConstraint("weight >= 1", name="weight_at_least_one"),
        ForeignKeyConstraint(
            ["draw_id", "unit_id", "stratum"],
            ["sample_stratum.draw_id", "sample_stratum.unit_id", "sample_stratum.number"],
        ),
        WITHOUT_ROWID,
    )

    draw_id: Mapped[int] = mapped_column(ForeignKey("sample_draw.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(20), primary_key=True)
    stratum: Mapped[int] = mapped_column(SmallInteger)
    cluster: Mapped[str] = mapped_column(String(20), default="")
    role: Mapped[str] = mapped_column(String(8))
    # The order of drawing within stratum and cluster: reserves are used in it.
    place: Mapped[int]
    probability: Mapped[float]
    weight: Mapped[float]


class SampleReplacement(Base):
    """The log of replacements: which case, why, and the reserve that took its place."""

    __tablename__ = "sample_replacement"
    __table_args__ = (
        CheckConstraint(
            "reason IN ('refused', 'not_reached', 'moved', 'not_found', 'not_eligible')", name="reason_known"
        ),
    )

    draw_id: Mapped[int] = mapped_column(ForeignKey("sample_draw.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    label: Mapped[str] = mapped_column(String(20), primary_key=True)
    reason: Mapped[str] = mapped_column(String(12))
    replacement: Mapped[str] = mapped_column(String(20))
    replaced_on: Mapped[date]
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class SampleHandout(Base):
    """The drawn cases of a unit were given out once, to interviewers or as tickets.

    A batch is of many tickets; which code went to which case is written nowhere. Where every stratum has a batch of
    its own, none is named here.
    """

    __tablename__ = "sample_handout"
    __table_args__ = (CheckConstraint("how IN ('interviewers', 'tickets')", name="how_known"),)

    draw_id: Mapped[int] = mapped_column(ForeignKey("sample_draw.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    how: Mapped[str] = mapped_column(String(12))
    n_cases: Mapped[int]
    handed_on: Mapped[date]
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("ticket_batch.id"))


class SampleTicketBatch(Base):
    """A batch of tickets that went to the drawn cases of one stratum of a unit; all of them, so that it is a crowd."""

    __tablename__ = "sample_ticket_batch"
    __table_args__ = (
        ForeignKeyConstraint(
            ["draw_id", "unit_id", "stratum"],
            ["sample_stratum.draw_id", "sample_stratum.unit_id", "sample_stratum.number"],
        ),
        {"sqlite_with_rowid": False},
    )

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("ticket_batch.id"), primary_key=True)
    draw_id: Mapped[int] = mapped_column(ForeignKey("sample_draw.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    stratum: Mapped[int] = mapped_column(SmallInteger)
