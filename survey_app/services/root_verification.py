"""Are the stored answers still those that were received? Every batch is hashed again and held against its root."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from survey_app.queries import audit as audit_queries
from survey_app.queries import roots as queries
from survey_app.queries.roots import StoredRoot
from survey_app.services.root_sealing import FOLDED, SEALED, Batch, BatchRoot, current_roots, latest, spelled

# A hundred thousand responses are hashed in about a second; up to twice as many are all hashed every night.
EVERY_NIGHT = 200_000
RECENT_DAYS = 35
PARTS = 7
ROWS_A_PIECE = 20_000


class BatchFault(StrEnum):
    """What is wrong with a batch."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    ROOT_CHANGED = "root_changed"


@dataclass(frozen=True, slots=True)
class BrokenBatch:
    """A wave and a day whose responses are not those that were sealed; never which response."""

    wave_code: str
    received_on: date
    fault: BatchFault


@dataclass(frozen=True, slots=True)
class RootsReport:
    """How many batches hold, how many wait for the night after a second part came, and which are broken."""

    n_whole: int
    n_waiting: int
    broken: tuple[BrokenBatch, ...]

    @property
    def is_whole(self) -> bool:
        return not self.broken


def verify_roots(
    session: Session, *, wave_id: int | None = None, days: Collection[date] | None = None
) -> RootsReport:
    """Hash every sealed response again, of one wave or of all, received on some days or on any.

    What counts as sealed is what the audit log says, not the table of roots.
    """
    every, through = _sealed(session)
    sealed = [root for root in every if wave_id in (None, root.wave_id)]
    asked = None if days is None else frozenset(days)
    codes = queries.wave_codes(session)
    live = {batch: root for batch, root in latest(sealed).items() if root.n and _is_asked(batch, asked)}
    waiting = queries.reopened_batches(session)
    altered = _altered(sealed, queries.stored_roots(session, wave_id=wave_id))
    faults = dict.fromkeys((each for each in altered if _is_asked(each, asked)), BatchFault.ROOT_CHANGED)
    found: set[Batch] = set()
    n_waiting = 0
    if through is not None:
        with closing(current_roots(session, through=through, wave_id=wave_id, days=asked)) as roots:
            for root in roots:
                found.add(root.batch)
                fault = _fault(root, live.get(root.batch))
                if fault is BatchFault.CHANGED and _may_be_second_part(root, live[root.batch], waiting):
                    n_waiting += 1
                elif fault is not None:
                    faults[root.batch] = fault
    faults |= dict.fromkeys(live.keys() - found, BatchFault.REMOVED)
    broken = tuple(
        BrokenBatch(codes.get(wave_id, str(wave_id)), day, faults[wave_id, day])
        for wave_id, day in sorted(faults, key=lambda batch: (batch[1], batch[0]))
    )
    return RootsReport(len(live.keys() - faults.keys()) - n_waiting, n_waiting, broken)


def slices(session: Session, *, today: date) -> tuple[list[list[date]], bool]:
    """The days to hash tonight, cut into pieces of short transactions, and whether these are all days.

    Above a size, every night takes what was received lately and one part of seven of the rest.
    """
    sealed, through = _sealed(session)
    if through is None:
        return [], True
    n_rows = queries.n_by_day(session, through=through)
    days = sorted({*n_rows, *(root.received_on for root in sealed), *_stored_days(session)})
    is_all = sum(n_rows.values()) <= EVERY_NIGHT
    if not is_all:
        recent = today - timedelta(days=RECENT_DAYS)
        days = [day for day in days if day >= recent or (day.toordinal() - today.toordinal()) % PARTS == 0]
    pieces: list[list[date]] = []
    size = ROWS_A_PIECE
    for day in days:
        if size + n_rows.get(day, 0) > ROWS_A_PIECE:
            pieces.append([])
            size = 0
        pieces[-1].append(day)
        size += n_rows.get(day, 0)
    return pieces, is_all


def joined(reports: Sequence[RootsReport]) -> RootsReport:
    """One report of the pieces."""
    return RootsReport(
        sum(each.n_whole for each in reports),
        sum(each.n_waiting for each in reports),
        tuple(broken for each in reports for broken in each.broken),
    )


def _stored_days(session: Session) -> set[date]:
    return {root.received_on for root in queries.stored_roots(session)}


def _is_asked(batch: Batch, days: frozenset[date] | None) -> bool:
    return days is None or batch[1] in days


def _sealed(session: Session) -> tuple[list[StoredRoot], date | None]:
    """Roots as the audit log names them, and the last day that was sealed."""
    sealed, through = [], None
    for action in (SEALED, FOLDED):
        for entry in audit_queries.entries_of(session, action):
            day = date.fromisoformat(entry.details["through"])
            through = day if through is None else max(through, day)
            sealed += [_read(listed) for listed in entry.details["roots"]]
    return sealed, through


def _read(listed: Sequence[Any]) -> StoredRoot:
    """A root as `spelled` wrote it."""
    wave_id, day, generation, revision, n, n_open, root = listed
    return StoredRoot(wave_id, date.fromisoformat(day), generation, revision, n, n_open, bytes.fromhex(root))


def _altered(sealed: list[StoredRoot], stored: list[StoredRoot]) -> Iterator[Batch]:
    """Batches whose row in the table of roots is not what the audit log says."""
    said, kept = ({tuple(spelled(root)): root for root in roots} for roots in (sealed, stored))
    for key in said.keys() ^ kept.keys():
        root = said.get(key) or kept[key]
        yield root.wave_id, root.received_on


def _fault(now: BatchRoot, sealed: StoredRoot | None) -> BatchFault | None:
    if sealed is None or now.n > sealed.n:
        return BatchFault.ADDED
    if now.n < sealed.n:
        return BatchFault.REMOVED
    return None if now.root == sealed.root else BatchFault.CHANGED


def _may_be_second_part(now: BatchRoot, sealed: StoredRoot, waiting: set[Batch]) -> bool:
    """Whether the difference is of the kind that a second part makes: as many rows, fewer of them open."""
    return now.batch in waiting and now.n_open < sealed.n_open
