"""What an inspector asks of a wave: which units, with which targets, and the waves of an office."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.models import QuestionnaireVersion, Unit, Wave, WaveUnit
from survey_app.names import unit_label
from survey_app.queries.lookups import WAVE_COLUMNS, WaveRow
from survey_app.queries.questionnaires import VersionRow


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    """A unit of a wave, with what was planned for it."""

    label: str
    code: str
    stratum: int
    target: int | None
    population: int | None


def waves_of(session: Session, unit_ids: Collection[int]) -> list[WaveRow]:
    """The waves of offices in these units, the newest first."""
    statement = select(*WAVE_COLUMNS).where(Wave.root_unit_id.in_(unit_ids))
    return [
        WaveRow(*row) for row in session.execute(statement.order_by(Wave.opens_on.desc(), Wave.id.desc()))
    ]


def root_unit_id(session: Session, wave_id: int) -> int:
    """The unit of the office whose wave it is."""
    found = session.scalar(select(Wave.root_unit_id).where(Wave.id == wave_id))
    if found is None:
        raise NotFound(f"wave {wave_id}")
    return found


def planned_units(session: Session, wave_id: int) -> list[PlannedUnit]:
    rows = session.execute(
        select(Unit.kind, Unit.name, Unit.code, WaveUnit.stratum, WaveUnit.target, WaveUnit.population)
        .join(Unit, Unit.id == WaveUnit.unit_id)
        .where(WaveUnit.wave_id == wave_id)
        .order_by(Unit.sort_key, Unit.id, WaveUnit.stratum)
    )
    return [
        PlannedUnit(unit_label(kind, name), code, stratum, target, population)
        for kind, name, code, stratum, target, population in rows
    ]


def version_row(session: Session, version_id: int) -> VersionRow:
    version = QuestionnaireVersion
    columns = (
        version.id, version.code, version.version, version.n_slots, version.effective_from, version.published_on,
        version.legal_basis, version.provenance,
    )  # fmt: skip
    return VersionRow(*session.execute(select(*columns).where(version.id == version_id)).one())
