"""When offices are open: hours of a point, days off and made up for in the whole province, closures of units."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base

DAY_KINDS = ("holiday", "working_day")
CLOSURE_REASONS = ("storm", "flood", "power", "network", "tet", "repair", "other")


class OpeningHours(Base):
    """Spans of local time for each weekday of a point, from a day on until the next row of the point."""

    __tablename__ = "opening_hours"

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    week: Mapped[list[Any]] = mapped_column(JSON)


class CalendarDay(Base):
    """A public holiday, or a weekend day that is worked. A correction withdraws one row and adds another."""

    __tablename__ = "calendar_day"
    __table_args__ = (
        CheckConstraint(f"kind IN {DAY_KINDS}", name="kind_known"),
        CheckConstraint("withdrawn_on IS NULL OR withdrawn_on >= entered_on", name="dates_in_order"),
        Index("ix_calendar_day_day", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    kind: Mapped[str] = mapped_column(String(12))
    title_vi: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120))
    legal_basis: Mapped[str] = mapped_column(String(300))
    # Nobody at the office has held it against the decision of the year yet.
    is_to_check: Mapped[bool] = mapped_column(default=False)
    entered_on: Mapped[date]
    withdrawn_on: Mapped[date | None]


class Closure(Base):
    """Days on which the units of its list do not receive anybody, and why."""

    __tablename__ = "closure"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="dates_in_order"),
        CheckConstraint(f"reason IN {CLOSURE_REASONS}", name="reason_known"),
        Index("ix_closure_starts_on", "starts_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(300), default="")
    is_simulated: Mapped[bool] = mapped_column(default=False)
    entered_on: Mapped[date]
    withdrawn_on: Mapped[date | None]


class ClosureUnit(Base):
    """One unit of a closure."""

    __tablename__ = "closure_unit"
    __table_args__ = (Index("ix_closure_unit_unit_id", "unit_id"),)

    closure_id: Mapped[int] = mapped_column(ForeignKey("closure.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
