"""Whether a right to answer was used; nothing here leads to an answer."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import Ticket


def is_spent(session: Session, ticket_hash: bytes) -> bool:
    """True only for a genuine ticket that was used; one we never made is not spent."""
    return bool(session.scalar(select(Ticket.is_spent).where(Ticket.hash == ticket_hash)))
