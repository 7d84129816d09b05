"""Break the order of arrival that a database may keep: rewrite each past day's rows in random order, at once."""

import secrets
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_app.models import Comment, Response


def shuffle_day(session: Session, *, day: date) -> int:
    """Rewrite the responses received on a day, and every unreleased comment, in random order; how many rows.

    PostgreSQL appends rows as they come; an update moves each to a new place under one transaction number.
    SQLite keeps these tables in the order of their random keys, and rewriting them there changes nothing.
    """
    random = secrets.SystemRandom()
    responses = list(session.scalars(select(Response.id).where(Response.received_on == day)))
    comments = list(session.scalars(select(Comment.id).where(Comment.released_on.is_(None))))
    for ids in (responses, comments):
        random.shuffle(ids)
    for key in responses:
        session.execute(update(Response).where(Response.id == key).values(received_on=Response.received_on))
    for key in comments:
        session.execute(update(Comment).where(Comment.id == key).values(unit_id=Comment.unit_id))
    return len(responses) + len(comments)
