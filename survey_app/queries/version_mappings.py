"""Mappings between published versions: each as first published and as later revised; the newest one holds."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import MappingRevision, VersionMapping


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One state of a mapping. The first has number 1, and the day on which its version was published is its day."""

    old_id: int
    new_id: int
    number: int
    links: list[Any]
    basis: str
    decided_on: date | None


def mapping_history(session: Session, *, old_id: int, new_id: int) -> list[MappingRow]:
    """Every state of the mapping of two versions, the first one first; empty where nobody mapped them."""
    return [row for row in _mappings(session) if (row.old_id, row.new_id) == (old_id, new_id)]


def mapping_between(session: Session, *, old_id: int, new_id: int) -> list[Any] | None:
    """The links that hold now."""
    history = mapping_history(session, old_id=old_id, new_id=new_id)
    return history[-1].links if history else None


def newest_mappings(session: Session) -> list[MappingRow]:
    """Every mapping as it holds now, by old and new version; there are few."""
    newest = {(row.old_id, row.new_id): row for row in _mappings(session)}
    return list(newest.values())


def _mappings(session: Session) -> list[MappingRow]:
    """All states by old version, new version and number."""
    first = session.execute(
        select(VersionMapping.old_id, VersionMapping.new_id, VersionMapping.links, VersionMapping.basis)
    )
    later = session.execute(
        select(MappingRevision.old_id, MappingRevision.new_id, MappingRevision.number, MappingRevision.links,
               MappingRevision.basis, MappingRevision.decided_on)
    )  # fmt: skip
    rows = [MappingRow(row.old_id, row.new_id, 1, row.links, row.basis, None) for row in first]
    rows += [MappingRow(*row) for row in later]
    return sorted(rows, key=lambda row: (row.old_id, row.new_id, row.number))
