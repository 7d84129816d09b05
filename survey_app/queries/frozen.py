"""The part of a scope that lies in closed waves: served from their snapshots, not counted again."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import PeriodNotKept
from survey_app.queries import snapshots
from survey_app.queries.snapshots import TallyRow


@dataclass(frozen=True, slots=True)
class Split:
    """Tallies to be added as they stand, each with its wave, and the waves that are still to be counted."""

    by_wave: tuple[tuple[int, TallyRow], ...]
    wave_ids: tuple[int, ...]

    @property
    def rows(self) -> tuple[TallyRow, ...]:
        return tuple(row for _wave_id, row in self.by_wave)


def split(session: Session, scope: Any) -> Split:
    """Read what snapshots hold of the scope's days.

    A period that no snapshot knows, named after the wave was closed and cutting its months, is counted from the
    answers while they have their days. After that it cannot be counted at all.
    """
    closed = {each.wave_id: each for each in snapshots.in_force(session, scope.wave_ids)}
    if not closed:
        return Split((), tuple(scope.wave_ids))
    read: list[tuple[int, snapshots.Window]] = []
    live = [wave_id for wave_id in scope.wave_ids if wave_id not in closed]
    for each in closed.values():
        if each.first_on is None or each.last_on is None:
            continue
        wanted = max(scope.starts_on, each.first_on), min(scope.ends_on, each.last_on)
        if wanted[0] > wanted[1]:
            continue
        windows = snapshots.covering(snapshots.windows_of(session, each.snapshot_id), wanted)
        if windows is not None:
            read += [(each.snapshot_id, window) for window in windows]
        elif each.is_coarsened:
            raise PeriodNotKept(f"{scope.starts_on:%d/%m/%Y} – {scope.ends_on:%d/%m/%Y}")
        else:
            live.append(each.wave_id)
    rows = snapshots.window_tallies(
        session,
        read=read,
        unit_ids=scope.unit_ids,
        version_id=scope.version_id,
        is_excluded=scope.is_excluded,
    )
    wave_of = {each.snapshot_id: each.wave_id for each in closed.values()}
    return Split(tuple((wave_of[snapshot_id], row) for snapshot_id, row in rows), tuple(live))
