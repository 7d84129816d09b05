"""Break the order of arrival that a database may keep: rewrite new rows in random order, at once."""

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from survey_app.models import Comment, Response, ScoreRelease, Ticket
from survey_app.services import tickets


def shuffle_arrivals(session: Session, *, through: date) -> int:
    """Rewrite the responses of a day and of nights that were missed, unreleased comments and spent tickets.

    PostgreSQL appends rows as they come; an update moves each to a new place under one transaction number.
    SQLite keeps these tables in the order of their random keys, and rewriting them there changes nothing.
    Returns how many rows were rewritten.
    """
    responses = _arrivals(session, through)
    comments = list(session.scalars(select(Comment.id).where(Comment.released_on.is_(None))))
    spent = tickets.spent_for_shuffling(session, today=through)
    _rewrite(session, Response.__table__, "received_on", responses)
    _rewrite(session, Comment.__table__, "unit_id", comments)
    _rewrite(session, Ticket.__table__, "is_spent", spent)
    return len(responses) + len(comments) + len(spent)


def _arrivals(session: Session, through: date) -> list[UUID]:
    """What came on the day, and earlier answers that no release has counted: no night is left out."""
    released = (ScoreRelease.unit_id == Response.unit_id) & (ScoreRelease.wave_id == Response.wave_id)
    through_day = ScoreRelease.released_through
    is_unreleased = or_(through_day.is_(None), Response.received_on > through_day)
    return list(
        session.scalars(
            select(Response.id)
            .outerjoin(ScoreRelease, released)
            .where(Response.received_on <= through)
            .where(or_(Response.received_on == through, is_unreleased))
        )
    )


def _rewrite(session: Session, table: Any, column: str, keys: Sequence[Any]) -> None:
    """Write a column's own value back, row by row in random order."""
    if not keys:
        return
    in_random_order = secrets.SystemRandom().sample(keys, len(keys))
    (primary,) = table.primary_key.columns
    statement = update(table).where(primary == bindparam("key")).values({column: table.c[column]})
    session.connection().execute(statement, [{"key": key} for key in in_random_order])
