"""What comes from a kiosk: answers under its own numbers, and what it says of itself."""

import hmac
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import DeviceRefused, DeviceRevoked
from survey_app.models import DeviceDay, DeviceState
from survey_app.queries import devices as queries
from survey_app.queries import upserts
from survey_app.queries.devices import DeviceRow
from survey_app.services import device_ledger
from survey_app.services.submissions import Receipt, Submission, receive_response
from survey_app.signing import Signer
from survey_app.vocabulary import Channel

# A device counts its own days and says them again until they are old.
DAYS_TOLD = 40


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a device writes on a record: its number, and whether the device was being tried out."""

    number: int
    is_trial: bool


@dataclass(frozen=True, slots=True)
class DayCount:
    """What the device counted on one of its days, told as so many days before its own today."""

    age_days: int
    n_opened: int
    n_finished: int
    n_morning: int
    n_afternoon: int
    n_after_hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """What a device says of itself; counters run from its enrolment."""

    app_version: str
    n_opened: int
    n_finished: int
    n_sent: int
    n_unsent: int
    n_refused: int
    oldest_unsent_days: int | None
    battery_percent: int | None
    is_charging: bool | None
    storage_percent: int | None
    is_storage_persistent: bool
    client_now: datetime | None
    days: Sequence[DayCount]


def known_device(session: Session, *, signer: Signer, code: str, key: str) -> DeviceRow:
    """The device of this page, if the key is its own. A swapped one may still deliver; a revoked one may not."""
    device = queries.device_by_code(session, code)
    expected = signer.device_key(code)
    if device is None or device.state == "awaiting" or not hmac.compare_digest(expected, key):
        raise DeviceRefused
    if device.state == "revoked":
        raise DeviceRevoked
    return device


def receive_from_device(
    session: Session,
    submission: Submission,
    device: DeviceRow,
    envelope: Envelope,
    *,
    signer: Signer,
    today: date,
) -> Receipt:
    """Store an answer of a kiosk and tick its number off, in the caller's one transaction."""
    submission = replace(
        submission,
        point=replace(submission.point, channel=int(Channel.KIOSK)),
        collector=device.code,
        is_test=envelope.is_trial or device.state == "trial",
    )
    receipt = receive_response(session, submission, signer=signer, today=today)
    device_ledger.tick(session, device.id, envelope.number)
    return receipt


def hear(session: Session, device: DeviceRow, said: Heartbeat, *, now: datetime, today: date) -> None:
    """Keep the last thing a device said in place of the one before, and its days by the server's calendar."""
    skew = round((said.client_now - now).total_seconds()) if said.client_now else 0
    values: dict[str, Any] = {name: value for name, value in asdict(said).items() if name in _KEPT}
    # A clock that is centuries wrong is no wronger than one that is years wrong.
    values |= {"seen_at": now, "clock_skew_seconds": max(-(2**31) + 1, min(2**31 - 1, skew))}
    upserts.upsert(session, DeviceState, {"device_id": device.id}, values)
    for count in said.days:
        if 0 <= count.age_days <= DAYS_TOLD:
            counts = {name: value for name, value in asdict(count).items() if name != "age_days"}
            day = today - timedelta(days=count.age_days)
            upserts.upsert(session, DeviceDay, {"device_id": device.id, "day": day}, counts)


_KEPT = frozenset(DeviceState.__table__.columns.keys()) - {"device_id"}
