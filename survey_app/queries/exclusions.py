"""Predicates that take responses out of the figures: how many they cover, and those that were decided."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.models import Exclusion, Point, PointUnit, Response, ScoreRelease, Wave
from survey_app.queries.cells import is_excluded


@dataclass(frozen=True, slots=True, kw_only=True)
class Predicate:
    """Responses of a point on some days; None leaves channel, collector or batch open. Never a single response."""

    point_id: int
    from_on: date
    to_on: date
    channel: int | None = None
    collector: str | None = None
    batch: UUID | None = None


@dataclass(frozen=True, slots=True)
class ExclusionRow:
    """A predicate that was proposed, and whether it is in force."""

    id: int
    predicate: Predicate
    point_name: str
    reason: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class CountingRow:
    """Of an answer that counts: what a predicate asks for, and the figure it belongs to. Never shown."""

    unit_id: int
    basis: str
    collected_on: date
    channel: int
    collector: str | None
    batch: UUID | None
    is_excluded: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A collector or a batch of a point, with its days; only of sources large enough to be named."""

    key: str
    from_on: date
    to_on: date
    n: int


def covers(predicate: Predicate) -> ColumnElement[bool]:
    """The condition, as `cells.is_excluded` reads the stored one."""
    return and_(
        Response.point_id == predicate.point_id,
        Response.collected_on.between(predicate.from_on, predicate.to_on),
        true() if predicate.channel is None else Response.channel == predicate.channel,
        true() if predicate.collector is None else Response.collector == predicate.collector,
        true() if predicate.batch is None else Response.batch == predicate.batch,
    )


def n_covered(session: Session, predicate: Predicate, *, unit_id: int | None = None) -> int:
    """How many responses that count now would be taken out, of one unit or of all."""
    statement = select(func.count()).where(covers(predicate), Response.is_test.is_(False), ~is_excluded())
    if unit_id is not None:
        statement = statement.where(Response.unit_id == unit_id)
    return session.scalar(statement.select_from(Response)) or 0


def n_differing(session: Session, one: Predicate, other: Predicate) -> int:
    """How many responses one of two predicates of a point covers and the other does not."""
    is_one, is_other = (case((covers(each), 1), else_=0) for each in (one, other))
    statement = select(func.count()).select_from(Response).where(Response.is_test.is_(False))
    return session.scalar(statement.where(Response.point_id == one.point_id, is_one != is_other)) or 0


def released_rows(session: Session, point_id: int) -> list[tuple[CountingRow, int, bytes]]:
    """The released answers of a point, no trial ones, with the form and the packed answers of each."""
    released = and_(ScoreRelease.unit_id == Response.unit_id, ScoreRelease.wave_id == Response.wave_id)
    rows = session.execute(
        select(
            Response.unit_id, Wave.basis, Response.collected_on, Response.channel, Response.collector,
            Response.batch, is_excluded(), Response.version_id, Response.answers,
        )
        .join(Wave, Wave.id == Response.wave_id)
        .join(ScoreRelease, released)
        .where(Response.point_id == point_id, Response.is_test.is_(False))
        .where(Response.received_on <= ScoreRelease.released_through)
    )  # fmt: skip
    return [
        (
            CountingRow(unit_id, basis, day, channel, collector, batch, bool(excluded)),
            version_id,
            bytes(answers),
        )
        for unit_id, basis, day, channel, collector, batch, excluded, version_id, answers in rows
    ]


def months_covered(session: Session, predicate: Predicate) -> list[date]:
    """The months in which the predicate covers anything."""
    days = session.scalars(select(Response.collected_on).where(covers(predicate)).distinct())
    return sorted({day.replace(day=1) for day in days})


def unit_ids_covered(session: Session, predicate: Predicate) -> list[int]:
    """The units whose figures would change, the one with most responses first."""
    n = func.count()
    statement = select(Response.unit_id).where(covers(predicate)).group_by(Response.unit_id)
    return list(session.scalars(statement.order_by(n.desc(), Response.unit_id)))


def bases_covered(session: Session, predicate: Predicate) -> list[str]:
    """The bases of the waves whose figures would change."""
    statement = select(Wave.basis).join(Response, Response.wave_id == Wave.id).where(covers(predicate))
    return list(session.scalars(statement.distinct().order_by(Wave.basis)))


def units_of_point(session: Session, point_id: int, from_on: date, to_on: date) -> set[int]:
    """The units that the point belonged to on any of these days."""
    overlaps = and_(
        PointUnit.valid_from <= to_on, or_(PointUnit.valid_to.is_(None), PointUnit.valid_to >= from_on)
    )
    return set(session.scalars(select(PointUnit.unit_id).where(PointUnit.point_id == point_id, overlaps)))


def collectors(session: Session, point_id: int, *, minimum: int) -> list[Source]:
    return _sources(session, Response.collector, point_id, minimum)


def batches(session: Session, point_id: int, *, minimum: int) -> list[Source]:
    return _sources(session, Response.batch, point_id, minimum)


def _sources(session: Session, column: Any, point_id: int, minimum: int) -> list[Source]:
    days = func.min(Response.collected_on), func.max(Response.collected_on)
    rows = session.execute(
        select(column, *days, func.count())
        .where(Response.point_id == point_id, column.is_not(None), Response.is_test.is_(False))
        .group_by(column)
        .having(func.count() >= minimum)
        .order_by(func.max(Response.collected_on).desc(), column)
    )
    return [Source(str(key), from_on, to_on, n) for key, from_on, to_on, n in rows]


def exclusion(session: Session, exclusion_id: int, *, lock: bool = False) -> ExclusionRow:
    """One predicate; with `lock` its row stays as it is until the transaction ends."""
    if lock:
        session.execute(select(Exclusion.id).where(Exclusion.id == exclusion_id).with_for_update())
    found = _exclusions(session, Exclusion.id == exclusion_id)
    if not found:
        raise NotFound(f"exclusion {exclusion_id}")
    return found[0]


def exclusions(session: Session, ids: Collection[int]) -> list[ExclusionRow]:
    """The newest first."""
    return _exclusions(session, Exclusion.id.in_(ids))


def of_point(session: Session, point_id: int) -> list[ExclusionRow]:
    return _exclusions(session, Exclusion.point_id == point_id)


def _exclusions(session: Session, condition: ColumnElement[bool]) -> list[ExclusionRow]:
    rows = session.execute(
        select(
            Exclusion.id, Exclusion.point_id, Exclusion.from_on, Exclusion.to_on, Exclusion.channel,
            Exclusion.collector, Exclusion.batch, Point.name, Exclusion.reason, Exclusion.is_active,
        )
        .join(Point, Point.id == Exclusion.point_id)
        .where(condition)
        .order_by(Exclusion.id.desc())
    )  # fmt: skip
    return [
        ExclusionRow(
            id_,
            Predicate(
                point_id=point_id, from_on=from_on, to_on=to_on, channel=channel, collector=collector, batch=batch
            ),
            name, reason, is_active,
        )
        for id_, point_id, from_on, to_on, channel, collector, batch, name, reason, is_active in rows
    ]  # fmt: skip
