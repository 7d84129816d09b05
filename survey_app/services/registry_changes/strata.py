"""Strata of a sample after a merger: each old unit keeps its own, under numbers that no other one uses.

A merged unit numbers the strata of its first old unit from 100 on, those of the second in the next hundred, and so
on; below 100 are its own. So a number says which old unit an answer was drawn for, in a merger of merged units too.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from survey_app.queries import units

WIDTH = 100


def unit_now(session: Session, unit_id: int, today: date) -> int:
    """The unit that one has become by mergers; itself where none, or where several took over."""
    became = _successors(session, unit_id, today)
    return unit_now(session, became[0], today) if len(became) == 1 else unit_id


def stratum_now(session: Session, unit_id: int, stratum: int, today: date) -> int:
    """The number that a stratum of a unit has in the unit of today."""
    became = _successors(session, unit_id, today)
    if len(became) != 1:
        return stratum
    shift = shifts(session, [each.unit.id for each in units.predecessors(session, became[0])])
    return stratum_now(session, became[0], stratum + shift.get(unit_id, 0), today)


def shifts(session: Session, unit_ids: Sequence[int]) -> dict[int, int]:
    """What is added to the strata of each of these units where they become one; nothing for a unit alone."""
    if len(unit_ids) < 2:
        return {}
    found, at = {}, WIDTH
    for unit_id in sorted(unit_ids):
        found[unit_id] = at
        at += _width(session, unit_id)
    return found


def _width(session: Session, unit_id: int) -> int:
    """How many numbers a unit's strata may take: its own hundred, and those of the units it was made of."""
    before = sorted({each.unit.id for each in units.predecessors(session, unit_id)})
    widths = [_width(session, each) for each in before]
    return sum(widths) if len(widths) == 1 else WIDTH + sum(widths)


def _successors(session: Session, unit_id: int, today: date) -> list[int]:
    return [link.unit.id for link in units.successors(session, unit_id) if link.effective_on <= today]
