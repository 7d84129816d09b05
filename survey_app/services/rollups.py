"""Count past months into cells, so that pages need not recount; a cell is never trusted while it is marked dirty."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from analysis.counting.moments import respondent_moments
from analysis.counting.tallies import level_counts
from survey_app.models import CountCell, MomentCell, RollupDirty, RollupMonth
from survey_app.queries import cells, progress, upserts
from survey_app.services import forms

# A submit decides "this month" from its own reading of the clock; two days settle every doubt.
SETTLING_DAYS = 2
POINTS_AT_A_TIME = 40


@dataclass(frozen=True, slots=True)
class _CountKey:
    point_id: int
    unit_id: int
    agency_id: int
    field_id: int
    stage: int
    channel: int
    wave_id: int
    version_id: int
    stratum: int
    is_excluded: bool


def stale_batches(session: Session, *, today: date) -> list[tuple[date, list[int]]]:
    """Settled months that are not counted or dirty, each with some of its points: what one transaction counts."""
    latest = (today - timedelta(days=SETTLING_DAYS)).replace(day=1)
    return [
        (month, point_ids[start : start + POINTS_AT_A_TIME])
        for month, point_ids in progress.stale_months(session, before=latest)
        for start in range(0, len(point_ids), POINTS_AT_A_TIME)
    ]


def rebuild_rollups(session: Session, *, today: date) -> int:
    """Count everything that is settled, in the caller's transaction; how many point-months."""
    batches = stale_batches(session, today=today)
    for month, point_ids in batches:
        rebuild_month(session, month=month, point_ids=point_ids)
    return sum(len(point_ids) for _, point_ids in batches)


def rebuild_month(session: Session, *, month: date, point_ids: Sequence[int]) -> None:
    """Recount a month of some points. The marks go first: a submit that commits later marks the month again."""
    for model in (RollupDirty, RollupMonth, CountCell, MomentCell):
        session.execute(delete(model).where(model.month == month, model.point_id.in_(point_ids)))
    by_version: dict[int, list[Any]] = {}
    for row in cells.point_month_rows(session, point_ids=point_ids, month=month):
        by_version.setdefault(row.version_id, []).append(row)
    for version_id, rows in by_version.items():
        form = forms.load_form(session, version_id=version_id)
        answers = np.frombuffer(b"".join(row.answers for row in rows), dtype=np.uint8).reshape(
            -1, form.n_slots
        )
        _store_counts(session, rows, answers, month)
        _store_moments(session, rows, answers, month, form)
    session.execute(insert(RollupMonth), [{"month": month, "point_id": point_id} for point_id in point_ids])


def _store_counts(session: Session, rows: list[Any], answers: np.ndarray, month: date) -> None:
    keys, labels = _labelled(
        _CountKey(r.point_id, r.unit_id, r.agency_id or 0, r.field_id or 0, r.stage, r.channel, r.wave_id,
                  r.version_id, r.stratum, bool(r[9]))
        for r in rows
    )  # fmt: skip
    counts = level_counts(answers, labels, n_units=len(keys))
    n_responses = np.bincount(labels, minlength=len(keys))
    session.execute(
        insert(CountCell),
        [
            {name: getattr(key, name) for name in _CountKey.__slots__}
            | {"month": month, "n_responses": int(n), "counts": cells.sparse_counts(count)}
            for key, n, count in zip(keys, n_responses, counts, strict=True)
        ],
    )


def _store_moments(
    session: Session, rows: list[Any], answers: np.ndarray, month: date, form: forms.Form
) -> None:
    keys, labels = _labelled(
        (r.point_id, r.unit_id, r.channel, r.wave_id, r.version_id, r.stratum, bool(r[9])) for r in rows
    )
    _, clusters = _labelled(cells.cluster_of(row) for row in rows)
    scoring = form.scoring()
    cell = respondent_moments(answers, scoring, labels, clusters, n_units=len(keys))
    names = ("point_id", "unit_id", "channel", "wave_id", "version_id", "stratum", "is_excluded")
    session.execute(
        insert(MomentCell),
        [
            dict(zip(names, key, strict=True))
            | {
                "month": month,
                "n_responses": int(cell.n[index]),
                "n_clusters": int(cell.n_clusters[index]),
                "moments": cells.packed_moments(cell, index),
            }
            for index, key in enumerate(keys)
        ],
    )


def _labelled(keys: Iterable[Any]) -> tuple[list[Any], np.ndarray]:
    """Distinct keys, and for each item the number of its key."""
    places: dict[Any, int] = {}
    labels = [places.setdefault(key, len(places)) for key in keys]
    return list(places), np.array(labels, dtype=np.int64)


def mark_dirty(session: Session, *, point_id: int, month: date, mark: Any) -> None:
    """Say that a month's cells no longer hold; waits for a rebuild that is under way."""
    upserts.upsert(session, RollupDirty, {"point_id": point_id, "month": month}, {"mark": mark})
