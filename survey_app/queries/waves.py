"""Waves as those who plan and follow them see them: state, root, units with targets, and what overlaps."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.models import Point, PointUnit, QuestionnaireVersion, Unit, UnitLineage, Wave, WaveUnit
from survey_app.names import unit_title
from survey_app.queries.lookups import WAVE_COLUMNS, WaveRow
from survey_app.queries.unit_days import on_day


@dataclass(frozen=True, slots=True)
class PlannedWave:
    """A wave with the office that runs it."""

    row: WaveRow
    root_unit_id: int
    root_title: str
    coarsened_on: date | None
    n_units: int
    target: int | None


@dataclass(frozen=True, slots=True)
class Member:
    """A unit in a wave, one stratum of it."""

    unit_id: int
    unit_code: str
    title: str
    stratum: int
    target: int | None
    population: int | None
    n_points: int


@dataclass(frozen=True, slots=True)
class VersionChoice:
    """A version of a questionnaire, as one chooses it."""

    id: int
    code: str
    version: int
    definition: dict[str, Any]
    published_on: date | None

    def title(self, language: str) -> str:
        titles = self.definition.get("title", {})
        return f"{titles.get(language) or titles.get('vi') or self.code} – v{self.version}"


def planned_waves(session: Session, unit_ids: Collection[int]) -> list[PlannedWave]:
    """Waves in which any of these units takes part or whose office is among them, the newest first."""
    member = select(WaveUnit.wave_id).where(WaveUnit.unit_id.in_(unit_ids))
    condition = or_(Wave.id.in_(member), Wave.root_unit_id.in_(unit_ids))
    return _planned(session, condition)


def planned_wave(session: Session, code: str) -> PlannedWave:
    found = _planned(session, Wave.code == code)
    if not found:
        raise NotFound(f"wave {code}")
    return found[0]


def _planned(session: Session, condition: Any) -> list[PlannedWave]:
    units_of = select(func.count(WaveUnit.unit_id.distinct())).where(WaveUnit.wave_id == Wave.id)
    target_of = select(func.sum(WaveUnit.target)).where(WaveUnit.wave_id == Wave.id)
    rows = session.execute(
        select(Wave.root_unit_id, Unit.kind, Unit.name, Wave.coarsened_on, units_of.scalar_subquery(),
               target_of.scalar_subquery(), *WAVE_COLUMNS)
        .join(Unit, Unit.id == Wave.root_unit_id)
        .where(condition)
        .order_by(Wave.opens_on.desc(), Wave.id.desc())
    )  # fmt: skip
    return [PlannedWave(WaveRow(*row[6:]), row[0], unit_title(row[1], row[2]), *row[3:6]) for row in rows]


def members(session: Session, wave_id: int, on: date) -> list[Member]:
    """The units of a wave in Vietnamese order, with how many points each has on a day, or on its own first day."""
    day = case((Unit.valid_from > on, Unit.valid_from), else_=on)
    points = (
        select(func.count(Point.id.distinct()))
        .join(PointUnit, PointUnit.point_id == Point.id)
        .where(PointUnit.unit_id == WaveUnit.unit_id, on_day(PointUnit, day))
        .correlate(WaveUnit, Unit)
    )
    rows = session.execute(
        select(WaveUnit.unit_id, Unit.code, Unit.kind, Unit.name, WaveUnit.stratum, WaveUnit.target,
               WaveUnit.population, points.scalar_subquery())
        .join(Unit, Unit.id == WaveUnit.unit_id)
        .where(WaveUnit.wave_id == wave_id)
        .order_by(Unit.sort_key, Unit.id, WaveUnit.stratum)
    )  # fmt: skip
    return [Member(row[0], row[1], unit_title(row[2], row[3]), *row[4:]) for row in rows]


def successors_during(
    session: Session, unit_ids: Collection[int], first: date, last: date | None
) -> set[int]:
    """Units that take over from these after a first day and not after a last one, and those that follow them."""
    found: set[int] = set()
    front = set(unit_ids)
    while front:
        statement = select(UnitLineage.successor_id).where(
            UnitLineage.predecessor_id.in_(front), UnitLineage.effective_on > first
        )
        if last is not None:
            statement = statement.where(UnitLineage.effective_on <= last)
        front = set(session.scalars(statement)) - found - set(unit_ids)
        found |= front
    return found


def published_versions(session: Session) -> list[VersionChoice]:
    """Every published version, the newest of each questionnaire first."""
    return _versions(session, QuestionnaireVersion.published_on.is_not(None))


def version(session: Session, version_id: int) -> VersionChoice:
    found = _versions(session, QuestionnaireVersion.id == version_id)
    if not found:
        raise NotFound(f"version {version_id}")
    return found[0]


def _versions(session: Session, condition: Any) -> list[VersionChoice]:
    columns = (QuestionnaireVersion.id, QuestionnaireVersion.code, QuestionnaireVersion.version,
               QuestionnaireVersion.definition, QuestionnaireVersion.published_on)  # fmt: skip
    order = (QuestionnaireVersion.code, QuestionnaireVersion.version.desc())
    return [
        VersionChoice(*row) for row in session.execute(select(*columns).where(condition).order_by(*order))
    ]


def overlapping(session: Session, wave: WaveRow, unit_ids: Iterable[int]) -> list[tuple[WaveRow, int]]:
    """Other self-selected waves that run at some of these units on some of its days, with at how many."""
    ids = list(unit_ids)
    shared = (
        select(func.count(WaveUnit.unit_id.distinct()))
        .where(WaveUnit.wave_id == Wave.id, WaveUnit.unit_id.in_(ids))
        .scalar_subquery()
    )
    rows = session.execute(
        select(shared, *WAVE_COLUMNS)
        .where(Wave.id != wave.id, Wave.basis == "continuous", Wave.state == "open")
        .where(or_(Wave.closes_on.is_(None), Wave.closes_on >= wave.opens_on))
        .where(Wave.opens_on <= wave.closes_on if wave.closes_on else Wave.opens_on.is_not(None))
        .where(exists().where(and_(WaveUnit.wave_id == Wave.id, WaveUnit.unit_id.in_(ids))))
        .order_by(Wave.opens_on.desc(), Wave.id.desc())
    )
    return [(WaveRow(*row[1:]), row[0]) for row in rows]


def due_to_close(session: Session, on: date) -> list[WaveRow]:
    """Open waves whose last day and days of grace are over."""
    rows = session.execute(
        select(*WAVE_COLUMNS).where(Wave.state == "open", Wave.closes_on < on).order_by(Wave.id)
    )
    return [wave for wave in (WaveRow(*row) for row in rows) if wave.is_late(on)]


def closed_and_dated(session: Session) -> list[WaveRow]:
    """Closed waves, coarsened or not, by id."""
    rows = session.execute(
        select(*WAVE_COLUMNS).where(Wave.state.in_(("closed", "archived"))).order_by(Wave.id)
    )
    return [WaveRow(*row) for row in rows]
