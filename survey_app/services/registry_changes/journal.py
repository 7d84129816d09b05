"""Rows that a change writes, each as it was before and as it is after, so that it can be taken back exactly."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, delete, insert, select, update
from sqlalchemy.orm import Session

from survey_app.errors import RegistryMovedOn
from survey_app.models import Base

Values = Mapping[str, Any]
TABLES: Mapping[str, Table] = Base.metadata.tables
# Columns that name a unit, and may name one that this change only makes.
UNIT_COLUMNS = frozenset({"id", "unit_id", "parent_id", "successor_id"})
UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Change:
    """One row: found by `key`, holding `before`, then `after`. None is no row at all.

    A unit that does not exist yet has a negative id until it is written.
    """

    table: str
    key: Values
    before: Values | None
    after: Values | None


def apply_changes(session: Session, changes: Sequence[Change]) -> list[Change]:
    """Write the rows; the changes with the ids that new units were given."""
    ids: dict[int, int] = {}
    done = []
    for change in changes:
        if change.table == UNIT and change.before is None:
            done.append(_new_unit(session, change, ids))
            continue
        real = replace(
            change, key=_with_ids(change.key, ids), after=change.after and _with_ids(change.after, ids)
        )
        _write(session, real, real.before, real.after)
        done.append(real)
    return done


def revert_changes(session: Session, changes: Sequence[Change]) -> None:
    """Put every row back, the last first; refused when one no longer is what was written."""
    for change in reversed(changes):
        _write(session, change, change.after, change.before)


def encoded(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Plain JSON of the changes."""
    return [
        {"table": each.table, "key": _plain(each.key), "before": each.before and _plain(each.before),
         "after": each.after and _plain(each.after)}
        for each in changes
    ]  # fmt: skip


def decoded(rows: Iterable[Mapping[str, Any]]) -> list[Change]:
    """The changes of such JSON."""
    return [
        Change(row["table"], _typed(row["table"], row["key"]) or {}, _typed(row["table"], row["before"]),
               _typed(row["table"], row["after"]))
        for row in rows
    ]  # fmt: skip


def fingerprint(*changes: Iterable[Change]) -> str:
    """Equal for two plans that write the same, so that what is approved is what was shown."""
    text = json.dumps([encoded(each) for each in changes], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def new_unit_ids(changes: Iterable[Change]) -> list[int]:
    """The units that were made."""
    return [each.key["id"] for each in changes if each.table == UNIT and each.before is None]


def _new_unit(session: Session, change: Change, ids: dict[int, int]) -> Change:
    values = _with_ids(change.after or {}, ids)
    temporary = change.key["id"]
    statement = insert(TABLES[UNIT]).values(**values).returning(TABLES[UNIT].c.id)
    ids[temporary] = session.execute(statement).scalar_one()
    return Change(UNIT, {"id": ids[temporary]}, None, values)


def _write(session: Session, change: Change, old: Values | None, new: Values | None) -> None:
    table = TABLES[change.table]
    here = and_(*(table.c[name] == value for name, value in change.key.items()))
    _require(session, change, old)
    if old is None:
        session.execute(insert(table).values(**change.key, **(new or {})))
    elif new is None:
        session.execute(delete(table).where(here))
    else:
        session.execute(update(table).where(here).values(**new))


def _require(session: Session, change: Change, expected: Values | None) -> None:
    """The row is as it was when the change was planned, or as the change left it."""
    table = TABLES[change.table]
    names = sorted(expected or change.key)
    statement = select(*(table.c[name] for name in names))
    row = session.execute(
        statement.where(*(table.c[name] == value for name, value in change.key.items()))
    ).one_or_none()
    found = None if row is None else dict(zip(names, row, strict=True))
    if found != expected:
        raise RegistryMovedOn(change.table)


def _with_ids(values: Values, ids: Mapping[int, int]) -> dict[str, Any]:
    return {
        name: ids.get(value, value) if name in UNIT_COLUMNS and isinstance(value, int) else value
        for name, value in values.items()
    }


def _plain(values: Values) -> dict[str, Any]:
    return {name: _text(value) for name, value in values.items()}


def _text(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _typed(table: str, values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    columns = TABLES[table].c
    return {name: _value(columns[name].type.python_type, value) for name, value in values.items()}


def _value(python_type: type, value: Any) -> Any:
    if value is None:
        return None
    if python_type is date:
        return date.fromisoformat(value)
    return UUID(value) if python_type is UUID else value
