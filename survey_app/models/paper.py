"""Paper forms: numbered pads, openings of the box, and batches of sheets with their drafts until they are booked."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, CheckConstraint, ForeignKey, SmallInteger, String, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base

BATCH_STATES = ("keying", "checking", "compared", "booked")


class PaperPad(Base):
    """A pad of numbered sheets of one form at one point. Only counts say what became of them, never a number."""

    __tablename__ = "paper_pad"
    __table_args__ = (
        UniqueConstraint("point_id", "number"),
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("first_sheet >= 1 AND last_sheet >= first_sheet", name="sheets_in_order"),
        CheckConstraint("language IN ('vi', 'en')", name="language_known"),
        CheckConstraint(
            "n_handed_out >= 0 AND n_spoiled >= 0 AND n_handed_out + n_spoiled <= last_sheet - first_sheet + 1",
            name="counts_within_pad",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    language: Mapped[str] = mapped_column(String(2))
    number: Mapped[int]
    first_sheet: Mapped[int]
    last_sheet: Mapped[int]
    n_handed_out: Mapped[int] = mapped_column(default=0)
    # Torn or misprinted before anybody received them; those spoiled in the box are counted at its opening.
    n_spoiled: Mapped[int] = mapped_column(default=0)
    created_on: Mapped[date]


class PaperOpening(Base):
    """A box opened by two persons on a day. The unit is the point's on that day."""

    __tablename__ = "paper_opening"
    __table_args__ = (
        CheckConstraint("first_opener <> second_opener", name="two_persons"),
        UniqueConstraint("point_id", "opened_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    opened_on: Mapped[date]
    first_opener: Mapped[str] = mapped_column(String(120))
    second_opener: Mapped[str] = mapped_column(String(120))


class PaperCount(Base):
    """Sheets of one pad that lay in the box: all of them, and of these the blank and the spoiled."""

    __tablename__ = "paper_count"
    __table_args__ = (
        CheckConstraint(
            "n_blank >= 0 AND n_spoiled >= 0 AND n_blank + n_spoiled <= n_collected",
            name="parts_within_whole",
        ),
    )

    opening_id: Mapped[int] = mapped_column(ForeignKey("paper_opening.id"), primary_key=True)
    pad_id: Mapped[int] = mapped_column(ForeignKey("paper_pad.id"), primary_key=True)
    n_collected: Mapped[int]
    n_blank: Mapped[int]
    n_spoiled: Mapped[int]


class PaperBatch(Base):
    """The sheets of one form in one opening. `key` is what booked responses carry; no account stands here."""

    __tablename__ = "paper_batch"
    __table_args__ = (
        UniqueConstraint("opening_id", "wave_id", "version_id", "language"),
        CheckConstraint(f"state IN {BATCH_STATES}", name="state_known"),
        CheckConstraint("n_to_key >= 0 AND n_own_staff <= n_booked", name="counts_in_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    opening_id: Mapped[int] = mapped_column(ForeignKey("paper_opening.id"))
    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    language: Mapped[str] = mapped_column(String(2))
    key: Mapped[UUID] = mapped_column(Uuid, unique=True)
    state: Mapped[str] = mapped_column(String(10), default="keying")
    n_to_key: Mapped[int]
    check_result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    difference_reason: Mapped[str | None] = mapped_column(String(400))
    n_booked: Mapped[int] = mapped_column(default=0)
    n_own_staff: Mapped[int] = mapped_column(default=0)
    booked_on: Mapped[date | None]


class PaperRow(Base):
    """A sheet as keyed, the first or the second time; gone when its batch is booked."""

    __tablename__ = "paper_row"
    __table_args__ = (
        CheckConstraint("round IN (1, 2)", name="round_known"),
        CheckConstraint("position >= 1", name="position_from_one"),
        {"sqlite_with_rowid": False},
    )

    batch_id: Mapped[int] = mapped_column(ForeignKey("paper_batch.id"), primary_key=True)
    round: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    # One text a column of the form: the digits keyed, empty where the sheet is blank.
    cells: Mapped[list[str]] = mapped_column(JSON)
    is_finished: Mapped[bool]
    is_sampled: Mapped[bool] = mapped_column(default=False)
    is_own_staff: Mapped[bool]
    keyed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
