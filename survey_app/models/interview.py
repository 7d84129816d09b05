"""Interviewers, the cases they are given, and the call-backs that check their work; none of it leads to an answer."""

from datetime import date
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base

WITHOUT_ROWID = {"sqlite_with_rowid": False}


class Interviewer(Base):
    """The public code under which an interviewer's responses are counted; the account stays out of them."""

    __tablename__ = "interviewer"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)


class InterviewAssignment(Base):
    """One case of an interviewer, made in a batch beforehand and updated in place.

    A case that is done keeps neither a day nor, unless somebody has yet to call back, the label of the list.
    """

    __tablename__ = "interview_assignment"
    __table_args__ = (
        CheckConstraint("mode IN ('phone', 'interview')", name="mode_known"),
        CheckConstraint(
            "state IN ('open', 'not_reached', 'refused', 'replaced', 'done')", name="state_known"
        ),
        CheckConstraint(
            "call_back IN ('none', 'drawn', 'held', 'not_held', 'not_reached')", name="call_back_known"
        ),
        CheckConstraint("n_attempts >= 0", name="attempts_not_negative"),
        CheckConstraint("state <> 'done' OR last_attempt_on IS NULL", name="done_keeps_no_day"),
        CheckConstraint(
            "state <> 'done' OR call_back = 'drawn' OR label IS NULL", name="done_keeps_no_label"
        ),
        CheckConstraint("state = 'done' OR call_back IN ('none', 'drawn')", name="called_back_when_done"),
        UniqueConstraint("wave_id", "unit_id", "label"),
        Index("ix_interview_assignment_account_id_wave_id", "account_id", "wave_id"),
        WITHOUT_ROWID,
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("interviewer.account_id"))
    mode: Mapped[str] = mapped_column(String(10))
    label: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12), default="open")
    n_attempts: Mapped[int] = mapped_column(default=0)
    last_attempt_on: Mapped[date | None]
    call_back: Mapped[str] = mapped_column(String(12), default="none")
    # Of a drawn sample, for the response; a weight is shared by several cases.
    stratum: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    weight: Mapped[float | None]


class CallBackCheck(Base):
    """One fact that a call-back asks again: a keyed digest of the first answer until the two are compared."""

    __tablename__ = "call_back_check"
    __table_args__ = (WITHOUT_ROWID,)

    assignment_id: Mapped[UUID] = mapped_column(ForeignKey("interview_assignment.id"), primary_key=True)
    item_code: Mapped[str] = mapped_column(String(40), primary_key=True)
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    # None until both answers were known and compared.
    is_alike: Mapped[bool | None]
