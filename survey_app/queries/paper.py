"""Pads, openings and batches of paper sheets as frozen values, and the points and waves they may be for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.models import (
    PaperBatch,
    PaperCount,
    PaperOpening,
    PaperPad,
    PaperRow,
    Point,
    PointUnit,
    QuestionnaireVersion,
    Unit,
    Wave,
    WaveUnit,
)
from survey_app.names import unit_title
from survey_app.queries.lookups import WAVE_COLUMNS, WaveRow
from survey_app.queries.unit_days import kind_on, name_on, on_day
from survey_app.vocabulary import Channel


@dataclass(frozen=True, slots=True)
class PointChoice:
    """A point with the unit that it belongs to on a day."""

    id: int
    name: str
    unit_id: int
    unit_kind: str
    unit_name: str

    @property
    def unit_title(self) -> str:
        return unit_title(self.unit_kind, self.unit_name)


@dataclass(frozen=True, slots=True)
class WaveChoice:
    """A wave for which a pad may be printed, and the form that it asks."""

    id: int
    title_vi: str
    title_en: str
    version_id: int
    is_simulated: bool
    languages: list[str] | None = None

    def title(self, language: str) -> str:
        return self.title_vi if language == "vi" else self.title_en


@dataclass(frozen=True, slots=True)
class PadRow:
    """A pad and what became of its sheets, as counts."""

    id: int
    point_id: int
    point_name: str
    wave_id: int
    version_id: int
    form_code: str
    form_version: int
    language: str
    number: int
    first_sheet: int
    last_sheet: int
    n_handed_out: int
    n_spoiled_unused: int
    created_on: date
    is_simulated: bool
    n_collected: int
    n_blank: int
    n_spoiled_in_box: int

    @property
    def n_sheets(self) -> int:
        return self.last_sheet - self.first_sheet + 1

    @property
    def n_unused(self) -> int:
        return self.n_sheets - self.n_handed_out - self.n_spoiled_unused

    @property
    def n_spoiled(self) -> int:
        return self.n_spoiled_unused + self.n_spoiled_in_box

    @property
    def n_not_returned(self) -> int:
        """Handed out and not in a box yet; below zero when more came back than were handed out."""
        return self.n_handed_out - self.n_collected


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """A box opened on a day, with its totals."""

    id: int
    point_id: int
    point_name: str
    unit_id: int
    unit_kind: str
    unit_name: str
    opened_on: date
    first_opener: str
    second_opener: str
    n_collected: int
    n_blank: int
    n_spoiled: int

    @property
    def unit_title(self) -> str:
        return unit_title(self.unit_kind, self.unit_name)


@dataclass(frozen=True, slots=True)
class CountRow:
    """Sheets of one pad in one box."""

    pad_id: int
    pad_number: int
    first_sheet: int
    last_sheet: int
    n_handed_out: int
    n_collected: int
    n_blank: int
    n_spoiled: int

    @property
    def n_to_key(self) -> int:
        return self.n_collected - self.n_blank - self.n_spoiled


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch with where its box stood, its form and how far it is."""

    id: int
    opening_id: int
    point_id: int
    point_name: str
    unit_id: int
    unit_kind: str
    unit_name: str
    opened_on: date
    wave_id: int
    version_id: int
    form_code: str
    form_version: int
    language: str
    key: UUID
    state: str
    n_to_key: int
    check_result: dict[str, Any] | None
    difference_reason: str | None
    n_booked: int
    n_own_staff: int
    booked_on: date | None
    is_simulated: bool

    @property
    def unit_title(self) -> str:
        return unit_title(self.unit_kind, self.unit_name)


@dataclass(frozen=True, slots=True)
class KeyedRow:
    """A sheet as keyed."""

    position: int
    round: int
    cells: list[str]
    is_finished: bool
    is_sampled: bool
    is_own_staff: bool
    keyed_by: int


@dataclass(frozen=True, slots=True)
class OwnShare:
    """Sheets booked for a unit in a month, and how many of them its own staff keyed."""

    unit_kind: str
    unit_name: str
    month: date
    n_booked: int
    n_own_staff: int

    @property
    def own_share(self) -> float:
        return self.n_own_staff / self.n_booked

    @property
    def unit_title(self) -> str:
        return unit_title(self.unit_kind, self.unit_name)


def points_of_units(session: Session, unit_ids: Collection[int], on: date) -> list[PointChoice]:
    """Every point of these units on a day, by unit in Vietnamese order."""
    rows = session.execute(
        _points(on).where(Unit.id.in_(unit_ids)).order_by(Unit.sort_key, Unit.code, Point.code)
    )
    return [PointChoice(*row) for row in rows]


def point_on(session: Session, point_id: int, on: date) -> PointChoice:
    row = session.execute(_points(on).where(Point.id == point_id)).one_or_none()
    if row is None:
        raise NotFound(f"point {point_id}")
    return PointChoice(*row)


def waves_on_paper(session: Session, unit_id: int, on: date) -> list[WaveChoice]:
    """The waves of a unit that are asked on paper and have not ended, the newest first."""
    rows = session.execute(
        select(*WAVE_COLUMNS)
        .where(Wave.id.in_(select(WaveUnit.wave_id).where(WaveUnit.unit_id == unit_id)), Wave.state == "open")
        .where(or_(Wave.closes_on.is_(None), Wave.closes_on >= on))
        .order_by(Wave.opens_on.desc(), Wave.id.desc())
    )
    waves = [wave for wave in (WaveRow(*row) for row in rows) if wave.offers(Channel.PAPER)]
    return [
        WaveChoice(wave.id, wave.title_vi, wave.title_en, wave.version_id, wave.is_simulated, wave.languages)
        for wave in waves
    ]


def last_numbers(session: Session, point_id: int) -> tuple[int, int]:
    """The last pad and the last sheet that a point has been given; zeros before the first."""
    row = session.execute(
        select(func.max(PaperPad.number), func.max(PaperPad.last_sheet)).where(PaperPad.point_id == point_id)
    ).one()
    return row[0] or 0, row[1] or 0


def pads_of_points(session: Session, point_ids: Collection[int]) -> list[PadRow]:
    """The pads of these points, the newest first."""
    statement = _pads().where(PaperPad.point_id.in_(point_ids))
    rows = session.execute(statement.order_by(Point.code, PaperPad.number.desc()))
    return [PadRow(*row) for row in rows]


def pad(session: Session, pad_id: int) -> PadRow:
    row = session.execute(_pads().where(PaperPad.id == pad_id)).one_or_none()
    if row is None:
        raise NotFound(f"pad {pad_id}")
    return PadRow(*row)


def openings_of_points(session: Session, point_ids: Collection[int]) -> list[OpeningRow]:
    """The openings of these points, the latest first."""
    statement = _openings().where(PaperOpening.point_id.in_(point_ids))
    rows = session.execute(statement.order_by(PaperOpening.opened_on.desc(), PaperOpening.id.desc()))
    return [OpeningRow(*row) for row in rows]


def opening(session: Session, opening_id: int) -> OpeningRow:
    row = session.execute(_openings().where(PaperOpening.id == opening_id)).one_or_none()
    if row is None:
        raise NotFound(f"opening {opening_id}")
    return OpeningRow(*row)


def counts_of(session: Session, opening_id: int) -> list[CountRow]:
    """What lay in a box, pad by pad."""
    rows = session.execute(
        select(
            PaperPad.id, PaperPad.number, PaperPad.first_sheet, PaperPad.last_sheet, PaperPad.n_handed_out,
            PaperCount.n_collected, PaperCount.n_blank, PaperCount.n_spoiled,
        )
        .join(PaperCount, PaperCount.pad_id == PaperPad.id)
        .where(PaperCount.opening_id == opening_id)
        .order_by(PaperPad.number)
    )  # fmt: skip
    return [CountRow(*row) for row in rows]


def batches_of_points(session: Session, point_ids: Collection[int]) -> list[BatchRow]:
    """The batches of these points, the latest box first."""
    statement = _batches().where(PaperOpening.point_id.in_(point_ids))
    rows = session.execute(statement.order_by(PaperOpening.opened_on.desc(), PaperBatch.id.desc()))
    return [BatchRow(*row) for row in rows]


def batches_of_opening(session: Session, opening_id: int) -> list[BatchRow]:
    rows = session.execute(_batches().where(PaperBatch.opening_id == opening_id).order_by(PaperBatch.id))
    return [BatchRow(*row) for row in rows]


def batch(session: Session, batch_id: int) -> BatchRow:
    row = session.execute(_batches().where(PaperBatch.id == batch_id)).one_or_none()
    if row is None:
        raise NotFound(f"batch {batch_id}")
    return BatchRow(*row)


def keyed_rows(session: Session, batch_id: int, *, keyed_round: int) -> list[KeyedRow]:
    """The sheets of a batch as keyed the first or the second time, in the order of the pile."""
    rows = session.execute(_keyed(batch_id).where(PaperRow.round == keyed_round).order_by(PaperRow.position))
    return [KeyedRow(*row) for row in rows]


def keyed_row(session: Session, batch_id: int, *, keyed_round: int, position: int) -> KeyedRow | None:
    row = session.execute(
        _keyed(batch_id).where(PaperRow.round == keyed_round, PaperRow.position == position)
    ).one_or_none()
    return None if row is None else KeyedRow(*row)


def n_keyed(session: Session, batch_ids: Collection[int]) -> dict[int, int]:
    """Sheets keyed the first time, by batch."""
    rows = session.execute(
        select(PaperRow.batch_id, func.count())
        .where(PaperRow.batch_id.in_(batch_ids), PaperRow.round == 1)
        .group_by(PaperRow.batch_id)
    )
    return {row[0]: row[1] for row in rows}


def own_shares(session: Session, point_ids: Collection[int]) -> list[OwnShare]:
    """Who keyed the booked sheets of these points, by unit and month of the box."""
    rows = session.execute(
        select(Unit.kind, Unit.name, PaperOpening.opened_on, PaperBatch.n_booked, PaperBatch.n_own_staff)
        .join(PaperOpening, PaperOpening.id == PaperBatch.opening_id)
        .join(Unit, Unit.id == PaperOpening.unit_id)
        .where(PaperBatch.n_booked > 0, PaperOpening.point_id.in_(point_ids))
        .order_by(PaperOpening.opened_on.desc(), Unit.sort_key, Unit.code)
    )
    sums: dict[tuple[str, str, date], tuple[int, int]] = {}
    for kind, name, day, n_booked, n_own in rows:
        key = (kind, name, day.replace(day=1))
        booked, own = sums.get(key, (0, 0))
        sums[key] = (booked + n_booked, own + n_own)
    return [OwnShare(*key, *counts) for key, counts in sums.items()]


def _points(on: date) -> Select[Any]:
    here = on_day(PointUnit, on)
    columns: tuple[Any, ...] = (Point.id, Point.name, Unit.id, kind_on(on), name_on(on))
    return (
        select(*columns)
        .join(PointUnit, and_(PointUnit.point_id == Point.id, here))
        .join(Unit, Unit.id == PointUnit.unit_id)
    )


def _pads() -> Select[Any]:
    counted = (
        select(
            PaperCount.pad_id,
            func.sum(PaperCount.n_collected).label("n_collected"),
            func.sum(PaperCount.n_blank).label("n_blank"),
            func.sum(PaperCount.n_spoiled).label("n_spoiled"),
        )
        .group_by(PaperCount.pad_id)
        .subquery()
    )
    columns: tuple[Any, ...] = (
        PaperPad.id, PaperPad.point_id, Point.name, PaperPad.wave_id, PaperPad.version_id,
        QuestionnaireVersion.code, QuestionnaireVersion.version, PaperPad.language, PaperPad.number,
        PaperPad.first_sheet, PaperPad.last_sheet, PaperPad.n_handed_out, PaperPad.n_spoiled,
        PaperPad.created_on, Wave.is_simulated, func.coalesce(counted.c.n_collected, 0),
        func.coalesce(counted.c.n_blank, 0), func.coalesce(counted.c.n_spoiled, 0),
    )  # fmt: skip
    return (
        select(*columns)
        .join(Point, Point.id == PaperPad.point_id)
        .join(Wave, Wave.id == PaperPad.wave_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == PaperPad.version_id)
        .outerjoin(counted, counted.c.pad_id == PaperPad.id)
    )


def _openings() -> Select[Any]:
    columns: tuple[Any, ...] = (
        PaperOpening.id, Point.id, Point.name, Unit.id, Unit.kind, Unit.name, PaperOpening.opened_on,
        PaperOpening.first_opener, PaperOpening.second_opener,
        func.coalesce(func.sum(PaperCount.n_collected), 0),
        func.coalesce(func.sum(PaperCount.n_blank), 0), func.coalesce(func.sum(PaperCount.n_spoiled), 0),
    )  # fmt: skip
    return (
        select(*columns)
        .join(Point, Point.id == PaperOpening.point_id)
        .join(Unit, Unit.id == PaperOpening.unit_id)
        .outerjoin(PaperCount, PaperCount.opening_id == PaperOpening.id)
        .group_by(PaperOpening.id, Point.id, Unit.id)
    )


def _batches() -> Select[Any]:
    columns: tuple[Any, ...] = (
        PaperBatch.id, PaperBatch.opening_id, Point.id, Point.name, Unit.id, Unit.kind, Unit.name,
        PaperOpening.opened_on, PaperBatch.wave_id, PaperBatch.version_id, QuestionnaireVersion.code,
        QuestionnaireVersion.version, PaperBatch.language, PaperBatch.key, PaperBatch.state,
        PaperBatch.n_to_key, PaperBatch.check_result, PaperBatch.difference_reason, PaperBatch.n_booked,
        PaperBatch.n_own_staff, PaperBatch.booked_on, Wave.is_simulated,
    )  # fmt: skip
    return (
        select(*columns)
        .join(PaperOpening, PaperOpening.id == PaperBatch.opening_id)
        .join(Point, Point.id == PaperOpening.point_id)
        .join(Unit, Unit.id == PaperOpening.unit_id)
        .join(Wave, Wave.id == PaperBatch.wave_id)
        .join(QuestionnaireVersion, QuestionnaireVersion.id == PaperBatch.version_id)
    )


def _keyed(batch_id: int) -> Select[Any]:
    columns: tuple[Any, ...] = (
        PaperRow.position, PaperRow.round, PaperRow.cells, PaperRow.is_finished, PaperRow.is_sampled,
        PaperRow.is_own_staff, PaperRow.keyed_by,
    )  # fmt: skip
    return select(*columns).where(PaperRow.batch_id == batch_id)
