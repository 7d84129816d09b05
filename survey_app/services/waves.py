"""Open a wave or name a period; the same call again changes nothing, other content under the same code is refused."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import AlreadyExists, DatesReversed, NotFound
from survey_app.models import Period, QuestionnaireVersion, Wave, WaveUnit
from survey_app.queries import units, waves
from survey_app.services import audit
from survey_app.services.accounts import Viewer

T = TypeVar("T", Wave, Period)


@dataclass(frozen=True, slots=True)
class NewWave:
    code: str
    title_vi: str
    title_en: str
    basis: str
    questionnaire: str
    root_code: str
    opens_on: date
    closes_on: date | None


@dataclass(frozen=True, slots=True)
class NewPeriod:
    code: str
    title_vi: str
    title_en: str
    root_code: str
    starts_on: date
    ends_on: date


def open_wave(session: Session, new: NewWave, *, now: datetime) -> int:
    """Open a wave on the newest published version for every unit with a collection point; how many units."""
    _check_dates(new.opens_on, new.closes_on)
    version_id = session.scalar(
        select(QuestionnaireVersion.id)
        .where(QuestionnaireVersion.code == new.questionnaire, QuestionnaireVersion.published_on.is_not(None))
        .order_by(QuestionnaireVersion.version.desc())
        .limit(1)
    )
    if version_id is None:
        raise NotFound(f"questionnaire {new.questionnaire}")
    root = units.unit_by_code(session, new.root_code)
    values = {
        "title_vi": new.title_vi, "title_en": new.title_en, "basis": new.basis, "root_unit_id": root.id,
        "version_id": version_id, "opens_on": new.opens_on, "closes_on": new.closes_on,
    }  # fmt: skip
    wave = _one_of(session, Wave, new.code, values, now=now)
    member_ids = units.units_with_points(session, root.id, new.opens_on)
    member_ids += sorted(waves.successors_during(session, member_ids, new.opens_on, new.closes_on))
    known = set(session.scalars(select(WaveUnit.unit_id).where(WaveUnit.wave_id == wave.id)))
    session.add_all(
        WaveUnit(wave_id=wave.id, unit_id=unit_id) for unit_id in member_ids if unit_id not in known
    )
    return len(member_ids)


def add_period(session: Session, new: NewPeriod, *, now: datetime, by: Viewer | None = None) -> None:
    """Name the days between which an office reads its figures."""
    _check_dates(new.starts_on, new.ends_on)
    root = units.unit_by_code(session, new.root_code)
    values = {
        "title_vi": new.title_vi, "title_en": new.title_en, "root_unit_id": root.id,
        "starts_on": new.starts_on, "ends_on": new.ends_on,
    }  # fmt: skip
    _one_of(session, Period, new.code, values, now=now, by=by)


def _check_dates(first: date, last: date | None) -> None:
    if last is not None and last < first:
        raise DatesReversed(f"{first:%d/%m/%Y} – {last:%d/%m/%Y}")


def _one_of(
    session: Session,
    model: type[T],
    code: str,
    values: dict[str, object],
    *,
    now: datetime,
    by: Viewer | None = None,
) -> T:
    """The stored row of this code if it holds these values, a new and audited one if there is none."""
    stored = session.scalar(select(model).where(model.code == code))
    if stored is None:
        stored = model(code=code, **values)
        session.add(stored)
        session.flush()
        audit.record(session, f"{model.__tablename__}.added", target=code, by=by, at=now)
    elif any(getattr(stored, name) != value for name, value in values.items()):
        raise AlreadyExists(code)
    return stored
