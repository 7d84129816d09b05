"""Long after a wave was closed its answers keep their month and lose their day.

Both days of an answer become the first of their month. One exception keeps what counts apart from what does not: an
answer that was received after the last release of its unit, and never counted, is dated into the month after that
release where both fall into one month. What a closing took in is told by `closed_in`, which needs no day.

An answer that two people have excluded keeps its days while the exclusion, which is a range of days, is in force.

Rows are rewritten one by one in random order, so that neither database keeps the order of their days.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, extract, or_, select, update
from sqlalchemy.orm import Session

from survey_app.models import Response, Wave
from survey_app.months import last_day
from survey_app.queries import snapshots, waves
from survey_app.queries.cells import is_excluded
from survey_app.queries.lookups import WaveRow
from survey_app.services import audit, root_sealing


@dataclass(frozen=True, slots=True)
class Coarsened:
    """Whether this was the wave's first time, and how many answers were rewritten."""

    is_first: bool
    n_answers: int


def waves_due(session: Session, *, after_days: int, today: date) -> list[WaveRow]:
    """Waves that were closed that many days ago, also those that were coarsened before: answers may come late."""
    due = []
    for wave in waves.closed_and_dated(session):
        stored = snapshots.snapshots_of(session, wave.id)
        if stored and stored[-1].closed_on + timedelta(days=after_days) <= today:
            due.append(wave)
    return due


def coarsen_wave(
    session: Session, wave: WaveRow, *, after_days: int, now: datetime, today: date
) -> Coarsened:
    """Take the days from the answers of a closed wave that still have them; `RootsBroken` if they were changed."""
    releases = snapshots.last_releases(session, wave.id)
    changes = list(_changes(session, wave.id, releases))
    if changes:
        table: Any = Response.__table__
        statement = (
            update(table)
            .where(table.c.id == bindparam("key"))
            .values(collected_on=bindparam("month"), received_on=bindparam("received_month"))
        )
        in_random_order = secrets.SystemRandom().sample(changes, len(changes))
        root_sealing.refold(
            session,
            wave_id=wave.id,
            coarsen=lambda: session.connection().execute(statement, in_random_order),
            now=now,
        )
    is_first = _mark(session, wave, today)
    if is_first:
        details = {"after_days": after_days}
        audit.record(session, "wave.coarsened", target=wave.code, by=None, at=now, details=details)
    return Coarsened(is_first, len(changes))


def _changes(session: Session, wave_id: int, releases: dict[int, date]) -> Iterator[dict[str, Any]]:
    has_day = or_(extract("day", Response.collected_on) != 1, extract("day", Response.received_on) != 1)
    rows = session.execute(
        select(Response.id, Response.unit_id, Response.collected_on, Response.received_on)
        .where(Response.wave_id == wave_id, has_day, ~is_excluded())
        .order_by(Response.id)
    )
    for id_, unit_id, collected_on, received_on in rows:
        yield {
            "key": id_,
            "month": collected_on.replace(day=1),
            "received_month": received_month(received_on, released_through=releases.get(unit_id)),
        }


def received_month(received_on: date, *, released_through: date | None) -> date:
    """The month that stands for a day of receipt: before a release stays before it, after it stays after it."""
    month = received_on.replace(day=1)
    if released_through is None or received_on <= released_through or month > released_through:
        return month
    return last_day(month) + timedelta(days=1)


def _mark(session: Session, wave: WaveRow, today: date) -> bool:
    """Say that only months are known from now on; False if that was said before."""
    statement = select(Wave.coarsened_on).where(Wave.id == wave.id)
    if session.scalar(statement) is not None:
        return False
    session.execute(update(Wave).where(Wave.id == wave.id).values(coarsened_on=today))
    return True
