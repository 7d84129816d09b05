"""Links by which people set the password of their account themselves: one use, seven days, only the hash kept."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from survey_app.errors import InvitationOver
from survey_app.models import Account, Invitation
from survey_app.queries import accounts as queries
from survey_app.queries.accounts import Invitee
from survey_app.services import audit
from survey_app.services.accounts import Role, Transaction, Viewer, end_all_sessions, has_ended, token_hash
from survey_app.services.passwords import check_new_password, hash_password

LIVES = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invited:
    """The link's secret, which exists here and on the page that shows it once."""

    account_id: int
    token: str
    expires_at: datetime


def issue(session: Session, *, account_id: int, now: datetime) -> Invited:
    """A link for the account; an earlier one opens nothing any more."""
    take_back(session, account_id=account_id)
    token, expires_at = secrets.token_urlsafe(32), now + LIVES
    session.add(
        Invitation(account_id=account_id, token_hash=token_hash(token), created_at=now, expires_at=expires_at)
    )
    session.flush()
    return Invited(account_id, token, expires_at)


def take_back(session: Session, *, account_id: int) -> bool:
    """Whether there was a link to take back."""
    gone = delete(Invitation).where(Invitation.account_id == account_id).returning(Invitation.account_id)
    return session.execute(gone).one_or_none() is not None


def read(session: Session, *, token: str, now: datetime) -> Invitee:
    """Whom the link is for."""
    invitee = queries.invitee(session, token_hash(token))
    if invitee is None or not invitee.is_active or now >= invitee.expires_at:
        raise InvitationOver
    if has_ended(invitee.valid_until, now=now):
        raise InvitationOver
    return invitee


def accept(transaction: Transaction, *, token: str, password: str, now: datetime) -> str:
    """Set the password and use the link up; the name to sign in with. Of two who bring one link, one is first."""
    with transaction() as session:
        invitee = read(session, token=token, now=now)
    check_new_password(password, account_name=invitee.name)
    password_hash = hash_password(password)
    with transaction() as session:
        read(session, token=token, now=now)
        if not take_back(session, account_id=invitee.account_id):
            raise InvitationOver
        values = {"password_hash": password_hash, "n_failures": 0, "blocked_until": None}
        session.execute(update(Account).where(Account.id == invitee.account_id).values(**values))
        end_all_sessions(session, account_id=invitee.account_id)
        row = queries.viewer_row(session, invitee.account_id)
        by = Viewer(invitee.account_id, Role(row.role), row.unit_id)
        target = f"account:{invitee.account_id}"
        audit.record(session, "account.invitation_accepted", target=target, by=by, at=now)
    return invitee.name
