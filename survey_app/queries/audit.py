"""The entries of the audit log: the chain they form, and what a page of them shows."""

from collections.abc import Collection, Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, literal, or_, select
from sqlalchemy.orm import Session

from survey_app.models import Account, AuditEntry, AuditHead

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry as it is stored, with its place in the chain; older ones have none."""

    id: int
    at: datetime
    account_id: int | None
    action: str
    target: str
    details: dict[str, Any]
    sequence: int | None
    previous: bytes | None
    seal: bytes | None


@dataclass(frozen=True, slots=True)
class HeadRow:
    """Number and seal of the newest entry of the chain."""

    sequence: int
    seal: bytes


@dataclass(frozen=True, slots=True)
class NamedEntry:
    """An entry with the name of who made it; `name` is empty for a command on the server."""

    id: int
    sequence: int | None
    at: datetime
    account_id: int | None
    name: str
    role: str
    action: str
    target: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries are asked for; what is None does not narrow."""

    account_id: int | None = None
    actions: frozenset[str] | None = None
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None


def head(session: Session, *, lock: bool = False) -> HeadRow | None:
    """The head of the chain; with `lock` nobody else moves it until the transaction ends."""
    statement = select(AuditHead.sequence, AuditHead.seal).where(AuditHead.id == 1)
    row = session.execute(statement.with_for_update() if lock else statement).one_or_none()
    return None if row is None else HeadRow(row[0], bytes(row[1]))


def chained_entries(session: Session) -> Generator[EntryRow, None, None]:
    """Entries in the order of the chain, streamed."""
    return _stream(
        session,
        _entries().where(AuditEntry.sequence.is_not(None)).order_by(AuditEntry.sequence, AuditEntry.id),
    )


def older_entries(session: Session) -> Generator[EntryRow, None, None]:
    """Entries of before the chain, in the order they were written."""
    return _stream(session, _entries().where(AuditEntry.sequence.is_(None)).order_by(AuditEntry.id))


def entries_of(session: Session, action: str, *, target: str | None = None) -> list[EntryRow]:
    """All entries of one action, of one target or of any, in the order of the chain."""
    statement = _entries().where(AuditEntry.action == action)
    if target is not None:
        statement = statement.where(AuditEntry.target == target)
    return [_row(row) for row in session.execute(statement.order_by(AuditEntry.sequence, AuditEntry.id))]


def newest_entry(session: Session, action: str) -> EntryRow | None:
    """The last entry of an action."""
    statement = _entries().where(AuditEntry.action == action).order_by(AuditEntry.id.desc()).limit(1)
    row = session.execute(statement).one_or_none()
    return None if row is None else _row(row)


def has_entry(session: Session, action: str, *, target: str, account_id: int, since: datetime) -> bool:
    """Whether somebody made an entry of this action and target since an instant."""
    is_it = (AuditEntry.action == action) & (AuditEntry.target == target)
    statement = select(AuditEntry.id).where(
        is_it, AuditEntry.account_id == account_id, AuditEntry.at >= since
    )
    return session.execute(statement.limit(1)).first() is not None


def _entries() -> Select[Any]:
    columns: tuple[Any, ...] = (
        AuditEntry.id, AuditEntry.at, AuditEntry.account_id, AuditEntry.action, AuditEntry.target,
        AuditEntry.details, AuditEntry.sequence, AuditEntry.previous, AuditEntry.seal,
    )  # fmt: skip
    return select(*columns)


def _stream(session: Session, statement: Select[Any]) -> Generator[EntryRow, None, None]:
    with closing(session.execute(statement, execution_options={"yield_per": ROWS_AT_ONCE})) as rows:
        for row in rows:
            yield _row(row)


def _row(row: Any) -> EntryRow:
    id_, at, account_id, action, target, details, sequence, previous, seal = row
    return EntryRow(id_, at, account_id, action, target, details, sequence, _bytes(previous), _bytes(seal))


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


def visible_to(unit_ids: Collection[int] | None) -> ColumnElement[bool] | None:
    """Entries of a subtree: made by its accounts, or about one of its units or accounts. None is everything."""
    if unit_ids is None:
        return None
    is_theirs = Account.unit_id.in_(unit_ids)
    named = select(literal("account:") + cast(Account.id, String)).where(is_theirs)
    return or_(
        AuditEntry.account_id.in_(select(Account.id).where(is_theirs)),
        AuditEntry.target.in_([f"unit:{unit_id}" for unit_id in unit_ids]),
        AuditEntry.target.in_(named),
    )


def named_entries(
    session: Session,
    wanted: Filter,
    *,
    unit_ids: Collection[int] | None,
    before_id: int | None,
    limit: int | None,
) -> list[NamedEntry]:
    """The newest entries that are asked for and visible, from one on downwards."""
    statement = _named().where(*_conditions(wanted, unit_ids))
    if before_id is not None:
        statement = statement.where(AuditEntry.id < before_id)
    rows = session.execute(statement.order_by(AuditEntry.id.desc()).limit(limit))
    return [NamedEntry(*row) for row in rows]


def entries_about(session: Session, *, targets: Collection[str]) -> list[NamedEntry]:
    """All entries about one of these objects, the oldest first."""
    statement = _named().where(AuditEntry.target.in_(targets))
    return [NamedEntry(*row) for row in session.execute(statement.order_by(AuditEntry.id))]


def _named() -> Select[Any]:
    columns: tuple[Any, ...] = (
        AuditEntry.id, AuditEntry.sequence, AuditEntry.at, AuditEntry.account_id, func.coalesce(Account.name, ""),
        func.coalesce(Account.role, ""), AuditEntry.action, AuditEntry.target, AuditEntry.details,
    )  # fmt: skip
    return select(*columns).outerjoin(Account, Account.id == AuditEntry.account_id)


def _conditions(wanted: Filter, unit_ids: Collection[int] | None) -> list[ColumnElement[bool]]:
    conditions = []
    if (scope := visible_to(unit_ids)) is not None:
        conditions.append(scope)
    if wanted.account_id is not None:
        # What was done by somebody, and what was done to their account.
        about = AuditEntry.target == f"account:{wanted.account_id}"
        conditions.append(or_(AuditEntry.account_id == wanted.account_id, about))
    if wanted.actions is not None:
        conditions.append(AuditEntry.action.in_(wanted.actions))
    if wanted.target:
        conditions.append(AuditEntry.target.contains(wanted.target, autoescape=True))
    if wanted.since is not None:
        conditions.append(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AuditEntry.at < wanted.until)
    return conditions


def people(session: Session, unit_ids: Collection[int] | None) -> list[tuple[int, str]]:
    """Accounts that made an entry, by name."""
    made = select(AuditEntry.account_id).distinct()
    statement = select(Account.id, Account.name).where(Account.id.in_(made))
    if unit_ids is not None:
        statement = statement.where(Account.unit_id.in_(unit_ids))
    return [(id_, name) for id_, name in session.execute(statement.order_by(Account.name, Account.id))]
