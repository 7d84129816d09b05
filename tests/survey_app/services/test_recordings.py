"""Recordings: what is taken as one, what an office's own outranks, and what a page may play."""

import struct
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from survey_app.errors import NotFound, RecordingRefused
from survey_app.models import Account, AuditEntry, Recording
from survey_app.services import recordings
from survey_app.services.accounts import Role, Viewer
from survey_app.services.recordings import GENERATED, OFFICE, Upload

AUDIO = Path(__file__).resolve().parents[2] / "data" / "audio"
MP3, OPUS, VORBIS = (
    (AUDIO / f"very_satisfied.{kind}").read_bytes() for kind in ("mp3", "opus.ogg", "vorbis.ogg")
)
NOW, TODAY = datetime(2026, 9, 15, 3, 0, tzinfo=UTC), date(2026, 9, 15)
KEY = recordings.text_key("Rất hài lòng")


@pytest.fixture
def staff(session, world) -> Viewer:
    account = Account(
        name="sonoivu", password_hash="-", role="par_office", unit_id=world.province, language="vi"
    )
    session.add(account)
    session.flush()
    return Viewer(account.id, Role.PAR_OFFICE, world.province)


def silence_of(seconds: int) -> bytes:
    """An MP3 of this length: frames of 8 kbit/s at 8 kHz (MPEG 2.5 layer III), 72 ms each."""
    frame = b"\xff\xe3\x18\xc4" + bytes(68)
    return frame * (seconds * 1000 // 72 + 1)


def store(session, staff, content=MP3, *, key=KEY, language="vi"):
    recordings.store_recording(session, content, key=key, language=language, by=staff, today=TODAY, now=NOW)


def test_text_key_is_the_same_however_the_text_is_composed_or_spaced():
    assert recordings.text_key("Ra\u0302\u0301t  hài\nlòng ") == KEY
    assert recordings.text_key("Hài lòng") != KEY


@pytest.mark.parametrize(
    ("content", "media_type"), [(MP3, "audio/mpeg"), (OPUS, "audio/ogg"), (VORBIS, "audio/ogg")]
)
def test_checked_sound_knows_the_kind_by_content_and_how_long_it_lasts(content, media_type):
    sound = recordings.checked_sound(content)
    assert sound.media_type == media_type
    assert 1000 <= sound.duration_ms <= 1200


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<html><script>alert(1)</script></html>", b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + bytes(28),
        b"OggS" + bytes(60), b"OggS" + bytes(24) + b"\x7fFLAC" + bytes(60), b"ID3" + bytes(100),
        OPUS[:60], b"\xff\xfb",
    ],
    ids=["empty", "page", "wav", "empty ogg", "flac", "only a tag", "cut off", "two bytes"],
)  # fmt: skip
def test_what_is_no_recording_is_refused_whatever_it_is_called(content):
    with pytest.raises(RecordingRefused) as refused:
        recordings.checked_sound(content)
    assert refused.value.reason == "not_audio"


def test_a_recording_that_is_too_large_or_too_long_is_refused():
    with pytest.raises(RecordingRefused) as large:
        recordings.checked_sound(MP3 + bytes(recordings.MAX_BYTES))
    assert large.value.reason == "too_large"
    assert recordings.checked_sound(silence_of(30)).duration_ms == pytest.approx(30_000, rel=0.02)
    with pytest.raises(RecordingRefused) as long:
        recordings.checked_sound(silence_of(recordings.MAX_SECONDS + 5))
    assert long.value.reason == "too_long"


def test_store_recording_replaces_the_offices_own_and_says_who_did_it(session, staff):
    store(session, staff, MP3)
    store(session, staff, OPUS)
    row = session.scalars(select(Recording)).one()
    assert (row.text_key, row.source, row.media_type, row.content) == (KEY, OFFICE, "audio/ogg", OPUS)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "recording.stored")).all()
    assert [(entry.account_id, entry.target) for entry in entries] == [
        (staff.account_id, f"recording:vi:{KEY}")
    ] * 2


def test_a_generated_recording_stands_beside_the_offices_and_never_takes_its_place(session, staff):
    store(session, staff, OPUS)
    recordings.store_generated(session, MP3, key=KEY, language="vi", today=TODAY)
    (voice,) = recordings.voices(session, "vi")
    assert voice.office[KEY].endswith(".ogg")
    assert voice.generated[KEY].endswith(".mp3")
    assert recordings.sound_at(session, voice.office[KEY]).content == OPUS


def test_uploads_are_stored_by_the_key_in_their_name_and_each_fault_is_told(session, staff):
    other = recordings.text_key("Hài lòng")
    outcomes = recordings.store_uploads(
        session,
        [
            Upload(f"{KEY.upper()}.MP3", MP3),
            Upload(f"folder/{other}.ogg", VORBIS),
            Upload("hello.mp3", MP3),
            Upload(f"{KEY}.mp3", b"no sound"),
        ],
        keys=[KEY, other], language="bru", by=staff, today=TODAY, now=NOW,
    )  # fmt: skip
    assert [outcome.refusal for outcome in outcomes] == ["", "", "unknown_key", "not_audio"]
    stored = session.execute(select(Recording.text_key, Recording.language)).all()
    assert set(stored) == {(KEY, "bru"), (other, "bru")}


def test_only_a_language_without_written_pages_falls_back_to_vietnamese(session, staff):
    store(session, staff, MP3, language="vi")
    store(session, staff, OPUS, language="bru")
    assert [(voice.language, len(voice.office)) for voice in recordings.voices(session, "bru")] == [
        ("bru", 1), ("vi", 1),
    ]  # fmt: skip
    assert [(voice.language, len(voice.office)) for voice in recordings.voices(session, "en")] == [("en", 0)]
    assert recordings.has_voice(session, "scb")
    assert not recordings.has_voice(session, "en")


def test_an_unknown_language_address_or_recording_is_not_found(session, staff):
    with pytest.raises(NotFound):
        store(session, staff, language="xx")
    for address in ("", "zz.mp3", "00.exe", f"{'0' * 64}.mp3", "../x"):
        with pytest.raises(NotFound):
            recordings.sound_at(session, address)
    with pytest.raises(NotFound):
        recordings.delete_recording(session, key=KEY, language="vi", source=OFFICE, by=staff, now=NOW)


def test_delete_recording_leaves_the_generated_one(session, staff):
    store(session, staff)
    recordings.store_generated(session, OPUS, key=KEY, language="vi", today=TODAY)
    recordings.delete_recording(session, key=KEY, language="vi", source=OFFICE, by=staff, now=NOW)
    assert session.scalars(select(Recording.source)).all() == [GENERATED]
