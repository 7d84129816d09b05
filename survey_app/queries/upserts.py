"""Inserts that let the database's own constraint decide, in the words of either database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey_app.models import Base


def _insert(session: Session, table: Table) -> Any:
    dialect = session.get_bind().dialect.name
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def insert_each_once(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> int:
    """Insert rows of the same columns, each unless its key exists; how many this call inserted."""
    if not rows:
        return 0
    table: Any = model.__table__
    statement = _insert(session, table).on_conflict_do_nothing().returning(*table.primary_key)
    # What comes back is counted: a driver's row count of many rows is not to be relied on.
    # On the connection: a session would sort every row by which columns are given.
    return len(session.connection().execute(statement, rows).all())


def upsert(session: Session, model: type[Base], key: dict[str, Any], values: dict[str, Any]) -> None:
    """Insert a row or overwrite the one with this key, waiting for whoever holds it."""
    table: Any = model.__table__
    statement = _insert(session, table).values(**key, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))
