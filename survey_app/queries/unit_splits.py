"""Level counts of one item by unit and by the value of a column or the week: what a whole of many units is split by."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.counting.tallies import level_counts
from analysis.packing import N_CODES
from survey_app.models import Response, Wave
from survey_app.queries.joined import joined
from survey_app.queries.tallies import LevelTallies, Scope, released_responses


def unit_dimension_tallies(session: Session, scope: Scope, *, slot: int, by: str) -> dict[Any, LevelTallies]:
    """Level counts (U, 1, 32) of one item by unit, split by the value of a column such as `channel`."""
    return _split(session, scope, getattr(Response, by), slot=slot, key=lambda value: value)


def unit_weekly_tallies(session: Session, scope: Scope, *, slot: int) -> dict[date, LevelTallies]:
    """The same by week, keyed by its Monday; nothing of waves of which only months are known."""
    dated = select(Wave.id).where(Wave.id.in_(scope.wave_ids), Wave.coarsened_on.is_(None))
    scope = replace(scope, wave_ids=tuple(sorted(session.scalars(dated))))
    weeks = _split(
        session, scope, Response.collected_on, slot=slot, key=lambda day: day - timedelta(days=day.weekday())
    )
    return {monday: weeks[monday] for monday in sorted(weeks)}


def _split(
    session: Session, scope: Scope, column: Any, *, slot: int, key: Callable[[Any], Any]
) -> dict[Any, LevelTallies]:
    place = {unit_id: index for index, unit_id in enumerate(scope.unit_ids)}
    statement = released_responses(scope, Response.unit_id, column, joined(Response.answers))
    found: dict[Any, LevelTallies] = {}
    for unit_id, value, packed in session.execute(statement.group_by(Response.unit_id, column)):
        answers = np.frombuffer(packed, dtype=np.uint8).reshape(-1, scope.n_slots)[:, slot : slot + 1]
        part = found.get(key(value))
        if part is None:
            shape = (len(scope.unit_ids), 1, N_CODES)
            part = found[key(value)] = LevelTallies(np.zeros(shape, np.int64), np.zeros(shape[0], np.int64))
        part.counts[place[unit_id]] += level_counts(
            np.ascontiguousarray(answers), np.zeros(len(answers), np.int64), n_units=1
        )[0]
        part.n_responses[place[unit_id]] += len(answers)
    return found
