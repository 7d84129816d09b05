"""Single responses for analysts: released ones of a wave and a form, by ids in an order that the caller draws."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from survey_app.models import (
    Desk,
    PointUnit,
    QuestionnaireVersion,
    Response,
    ScoreRelease,
    Unit,
    Wave,
)
from survey_app.queries.cells import cluster_of, is_excluded
from survey_app.queries.unit_days import name_on, on_day

IDS_AT_A_TIME = 2_000


@dataclass(frozen=True, slots=True)
class DatasetRow:
    """What can be exported: the released answers of one wave to one form."""

    wave_id: int
    wave_code: str
    title_vi: str
    title_en: str
    basis: str
    is_simulated: bool
    version_id: int
    form_code: str
    form_version: int
    n: int


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One response as stored, without its key and its day; `cluster` is to be renumbered."""

    unit_id: int
    point_id: int
    month: date
    field_id: int
    stratum: int
    channel: int
    stage: int
    capacity: int
    assisted_by: int
    residence: int
    is_proxy: int | None
    language: str
    weight: float | None
    is_late: bool
    is_ticketed: bool
    is_excluded: bool
    flags: int
    cluster: tuple[Any, ...]
    answers: bytes


def _released(unit_ids: Collection[int]) -> Any:
    return and_(
        ScoreRelease.unit_id == Response.unit_id,
        ScoreRelease.wave_id == Response.wave_id,
        Response.received_on <= ScoreRelease.released_through,
        Response.is_test.is_(False),
        Response.unit_id.in_(unit_ids),
    )


def datasets(session: Session, *, unit_ids: Collection[int]) -> list[DatasetRow]:
    """Waves and forms with released answers in these units, the newest wave first."""
    columns: tuple[Any, ...] = (
        Wave.id, Wave.code, Wave.title_vi, Wave.title_en, Wave.basis, Wave.is_simulated,
        QuestionnaireVersion.id, QuestionnaireVersion.code, QuestionnaireVersion.version, func.count(),
    )  # fmt: skip
    statement = (
        select(*columns)
        .select_from(Response)
        .join(ScoreRelease, _released(unit_ids))
        .join(Wave, Wave.id == Response.wave_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == Response.version_id)
        .group_by(Wave.id, QuestionnaireVersion.id)
        .order_by(Wave.opens_on.desc(), Wave.id, QuestionnaireVersion.id)
    )
    return [DatasetRow(*row) for row in session.execute(statement)]


def response_ids(session: Session, *, wave_id: int, version_id: int, unit_ids: Collection[int]) -> list[UUID]:
    statement = (
        select(Response.id)
        .join(ScoreRelease, _released(unit_ids))
        .where(Response.wave_id == wave_id, Response.version_id == version_id)
        .order_by(Response.id)
    )
    return list(session.scalars(statement))


def person_rows(session: Session, ids: Sequence[UUID]) -> Iterator[list[PersonRow]]:
    """The rows of these ids in their order, some thousand at a time."""
    for start in range(0, len(ids), IDS_AT_A_TIME):
        wanted = ids[start : start + IDS_AT_A_TIME]
        statement = select(
            Response.id, Response.unit_id, Response.point_id, Response.collected_on, Response.field_id,
            Response.stratum, Response.channel, Response.stage, Response.capacity, Response.assisted_by,
            Response.residence, Response.is_proxy, Response.language, Response.weight, Response.is_late,
            Response.is_ticketed, is_excluded().label("is_out"), Response.flags, Response.collector,
            Response.wave_id, Response.answers,
        ).where(Response.id.in_(wanted))  # fmt: skip
        found = {row.id: _person(row) for row in session.execute(statement)}
        yield [found[each] for each in wanted if each in found]


def _person(row: Any) -> PersonRow:
    return PersonRow(
        row.unit_id, row.point_id, row.collected_on.replace(day=1), row.field_id or 0, row.stratum, row.channel,
        row.stage, row.capacity, row.assisted_by, row.residence, row.is_proxy, row.language, row.weight, row.is_late,
        row.is_ticketed, bool(row.is_out), row.flags,
        (row.unit_id, row.wave_id, row.stratum, *cluster_of(row)), row.answers,
    )  # fmt: skip


def names_on(session: Session, on: date) -> dict[int, tuple[str, str]]:
    """Code and name of every unit as at a day."""
    return {row[0]: (row[1], row[2]) for row in session.execute(select(Unit.id, Unit.code, name_on(on)))}


def units_of_points(session: Session, on: date) -> dict[int, int]:
    """The unit that each point belongs to on a day."""
    statement = select(PointUnit.point_id, PointUnit.unit_id).where(on_day(PointUnit, on))
    return {row[0]: row[1] for row in session.execute(statement)}


def points_with_several_desks(session: Session) -> frozenset[int]:
    """Points at which no answer can be put down to one officer."""
    statement = select(Desk.point_id).group_by(Desk.point_id).having(func.count() > 1)
    return frozenset(session.scalars(statement))
