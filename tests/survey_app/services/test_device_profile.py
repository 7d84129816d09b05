"""Settings of a kiosk: what cannot be is refused, what is stored comes back."""

import hashlib

import pytest

from survey_app.errors import InvalidProfile
from survey_app.services.device_profile import (
    PIN_ROUNDS,
    KioskProfile,
    hashed_pin,
    read_hours,
    read_profile,
    written_hours,
)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"idle_seconds": 14}, "idle_seconds"), ({"idle_seconds": 301}, "idle_seconds"),
        ({"idle_seconds": True}, "idle_seconds"), ({"warning_seconds": 19}, "warning_seconds"),
        ({"idle_seconds_full": 601}, "idle_seconds_full"), ({"languages": ()}, "languages"),
        ({"languages": ("en",)}, "languages"), ({"languages": ("vi", "vi")}, "languages"),
        ({"hours": ((),) * 6}, "hours"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(changes, field):
    with pytest.raises(InvalidProfile) as refused:
        KioskProfile(**changes)
    assert refused.value.field == field


def test_a_stored_profile_comes_back_and_an_older_one_has_the_defaults():
    import json

    profile = KioskProfile(idle_seconds=50, languages=("vi",), **hashed_pin("2468"))
    assert read_profile(json.loads(json.dumps(profile.stored()))) == profile
    assert read_profile({"idle_seconds": 50, "of_a_later_release": 1}) == KioskProfile(idle_seconds=50)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("", ()), ("  ", ()), ("07:30-11:30", (("07:30", "11:30"),)),
        ("07:30 – 11:30; 13:30-24:00", (("07:30", "11:30"), ("13:30", "24:00"))),
    ],
)  # fmt: skip
def test_hours_are_read_as_people_write_them(text, spans):
    assert read_hours(text) == spans
    assert read_hours(written_hours(spans)) == spans


@pytest.mark.parametrize(
    "text", ["7h30", "11:30-07:30", "07:30-07:30", "07:30-11:30, 11:00-12:00", "25:00-26:00", "08:00-24:30"]
)
def test_hours_that_cannot_be_are_refused(text):
    with pytest.raises(InvalidProfile):
        read_hours(text)


def test_a_pin_is_kept_as_a_salted_slow_hash():
    one, other = hashed_pin("2468"), hashed_pin("2468")
    assert one["pin_salt"] != other["pin_salt"]
    expected = hashlib.pbkdf2_hmac("sha256", b"2468", bytes.fromhex(one["pin_salt"]), PIN_ROUNDS).hex()
    assert one["pin_hash"] == expected
    for pin in ("", "123", "123456789", "12a4", "１２３４"):
        with pytest.raises(InvalidProfile):
            hashed_pin(pin)
