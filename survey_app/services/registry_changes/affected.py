"""What a change finds on its day: the units as they are, and everything that stands on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from survey_app.queries import registry_changes as queries
from survey_app.queries import units
from survey_app.queries.registry_changes import (
    AccountAt,
    CaseAt,
    ClientAt,
    PeriodAt,
    PointAt,
    WavePart,
)
from survey_app.queries.units import UnitRow
from survey_app.services.registry_changes.requests import ChangeRequest
from survey_app.services.registry_changes.strata import shifts


@dataclass(frozen=True, slots=True)
class Affected:
    """`units` and `children` are described as on the day before; `parent` is the one they will stand below."""

    units: tuple[UnitRow, ...]
    parent: UnitRow | None
    children: tuple[UnitRow, ...]
    periods: tuple[PeriodAt, ...]
    points: tuple[PointAt, ...]
    accounts: tuple[AccountAt, ...]
    clients: tuple[ClientAt, ...]
    waves: tuple[WavePart, ...]
    cases: tuple[CaseAt, ...]
    # What is added to the numbers of each unit's strata where several units become one.
    shifts: Mapping[int, int]

    def periods_of(self, unit_id: int) -> list[PeriodAt]:
        return [period for period in self.periods if period.unit_id == unit_id]


def read_affected(session: Session, request: ChangeRequest) -> Affected:
    """Read in a few statements, so that planning itself needs no database."""
    eve = day_before(request.on)
    rows = tuple(units.unit_by_id(session, unit_id, eve) for unit_id in request.unit_ids)
    parent_id = request.parent_id if request.parent_id is not None else rows[0].parent_id
    ids = request.unit_ids
    children = tuple(
        units.unit_by_id(session, unit_id, eve) for unit_id in queries.child_ids(session, ids, request.on)
    )
    return Affected(
        units=rows,
        parent=None if parent_id is None else units.unit_by_id(session, parent_id, request.on),
        children=children,
        periods=queries.periods_at(session, [*ids, *(child.id for child in children)]),
        points=queries.points_at(session, ids, request.on),
        accounts=queries.accounts_at(session, ids),
        clients=queries.clients_at(session, ids),
        waves=queries.wave_parts(session, ids, request.on),
        cases=queries.unfinished_cases(session, ids),
        shifts=shifts(session, ids),
    )


def day_before(day: date) -> date:
    return day - timedelta(days=1)
