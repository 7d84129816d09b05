"""Units of a result under the name, kind and parent that they had, or have, on another day."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from survey_app.queries import units
from survey_app.queries.units import UnitRow


def described_on(session: Session, rows: Sequence[UnitRow], on: date) -> list[UnitRow]:
    """The same units in the order of their names on that day; one that was not there then keeps its own words.

    Only the description changes: what was counted for a unit stays with it, and nothing is carried over a merger.
    """
    then = {row.id: row for row in units.units_as_at(session, on)}
    described = [
        replace(then[row.id], valid_from=row.valid_from, valid_to=row.valid_to) if row.id in then else row
        for row in rows
    ]
    return sorted(described, key=lambda row: (row.sort_key, row.id))
