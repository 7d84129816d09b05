"""Who is evaluated and where answers are collected: units with lineage, points, desks, codes, service fields."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base


class Unit(Base):
    """An agency or commune between two dates. A merger ends some rows and starts another."""

    __tablename__ = "unit"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),
        CheckConstraint("population IS NULL OR population >= 0", name="population_not_negative"),
        Index("ix_unit_parent_id", "parent_id"),
        Index("ix_unit_gso_code", "gso_code"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    level: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    gso_code: Mapped[str | None] = mapped_column(String(10))
    population: Mapped[int | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    search_key: Mapped[str] = mapped_column(String(200))
    sort_key: Mapped[str] = mapped_column(String(400))


class UnitPeriod(Base):
    """What a unit was called and where it stood between two dates; only units that changed have rows.

    `Unit` holds the description of today. For a day that a row covers, the row is right.
    """

    __tablename__ = "unit_period"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),
        CheckConstraint("population IS NULL OR population >= 0", name="population_not_negative"),
    )

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    valid_to: Mapped[date | None]
    name: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    population: Mapped[int | None]
    search_key: Mapped[str] = mapped_column(String(200))
    sort_key: Mapped[str] = mapped_column(String(400))


class UnitAlias(Base):
    """Another name people use for a unit; it is found by it, and never shown as its name."""

    __tablename__ = "unit_alias"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    search_key: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))


class UnitLineage(Base):
    """One predecessor's share in one successor, from a date on."""

    __tablename__ = "unit_lineage"
    __table_args__ = (
        CheckConstraint("predecessor_id <> successor_id", name="not_itself"),
        CheckConstraint("population_share > 0 AND population_share <= 1", name="share_is_a_proportion"),
        Index("ix_unit_lineage_successor_id", "successor_id"),
    )

    predecessor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    successor_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    effective_on: Mapped[date]
    population_share: Mapped[float] = mapped_column(default=1.0)


class ServiceField(Base):
    """A field of service (lĩnh vực), shown to citizens as a picture and two or three words."""

    __tablename__ = "service_field"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_vi: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    icon: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]


class Point(Base):
    """A collection point (điểm đặt): where a kiosk stands or a code is posted."""

    __tablename__ = "point"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))


class PointUnit(Base):
    """The unit a point belongs to, by date: after a merger the same poster serves the new unit."""

    __tablename__ = "point_unit"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="dates_in_order"),
        Index("ix_point_unit_unit_id", "unit_id"),
    )

    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"), primary_key=True)
    valid_from: Mapped[date] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    valid_to: Mapped[date | None]


class PointCode(Base):
    """A printed code: eight random characters without look-alikes, revocable, tied to the point and never to a wave."""

    __tablename__ = "point_code"
    __table_args__ = (Index("ix_point_code_point_id", "point_id"),)

    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    created_on: Mapped[date]
    revoked_on: Mapped[date | None]


class Desk(Base):
    """A counter of a point (quầy). A desk with one named officer is shown to the director only."""

    __tablename__ = "desk"
    __table_args__ = (Index("ix_desk_point_id", "point_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    name: Mapped[str] = mapped_column(String(120))
    is_single_officer: Mapped[bool] = mapped_column(default=False)
    # Its last day; answers given at it stay, and those of the days before are still accepted.
    closed_on: Mapped[date | None]
