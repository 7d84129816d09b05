"""Accounts by name, sessions by the hash of their token, and the units under a unit."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import Account, AccountSession, Invitation, SecondFactor, Unit


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signing in needs to know of an account."""

    account_id: int
    password_hash: str
    is_active: bool
    n_failures: int
    blocked_until: datetime | None
    valid_until: date | None


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
    valid_until: date | None
    has_second_factor: bool


def credentials_for_update(session: Session, name: str) -> Credentials | None:
    """The account of this name, its row locked so that parallel guesses are counted one after the other."""
    statement = (
        select(
            Account.id,
            Account.password_hash,
            Account.is_active,
            Account.n_failures,
            Account.blocked_until,
            Account.valid_until,
        )
        .where(Account.name == name)
        .with_for_update()
    )
    row = session.execute(statement).one_or_none()
    return None if row is None else Credentials(*row)


@dataclass(frozen=True, slots=True)
class RoleRow:
    """What an account may do, and where."""

    role: str
    unit_id: int
    is_active: bool


@dataclass(frozen=True, slots=True)
class Invitee:
    """The account that a link sets the password of."""

    account_id: int
    name: str
    full_name: str
    role: str
    is_active: bool
    valid_until: date | None
    expires_at: datetime


def invitee(session: Session, token_hash: bytes) -> Invitee | None:
    statement = (
        select(
            Account.id,
            Account.name,
            Account.full_name,
            Account.role,
            Account.is_active,
            Account.valid_until,
            Invitation.expires_at,
        )
        .join(Invitation, Invitation.account_id == Account.id)
        .where(Invitation.token_hash == token_hash)
    )
    row = session.execute(statement).one_or_none()
    return None if row is None else Invitee(*row)


def viewer_row(session: Session, account_id: int) -> RoleRow:
    statement = select(Account.role, Account.unit_id, Account.is_active).where(Account.id == account_id)
    return RoleRow(*session.execute(statement).one())


def account_name(session: Session, account_id: int) -> str:
    return session.execute(select(Account.name).where(Account.id == account_id)).scalar_one()


def names(session: Session) -> dict[int, str]:
    """The names of all accounts, by id."""
    return dict(session.execute(select(Account.id, Account.name)).all())


def has_account(session: Session, name: str) -> bool:
    """Whether an account of this normal name exists."""
    return session.execute(select(Account.id).where(Account.name == name)).first() is not None


def session_by_token_hash(session: Session, token_hash: bytes) -> SessionRow | None:
    columns: tuple[Any, ...] = (
        Account.id, Account.name, Account.role, Account.unit_id, Account.language, Account.is_active,
        AccountSession.created_at, AccountSession.last_seen_at, Account.valid_until,
        SecondFactor.secret.is_not(None),
    )  # fmt: skip
    statement = (
        select(*columns)
        .join(AccountSession, AccountSession.account_id == Account.id)
        .outerjoin(SecondFactor, SecondFactor.account_id == Account.id)
        .where(AccountSession.token_hash == token_hash)
    )
    row = session.execute(statement).one_or_none()
    return None if row is None else SessionRow(*row)


def has_second_factor(session: Session, account_id: int) -> bool:
    """Whether the account's code generator is set up; one that was only begun does not count."""
    statement = select(SecondFactor.account_id).where(
        SecondFactor.account_id == account_id, SecondFactor.secret.is_not(None)
    )
    return session.execute(statement).first() is not None


def unit_id_by_code(session: Session, code: str) -> int | None:
    return session.execute(select(Unit.id).where(Unit.code == code)).scalar_one_or_none()


def subtree_unit_ids(session: Session, top_id: int) -> frozenset[int]:
    """The unit and all units below it, past ones included."""
    tree = select(Unit.id).where(Unit.id == top_id).cte("tree", recursive=True)
    tree = tree.union(select(Unit.id).join(tree, Unit.parent_id == tree.c.id))
    return frozenset(session.execute(select(tree.c.id)).scalars())
