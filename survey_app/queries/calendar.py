"""Periods and waves, and what lies between two days."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from survey_app.models import Comment, Period, Response, ScoreRelease, Wave, WaveUnit
from survey_app.queries.lookups import IS_DECIDED, WAVE_COLUMNS, WaveRow


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A named row of an office's calendar."""

    id: int
    code: str
    root_unit_id: int
    title_vi: str
    title_en: str
    starts_on: date
    ends_on: date

    @property
    def n_days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1


def periods_of(session: Session, root_unit_ids: list[int]) -> list[PeriodRow]:
    """The periods of these offices, the latest first."""
    rows = session.execute(
        select(Period.id, Period.code, Period.root_unit_id, Period.title_vi, Period.title_en,
               Period.starts_on, Period.ends_on)
        .where(Period.root_unit_id.in_(root_unit_ids))
        .order_by(Period.ends_on.desc(), Period.starts_on.desc(), Period.code)
    )  # fmt: skip
    return [PeriodRow(*row) for row in rows]


def waves_between(
    session: Session, *, unit_ids: list[int], basis: str, starts_on: date, ends_on: date
) -> list[WaveRow]:
    """Waves of a basis in which any of the units took part between two days, the first opened first."""
    rows = session.execute(
        select(*WAVE_COLUMNS)
        .where(Wave.basis == basis, Wave.opens_on <= ends_on, IS_DECIDED)
        .where(or_(Wave.closes_on.is_(None), Wave.closes_on >= starts_on))
        .where(Wave.id.in_(select(WaveUnit.wave_id).where(WaveUnit.unit_id.in_(unit_ids))))
        .order_by(Wave.opens_on, Wave.id)
    )
    return [WaveRow(*row) for row in rows]


def bases_of(session: Session, unit_ids: list[int]) -> list[str]:
    """The bases on which there is anything to show for these units."""
    statement = (
        select(Wave.basis)
        .join(WaveUnit, WaveUnit.wave_id == Wave.id)
        .where(WaveUnit.unit_id.in_(unit_ids), IS_DECIDED)
    )
    return sorted(session.scalars(statement.distinct()))


def frame_sizes(
    session: Session, *, wave_ids: list[int], unit_ids: list[int]
) -> dict[int, tuple[int | None, int | None]]:
    """Population of the frame and target number of respondents of each unit in sample waves."""
    rows = session.execute(
        select(WaveUnit.unit_id, func.sum(WaveUnit.population), func.sum(WaveUnit.target))
        .where(WaveUnit.wave_id.in_(wave_ids), WaveUnit.unit_id.in_(unit_ids))
        .group_by(WaveUnit.unit_id)
    )
    return {unit_id: (population, target) for unit_id, population, target in rows}


def stratum_sizes(
    session: Session, *, wave_ids: list[int], unit_ids: list[int]
) -> list[tuple[int, int, int, int | None]]:
    """Wave, unit, stratum and the stratum's frame, of units that take part in sample waves."""
    rows = session.execute(
        select(WaveUnit.wave_id, WaveUnit.unit_id, WaveUnit.stratum, WaveUnit.population)
        .where(WaveUnit.wave_id.in_(wave_ids), WaveUnit.unit_id.in_(unit_ids))
        .order_by(WaveUnit.wave_id, WaveUnit.unit_id, WaveUnit.stratum)
    )
    return [(row.wave_id, row.unit_id, row.stratum, row.population) for row in rows]


def released_through(session: Session, *, unit_ids: list[int], wave_ids: list[int]) -> date | None:
    """The day up to which received responses are counted; the latest of these units."""
    return session.scalar(
        select(func.max(ScoreRelease.released_through)).where(
            ScoreRelease.unit_id.in_(unit_ids), ScoreRelease.wave_id.in_(wave_ids)
        )
    )


def last_answers_by_point(session: Session, *, point_ids: list[int], on_or_before: date) -> dict[int, date]:
    """The last day on which each point gave a released answer."""
    rows = session.execute(
        select(Response.point_id, func.max(Response.collected_on))
        .join(
            ScoreRelease,
            (ScoreRelease.unit_id == Response.unit_id) & (ScoreRelease.wave_id == Response.wave_id),
        )
        .where(Response.received_on <= ScoreRelease.released_through, Response.is_test.is_(False))
        .where(Response.point_id.in_(point_ids), Response.collected_on <= on_or_before)
        .group_by(Response.point_id)
    )
    return {row.point_id: row[1] for row in rows}


def latest_comments(session: Session, *, unit_id: int, up_to: date) -> tuple[date | None, list[str]]:
    """The day and the words of the unit's last released batch, in the order of their random ids."""
    day = session.scalar(
        select(func.max(Comment.released_on)).where(Comment.unit_id == unit_id, Comment.released_on <= up_to)
    )
    texts = session.scalars(
        select(Comment.text)
        .where(Comment.unit_id == unit_id, Comment.released_on == day)
        .order_by(Comment.id)
    )
    return day, list(texts) if day else []


def has_waiting_comments(session: Session, unit_id: int) -> bool:
    statement = select(Comment.id).where(Comment.unit_id == unit_id, Comment.released_on.is_(None)).limit(1)
    return session.execute(statement).first() is not None


def units_in_waves(session: Session, *, basis: str) -> frozenset[int]:
    """Units that take part in any wave of a basis."""
    statement = select(WaveUnit.unit_id).join(Wave, Wave.id == WaveUnit.wave_id)
    statement = statement.where(Wave.basis == basis, IS_DECIDED)
    return frozenset(session.scalars(statement.distinct()))
