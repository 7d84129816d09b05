"""Recordings by text and language, and the bytes of one by its digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from survey_app.models import Recording


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """A recording without its bytes."""

    text_key: str
    language: str
    source: str
    media_type: str
    duration_ms: int
    digest: bytes
    uploaded_on: date


@dataclass(frozen=True, slots=True)
class Sound:
    """The bytes that a browser plays."""

    media_type: str
    content: bytes


def recordings_in(session: Session, languages: Sequence[str]) -> list[RecordingRow]:
    """Every recording in these languages, in the order of their keys."""
    columns = (getattr(Recording, name) for name in RecordingRow.__slots__)
    chosen = select(*columns).where(Recording.language.in_(languages))
    ordered = chosen.order_by(Recording.language, Recording.text_key, Recording.source)
    return [RecordingRow(*row) for row in session.execute(ordered)]


def has_recordings(session: Session, languages: Sequence[str]) -> bool:
    return bool(session.execute(select(exists().where(Recording.language.in_(languages)))).scalar_one())


def find_sound(session: Session, digest: bytes, media_type: str) -> Sound | None:
    found = select(Recording.media_type, Recording.content).where(
        Recording.digest == digest, Recording.media_type == media_type
    )
    row = session.execute(found.limit(1)).one_or_none()
    return None if row is None else Sound(row.media_type, row.content)


def delete_recording(session: Session, *, text_key: str, language: str, source: str) -> bool:
    """Whether there was one."""
    gone = delete(Recording).where(
        Recording.text_key == text_key, Recording.language == language, Recording.source == source
    )
    return bool(session.execute(gone.returning(Recording.text_key)).all())
