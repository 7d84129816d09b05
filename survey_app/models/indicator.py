"""Numbers that are not our survey's: points of the nine indicators, and figures that others publish."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base


class IndicatorChoice(Base):
    """Which set of indicators an office uses, and the legal basis it named for that; without a row it uses none."""

    __tablename__ = "indicator_choice"

    root_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    set_id: Mapped[int] = mapped_column(ForeignKey("indicator_set.id"))
    legal_basis: Mapped[str] = mapped_column(String(400))
    chosen_on: Mapped[date]


class IndicatorCount(Base):
    """How many files got each number of points on one indicator in one period, for a unit or one of its officers.

    An indicator of the unit as a whole has one count of 1. `officer` is the office's own code of a member of staff,
    empty for the unit.
    """

    __tablename__ = "indicator_count"
    __table_args__ = (
        CheckConstraint("n_two >= 0 AND n_one >= 0 AND n_zero >= 0", name="no_count_below_zero"),
        CheckConstraint("n_two + n_one + n_zero > 0", name="something_counted"),
        CheckConstraint("number BETWEEN 1 AND 99", name="number_in_range"),
    )

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    period_id: Mapped[int] = mapped_column(ForeignKey("period.id"), primary_key=True)
    officer: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    n_two: Mapped[int]
    n_one: Mapped[int]
    n_zero: Mapped[int]
    is_simulated: Mapped[bool] = mapped_column(default=False)


class OfficialFigure(Base):
    """A figure that another body published, as it published it: two decimals, with its source and legal basis."""

    __tablename__ = "official_figure"
    __table_args__ = (
        CheckConstraint("kind IN ('sipas', 'service_quality')", name="kind_known"),
        CheckConstraint("value >= 0 AND value <= out_of", name="value_in_range"),
    )

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    period_title: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Decimal] = mapped_column(Numeric(7, 2))
    out_of: Mapped[Decimal] = mapped_column(Numeric(7, 2))
    published_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(300))
    is_simulated: Mapped[bool] = mapped_column(default=False)
