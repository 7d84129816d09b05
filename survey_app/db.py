"""The database of a request: one session, one write path, and SQLite told to be as careful as PostgreSQL."""

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, ParamSpec, TypeVar

import pysqlite3.dbapi2 as sqlite
from flask import request
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey_app.errors import OutcomeUnknown
from survey_app.signing import AUDIT_KEY_OPTION

BUSY_TIMEOUT_MS = 15_000
# One connection for each thread of the server.
POOL_SIZE = 16
# WAL with two writers can corrupt a database before this release (the WAL-reset bug).
SAFE_WAL_VERSION = (3, 51, 3)

P = ParamSpec("P")
R = TypeVar("R")

db = SQLAlchemy(session_options={"expire_on_commit": False})
_write_lock = threading.Lock()


class UnsafeDatabase(Exception):
    """The linked SQLite may corrupt a write-ahead log."""


def engine_options(database_url: str) -> dict[str, Any]:
    """Arguments for `create_engine`, the same in the application, the commands and the tests.

    Parameters are hidden: an error that is logged must not carry an answer.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        if sqlite.sqlite_version_info < SAFE_WAL_VERSION:
            raise UnsafeDatabase(f"SQLite {sqlite.sqlite_version} is older than 3.51.3")
        connect_args = {"timeout": BUSY_TIMEOUT_MS / 1000}
        return {
            "url": url, "module": sqlite, "pool_size": POOL_SIZE, "hide_parameters": True, "connect_args": connect_args,
        }  # fmt: skip
    postgres_args = {"connect_timeout": 5, "options": "-c synchronous_commit=on"}
    return {
        "url": url, "pool_pre_ping": True, "pool_size": POOL_SIZE, "hide_parameters": True,
        "connect_args": postgres_args,
    }  # fmt: skip


def prepare_engine(engine: Engine, *, audit_key: bytes | None = None) -> Engine:
    """Give SQLite its pragmas and real transactions, and sessions the key that seals audit entries.

    Without the key nothing that writes an audit entry can be done.
    """
    engine.update_execution_options(**{AUDIT_KEY_OPTION: audit_key})
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: sqlite.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "mmap_size=0"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _begin(connection: Any) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


def begin_write(session: Session) -> None:
    """Start a transaction that takes SQLite's write lock at once; what was read before is read again.

    A transaction that began by reading cannot be made to write safely: its snapshot may be stale by then.
    """
    if session.in_transaction():
        session.rollback()
    session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})


@contextmanager
def write_transaction(session: Session) -> Iterator[None]:
    """Commit what the block did, or roll all of it back. On SQLite one writer of this process at a time."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    with _write_lock if is_sqlite else nullcontext():
        try:
            begin_write(session)
            yield
            _commit(session)
        except BaseException:
            session.rollback()
            raise


def _commit(session: Session) -> None:
    """Commit; a connection lost on the way leaves it open whether the database still stored it."""
    try:
        session.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise OutcomeUnknown from error
        raise


@contextmanager
def own_transaction() -> Iterator[Session]:
    """A short write transaction on a session of its own, for work that is not the request's answer."""
    with db.sessionmaker() as session, write_transaction(session):
        yield session


def writes(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that writes; it is committed before the answer is sent."""

    @functools.wraps(view)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        # The whole body first: a sender on a slow line must not hold the lock while others wait to be stored.
        request.get_data()
        with write_transaction(db.session):
            return view(*args, **kwargs)

    wrapper.is_writing = True  # type: ignore[attr-defined]
    return wrapper


def forget_deleted(engine: Engine) -> None:
    """Leave nothing of deleted rows in the files: free pages are given up, and the log is emptied."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.execute("VACUUM")
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            connection.execute(text("VACUUM"))


def can_write(session: Session) -> bool:
    """Whether the database takes a write now; nothing is left behind."""
    begin_write(session)
    session.execute(text("DELETE FROM rollup_dirty WHERE point_id < 0"))
    session.rollback()
    return True
