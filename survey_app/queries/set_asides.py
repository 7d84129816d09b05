"""Draws that were set aside, and whether a draw was used in any way before that."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from survey_app.models import (
    Account,
    AuditEntry,
    InterviewAssignment,
    PointUnit,
    Response,
    SampleDraw,
    SampleFrame,
    SampleHandout,
    SampleReplacement,
    SampleSetAside,
    SampleStratum,
    TicketBatch,
    Wave,
)

_Asker, _Approver = aliased(Account), aliased(Account)


@dataclass(frozen=True, slots=True)
class SetAsideRow:
    """Why a draw was set aside, by whom, and where the next seed was said to come from."""

    reason: str
    seed_source: str
    asked_by: str
    approved_by: str
    set_aside_on: date


def draw_stands() -> ColumnElement[bool]:
    """Of a `SampleDraw` in a statement: it is the draw of its units, and was not set aside."""
    return ~exists().where(SampleSetAside.draw_id == SampleDraw.id)


def set_aside_of(session: Session, draw_id: int) -> SetAsideRow | None:
    row = session.execute(
        select(SampleSetAside.reason, SampleSetAside.seed_source, _Asker.name, _Approver.name,
               SampleSetAside.set_aside_on)
        .join(_Asker, _Asker.id == SampleSetAside.asked_by_id)
        .join(_Approver, _Approver.id == SampleSetAside.approved_by_id)
        .where(SampleSetAside.draw_id == draw_id)
    ).one_or_none()  # fmt: skip
    return None if row is None else SetAsideRow(*row)


def seeds_set_aside(session: Session, wave_id: int, unit_ids: Collection[int]) -> frozenset[str]:
    """The seeds of draws of these units that were set aside in a wave."""
    statement = (
        select(SampleDraw.seed)
        .join(SampleFrame, SampleFrame.id == SampleDraw.frame_id)
        .join(SampleStratum, SampleStratum.draw_id == SampleDraw.id)
        .where(SampleFrame.wave_id == wave_id, SampleStratum.unit_id.in_(unit_ids), ~draw_stands())
    )
    return frozenset(session.scalars(statement))


def seed_sources(session: Session, wave_id: int) -> list[str]:
    """Where the seeds of a wave's next draws were said to come from."""
    statement = (
        select(SampleSetAside.seed_source)
        .join(SampleDraw, SampleDraw.id == SampleSetAside.draw_id)
        .join(SampleFrame, SampleFrame.id == SampleDraw.frame_id)
        .where(SampleFrame.wave_id == wave_id)
        .order_by(SampleSetAside.draw_id)
    )
    return list(dict.fromkeys(session.scalars(statement)))


def unit_ids_of(session: Session, draw_id: int) -> frozenset[int]:
    return frozenset(session.scalars(select(SampleStratum.unit_id).where(SampleStratum.draw_id == draw_id)))


def is_used(session: Session, *, draw_id: int, wave_id: int, unit_ids: Collection[int]) -> bool:
    """Whether cases were given out or replaced, or the wave has interviews, tickets or answers of these units.

    Also what did not come from this draw counts: whoever was asked was asked about the sample that stood.
    """
    points = select(PointUnit.point_id).where(PointUnit.unit_id.in_(unit_ids))
    used = or_(
        exists().where(SampleHandout.draw_id == draw_id),
        exists().where(SampleReplacement.draw_id == draw_id),
        exists().where(InterviewAssignment.wave_id == wave_id, InterviewAssignment.unit_id.in_(unit_ids)),
        exists().where(TicketBatch.wave_id == wave_id, TicketBatch.point_id.in_(points)),
        exists().where(
            Response.wave_id == wave_id, Response.unit_id.in_(unit_ids), Response.is_test.is_(False)
        ),
    )
    return bool(session.scalar(select(used)))


def n_lists_taken(session: Session, draw_id: int) -> int:
    """How often the list of a draw was taken as a file."""
    statement = select(func.count()).where(
        AuditEntry.action == "sample.list_taken", AuditEntry.target == f"sample_draw:{draw_id}"
    )
    return session.scalar(statement) or 0


def lock_wave(session: Session, wave_id: int) -> None:
    """From here on drawing, giving out and setting aside in this wave wait for each other; answers do not."""
    session.execute(select(Wave.id).where(Wave.id == wave_id).with_for_update(key_share=True))
