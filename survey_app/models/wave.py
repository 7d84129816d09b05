"""When and on which form answers are collected, the office's own periods, and how far figures are released."""

from datetime import date

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base


class Wave(Base):
    """A round of fieldwork (đợt): a version, a period, and self-selected (`continuous`) or designed (`sample`)."""

    __tablename__ = "wave"
    __table_args__ = (
        CheckConstraint("basis IN ('continuous', 'sample')", name="basis_known"),
        CheckConstraint("closes_on IS NULL OR closes_on >= opens_on", name="dates_in_order"),
        CheckConstraint("grace_days >= 0", name="grace_not_negative"),
        CheckConstraint("state IN ('draft', 'open', 'closed', 'archived')", name="state_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title_vi: Mapped[str] = mapped_column(String(200))
    title_en: Mapped[str] = mapped_column(String(200))
    basis: Mapped[str] = mapped_column(String(10))
    root_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    opens_on: Mapped[date]
    closes_on: Mapped[date | None]
    grace_days: Mapped[int] = mapped_column(default=30)
    is_simulated: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(10), default="open", server_default=text("'open'"))
    # The channels and languages in which answers are offered; None is every one.
    channels: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    languages: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    # Since this day only the month of an answer is known.
    coarsened_on: Mapped[date | None]


class WaveBridge(Base):
    """The second form of a wave that measures what a new form changes, and the share of people who are given it."""

    __tablename__ = "wave_bridge"
    __table_args__ = (CheckConstraint("share > 0 AND share < 1", name="share_inside"),)

    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"), primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    share: Mapped[float] = mapped_column(default=0.5)


class WaveUnit(Base):
    """A unit that takes part, its target number of respondents and, for a sample, the size of its frame."""

    __tablename__ = "wave_unit"
    __table_args__ = (
        CheckConstraint("population IS NULL OR population >= 0", name="population_not_negative"),
        CheckConstraint("target IS NULL OR target >= 0", name="target_not_negative"),
    )

    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    stratum: Mapped[int] = mapped_column(primary_key=True, default=0)
    target: Mapped[int | None]
    population: Mapped[int | None]


class Period(Base):
    """A named row of an office's calendar, often from the 15th to the 14th."""

    __tablename__ = "period"
    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="dates_in_order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    root_unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    title_vi: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120))
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class ScoreRelease(Base):
    """Responses received up to this day are counted for the unit; it moves once a day and only by k or more."""

    __tablename__ = "score_release"

    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"), primary_key=True)
    released_through: Mapped[date]
