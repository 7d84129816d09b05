"""Which units a unit of today came from, with what part of their people, and which of their points it has now."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from survey_app.queries import units
from survey_app.queries.units import UnitRow

MOST_STEPS = 8


@dataclass(frozen=True, slots=True)
class Origin:
    """A unit that ended in this one, the day it did, and the share of its people that came along."""

    unit: UnitRow
    ended_on: date
    share: float

    @property
    def is_whole(self) -> bool:
        return self.share >= 1


def origins_of(session: Session, unit_id: int) -> tuple[Origin, ...]:
    """Predecessors of all generations in order of their names; a share is the product along the way."""
    found: dict[int, Origin] = {}
    waiting = [(unit_id, 1.0, 0)]
    while waiting:
        current, share, step = waiting.pop()
        for link in units.predecessors(session, current):
            if step >= MOST_STEPS:
                continue
            part = share * link.population_share
            known = found.get(link.unit.id)
            day = link.effective_on - timedelta(days=1)
            whole = min(1.0, part + (known.share if known else 0.0))
            found[link.unit.id] = Origin(link.unit, day, whole)
            waiting.append((link.unit.id, part, step + 1))
    return tuple(sorted(found.values(), key=lambda origin: (origin.unit.sort_key, origin.unit.id)))


def last_change(session: Session, unit_id: int) -> date | None:
    """The day of the unit's own latest merger or split."""
    return max((link.effective_on for link in units.predecessors(session, unit_id)), default=None)
