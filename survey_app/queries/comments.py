"""Released comments, by unit: their words, their month and whether they were good, bad or neither."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import Comment


@dataclass(frozen=True, slots=True)
class CommentRow:
    """One comment of a released batch; the order of its random key is no order of arrival."""

    unit_id: int
    month: date
    polarity: str
    language: str
    text: str


def released_comments(session: Session, *, unit_ids: Collection[int], since: date) -> list[CommentRow]:
    """What was released of these units and written in a month from `since` on, in the order of random keys."""
    rows = session.execute(
        select(Comment.unit_id, Comment.month, Comment.polarity, Comment.language, Comment.text)
        .where(Comment.unit_id.in_(sorted(unit_ids)), Comment.released_on.is_not(None))
        .where(Comment.month >= since)
        .order_by(Comment.id)
    )
    return [CommentRow(*row) for row in rows]
