"""The unit that a reader means: by its name, its other names, what it was called before, or what went into it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, select
from sqlalchemy.orm import Session

from survey_app.models import Unit, UnitAlias, UnitLineage, UnitPeriod
from survey_app.names import search_key, unit_label
from survey_app.queries import units
from survey_app.queries.unit_days import on_day
from survey_app.queries.units import UnitRow

MOST_FOUND = 60


@dataclass(frozen=True, slots=True)
class FoundUnit:
    """A unit of the day, and the other name that led to it; empty when its own did."""

    unit: UnitRow
    via: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Units of the day, and units of other days that carry the words themselves."""

    of_the_day: tuple[FoundUnit, ...]
    of_other_days: tuple[UnitRow, ...]


def find_units(session: Session, text: str, *, on: date, within: Collection[int]) -> Found:
    """What these words may mean on a day, among the units that the reader may see; the likeliest first."""
    found: dict[int, FoundUnit] = {}
    for row in units.search_units(session, text, on, limit=MOST_FOUND):
        found.setdefault(row.id, FoundUnit(row))
    for unit_id, name in [*_by_alias(session, text, on), *_by_former_name(session, text, on)]:
        if unit_id not in found:
            found[unit_id] = FoundUnit(units.unit_by_id(session, unit_id, on), name)
    past = [row for row in units.search_units(session, text, None, limit=MOST_FOUND) if not row.is_valid(on)]
    for old in past:
        for unit_id in heirs(session, old.id, on):
            if unit_id not in found:
                found[unit_id] = FoundUnit(units.unit_by_id(session, unit_id, on), old.label)
    return Found(
        tuple(each for each in found.values() if each.unit.id in within),
        tuple(row for row in past if row.id in within),
    )


def heirs(session: Session, unit_id: int, on: date) -> list[int]:
    """The units valid on a day that this one went into, directly or over others in between."""
    waiting, seen, found = [unit_id], {unit_id}, []
    while waiting:
        for link in units.successors(session, waiting.pop()):
            if link.unit.id in seen:
                continue
            seen.add(link.unit.id)
            if link.unit.is_valid(on):
                found.append(link.unit.id)
            else:
                waiting.append(link.unit.id)
    return sorted(found)


def ancestors_of(session: Session, unit_ids: Collection[int]) -> frozenset[int]:
    """Every unit that went into one of these, directly or over others, and the units above it."""
    came_from: dict[int, list[int]] = {}
    for old, new in session.execute(select(UnitLineage.predecessor_id, UnitLineage.successor_id)):
        came_from.setdefault(new, []).append(old)
    above = {row[0]: row[1] for row in session.execute(select(Unit.id, Unit.parent_id))}
    waiting, found = list(unit_ids), set[int]()
    while waiting:
        for old in came_from.get(waiting.pop(), []):
            chain: int | None = old
            waiting += [] if old in found else [old]
            while chain is not None and chain not in found:
                found.add(chain)
                chain = above.get(chain)
    return frozenset(found)


def aliases_of(session: Session, unit_id: int) -> list[str]:
    statement = select(UnitAlias.name).where(UnitAlias.unit_id == unit_id)
    return list(session.scalars(statement.order_by(UnitAlias.search_key)))


def _by_alias(session: Session, text: str, on: date) -> list[tuple[int, str]]:
    rows = session.execute(
        select(Unit.id, UnitAlias.name)
        .join(UnitAlias, UnitAlias.unit_id == Unit.id)
        .where(on_day(Unit, on), _begins(text, UnitAlias.search_key))
        .order_by(Unit.sort_key, Unit.id, UnitAlias.search_key)
        .limit(MOST_FOUND)
    )
    return [(unit_id, name) for unit_id, name in rows]


def _by_former_name(session: Session, text: str, on: date) -> list[tuple[int, str]]:
    rows = session.execute(
        select(Unit.id, UnitPeriod.kind, UnitPeriod.name)
        .join(UnitPeriod, UnitPeriod.unit_id == Unit.id)
        .where(on_day(Unit, on), _begins(text, UnitPeriod.search_key))
        .order_by(Unit.sort_key, Unit.id, UnitPeriod.valid_from.desc())
        .limit(MOST_FOUND)
    )
    return [(unit_id, unit_label(kind, name)) for unit_id, kind, name in rows]


def _begins(text: str, key: Any) -> ColumnElement[bool]:
    """Each word typed begins a word of the key; words without a letter or digit find nothing."""
    words = search_key(text).split()
    padded = literal_column("' '").concat(key)
    return and_(*(padded.like(f"% {word}%") for word in words)) if words else key.is_(None)
