"""Accounts by name, sessions by the hash of their token, and the units under a unit."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import Account, AccountSession, Unit


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signing in needs to know of an account."""

    account_id: int
    password_hash: str
    is_active: bool
    n_failures: int
    blocked_until: datetime | None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session with its account."""

    account_id: int
    name: str
    role: str
    unit_id: int
    language: str
    is_active: bool
    created_at: datetime
    last_seen_at: datetime


def credentials_for_update(session: Session, name: str) -> Credentials | None:
    """The account of this name, its row locked so that parallel guesses are counted one after the other."""
    statement = (
        select(
            Account.id,
            Account.password_hash,
            Account.is_active,
            Account.n_failures,
            Account.blocked_until,
        )
        .where(Account.name == name)
        .with_for_update()
    )
    row = session.execute(statement).one_or_none()
    return None if row is None else Credentials(*row)


def account_name(session: Session, account_id: int) -> str:
    return session.execute(select(Account.name).where(Account.id == account_id)).scalar_one()


def names(session: Session) -> dict[int, str]:
    """The names of all accounts, by id."""
    return dict(session.execute(select(Account.id, Account.name)).all())


def has_account(session: Session, name: str) -> bool:
    """Whether an account of this normal name exists."""
    return session.execute(select(Account.id).where(Account.name == name)).first() is not None


def session_by_token_hash(session: Session, token_hash: bytes) -> SessionRow | None:
    statement = (
        select(
            Account.id,
            Account.name,
            Account.role,
            Account.unit_id,
            Account.language,
            Account.is_active,
            AccountSession.created_at,
            AccountSession.last_seen_at,
        )
        .join(Account, Account.id == AccountSession.account_id)
        .where(AccountSession.token_hash == token_hash)
    )
    row = session.execute(statement).one_or_none()
    return None if row is None else SessionRow(*row)


def unit_id_by_code(session: Session, code: str) -> int | None:
    return session.execute(select(Unit.id).where(Unit.code == code)).scalar_one_or_none()


def subtree_unit_ids(session: Session, top_id: int) -> frozenset[int]:
    """The unit and all units below it, past ones included."""
    tree = select(Unit.id).where(Unit.id == top_id).cte("tree", recursive=True)
    tree = tree.union(select(Unit.id).join(tree, Unit.parent_id == tree.c.id))
    return frozenset(session.execute(select(tree.c.id)).scalars())
