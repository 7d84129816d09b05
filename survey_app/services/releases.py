"""Scores move once a day, and only by enough new responses: a page shows no single visitor coming."""

from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from survey_app.models import ScoreRelease
from survey_app.queries import progress, upserts
from survey_app.services import rollups


def release_scores(session: Session, *, minimum_new: int, today: date) -> int:
    """Count what was received up to yesterday wherever a unit has `minimum_new` or more; how many units."""
    return _release(session, minimum_new=minimum_new, through=today - timedelta(days=1), wave_id=None)


def release_import(session: Session, *, wave_id: int, minimum_new: int, today: date) -> int:
    """Count a wave that was just imported at once: its answers came together; how many units."""
    return _release(session, minimum_new=minimum_new, through=today, wave_id=wave_id)


def release_wave(session: Session, *, wave_id: int, minimum_new: int, through: date) -> int:
    """The last release of a wave that is about to be closed; fewer new answers than the minimum stay out for good."""
    return _release(session, minimum_new=minimum_new, through=through, wave_id=wave_id)


def _release(session: Session, *, minimum_new: int, through: date, wave_id: int | None) -> int:
    n_released = 0
    waiting = progress.unreleased_counts(session, through=through)
    for unit_id, each_wave_id, n_new, released_through in waiting:
        if n_new < minimum_new or wave_id not in (None, each_wave_id):
            continue
        touched = progress.months_received(
            session, unit_id=unit_id, wave_id=each_wave_id, after=released_through, through=through
        )
        for point_id, month in touched:
            rollups.mark_dirty(session, point_id=point_id, month=month, mark=uuid4())
        key = {"unit_id": unit_id, "wave_id": each_wave_id}
        upserts.upsert(session, ScoreRelease, key, {"released_through": through})
        n_released += 1
    return n_released
