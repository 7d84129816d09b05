"""Signing in through the office's own provider: an identity opens an account only when somebody has linked the two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from survey_app.errors import InvalidField, NotFound, UnknownIdentity
from survey_app.models import Account, SignOnIdentity
from survey_app.names import clean_name
from survey_app.queries import sign_on as queries
from survey_app.queries.sign_on import IdentityRow
from survey_app.services import accounts, audit
from survey_app.services.accounts import (
    SecondFactorAsked,
    SignedIn,
    Transaction,
    Viewer,
    require_unit,
    visible_unit_ids,
)

MAX_NAME_LENGTH = 200
MAX_SUBJECT_LENGTH = 255
# A provider may know a whole province; those who came last and were never linked are enough to link from.
MOST_WAITING = 200


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says is there: issuer and subject together are the person, the name only helps to find them."""

    issuer: str
    subject: str
    name: str


def sign_in_with_identity(
    transaction: Transaction, *, identity: Identity, now: datetime, previous_token: str | None, browser: str
) -> SignedIn | SecondFactorAsked:
    """A session of the linked account, or the second factor it has. An unknown person waits, and gets nothing."""
    with transaction() as session:
        stored = _seen(session, identity, now=now)
        account_id, reference = stored.account_id, f"{stored.id:04d}"
        if account_id is None:
            _forget_oldest_waiting(session)
    if account_id is None:
        raise UnknownIdentity(reference)
    with transaction() as session:
        return accounts.enter(
            session,
            account_id=account_id,
            how="sign_on",
            now=now,
            previous_token=previous_token,
            browser=browser,
        )


def visible_identities(session: Session, *, viewer: Viewer) -> Sequence[IdentityRow]:
    """All who wait, and those linked to an account within the viewer's part of the tree."""
    mine = visible_unit_ids(session, viewer=viewer)
    return [
        row for row in queries.identities(session) if row.account_id is None or row.account_unit_id in mine
    ]


def link(session: Session, *, identity_id: int, account_name: str, by: Viewer, now: datetime) -> None:
    """From now on this person signs in to this account."""
    stored = _one(session, identity_id, by)
    name = accounts.normal_name(account_name)
    account_id = session.scalar(
        select(Account.id).where(
            Account.name == name, Account.unit_id.in_(visible_unit_ids(session, viewer=by))
        )
    )
    if account_id is None:
        raise InvalidField("account", "unknown_choice")
    stored.account_id = account_id
    _record(session, "account.identity_linked", account_id, stored, by=by, at=now)


def unlink(session: Session, *, identity_id: int, by: Viewer, now: datetime) -> None:
    """This person opens nothing any more, and every session of the account ends."""
    stored = _one(session, identity_id, by)
    if stored.account_id is None:
        return
    _record(session, "account.identity_unlinked", stored.account_id, stored, by=by, at=now)
    accounts.end_all_sessions(session, account_id=stored.account_id)
    stored.account_id = None


def _seen(session: Session, identity: Identity, *, now: datetime) -> SignOnIdentity:
    stored = session.scalar(
        select(SignOnIdentity).where(
            SignOnIdentity.issuer == identity.issuer, SignOnIdentity.subject == identity.subject
        )
    )
    if stored is None:
        stored = SignOnIdentity(issuer=identity.issuer, subject=identity.subject)
        session.add(stored)
    stored.name, stored.seen_at = clean_name(identity.name)[:MAX_NAME_LENGTH], now
    session.flush()
    return stored


def _forget_oldest_waiting(session: Session) -> None:
    waiting = select(SignOnIdentity.id).where(SignOnIdentity.account_id.is_(None))
    surplus = list(session.scalars(waiting.order_by(SignOnIdentity.seen_at.desc()).offset(MOST_WAITING)))
    session.execute(delete(SignOnIdentity).where(SignOnIdentity.id.in_(surplus)))


def _one(session: Session, identity_id: int, viewer: Viewer) -> SignOnIdentity:
    """The identity, unless it is linked to an account outside what the viewer may see."""
    stored = session.get(SignOnIdentity, identity_id)
    if stored is None:
        raise NotFound(f"identity {identity_id}")
    if stored.account_id is not None:
        unit_id = session.scalar(select(Account.unit_id).where(Account.id == stored.account_id))
        require_unit(session, unit_id=unit_id or 0, viewer=viewer)
    return stored


def _record(
    session: Session, action: str, account_id: int, stored: SignOnIdentity, *, by: Viewer, at: datetime
) -> None:
    details = {"identity": stored.id, "issuer": stored.issuer, "name": stored.name}
    audit.record(session, action, target=f"account:{account_id}", by=by, at=at, details=details)
