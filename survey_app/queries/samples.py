"""Frames, draws and drawn cases, listed and counted; never together with a response."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.models import (
    Account,
    SampleCase,
    SampleDraw,
    SampleFrame,
    SampleFrameEntry,
    SampleHandout,
    SampleReplacement,
    SampleSetAside,
    SampleStratum,
    Unit,
    Wave,
    WaveUnit,
)
from survey_app.names import unit_title
from survey_app.queries.set_asides import draw_stands


@dataclass(frozen=True, slots=True)
class SampleWave:
    """A sample wave and the office that runs it."""

    id: int
    code: str
    title_vi: str
    title_en: str
    root_unit_id: int
    opens_on: date
    closes_on: date | None
    is_simulated: bool
    state: str

    @property
    def is_draft(self) -> bool:
        return self.state == "draft"


@dataclass(frozen=True, slots=True)
class Frame:
    id: int
    wave_id: int
    kind: str
    title: str
    digest: bytes
    n_entries: int
    n_people: int
    is_keyed: bool
    is_accepted: bool
    loaded_on: date
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class FrameCount:
    """Rows and people of a frame in one unit and stratum."""

    unit_id: int
    unit_title: str
    stratum: str
    n_entries: int
    n_people: int


@dataclass(frozen=True, slots=True)
class Draw:
    id: int
    frame_id: int
    wave_id: int
    kind: str
    method: str
    seed: str
    asked: Mapping[str, Any]
    frame_digest: bytes
    cases_digest: bytes
    n_cases: int
    n_reserves: int
    drawn_on: date
    drawn_by: str | None
    is_simulated: bool
    # The day on which two people set it aside; such a draw is a record and nothing more.
    set_aside_on: date | None


@dataclass(frozen=True, slots=True)
class StratumRow:
    unit_id: int
    unit_title: str
    number: int
    name: str
    population: int
    n_cases: int
    n_reserves: int


@dataclass(frozen=True, slots=True)
class CaseRow:
    unit_id: int
    unit_code: str
    unit_title: str
    label: str
    stratum: int
    stratum_name: str
    cluster: str
    role: str
    place: int
    probability: float
    weight: float


@dataclass(frozen=True, slots=True)
class ReplacementRow:
    unit_id: int
    unit_title: str
    label: str
    reason: str
    replacement: str
    replaced_on: date
    replaced_by: str | None


@dataclass(frozen=True, slots=True)
class HandoutRow:
    unit_id: int
    how: str
    n_cases: int
    handed_on: date
    # Of tickets: whether each stratum of the unit has a batch of its own.
    is_by_stratum: bool


_WAVE = (Wave.id, Wave.code, Wave.title_vi, Wave.title_en, Wave.root_unit_id, Wave.opens_on, Wave.closes_on,
         Wave.is_simulated, Wave.state)  # fmt: skip
_FRAME = (
    SampleFrame.id, SampleFrame.wave_id, SampleFrame.kind, SampleFrame.title, SampleFrame.digest,
    SampleFrame.n_entries, SampleFrame.n_people, SampleFrame.is_keyed, SampleFrame.is_accepted,
    SampleFrame.loaded_on, SampleFrame.is_simulated,
)  # fmt: skip


def sample_waves(session: Session, root_ids: Collection[int]) -> list[SampleWave]:
    """Sample waves of these offices, the latest first."""
    rows = session.execute(
        select(*_WAVE)
        .where(Wave.basis == "sample", Wave.root_unit_id.in_(root_ids))
        .order_by(Wave.opens_on.desc(), Wave.id.desc())
    )
    return [SampleWave(*row) for row in rows]


def sample_wave(session: Session, wave_id: int) -> SampleWave:
    row = session.execute(select(*_WAVE).where(Wave.id == wave_id, Wave.basis == "sample")).one_or_none()
    if row is None:
        raise NotFound(f"sample wave {wave_id}")
    return SampleWave(*row)


def frames_of(session: Session, wave_id: int) -> list[Frame]:
    rows = session.execute(
        select(*_FRAME).where(SampleFrame.wave_id == wave_id).order_by(SampleFrame.id.desc())
    )
    return [Frame(*row) for row in rows]


def frame_by_id(session: Session, frame_id: int) -> Frame:
    row = session.execute(select(*_FRAME).where(SampleFrame.id == frame_id)).one_or_none()
    if row is None:
        raise NotFound(f"sample frame {frame_id}")
    return Frame(*row)


def frame_counts(session: Session, frame_id: int) -> list[FrameCount]:
    """What a frame holds, unit by unit and stratum by stratum."""
    rows = session.execute(
        select(Unit.id, Unit.kind, Unit.name, SampleFrameEntry.stratum, func.count(),
               func.sum(SampleFrameEntry.size))
        .join(Unit, Unit.id == SampleFrameEntry.unit_id)
        .where(SampleFrameEntry.frame_id == frame_id)
        .group_by(Unit.id, Unit.kind, Unit.name, Unit.sort_key, SampleFrameEntry.stratum)
        .order_by(Unit.sort_key, Unit.id, SampleFrameEntry.stratum)
    )  # fmt: skip
    return [FrameCount(row[0], unit_title(row[1], row[2]), *row[3:]) for row in rows]


def frame_entries(session: Session, frame_id: int) -> list[tuple[Any, ...]]:
    """Rows as (unit, unit code, label, stratum, name, size, day), in no order that means anything."""
    rows = session.execute(
        select(SampleFrameEntry.unit_id, Unit.code, SampleFrameEntry.label, SampleFrameEntry.stratum,
               SampleFrameEntry.name, SampleFrameEntry.size, SampleFrameEntry.handled_on)
        .join(Unit, Unit.id == SampleFrameEntry.unit_id)
        .where(SampleFrameEntry.frame_id == frame_id)
        .order_by(Unit.code, SampleFrameEntry.label)
    )  # fmt: skip
    return [tuple(row) for row in rows]


def wave_members(session: Session, wave_id: int) -> list[tuple[int, str, str | None, str, str]]:
    """Units of a wave: id, code, statistical code, name and kind."""
    member = select(WaveUnit.unit_id).where(WaveUnit.wave_id == wave_id)
    rows = session.execute(
        select(Unit.id, Unit.code, Unit.gso_code, Unit.name, Unit.kind)
        .where(Unit.id.in_(member))
        .order_by(Unit.sort_key, Unit.id)
    )
    return [(row.id, row.code, row.gso_code, row.name, row.kind) for row in rows]


def draws_of(session: Session, wave_id: int) -> list[Draw]:
    rows = session.execute(_draws().where(SampleFrame.wave_id == wave_id).order_by(SampleDraw.id.desc()))
    return [Draw(*row) for row in rows]


def draw_by_id(session: Session, draw_id: int) -> Draw:
    row = session.execute(_draws().where(SampleDraw.id == draw_id)).one_or_none()
    if row is None:
        raise NotFound(f"sample draw {draw_id}")
    return Draw(*row)


def draw_ids(session: Session) -> list[int]:
    return list(session.scalars(select(SampleDraw.id).order_by(SampleDraw.id)))


def drawn_unit_ids(session: Session, wave_id: int) -> frozenset[int]:
    """Units of a wave that a sample was drawn for which stands."""
    statement = (
        select(SampleStratum.unit_id)
        .join(SampleDraw, SampleDraw.id == SampleStratum.draw_id)
        .join(SampleFrame, SampleFrame.id == SampleDraw.frame_id)
        .where(SampleFrame.wave_id == wave_id, draw_stands())
    )
    return frozenset(session.scalars(statement))


def strata_of_draw(session: Session, draw_id: int) -> list[StratumRow]:
    rows = session.execute(
        select(Unit.id, Unit.kind, Unit.name, SampleStratum.number, SampleStratum.name, SampleStratum.population,
               SampleStratum.n_cases, SampleStratum.n_reserves)
        .join(Unit, Unit.id == SampleStratum.unit_id)
        .where(SampleStratum.draw_id == draw_id)
        .order_by(Unit.sort_key, Unit.id, SampleStratum.number)
    )  # fmt: skip
    return [StratumRow(row[0], unit_title(row[1], row[2]), *row[3:]) for row in rows]


def cases_of_draw(session: Session, draw_id: int) -> list[CaseRow]:
    """The drawn list: unit by unit, stratum by stratum, cluster by cluster, in the order of drawing."""
    rows = session.execute(
        select(Unit.id, Unit.code, Unit.kind, Unit.name.label("unit_name"), SampleCase.label, SampleCase.stratum,
               SampleStratum.name.label("stratum_name"),
               SampleCase.cluster, SampleCase.role, SampleCase.place, SampleCase.probability, SampleCase.weight)
        .join(Unit, Unit.id == SampleCase.unit_id)
        .join(SampleStratum, (SampleStratum.draw_id == SampleCase.draw_id)
              & (SampleStratum.unit_id == SampleCase.unit_id) & (SampleStratum.number == SampleCase.stratum))
        .where(SampleCase.draw_id == draw_id)
        .order_by(Unit.sort_key, Unit.id, SampleCase.stratum, SampleCase.cluster, SampleCase.role,
                  SampleCase.place, SampleCase.label)
    )  # fmt: skip
    return [
        CaseRow(row.id, row.code, unit_title(row.kind, row.unit_name), row.label, row.stratum, row.stratum_name,
                row.cluster, row.role, row.place, row.probability, row.weight)
        for row in rows
    ]  # fmt: skip


def replacements_of(session: Session, draw_id: int) -> list[ReplacementRow]:
    rows = session.execute(
        select(Unit.id, Unit.kind, Unit.name, SampleReplacement.label, SampleReplacement.reason,
               SampleReplacement.replacement, SampleReplacement.replaced_on, Account.name)
        .join(Unit, Unit.id == SampleReplacement.unit_id)
        .outerjoin(Account, Account.id == SampleReplacement.replaced_by_id)
        .where(SampleReplacement.draw_id == draw_id)
        .order_by(SampleReplacement.replaced_on.desc(), Unit.sort_key, SampleReplacement.label)
    )  # fmt: skip
    return [ReplacementRow(row[0], unit_title(row[1], row[2]), *row[3:]) for row in rows]


def handouts_of(session: Session, draw_id: int) -> dict[int, HandoutRow]:
    """What was given out of a draw, by unit."""
    rows = session.execute(
        select(
            SampleHandout.unit_id,
            SampleHandout.how,
            SampleHandout.n_cases,
            SampleHandout.handed_on,
            SampleHandout.batch_id.is_(None),
        ).where(SampleHandout.draw_id == draw_id)
    )
    return {row.unit_id: HandoutRow(*row) for row in rows}


def _draws() -> Select[Any]:
    return (
        select(
            SampleDraw.id, SampleDraw.frame_id, SampleFrame.wave_id, SampleFrame.kind, SampleDraw.method,
            SampleDraw.seed, SampleDraw.asked, SampleDraw.frame_digest, SampleDraw.cases_digest,
            SampleDraw.n_cases, SampleDraw.n_reserves, SampleDraw.drawn_on, Account.name, SampleDraw.is_simulated,
            SampleSetAside.set_aside_on,
        )
        .join(SampleFrame, SampleFrame.id == SampleDraw.frame_id)
        .outerjoin(Account, Account.id == SampleDraw.drawn_by_id)
        .outerjoin(SampleSetAside, SampleSetAside.draw_id == SampleDraw.id)
    )  # fmt: skip
