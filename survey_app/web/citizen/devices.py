"""The device behind a request to a kiosk's page, if there is one."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import request

from survey_app.db import db
from survey_app.errors import DeviceRefused
from survey_app.queries import devices as queries
from survey_app.queries.devices import DeviceRow
from survey_app.services.device_intake import known_device, receive_from_device
from survey_app.services.device_profile import KioskProfile, read_profile
from survey_app.services.submissions import Receipt, Submission
from survey_app.web.citizen import guarding
from survey_app.web.citizen.pages import Address
from survey_app.web.current import signer, today
from survey_app.web.parsing import envelope_from_json

SCHEME = "Device "
# How far ahead a kiosk may fetch the page of a later day.
DAYS_AHEAD = 60


def is_from_device() -> bool:
    """Whether the request names a key of a device; whether the key is right is asked later."""
    return request.headers.get("Authorization", "").startswith(SCHEME)


def device_of_request(code: str) -> DeviceRow:
    """The device whose page this is, known by the key that it sends."""
    if not is_from_device():
        raise DeviceRefused
    key = request.headers["Authorization"].removeprefix(SCHEME)
    if not key.isascii():
        raise DeviceRefused
    return known_device(db.session, signer=signer(), code=code, key=key)


def store_from_device(submission: Submission, body: Mapping[str, Any]) -> Receipt:
    """Store an answer of a kiosk under the number that it wrote on it."""
    device = device_of_request(submission.point.code)
    guarding.admit(submission, signer=signer(), device=device.code)
    envelope = envelope_from_json(body.get("device"))
    return receive_from_device(db.session, submission, device, envelope, signer=signer(), today=today())


def kiosk_profile(address: Address) -> KioskProfile | None:
    """The settings of the device whose page this is; None at a door without one."""
    device = queries.device_by_code(db.session, address.code) if address.door == "k" else None
    return read_profile(device.profile) if device else None


def later_day(text: str, now: date) -> date | None:
    """A day in the weeks ahead; anything else is today."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if now < day <= now + timedelta(days=DAYS_AHEAD) else None
