"""The rows that a root is made over, streamed in the order of their random ids."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from survey_app.models import Response

ROWS_AT_ONCE = 20_000


def received_rows(
    session: Session, *, wave_id: int, after: date | None, through: date
) -> Iterator[tuple[UUID, int, bytes, int]]:
    """Id, form, answers and flags of the responses of a wave received in these days; trial ones too."""
    statement = (
        select(Response.id, Response.version_id, Response.answers, Response.flags)
        .where(Response.wave_id == wave_id, Response.received_on <= through)
        .where(Response.received_on > after if after else true())
        .order_by(Response.id)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    for id_, version_id, answers, flags in session.execute(statement):
        yield id_, version_id, bytes(answers), flags
