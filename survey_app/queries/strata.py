"""Moments of sample waves by unit, wave and stratum: what an estimate that weights strata is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy.orm import Session

from analysis.counting.moments import Moments, item_moments, respondent_moments
from analysis.counting.scoring import Scoring
from survey_app.models import MomentCell
from survey_app.queries import frozen
from survey_app.queries.cells import stacked_moments, unpacked_strata
from survey_app.queries.tallies import Plan, Scope, cells_of, plan_of, stream_rows

Key = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class StratumMoments:
    """Moments by unit, wave and stratum, in the order of `keys`."""

    keys: tuple[Key, ...]
    moments: Moments


def stratum_moment_tallies(
    session: Session, scope: Scope, scoring: Scoring, *, by_item: bool = False
) -> StratumMoments:
    """The same sums and products as by unit, kept apart by the wave and the stratum that a response was drawn in.

    A closing that was frozen without strata counts as stratum 0.
    """
    count: Callable[..., Moments] = item_moments if by_item else respondent_moments
    nobody = np.zeros((0, scope.n_slots), dtype=np.uint8)
    empty = count(nobody, scoring, np.zeros(0, np.int64), n_units=0)
    found = [StratumMoments((), empty)]
    parts = frozen.split(session, scope)
    for wave_id, row in parts.by_wave:
        blob = row.item_moments if by_item else row.moments
        for stratum, moments in unpacked_strata(empty.columns, blob, row.n_responses, row.n_clusters):
            found.append(StratumMoments(((row.unit_id, wave_id, stratum),), moments))
    if parts.wave_ids:
        live = replace(scope, wave_ids=parts.wave_ids)
        plan = None if by_item else plan_of(session, live)
        if plan is not None:
            found.append(_from_cells(session, live, plan, empty))
        for rows in stream_rows(session, live, plan):
            labels, places = np.unique(
                np.column_stack([rows.units, rows.designs]), axis=0, return_inverse=True
            )
            keys = tuple((scope.unit_ids[unit], int(wave), int(stratum)) for unit, wave, stratum in labels)
            moments = count(rows.answers, scoring, places.reshape(-1), rows.clusters, n_units=len(keys))
            found.append(StratumMoments(keys, moments))
    return added_strata(found)


def _from_cells(session: Session, scope: Scope, plan: Plan, empty: Moments) -> StratumMoments:
    columns = (MomentCell.n_clusters, MomentCell.wave_id, MomentCell.stratum)
    cells = session.execute(cells_of(MomentCell, MomentCell.moments, scope, plan, *columns)).all()
    if not cells:
        return StratumMoments((), empty)
    return StratumMoments(
        tuple((cell[0], cell[4], cell[5]) for cell in cells), stacked_moments(empty.columns, cells)
    )


def added_strata(parts: Sequence[StratumMoments]) -> StratumMoments:
    """Moments of several forms or months, added by unit, wave and stratum; all have the same columns."""
    keys = tuple(sorted({key for part in parts for key in part.keys}))
    place = {key: index for index, key in enumerate(keys)}
    total = Moments.empty(parts[0].moments.columns, n_units=len(keys))
    for part in parts:
        if part.keys:
            total = total + part.moments.sum_over([place[key] for key in part.keys], len(keys))
    return StratumMoments(keys, total)
