"""Each night a root over every batch that was received, so that no answer can be changed later without being seen.

A batch is what one wave received on one day. Its root is kept in a table and, in one entry a night, in the chain of
the audit log; neither holds anything of a single response. A second part that comes after its day was sealed marks
the batch, and the next night adds a revision. Dates made coarser move rows to other batches: `refold` checks the
roots, lets the dates be changed and begins a new generation of the wave's roots.
"""

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import insert
from sqlalchemy.orm import Session

from survey_app.errors import RootsBroken
from survey_app.models import ReceivedRoot
from survey_app.queries import roots as queries
from survey_app.queries.roots import HashedRow, StoredRoot
from survey_app.services import audit
from survey_app.services.response_roots import hash_of, merkle_root

SEALED, FOLDED = "roots.sealed", "roots.folded"
# An entry stays small enough to be read.
BATCHES_AN_ENTRY = 400

Batch = tuple[int, date]


@dataclass(frozen=True, slots=True)
class BatchRoot:
    """The root over a batch as its rows are now."""

    wave_id: int
    received_on: date
    n: int
    n_open: int
    root: bytes

    @property
    def batch(self) -> Batch:
        return self.wave_id, self.received_on


def seal_days(session: Session, *, today: date, now: datetime) -> int:
    """Seal every day that is over and was not sealed, and what was reopened; how many roots were stored."""
    # The marks go first: a second part that commits later marks its batch again.
    reopened = queries.take_reopened(session, before=today)
    yesterday = today - timedelta(days=1)
    after = queries.last_sealed_day(session)
    generations = queries.generations(session)
    fresh = [
        _stored(root, generation=generations.get(root.wave_id, 0))
        for root in _roots(queries.rows_by_batch(session, after=after, through=yesterday))
    ]
    new = [*fresh, *_revisions(session, reopened)]
    _keep(session, SEALED, new, through=yesterday, now=now)
    return len(new)


def refold(session: Session, *, wave_id: int, coarsen: Callable[[], object], now: datetime) -> None:
    """Change the received days of a wave's responses, without losing the proof that the answers are the same.

    The roots must hold before (`RootsBroken` otherwise, and nothing is changed); afterwards the batches as they are
    then get roots of a new generation, and the earlier ones stay as a record. It hashes the whole wave: call it only
    when there are days to change.
    """
    sealed_through = queries.last_sealed_day(session)
    if sealed_through is None:
        coarsen()
        return
    before = latest(queries.stored_roots(session, wave_id=wave_id))
    waiting = queries.reopened_batches(session)
    kept = {batch: (root.n, root.root) for batch, root in before.items() if root.n and batch not in waiting}
    found = {
        root.batch: (root.n, root.root)
        for root in current_roots(session, through=sealed_through, wave_id=wave_id)
        if root.batch not in waiting
    }
    if found != kept:
        raise RootsBroken(wave_id)
    coarsen()
    generation = max((root.generation for root in before.values()), default=-1) + 1
    new = [
        _stored(root, generation=generation)
        for root in current_roots(session, through=sealed_through, wave_id=wave_id)
    ]
    if before and not new:
        # Every row now bears a day that is still to come, and is sealed with it; that there was a change is kept.
        new = [StoredRoot(wave_id, sealed_through, generation, 1, 0, 0, merkle_root(()).digest)]
    _keep(session, FOLDED, new, through=sealed_through, now=now)


def current_roots(
    session: Session, *, through: date, wave_id: int | None = None, days: Collection[date] | None = None
) -> Generator[BatchRoot, None, None]:
    """The roots over all batches, of one wave or of every, of some days or of all, as their rows are now."""
    return _roots(queries.rows_by_batch(session, after=None, through=through, wave_id=wave_id, days=days))


def latest(stored: Sequence[StoredRoot]) -> dict[Batch, StoredRoot]:
    """Of each batch the newest revision, in the newest generation of its wave."""
    newest: dict[int, int] = {}
    for root in stored:
        newest[root.wave_id] = max(root.generation, newest.get(root.wave_id, 0))
    live = [root for root in stored if root.generation == newest[root.wave_id]]
    return {(root.wave_id, root.received_on): root for root in sorted(live, key=lambda root: root.revision)}


def _revisions(session: Session, reopened: set[Batch]) -> list[StoredRoot]:
    """New roots of sealed batches that a second part has changed since."""
    new = []
    for wave_id in sorted({wave_id for wave_id, _ in reopened}):
        stored = latest(queries.stored_roots(session, wave_id=wave_id))
        for batch in sorted(reopened & stored.keys()):
            before, day = stored[batch], batch[1]
            rows = queries.received_rows(session, wave_id=wave_id, after=day - timedelta(days=1), through=day)
            for root in _roots(rows):
                if root.root != before.root:
                    new.append(_stored(root, generation=before.generation, revision=before.revision + 1))
    return new


def _roots(rows: Iterator[HashedRow]) -> Generator[BatchRoot, None, None]:
    """One root for each run of rows of the same batch."""
    for (wave_id, day), batch in groupby(rows, key=lambda row: (row.wave_id, row.received_on)):
        members = list(batch)
        root = merkle_root(hash_of(row) for row in members)
        n_open = sum(row.is_open for row in members)
        yield BatchRoot(wave_id, day, root.n, n_open, root.digest)


def _stored(root: BatchRoot, *, generation: int, revision: int = 1) -> StoredRoot:
    return StoredRoot(root.wave_id, root.received_on, generation, revision, root.n, root.n_open, root.root)


def _keep(session: Session, action: str, new: Sequence[StoredRoot], *, through: date, now: datetime) -> None:
    """Store the roots, and write them into the chain of the audit log."""
    if not new:
        return
    sealed_on = through + timedelta(days=1)
    session.execute(insert(ReceivedRoot), [asdict(root) | {"sealed_on": sealed_on} for root in new])
    for start in range(0, len(new), BATCHES_AN_ENTRY):
        listed = [spelled(root) for root in new[start : start + BATCHES_AN_ENTRY]]
        details = {"through": through.isoformat(), "roots": listed}
        audit.record(session, action, target="responses", by=None, at=now, details=details)


def spelled(root: StoredRoot) -> list[object]:
    """A root as an entry of the audit log names it."""
    return [
        root.wave_id, root.received_on.isoformat(), root.generation, root.revision, root.n, root.n_open,
        root.root.hex(),
    ]  # fmt: skip
