"""Accounts as those who manage them see them: whose, with which role, where, and whether they are in use."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlalchemy.orm import Session

from survey_app.models import Account, AccountSession, Interviewer, Invitation, SecondFactor, Unit
from survey_app.names import search_key, unit_title


@dataclass(frozen=True, slots=True)
class Person:
    """An account, without anything that could open it."""

    account_id: int
    name: str
    full_name: str
    role: str
    unit_id: int
    unit_kind: str
    unit_name: str
    language: str
    is_active: bool
    has_password: bool
    decision_number: str | None
    decision_on: date | None
    valid_until: date | None
    invited_until: datetime | None
    has_second_factor: bool
    interviewer_code: str | None
    n_sessions: int

    @property
    def unit_title(self) -> str:
        return unit_title(self.unit_kind, self.unit_name)

    @property
    def called(self) -> str:
        """The person's name, or that of the account when nobody wrote it down."""
        return self.full_name or self.name


@dataclass(frozen=True, slots=True)
class SessionOfAccount:
    """A signed-in browser; its token's hash tells it apart and opens nothing."""

    token_hash: bytes
    browser: str
    created_at: datetime
    last_seen_at: datetime


def people(
    session: Session, *, unit_ids: Collection[int], text: str = "", role: str | None = None
) -> list[Person]:
    """The accounts of these units, by name; with `text`, those one of whose words begins with each word of it."""
    statement = _people().where(Account.unit_id.in_(unit_ids), *_word_filters(text))
    if role is not None:
        statement = statement.where(Account.role == role)
    rows = session.execute(statement.order_by(Account.search_key, Account.name))
    return [Person(*row) for row in rows]


def find_person(session: Session, account_id: int) -> Person | None:
    row = session.execute(_people().where(Account.id == account_id)).one_or_none()
    return None if row is None else Person(*row)


def lock_account(session: Session, account_id: int) -> Account | None:
    """The row of an account, held until the transaction ends."""
    return session.scalars(select(Account).where(Account.id == account_id).with_for_update()).one_or_none()


def lock_administrators(session: Session) -> list[int]:
    """Those who administer and can sign in, held so that two of them cannot end each other at once."""
    statement = (
        select(Account.id)
        .where(Account.role == "admin", Account.is_active.is_(True), Account.password_hash != "")
        .order_by(Account.id)
        .with_for_update()
    )
    return list(session.scalars(statement))


def sessions_of(session: Session, account_id: int) -> list[SessionOfAccount]:
    """The sessions of an account, the one used last first."""
    each = AccountSession
    rows = session.execute(
        select(each.token_hash, each.browser, each.created_at, each.last_seen_at)
        .where(each.account_id == account_id)
        .order_by(each.last_seen_at.desc(), each.token_hash)
    )
    return [SessionOfAccount(*row) for row in rows]


def _people() -> Select[Any]:
    n_sessions = (
        select(func.count())
        .select_from(AccountSession)
        .where(AccountSession.account_id == Account.id)
        .scalar_subquery()
    )
    columns: tuple[Any, ...] = (
        Account.id, Account.name, Account.full_name, Account.role, Account.unit_id, Unit.kind, Unit.name,
        Account.language, Account.is_active, Account.password_hash != "", Account.decision_number,
        Account.decision_on, Account.valid_until, Invitation.expires_at, SecondFactor.secret.is_not(None),
        Interviewer.code, n_sessions,
    )  # fmt: skip
    return (
        select(*columns)
        .join(Unit, Unit.id == Account.unit_id)
        .outerjoin(Invitation, Invitation.account_id == Account.id)
        .outerjoin(SecondFactor, SecondFactor.account_id == Account.id)
        .outerjoin(Interviewer, Interviewer.account_id == Account.id)
    )


def _word_filters(text: str) -> list[ColumnElement[bool]]:
    """A search key holds no character that LIKE would read."""
    padded = literal_column("' '").concat(Account.search_key)
    return [padded.like(f"% {word}%") for word in search_key(text).split()]
