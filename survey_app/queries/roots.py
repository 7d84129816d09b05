"""The rows that a root is made over, streamed in the order of their random ids, and the roots that are stored."""

from collections.abc import Collection, Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select, true
from sqlalchemy.orm import Session

from survey_app.models import ReceivedRoot, Response, RootReopened, Wave

ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class HashedRow:
    """What a root needs of a response, the batch it belongs to, and whether its second part may still come."""

    wave_id: int
    received_on: date
    id: UUID
    version_id: int
    answers: bytes
    flags: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class StoredRoot:
    """A root as it was stored when its day was sealed."""

    wave_id: int
    received_on: date
    generation: int
    revision: int
    n: int
    n_open: int
    root: bytes


def received_rows(
    session: Session, *, wave_id: int, after: date | None, through: date
) -> Generator[HashedRow, None, None]:
    """The responses of a wave received in these days, by id; trial ones too."""
    statement = _received(after, through).where(Response.wave_id == wave_id).order_by(Response.id)
    return _stream(session, statement)


def taken_in_rows(session: Session, *, wave_id: int, revision: int) -> Generator[HashedRow, None, None]:
    """Every answer that the closings of a wave up to one took in, by id."""
    taken_in = Response.closed_in.between(1, revision)
    return _stream(session, _rows().where(Response.wave_id == wave_id, taken_in).order_by(Response.id))


def rows_by_batch(
    session: Session, *, after: date | None, through: date, wave_id: int | None = None,
    days: Collection[date] | None = None,
) -> Generator[HashedRow, None, None]:  # fmt: skip
    """The responses received in these days, of one wave or of all, batch after batch and by id within one."""
    statement = _received(after, through)
    if days is not None:
        statement = statement.where(Response.received_on.in_(days))
    if wave_id is not None:
        statement = statement.where(Response.wave_id == wave_id)
    return _stream(session, statement.order_by(Response.received_on, Response.wave_id, Response.id))


def _received(after: date | None, through: date) -> Select[Any]:
    days = Response.received_on > after if after else true()
    return _rows().where(Response.received_on <= through, days)


def _rows() -> Select[Any]:
    columns: tuple[Any, ...] = (
        Response.wave_id, Response.received_on, Response.id, Response.version_id, Response.answers, Response.flags,
        Response.supplement_digest.is_(None),
    )  # fmt: skip
    return select(*columns)


def _stream(session: Session, statement: Select[Any]) -> Generator[HashedRow, None, None]:
    with closing(session.execute(statement, execution_options={"yield_per": ROWS_AT_ONCE})) as rows:
        for wave_id, received_on, id_, version_id, answers, flags, is_open in rows:
            yield HashedRow(wave_id, received_on, id_, version_id, bytes(answers), flags, bool(is_open))


def n_by_day(session: Session, *, through: date) -> dict[date, int]:
    """How many responses bear each day of receipt up to one."""
    rows = session.execute(
        select(Response.received_on, func.count())
        .where(Response.received_on <= through)
        .group_by(Response.received_on)
    )
    return dict(rows.all())


def stored_roots(session: Session, *, wave_id: int | None = None) -> list[StoredRoot]:
    """Every root that is stored, of one wave or of all, the earlier revision first."""
    columns: tuple[Any, ...] = (
        ReceivedRoot.wave_id, ReceivedRoot.received_on, ReceivedRoot.generation, ReceivedRoot.revision,
        ReceivedRoot.n, ReceivedRoot.n_open, ReceivedRoot.root,
    )  # fmt: skip
    statement = select(*columns).order_by(*columns[:4])
    if wave_id is not None:
        statement = statement.where(ReceivedRoot.wave_id == wave_id)
    return [
        StoredRoot(wave_id, day, generation, revision, n, n_open, bytes(root))
        for wave_id, day, generation, revision, n, n_open, root in session.execute(statement)
    ]


def last_sealed_day(session: Session) -> date | None:
    """The last day that was sealed, whatever days its responses bear since dates were made coarser."""
    sealed_on = session.scalar(select(func.max(ReceivedRoot.sealed_on)))
    return None if sealed_on is None else sealed_on - timedelta(days=1)


def generations(session: Session) -> dict[int, int]:
    """The newest generation of roots of each wave that has any."""
    newest = func.max(ReceivedRoot.generation)
    rows = session.execute(select(ReceivedRoot.wave_id, newest).group_by(ReceivedRoot.wave_id))
    return dict(rows.all())


def reopened_batches(session: Session) -> set[tuple[int, date]]:
    """Sealed batches for which a second part came since."""
    rows = session.execute(select(RootReopened.wave_id, RootReopened.received_on))
    return {(wave_id, day) for wave_id, day in rows}


def take_reopened(session: Session, *, before: date) -> set[tuple[int, date]]:
    """The same, each taken off the list; who adds one of them meanwhile waits."""
    taken = (
        delete(RootReopened)
        .where(RootReopened.received_on < before)
        .returning(RootReopened.wave_id, RootReopened.received_on)
    )
    return {(wave_id, day) for wave_id, day in session.execute(taken)}


def wave_codes(session: Session) -> dict[int, str]:
    return dict(session.execute(select(Wave.id, Wave.code)).all())
