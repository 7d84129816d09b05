"""Answers to one question by unit, point and month: what is needed to carry figures across a merger by point."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.packing import N_CODES
from survey_app.models import PointUnit, Response
from survey_app.queries.joined import joined
from survey_app.queries.tallies import Scope, released_responses
from survey_app.queries.unit_days import on_day


@dataclass(frozen=True, slots=True)
class PointMonth:
    """How often each position of the scale was given at a point for a unit in a month."""

    unit_id: int
    point_id: int
    month: date
    counts: tuple[int, ...]


def point_months(session: Session, scope: Scope, *, slot: int) -> list[PointMonth]:
    """Released answers of the scope, counted; in a total order."""
    columns = (Response.unit_id, Response.point_id, Response.collected_on)
    statement = released_responses(scope, *columns, joined(Response.answers)).group_by(*columns)
    totals: dict[tuple[int, int, date], np.ndarray] = {}
    for unit_id, point_id, day, packed in session.execute(statement):
        given = np.frombuffer(packed, dtype=np.uint8).reshape(-1, scope.n_slots)[:, slot]
        key = unit_id, point_id, day.replace(day=1)
        totals[key] = totals.get(key, np.zeros(N_CODES, np.int64)) + np.bincount(given, minlength=N_CODES)
    return [PointMonth(*key, tuple(map(int, totals[key]))) for key in sorted(totals)]


def units_of_points(session: Session, point_ids: Collection[int], on: date) -> dict[int, int]:
    """The unit of each point on a day; a point that none has is left out."""
    statement = select(PointUnit.point_id, PointUnit.unit_id).where(
        PointUnit.point_id.in_(point_ids), on_day(PointUnit, on)
    )
    return {row[0]: row[1] for row in session.execute(statement)}
