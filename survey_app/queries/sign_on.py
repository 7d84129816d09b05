"""Identities of the sign-on provider, linked to an account or waiting."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import Account, SignOnIdentity


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """A person at the provider, and the account they are linked to, if any."""

    id: int
    issuer: str
    subject: str
    name: str
    account_id: int | None
    account_name: str | None
    account_unit_id: int | None
    seen_at: datetime


def identities(session: Session) -> list[IdentityRow]:
    """Those who wait first, the one seen last at the top."""
    identity = SignOnIdentity
    rows = session.execute(
        select(
            identity.id, identity.issuer, identity.subject, identity.name, identity.account_id, Account.name,
            Account.unit_id, identity.seen_at,
        )
        .outerjoin(Account, Account.id == identity.account_id)
        .order_by(identity.account_id.is_not(None), identity.seen_at.desc(), identity.id)
    )  # fmt: skip
    return [IdentityRow(*row) for row in rows]
