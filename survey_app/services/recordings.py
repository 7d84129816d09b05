"""Texts read aloud: what may be stored as a recording, and which recordings a page has to play."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import PurePath

from sqlalchemy.orm import Session
from tinytag import TinyTag, TinyTagException

from survey_app.errors import NotFound, RecordingRefused
from survey_app.languages import AUTHORITATIVE, NAMES, written_language
from survey_app.models import Recording
from survey_app.queries import recordings as queries
from survey_app.queries import upserts
from survey_app.services import audit
from survey_app.services.audit import Actor

OFFICE, GENERATED = "office", "generated"
MAX_BYTES = 300_000
MAX_SECONDS = 60
KEY_LENGTH = 16
MP3, OGG = "audio/mpeg", "audio/ogg"
SUFFIXES: Mapping[str, str] = {MP3: "mp3", OGG: "ogg"}
# The first packet of an Ogg stream stands after a page header of 28 bytes and names the codec.
_OGG_CODECS = (b"OpusHead", b"\x01vorbis")
_OGG_PACKET_AT = 28


@dataclass(frozen=True, slots=True)
class Sound:
    """A checked recording: what it is and how long it lasts."""

    content: bytes
    media_type: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as somebody sent it; its name is the key of a text."""

    file_name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: stored, or refused for a reason of `RecordingRefused`."""

    file_name: str
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """What can be played in one language, by text key: the office's recordings, and those a program made."""

    language: str
    office: Mapping[str, str]
    generated: Mapping[str, str]


def text_key(vietnamese: str) -> str:
    """The name of a text: a digest of its Vietnamese, so that forms that share a text share its recording."""
    plain = " ".join(unicodedata.normalize("NFC", vietnamese).split())
    return sha256(plain.encode()).hexdigest()[:KEY_LENGTH]


def checked_sound(content: bytes) -> Sound:
    """The recording in these bytes, known by what they hold and not by a name; anything else is refused."""
    if len(content) > MAX_BYTES:
        raise RecordingRefused("too_large")
    media_type = _media_type(content)
    try:
        read = TinyTag.get(file_obj=BytesIO(content), tags=False)
    except TinyTagException as error:
        raise RecordingRefused("not_audio") from error
    seconds = read.duration or 0
    if seconds <= 0 or not read.samplerate:
        raise RecordingRefused("not_audio")
    if seconds > MAX_SECONDS:
        raise RecordingRefused("too_long")
    return Sound(content, media_type, max(1, round(seconds * 1000)))


def store_recording(
    session: Session, content: bytes, *, key: str, language: str, by: Actor, today: date, now: datetime
) -> None:
    """Keep the office's recording of a text; an earlier one gives way to it."""
    _require_language(language)
    _write(session, checked_sound(content), key=key, language=language, source=OFFICE, today=today)
    audit.record(session, "recording.stored", target=f"recording:{language}:{key}", by=by, at=now)


def store_uploads(
    session: Session, uploads: Sequence[Upload], *, keys: Iterable[str], language: str, by: Actor,
    today: date, now: datetime,
) -> list[Outcome]:  # fmt: skip
    """Keep each file whose name is one of these keys; what is wrong with one does not hold up the others."""
    known = frozenset(keys)
    outcomes = []
    for upload in uploads:
        key = PurePath(upload.file_name).stem.lower()
        try:
            if key not in known:
                raise RecordingRefused("unknown_key")
            store_recording(session, upload.content, key=key, language=language, by=by, today=today, now=now)
        except RecordingRefused as refused:
            outcomes.append(Outcome(upload.file_name, refused.reason))
        else:
            outcomes.append(Outcome(upload.file_name))
    return outcomes


def store_generated(session: Session, content: bytes, *, key: str, language: str, today: date) -> None:
    """Keep what a program read; the office's own recording stands beside it and is played first."""
    _require_language(language)
    _write(session, checked_sound(content), key=key, language=language, source=GENERATED, today=today)


def delete_recording(
    session: Session, *, key: str, language: str, source: str, by: Actor, now: datetime
) -> None:
    if not queries.delete_recording(session, text_key=key, language=language, source=source):
        raise NotFound(f"recording {language} {key}")
    details = {"source": source}
    target = f"recording:{language}:{key}"
    audit.record(session, "recording.deleted", target=target, by=by, at=now, details=details)


def voices(session: Session, language: str) -> tuple[Voice, ...]:
    """What can be played for a person who chose this language: it first, then Vietnamese in its place.

    Only a language without a written page falls back to another: an English page is never read in Vietnamese.
    """
    wanted = [language] if written_language(language) == language else [language, AUTHORITATIVE]
    rows = queries.recordings_in(session, wanted)
    return tuple(
        Voice(code, _addresses(rows, code, OFFICE), _addresses(rows, code, GENERATED)) for code in wanted
    )


def has_voice(session: Session, language: str) -> bool:
    """Whether anything at all is recorded for a person who chose this language."""
    return queries.has_recordings(session, sorted({language, written_language(language)}))


def sound_address(digest: bytes, media_type: str) -> str:
    """Where a recording is served; its bytes never change under this name."""
    return f"{digest.hex()}.{SUFFIXES[media_type]}"


def sound_at(session: Session, address: str) -> queries.Sound:
    """The recording served under this name."""
    name, _dot, suffix = address.partition(".")
    media_type = next((kind for kind, known in SUFFIXES.items() if known == suffix), "")
    try:
        digest = bytes.fromhex(name)
    except ValueError as error:
        raise NotFound("recording") from error
    sound = queries.find_sound(session, digest, media_type)
    if sound is None:
        raise NotFound("recording")
    return sound


def _addresses(rows: Iterable[queries.RecordingRow], language: str, source: str) -> dict[str, str]:
    return {
        row.text_key: sound_address(row.digest, row.media_type)
        for row in rows
        if (row.language, row.source) == (language, source)
    }


def _write(session: Session, sound: Sound, *, key: str, language: str, source: str, today: date) -> None:
    values = {
        "media_type": sound.media_type,
        "duration_ms": sound.duration_ms,
        "digest": sha256(sound.content).digest(),
        "uploaded_on": today,
        "content": sound.content,
    }
    upserts.upsert(session, Recording, {"text_key": key, "language": language, "source": source}, values)


def _require_language(language: str) -> None:
    if language not in NAMES:
        raise NotFound(f"language {language}")


def _media_type(content: bytes) -> str:
    """Ogg with Opus or Vorbis, or MP3 (with or without a tag before its first frame); else refused."""
    if content[:4] == b"OggS":
        if content[_OGG_PACKET_AT:].startswith(_OGG_CODECS):
            return OGG
    elif content[:3] == b"ID3" or (content[:1] == b"\xff" and content[1:2] > b"\xe0"):
        return MP3
    raise RecordingRefused("not_audio")
