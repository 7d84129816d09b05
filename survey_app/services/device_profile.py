"""How a kiosk behaves: its waiting times, languages, hours and lock, as checked values."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from survey_app.errors import InvalidProfile
from survey_app.languages import NAMES

# WCAG 2.2.1 asks for twenty seconds of warning at least.
MIN_WARNING = 20
PIN_ROUNDS = 100_000
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PIN = re.compile(r"[0-9]{4,8}")
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]\d|2[0-4]):([0-5]\d)")
_OFFICE_DAY = (("07:30", "11:30"), ("13:30", "17:00"))

Span = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KioskProfile:
    """What an office decides of one kiosk. Seconds are whole; hours are spans of local time for each weekday."""

    idle_seconds: int = 30
    idle_seconds_full: int = 60
    warning_seconds: int = MIN_WARNING
    keeps_partial: bool = True
    offers_full_form: bool = True
    languages: tuple[str, ...] = ("vi", "en")
    is_full_screen: bool = True
    keeps_awake: bool = True
    hours: tuple[tuple[Span, ...], ...] = (_OFFICE_DAY,) * 5 + ((),) * 2
    pin_salt: str = ""
    pin_hash: str = ""

    def __post_init__(self) -> None:
        for name, least, most in (
            ("idle_seconds", 15, 300), ("idle_seconds_full", 15, 600), ("warning_seconds", MIN_WARNING, 120),
        ):  # fmt: skip
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise InvalidProfile(name)
        if not self.languages or self.languages[0] != "vi" or len(set(self.languages)) != len(self.languages):
            raise InvalidProfile("languages")
        if set(self.languages) - NAMES.keys():
            raise InvalidProfile("languages")
        if len(self.hours) != len(DAYS):
            raise InvalidProfile("hours")

    def stored(self) -> dict[str, Any]:
        """The profile as JSON keeps it."""
        return asdict(self)

    @property
    def has_pin(self) -> bool:
        return bool(self.pin_hash)


def read_profile(stored: Mapping[str, Any]) -> KioskProfile:
    """The profile of a stored row; a setting that came later has its default."""
    known = {field.name for field in fields(KioskProfile)}
    values = {name: value for name, value in stored.items() if name in known}
    if "languages" in values:
        values["languages"] = tuple(values["languages"])
    if "hours" in values:
        values["hours"] = tuple(tuple((start, end) for start, end in day) for day in values["hours"])
    return KioskProfile(**values)


def read_hours(text: str) -> tuple[Span, ...]:
    """Spans of one day as people write them, "07:30-11:30, 13:30-17:00"; an empty text is a day off."""
    spans: list[Span] = []
    for part in filter(None, (part.strip() for part in re.split("[,;]", text))):
        found = _SPAN.fullmatch(part)
        if found is None:
            raise InvalidProfile("hours")
        start, end = f"{found[1]}:{found[2]}", f"{found[3]}:{found[4]}"
        if start >= end or end > "24:00" or (spans and start < spans[-1][1]):
            raise InvalidProfile("hours")
        spans.append((start, end))
    return tuple(spans)


def written_hours(spans: tuple[Span, ...]) -> str:
    """The spans as people write them."""
    return ", ".join(f"{start}-{end}" for start, end in spans)


def hashed_pin(pin: str) -> dict[str, str]:
    """Salt and slow hash of a PIN, as the tablet checks it without a network.

    It keeps visitors out of the service panel; what keeps them inside the page is the tablet's lock-task mode.
    """
    if not _PIN.fullmatch(pin):
        raise InvalidProfile("pin")
    salt = secrets.token_hex(8)
    digest = hashlib.pbkdf2_hmac("sha256", pin.encode(), bytes.fromhex(salt), PIN_ROUNDS)
    return {"pin_salt": salt, "pin_hash": digest.hex()}
