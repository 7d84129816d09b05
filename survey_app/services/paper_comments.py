"""Words written on sheets of paper: keyed apart from the answers, with no key to a sheet or a batch."""

from datetime import date
from uuid import uuid4

from sqlalchemy.orm import Session

from survey_app.errors import InvalidAnswer
from survey_app.models import Comment
from survey_app.queries import lookups
from survey_app.services.accounts import Viewer
from survey_app.services.paper_booking import collection_day
from survey_app.services.paper_entry import lock_batch, require_batch

MAX_COMMENT = 1_200
POLARITIES = ("good", "bad", "neutral")


def add_comment(
    session: Session, *, batch_id: int, text: str, polarity: str, viewer: Viewer, today: date
) -> None:
    """Store what somebody wrote, for the unit and the month of the box; it is released like every comment."""
    batch = require_batch(session, batch_id=batch_id, viewer=viewer, today=today)
    lock_batch(session, batch_id, "keying", "checking", "compared")
    text = text.strip()
    if not 1 <= len(text) <= MAX_COMMENT or polarity not in POLARITIES:
        raise InvalidAnswer("comment", "wrong_shape")
    collected_on = collection_day(batch.opened_on, lookups.wave_row(session, batch.wave_id))
    session.add(
        Comment(
            id=uuid4(),
            unit_id=batch.unit_id,
            month=collected_on.replace(day=1),
            polarity=polarity,
            language=batch.language,
            text=text,
        )
    )
    session.flush()
