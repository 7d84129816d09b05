"""Proof that answers were not changed later: a root over each day's batch, and what is waiting for a new one."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base


class ReceivedRoot(Base):
    """The root over the responses of a wave received on a day, as it stood when that day was sealed.

    A second part that came later makes a new revision; dates made coarser make a new generation of the wave.
    """

    __tablename__ = "received_root"
    __table_args__ = (CheckConstraint("n >= n_open AND n_open >= 0", name="counts_possible"),)

    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"), primary_key=True)
    received_on: Mapped[date] = mapped_column(primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    n: Mapped[int]
    n_open: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    sealed_on: Mapped[date]


class RootReopened(Base):
    """A second part arrived for a sealed day; `mark` is random, so that sealing and a submit queue on this row."""

    __tablename__ = "root_reopened"

    wave_id: Mapped[int] = mapped_column(ForeignKey("wave.id"), primary_key=True)
    received_on: Mapped[date] = mapped_column(primary_key=True)
    mark: Mapped[UUID] = mapped_column(Uuid)
