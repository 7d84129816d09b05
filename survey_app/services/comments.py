"""Comments reach the unit in batches on a fixed day: never one by one, never fewer than the minimum."""

from datetime import date

from sqlalchemy import update
from sqlalchemy.orm import Session

from survey_app.models import Comment
from survey_app.queries import progress

BATCH_WEEKDAY = 0  # Monday: what was written last week, together


def release_comments(session: Session, *, minimum: int, today: date) -> int:
    """On the batch day release what waits wherever `minimum` or more do; the rest is held. How many units."""
    if today.weekday() != BATCH_WEEKDAY:
        return 0
    n_units = 0
    for unit_id, n_waiting in progress.waiting_comments(session):
        if n_waiting >= minimum:
            waiting = (Comment.unit_id == unit_id, Comment.released_on.is_(None))
            session.execute(update(Comment).where(*waiting).values(released_on=today))
            n_units += 1
    return n_units
