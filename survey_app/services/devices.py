"""The life of a kiosk: expected, enrolled, tried out, in use, swapped or revoked; and how each of them stands."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_app.errors import AlreadyExists, NotFound, UnknownEnrolment
from survey_app.models import Device, DeviceIncident, PointCode
from survey_app.names import unit_title
from survey_app.queries import devices as queries
from survey_app.queries.devices import DayRow, DeviceRow, IncidentRow, PlacedDevice, StateRow
from survey_app.services import audit, device_ledger
from survey_app.services.accounts import Viewer, visible_unit_ids
from survey_app.services.device_ledger import Received
from survey_app.services.device_profile import KioskProfile, read_profile
from survey_app.services.registry_store import CODE_ALPHABET, CODE_LENGTH
from survey_app.signing import Signer

ENROLMENT_LASTS = timedelta(hours=1)
REASONS = ("power", "network", "storage", "broken")
IN_USE = frozenset({"trial", "active"})
DAYS_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A one-time code, shown once: whoever types it within the hour is this device."""

    device_id: int
    code: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the tablet keeps: its code, which is the address of its page, and its key."""

    code: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStanding:
    """One device as a page shows it.

    `n_finished` is the highest number known, from the device or from what came; `n_owed` of them have not come.
    Of those, `n_missing` are on no device either, as far as the device says: they were lost or kept back.
    """

    device: DeviceRow
    profile: KioskProfile
    point_name: str
    unit_id: int
    unit_title: str
    state: StateRow | None
    received: Received
    incident: IncidentRow | None

    @property
    def n_finished(self) -> int:
        return max(self.received.highest, self.state.n_finished if self.state else 0)

    @property
    def n_owed(self) -> int:
        return self.n_finished - self.received.n

    @property
    def n_held(self) -> int:
        return min(self.n_owed, self.state.n_unsent + self.state.n_refused) if self.state else 0

    @property
    def n_missing(self) -> int:
        return self.n_owed - self.n_held

    @property
    def is_ended(self) -> bool:
        return self.device.ended_on is not None


@dataclass(frozen=True, slots=True)
class DeviceDetails:
    """A device with its days and its reported standstills."""

    standing: DeviceStanding
    days: tuple[DayRow, ...]
    incidents: tuple[IncidentRow, ...]


def all_standings(session: Session, *, viewer: Viewer, on: date) -> tuple[DeviceStanding, ...]:
    """Every device at the points that the viewer's units have on the day."""
    placed = queries.placed_devices(session, on=on, unit_ids=visible_unit_ids(session, viewer=viewer))
    return _standings(session, placed)


def device_details(session: Session, device_id: int, *, viewer: Viewer, on: date) -> DeviceDetails:
    """One device; one of a foreign unit is not found."""
    standing = _standings(session, (_placed(session, device_id, viewer=viewer, on=on),))[0]
    since = on - timedelta(days=DAYS_SHOWN)
    incidents = queries.incidents(session, [device_id]).get(device_id, ())
    return DeviceDetails(standing, queries.days(session, device_id, since=since), incidents)


def owing(session: Session, *, unit_id: int, on: date) -> tuple[DeviceStanding, ...]:
    """Devices in use at the unit's points that have finished answers which have not come."""
    standings = _standings(session, queries.placed_devices(session, on=on, unit_ids=[unit_id]))
    return tuple(each for each in standings if each.device.state in IN_USE and each.n_owed)


def points_to_choose(session: Session, *, viewer: Viewer, on: date) -> tuple[tuple[int, str], ...]:
    """Points where the viewer may put a device, each with its unit."""
    found = queries.points_of(session, on=on, unit_ids=visible_unit_ids(session, viewer=viewer))
    return tuple((point_id, f"{unit_title(kind, unit)} · {name}") for point_id, name, kind, unit in found)


def expect_device(
    session: Session,
    *,
    signer: Signer,
    point_id: int,
    name: str,
    profile: KioskProfile,
    viewer: Viewer,
    now: datetime,
    on: date,
    replaces_id: int | None = None,
) -> Enrolment:
    """Make a place for a tablet at a point, and the one-time code that lets it in."""
    if point_id not in {known for known, _ in points_to_choose(session, viewer=viewer, on=on)}:
        raise NotFound(f"point {point_id}")
    device = Device(
        code=_new_point_code(session, point_id, on),
        point_id=point_id,
        name=name,
        state="awaiting",
        profile=profile.stored(),
        created_on=on,
        replaces_id=replaces_id,
    )
    session.add(device)
    session.flush()
    _record(session, "device.expected", device.id, viewer=viewer, now=now, details={"point_id": point_id})
    return _new_enrolment(session, device.id, signer=signer, now=now)


def renew_enrolment(
    session: Session, device_id: int, *, signer: Signer, viewer: Viewer, now: datetime, on: date
) -> Enrolment:
    """Another one-time code for a tablet that has not come yet; the earlier one ends."""
    device = _placed(session, device_id, viewer=viewer, on=on).device
    if device.state != "awaiting":
        raise AlreadyExists(device.name)
    return _new_enrolment(session, device_id, signer=signer, now=now)


def enrol(session: Session, *, signer: Signer, code: str, now: datetime) -> Enrolled:
    """Let in the tablet that knows a one-time code; the code ends with it, and the device is tried out first."""
    device = queries.awaited_device(session, _enrolment_hash(signer, code), now)
    if device is None:
        raise UnknownEnrolment
    taken = session.execute(
        update(Device)
        .where(Device.id == device.id, Device.state == "awaiting")
        .values(state="trial", enrolment_hash=None, enrolment_expires_at=None)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise UnknownEnrolment
    device_ledger.prepare(session, device.id)
    audit.record(session, "device.enrolled", target=f"device:{device.id}", by=None, at=now)
    return Enrolled(device.code, signer.device_key(device.code))


def commission(session: Session, device_id: int, *, viewer: Viewer, now: datetime, on: date) -> None:
    """End the trial: from now on its answers count."""
    _change(session, device_id, {"trial"}, {"state": "active", "commissioned_on": on}, viewer=viewer, on=on)
    _record(session, "device.commissioned", device_id, viewer=viewer, now=now)


def revoke(session: Session, device_id: int, *, viewer: Viewer, now: datetime, on: date) -> None:
    """Take a device out of use: its key opens nothing from the next request on, its page closes."""
    details = device_details(session, device_id, viewer=viewer, on=on)
    _end(session, details.standing, state="revoked", reason=None, viewer=viewer, on=on)
    _record(session, "device.revoked", device_id, viewer=viewer, now=now)


def swap(
    session: Session, device_id: int, *, reason: str, signer: Signer, viewer: Viewer, now: datetime, on: date
) -> Enrolment:
    """Put another tablet in the place of this one: same point, name and profile; the old ledger closes with its gap.

    What the old tablet still holds may come later, by itself or from its file, and then the gap shrinks.
    """
    if reason not in REASONS:
        raise NotFound(reason)
    standing = device_details(session, device_id, viewer=viewer, on=on).standing
    _end(session, standing, state="replaced", reason=reason, viewer=viewer, on=on)
    details = {"reason": reason, "missing": standing.n_owed}
    _record(session, "device.replaced", device_id, viewer=viewer, now=now, details=details)
    return expect_device(
        session, signer=signer, point_id=standing.device.point_id, name=standing.device.name,
        profile=standing.profile, viewer=viewer, now=now, on=on, replaces_id=device_id,
    )  # fmt: skip


def change_profile(
    session: Session,
    device_id: int,
    profile: KioskProfile,
    *,
    name: str,
    viewer: Viewer,
    now: datetime,
    on: date,
) -> None:
    """New settings; the tablet takes them over with its next heartbeat. Without a new PIN the old one stays."""
    device = _placed(session, device_id, viewer=viewer, on=on).device
    before = read_profile(device.profile)
    if not profile.has_pin:
        profile = replace(profile, pin_salt=before.pin_salt, pin_hash=before.pin_hash)
    session.execute(update(Device).where(Device.id == device_id).values(profile=profile.stored(), name=name))
    details = audit.change(_without_pin(before, device.name), _without_pin(profile, name))
    _record(session, "device.profile_changed", device_id, viewer=viewer, now=now, details=details)


def _without_pin(profile: KioskProfile, name: str) -> dict[str, object]:
    """A profile as the audit log may hold it."""
    kept = {key: value for key, value in profile.stored().items() if not key.startswith("pin_")}
    return {"name": name, **kept}


def leave_message(
    session: Session, device_id: int, text: str, *, viewer: Viewer, now: datetime, on: date
) -> None:
    """A line that the kiosk shows until another takes its place; an empty one takes it away."""
    _placed(session, device_id, viewer=viewer, on=on)
    session.execute(update(Device).where(Device.id == device_id).values(message=text or None))
    _record(session, "device.message", device_id, viewer=viewer, now=now, details={"text": text})


def ask_reload(session: Session, device_id: int, *, viewer: Viewer, now: datetime, on: date) -> None:
    """Have the kiosk load its page anew when nobody stands before it."""
    _placed(session, device_id, viewer=viewer, on=on)
    asked = update(Device).where(Device.id == device_id)
    session.execute(asked.values(n_reloads_asked=Device.n_reloads_asked + 1))
    _record(session, "device.reload", device_id, viewer=viewer, now=now)


def report_incident(
    session: Session, device_id: int, *, reason: str, viewer: Viewer, now: datetime, on: date
) -> None:
    """Note why a device stands still, from today on."""
    if reason not in REASONS:
        raise NotFound(reason)
    _placed(session, device_id, viewer=viewer, on=on)
    end_incident(session, device_id, viewer=viewer, on=on)
    session.add(DeviceIncident(device_id=device_id, reason=reason, began_on=on))
    _record(session, "device.incident", device_id, viewer=viewer, now=now, details={"reason": reason})


def end_incident(session: Session, device_id: int, *, viewer: Viewer, on: date) -> None:
    """The device works again."""
    _placed(session, device_id, viewer=viewer, on=on)
    session.execute(
        update(DeviceIncident)
        .where(DeviceIncident.device_id == device_id, DeviceIncident.ended_on.is_(None))
        .values(ended_on=on)
    )


def _standings(session: Session, placed: tuple[PlacedDevice, ...]) -> tuple[DeviceStanding, ...]:
    ids = [row.device.id for row in placed]
    states, ledgers = queries.states(session, ids), queries.ledgers(session, ids)
    incidents = queries.incidents(session, ids)
    return tuple(
        DeviceStanding(
            device=row.device,
            profile=read_profile(row.device.profile),
            point_name=row.point_name,
            unit_id=row.unit_id,
            unit_title=unit_title(row.unit_kind, row.unit_name),
            state=states.get(row.device.id),
            received=device_ledger.received(ledgers.get(row.device.id, ())),
            incident=next((i for i in incidents.get(row.device.id, ()) if i.ended_on is None), None),
        )
        for row in placed
    )


def _placed(session: Session, device_id: int, *, viewer: Viewer, on: date) -> PlacedDevice:
    unit_ids = visible_unit_ids(session, viewer=viewer)
    found = queries.placed_devices(session, on=on, unit_ids=unit_ids, device_id=device_id)
    if not found:
        raise NotFound(f"device {device_id}")
    return found[0]


def _change(
    session: Session, device_id: int, states: set[str], values: dict[str, Any], *, viewer: Viewer, on: date
) -> None:
    """Change a device that is in one of these states; in another the step was taken before, or is not its turn."""
    device = _placed(session, device_id, viewer=viewer, on=on).device
    changed = session.execute(
        update(Device).where(Device.id == device_id, Device.state.in_(states)).values(**values)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise AlreadyExists(device.name)


def _end(
    session: Session, standing: DeviceStanding, *, state: str, reason: str | None, viewer: Viewer, on: date
) -> None:
    values = {
        "state": state, "ended_on": on, "end_reason": reason, "n_missing_at_end": standing.n_owed,
        "enrolment_hash": None, "enrolment_expires_at": None,
    }  # fmt: skip
    alive = {"awaiting", *IN_USE}
    _change(session, standing.device.id, alive, values, viewer=viewer, on=on)
    session.execute(update(PointCode).where(PointCode.code == standing.device.code).values(revoked_on=on))


def _new_point_code(session: Session, point_id: int, on: date) -> str:
    """A code of the device's own: the address of its page, printed nowhere."""
    while True:
        code = _random_code()
        if session.scalar(select(PointCode.code).where(PointCode.code == code)) is None:
            session.add(PointCode(code=code, point_id=point_id, created_on=on))
            session.flush()
            return code


def _new_enrolment(session: Session, device_id: int, *, signer: Signer, now: datetime) -> Enrolment:
    code, expires_at = _random_code(), now + ENROLMENT_LASTS
    session.execute(
        update(Device)
        .where(Device.id == device_id)
        .values(enrolment_hash=_enrolment_hash(signer, code), enrolment_expires_at=expires_at)
    )
    return Enrolment(device_id, code, expires_at)


def _random_code() -> str:
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def _enrolment_hash(signer: Signer, code: str) -> bytes:
    typed = "".join(code.upper().split()).replace("-", "")
    return signer.digest("enrolment", typed.encode())


def _record(
    session: Session,
    action: str,
    device_id: int,
    *,
    viewer: Viewer,
    now: datetime,
    details: Mapping[str, object] | None = None,
) -> None:
    audit.record(session, action, target=f"device:{device_id}", by=viewer, at=now, details=details)
