"""Snapshots of closed waves: what they hold, the rows they are made from, and what a page may read from them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import and_, case, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from survey_app.models import Exclusion, Response, ScoreRelease, Wave, WaveSnapshot, WaveTally, WaveUnit
from survey_app.months import last_day, months_between
from survey_app.queries.cells import is_excluded
from survey_app.queries.lookups import CLOSED

Window = tuple[date, date]


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """One closing of a wave."""

    id: int
    wave_id: int
    revision: int
    closed_on: date
    received_through: date
    first_on: date | None
    last_on: date | None
    reason: str
    n_received: int
    n_counted: int
    root: bytes
    method_version: str
    terms: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TallyRow:
    """What was counted of a unit on a form between two days."""

    unit_id: int
    version_id: int
    starts_on: date
    ends_on: date
    is_excluded: bool
    n_responses: int
    n_clusters: int
    counts: bytes
    moments: bytes
    item_moments: bytes

    @property
    def key(self) -> tuple[int, int, date, date, bool]:
        return self.unit_id, self.version_id, self.starts_on, self.ends_on, self.is_excluded


@dataclass(frozen=True, slots=True)
class Awaiting:
    """What a closing would take in of one unit: all, released and counting, new, new and counting, trial ones."""

    unit_id: int
    n_received: int
    n_released: int
    n_new: int
    n_new_counting: int
    n_trial: int


@dataclass(frozen=True, slots=True)
class InForce:
    """The snapshot that a closed wave's figures are read from."""

    snapshot_id: int
    wave_id: int
    revision: int
    first_on: date | None
    last_on: date | None
    is_coarsened: bool


_SNAPSHOT = tuple(getattr(WaveSnapshot, name) for name in SnapshotRow.__dataclass_fields__)
_TALLY = tuple(getattr(WaveTally, name) for name in TallyRow.__dataclass_fields__)


def snapshots_of(session: Session, wave_id: int) -> list[SnapshotRow]:
    """Every closing of a wave, the first one first."""
    rows = session.execute(
        select(*_SNAPSHOT).where(WaveSnapshot.wave_id == wave_id).order_by(WaveSnapshot.revision)
    )
    return [SnapshotRow(*row) for row in rows]


def in_force(session: Session, wave_ids: Collection[int]) -> list[InForce]:
    """The last snapshot of each of these waves that is closed; a wave that is open has none in force."""
    other = aliased(WaveSnapshot)
    newest = select(func.max(other.revision)).where(other.wave_id == Wave.id).scalar_subquery()
    rows = session.execute(
        select(WaveSnapshot.id, Wave.id, WaveSnapshot.revision, WaveSnapshot.first_on, WaveSnapshot.last_on,
               Wave.coarsened_on.is_not(None))
        .join(WaveSnapshot, and_(WaveSnapshot.wave_id == Wave.id, WaveSnapshot.revision == newest))
        .where(Wave.id.in_(wave_ids), Wave.state.in_(CLOSED))
        .order_by(Wave.id)
    )  # fmt: skip
    return [InForce(*row) for row in rows]


def tallies_of(session: Session, snapshot_id: int) -> Iterator[TallyRow]:
    """Everything a snapshot holds, in the order of its key."""
    statement = select(*_TALLY).where(WaveTally.snapshot_id == snapshot_id)
    order = (
        WaveTally.unit_id,
        WaveTally.version_id,
        WaveTally.starts_on,
        WaveTally.ends_on,
        WaveTally.is_excluded,
    )
    for row in session.execute(statement.order_by(*order)):
        yield TallyRow(*row)


def windows_of(session: Session, snapshot_id: int) -> set[Window]:
    rows = session.execute(
        select(WaveTally.starts_on, WaveTally.ends_on).where(WaveTally.snapshot_id == snapshot_id).distinct()
    )
    return {(starts_on, ends_on) for starts_on, ends_on in rows}


def window_tallies(
    session: Session,
    *,
    read: Collection[tuple[int, Window]],
    unit_ids: Collection[int],
    version_id: int,
    is_excluded: bool,
) -> list[tuple[int, TallyRow]]:
    """The tallies of some windows, each of one snapshot, with that snapshot's id."""
    chosen = [
        and_(WaveTally.snapshot_id == snapshot_id, WaveTally.starts_on == starts, WaveTally.ends_on == ends)
        for snapshot_id, (starts, ends) in read
    ]
    rows = session.execute(
        select(WaveTally.snapshot_id, *_TALLY)
        .where(or_(*chosen) if chosen else false(), WaveTally.unit_id.in_(unit_ids))
        .where(WaveTally.version_id == version_id, WaveTally.is_excluded.is_(is_excluded))
        .order_by(WaveTally.unit_id, WaveTally.snapshot_id, WaveTally.starts_on, WaveTally.ends_on)
    )
    return [(row[0], TallyRow(*row[1:])) for row in rows]


def covering(windows: Collection[Window], wanted: Window) -> list[Window] | None:
    """Windows that add up to the days wanted: one that is just that, else whole months; None where none do."""
    if wanted in windows:
        return [wanted]
    months = sorted(
        (starts, ends)
        for starts, ends in windows
        if wanted[0] <= starts
        and ends <= wanted[1]
        and (starts.year, starts.month) == (ends.year, ends.month)
    )
    taken: list[Window] = []
    day = wanted[0]
    while day <= wanted[1]:
        # The longest of those that begin here: a period of the office may lie inside a month.
        found = max((window for window in months if window[0] == day), default=None)
        if found is None:
            return None
        taken.append(found)
        day = found[1] + timedelta(days=1)
    return taken


def month_windows(first: date, last: date) -> Iterator[Window]:
    """The months that two days span, the first and the last of them cut by these days."""
    for month in months_between(first, last):
        yield max(month, first), min(last_day(month), last)


def wave_rows(session: Session, *, wave_id: int, unit_ids: Collection[int], revision: int) -> list[Any]:
    """The answers of units that closings up to one took in and that count: released, and no trial ones."""
    released = and_(ScoreRelease.unit_id == Response.unit_id, ScoreRelease.wave_id == Response.wave_id)
    return list(
        session.execute(
            select(Response.unit_id, Response.version_id, Response.point_id, Response.channel, Response.collector,
                   Response.collected_on, Response.answers, Response.stratum, is_excluded().label("is_excluded"))
            .join(ScoreRelease, released)
            .where(Response.received_on <= ScoreRelease.released_through, Response.is_test.is_(False))
            .where(Response.wave_id == wave_id, Response.unit_id.in_(unit_ids))
            .where(Response.closed_in.between(1, revision))
        )
    )  # fmt: skip


def unit_ids_with_answers(session: Session, wave_id: int) -> list[int]:
    statement = select(Response.unit_id).where(Response.wave_id == wave_id).distinct()
    return sorted(session.scalars(statement))


def days_taken_in(session: Session, *, wave_id: int, revision: int) -> Window | None:
    """The first and the last day on which the answers of a wave were given; None where there are none."""
    first, last = session.execute(
        select(func.min(Response.collected_on), func.max(Response.collected_on)).where(
            Response.wave_id == wave_id,
            Response.closed_in.between(1, revision),
            Response.is_test.is_(False),
        )
    ).one()
    return None if first is None else (first, last)


def targets(session: Session, wave_id: int) -> list[dict[str, int | None]]:
    """What each unit was to reach, and the size of its frame, as plain values."""
    rows = session.execute(
        select(WaveUnit.unit_id, WaveUnit.stratum, WaveUnit.target, WaveUnit.population)
        .where(WaveUnit.wave_id == wave_id)
        .order_by(WaveUnit.unit_id, WaveUnit.stratum)
    )
    return [dict(zip(("unit_id", "stratum", "target", "population"), row, strict=True)) for row in rows]


def last_releases(session: Session, wave_id: int) -> dict[int, date]:
    """Up to which day of receipt the answers of each unit count."""
    rows = session.execute(
        select(ScoreRelease.unit_id, ScoreRelease.released_through)
        .where(ScoreRelease.wave_id == wave_id)
        .order_by(ScoreRelease.unit_id)
    )
    return {row[0]: row[1] for row in rows}


def active_exclusions(session: Session, wave_id: int) -> list[dict[str, Any]]:
    """The predicates in force over points that gave answers in the wave, as plain values."""
    points = select(Response.point_id).where(Response.wave_id == wave_id)
    rows = session.scalars(
        select(Exclusion)
        .where(Exclusion.is_active.is_(True), Exclusion.point_id.in_(points))
        .order_by(Exclusion.id)
    )
    return [
        {
            "id": row.id, "point_id": row.point_id, "channel": row.channel, "collector": row.collector,
            "batch": None if row.batch is None else row.batch.hex, "from_on": row.from_on.isoformat(),
            "to_on": row.to_on.isoformat(), "reason": row.reason,
        }
        for row in rows
    ]  # fmt: skip


def awaiting_closing(session: Session, wave_id: int, through: date) -> list[Awaiting]:
    """What a closing would take in of each unit: received up to a day, or taken in before."""
    released = and_(ScoreRelease.unit_id == Response.unit_id, ScoreRelease.wave_id == Response.wave_id)
    day = ScoreRelease.released_through
    is_read = and_(Response.is_test.is_(False), day.is_not(None), Response.received_on <= day)
    is_new = and_(Response.is_test.is_(False), or_(day.is_(None), Response.received_on > day))
    rows = session.execute(
        select(
            Response.unit_id, func.count(), _n_where(is_read, ~is_excluded()), _n_where(is_new),
            _n_where(is_new, ~is_excluded()), _n_where(Response.is_test.is_(True)),
        )
        .outerjoin(ScoreRelease, released)
        .where(Response.wave_id == wave_id, or_(Response.received_on <= through, Response.closed_in > 0))
        .group_by(Response.unit_id)
        .order_by(Response.unit_id)
    )  # fmt: skip
    return [Awaiting(*row) for row in rows]


def _n_where(*conditions: Any) -> Any:
    return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)


def n_unmarked(session: Session, wave_id: int) -> int:
    """Answers that no closing has taken in and that are not marked late either; in a closed wave there are none."""
    statement = select(func.count()).select_from(Response)
    return session.scalar(
        statement.where(Response.wave_id == wave_id, Response.closed_in == 0, Response.is_late.is_(False))
    ) or 0  # fmt: skip


def n_late(session: Session, wave_id: int, *, unit_id: int | None = None) -> int:
    """Answers of a wave, or of one unit in it, that no closing has taken in; trial ones do not count."""
    statement = select(func.count()).select_from(Response)
    statement = statement.where(
        Response.wave_id == wave_id, Response.closed_in == 0, Response.is_test.is_(False)
    )
    if unit_id is not None:
        statement = statement.where(Response.unit_id == unit_id)
    return session.scalar(statement) or 0
