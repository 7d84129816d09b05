"""The sessions of one's own account: where it is signed in, and ending what should not be."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.models import AccountSession
from survey_app.queries import people as queries
from survey_app.services import audit
from survey_app.services.accounts import (
    ABSOLUTE_LIMIT,
    IDLE_LIMIT,
    Viewer,
    end_all_sessions,
    token_hash,
)


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A browser in which the account is signed in; `reference` names it and opens nothing."""

    reference: str
    browser: str
    began_at: datetime
    last_used_at: datetime
    is_this: bool


def own_sessions(session: Session, *, viewer: Viewer, token: str, now: datetime) -> list[OwnSession]:
    """The sessions that still open pages, the one used last first."""
    this = token_hash(token)
    return [
        OwnSession(_reference(row), row.browser, row.created_at, row.last_seen_at, row.token_hash == this)
        for row in queries.sessions_of(session, viewer.account_id)
        if now - row.last_seen_at < IDLE_LIMIT and now - row.created_at < ABSOLUTE_LIMIT
    ]


def end_session(session: Session, *, viewer: Viewer, reference: str, now: datetime) -> None:
    """End one of one's own sessions; another's looks as if it did not exist."""
    for row in queries.sessions_of(session, viewer.account_id):
        if _reference(row) == reference:
            session.execute(delete(AccountSession).where(AccountSession.token_hash == row.token_hash))
            _record(session, 1, viewer=viewer, at=now)
            return
    raise NotFound(f"session {reference}")


def end_others(session: Session, *, viewer: Viewer, token: str, now: datetime) -> int:
    """End every session of the account but this one; how many there were."""
    n_ended = end_all_sessions(session, account_id=viewer.account_id, but=token)
    _record(session, n_ended, viewer=viewer, at=now)
    return n_ended


def _reference(row: queries.SessionOfAccount) -> str:
    return row.token_hash.hex()[:16]


def _record(session: Session, n_ended: int, *, viewer: Viewer, at: datetime) -> None:
    target, details = f"account:{viewer.account_id}", {"n": n_ended}
    audit.record(session, "account.own_sessions_ended", target=target, by=viewer, at=at, details=details)
