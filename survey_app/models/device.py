"""Kiosks: who they are, what they last said of themselves, and which of their numbered records have come."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from survey_app.models.base import Base, UtcDateTime

STATES = ("awaiting", "trial", "active", "replaced", "revoked")


class Device(Base):
    """A tablet at a point. It has a code of its own, and its key is derived from the secret, never stored."""

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state_known"),
        CheckConstraint("ended_on IS NULL OR ended_on >= created_on", name="dates_in_order"),
        Index("ix_device_point_id", "point_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("point_code.code"), unique=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("point.id"))
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10), default="awaiting")
    profile: Mapped[dict[str, Any]] = mapped_column(JSON)
    enrolment_hash: Mapped[bytes | None] = mapped_column(LargeBinary(16), unique=True)
    enrolment_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_on: Mapped[date]
    commissioned_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None] = mapped_column(String(20))
    # What the old device of a swap still owed when it was closed; nobody will send it any more.
    n_missing_at_end: Mapped[int | None]
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    message: Mapped[str | None] = mapped_column(String(200))
    n_reloads_asked: Mapped[int] = mapped_column(default=0)


class DeviceState(Base):
    """The last thing a device said of itself; each heartbeat overwrites the one before."""

    __tablename__ = "device_state"

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    app_version: Mapped[str] = mapped_column(String(40))
    n_opened: Mapped[int]
    n_finished: Mapped[int]
    n_sent: Mapped[int]
    n_unsent: Mapped[int]
    n_refused: Mapped[int]
    oldest_unsent_days: Mapped[int | None]
    battery_percent: Mapped[int | None]
    is_charging: Mapped[bool | None]
    clock_skew_seconds: Mapped[int]
    storage_percent: Mapped[int | None]
    is_storage_persistent: Mapped[bool]


class DeviceLedger(Base):
    """A thousand numbers of a device, one bit each: whether the record of this number has come, and nothing more."""

    __tablename__ = "device_ledger"

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    block: Mapped[int] = mapped_column(primary_key=True)
    ticked: Mapped[bytes] = mapped_column(LargeBinary(128))


class DeviceDay(Base):
    """What a device counted on a day, with no key to any answer."""

    __tablename__ = "device_day"

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    n_opened: Mapped[int]
    n_finished: Mapped[int]
    n_morning: Mapped[int]
    n_afternoon: Mapped[int]
    n_after_hours: Mapped[int]


class DeviceIncident(Base):
    """Why a device stood still, as the office reports it: a reason code between two days."""

    __tablename__ = "device_incident"
    __table_args__ = (
        CheckConstraint("reason IN ('power', 'network', 'storage', 'broken')", name="reason_known"),
        CheckConstraint("ended_on IS NULL OR ended_on >= began_on", name="dates_in_order"),
        Index("ix_device_incident_device_id", "device_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    reason: Mapped[str] = mapped_column(String(10))
    began_on: Mapped[date]
    ended_on: Mapped[date | None]
