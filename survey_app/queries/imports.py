"""What an import has to know of the database before it writes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.models import Period, Point, Response, Unit, Wave, WaveUnit

IDS_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class StoredWave:
    """A wave as it is stored, to be compared with what a mapping says."""

    id: int
    basis: str
    root_unit_id: int
    version_id: int
    opens_on: date
    closes_on: date | None
    state: str


def stored_digests(session: Session, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """The digests of those of these responses that are stored."""
    found: dict[UUID, bytes] = {}
    for part in _parts(ids):
        rows = session.execute(select(Response.id, Response.digest).where(Response.id.in_(part)))
        found |= {row[0]: row[1] for row in rows}
    return found


def n_of_other_batches(session: Session, *, wave_code: str, batch: UUID) -> int:
    """Responses of a wave that did not come with this batch."""
    statement = select(func.count()).select_from(Response).join(Wave, Wave.id == Response.wave_id)
    other = Response.batch.is_(None) | (Response.batch != batch)
    return session.scalar(statement.where(Wave.code == wave_code, other)) or 0


def stored_wave(session: Session, code: str) -> StoredWave | None:
    columns = (
        Wave.id,
        Wave.basis,
        Wave.root_unit_id,
        Wave.version_id,
        Wave.opens_on,
        Wave.closes_on,
        Wave.state,
    )
    row = session.execute(select(*columns).where(Wave.code == code)).one_or_none()
    return None if row is None else StoredWave(*row)


def unit_places(session: Session, codes: Sequence[str]) -> dict[str, tuple[int, int | None, int]]:
    """Id, parent and level of those of these units that are stored, by code."""
    found: dict[str, tuple[int, int | None, int]] = {}
    for part in _parts(codes):
        columns = (Unit.code, Unit.id, Unit.parent_id, Unit.level)
        rows = session.execute(select(*columns).where(Unit.code.in_(part)))
        found |= {row[0]: (row[1], row[2], row[3]) for row in rows}
    return found


def point_ids(session: Session, codes: Sequence[str]) -> dict[str, int]:
    """Ids of those of these points that are stored, by code."""
    found: dict[str, int] = {}
    for part in _parts(codes):
        rows = session.execute(select(Point.code, Point.id).where(Point.code.in_(part)))
        found |= {row[0]: row[1] for row in rows}
    return found


def period_roots(session: Session, codes: Sequence[str]) -> dict[str, int]:
    """The root unit of those of these periods that are stored, by code."""
    rows = session.execute(select(Period.code, Period.root_unit_id).where(Period.code.in_(codes)))
    return {row[0]: row[1] for row in rows}


def wave_units(session: Session, wave_id: int) -> list[tuple[int, str]]:
    """Id and name of the units that take part in a wave, in Vietnamese order."""
    taking_part = select(WaveUnit.unit_id).where(WaveUnit.wave_id == wave_id)
    statement = select(Unit.id, Unit.name).where(Unit.id.in_(taking_part)).order_by(Unit.sort_key, Unit.code)
    return [(row[0], row[1]) for row in session.execute(statement)]


def _parts(values: Sequence[str] | Sequence[UUID]) -> Iterator[Sequence[str] | Sequence[UUID]]:
    for start in range(0, len(values), IDS_AT_A_TIME):
        yield values[start : start + IDS_AT_A_TIME]
