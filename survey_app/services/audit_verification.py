"""Does the audit log still say what it said? Every seal is computed again, and the first that fails is named."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from survey_app.queries import audit as queries
from survey_app.queries.audit import EntryRow
from survey_app.services.audit_chain import audit_key, beginning, entry_seal


class Fault(StrEnum):
    """What is wrong with the chain at its first broken place."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    CUT = "cut"
    OLDER_CHANGED = "older_changed"
    WRONG_KEY = "wrong_key"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of the chain as it was once, kept elsewhere."""

    sequence: int
    seal: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """The number of the first broken entry, and how it is broken."""

    sequence: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class ChainReport:
    """How far the chain is whole, what its newest entry is, and the first fault, if there is one."""

    n_whole: int
    broken: Broken | None

    @property
    def is_whole(self) -> bool:
        return self.broken is None


def verify_chain(session: Session, *, anchors: Sequence[Anchor] = ()) -> ChainReport:
    """Read the whole log. Reads only, and needs the key it was sealed with."""
    key = audit_key(session)
    first = beginning(key, queries.older_entries(session))
    kept = {anchor.sequence: anchor.seal for anchor in anchors}
    number, last, last_id = 0, first, 0
    with closing(queries.chained_entries(session)) as rows:
        for row in rows:
            fault = _fault(key, row, number=number + 1, last=last)
            if fault is None and row.id <= last_id:
                fault = Fault.REORDERED
            if fault is None and kept.get(number + 1, row.seal) != row.seal:
                fault = Fault.REWRITTEN
            if fault is not None:
                return ChainReport(number, _what_happened(session, key, first, Broken(number + 1, fault)))
            number, last, last_id = number + 1, row.seal or b"", row.id
    is_cut = max([*kept, _head_number(session)]) > number
    return ChainReport(number, Broken(number + 1, Fault.CUT) if is_cut else None)


def current_anchor(session: Session) -> Anchor | None:
    """The head of the chain, to be kept elsewhere; None before the first entry."""
    head = queries.head(session)
    return None if head is None or head.sequence == 0 else Anchor(head.sequence, head.seal)


def _head_number(session: Session) -> int:
    head = queries.head(session)
    return 0 if head is None else head.sequence


def _fault(key: bytes, row: EntryRow, *, number: int, last: bytes) -> Fault | None:
    """Whether an entry fits where it stands; CHANGED stands for whatever broke a seal."""
    if row.sequence != number:
        return Fault.INSERTED if row.sequence == number - 1 else Fault.MISSING
    if row.seal != entry_seal(key, row, sequence=number):
        return Fault.CHANGED
    if row.previous != last:
        return Fault.OLDER_CHANGED if number == 1 else Fault.CHANGED
    return None


def _what_happened(session: Session, key: bytes, first: bytes, broken: Broken) -> Broken:
    """Tell an entry that was moved, taken away or pushed in from one that was changed where it stands."""
    number = broken.sequence
    if broken.fault is not Fault.CHANGED:
        # A number that is there twice is that of the entry before.
        return Broken(number - 1, broken.fault) if broken.fault is Fault.INSERTED else broken
    rows = list(queries.chained_entries(session))
    places = _genuine_places(key, first, rows)
    if len(rows) > 1 and not places:
        return Broken(number, Fault.WRONG_KEY)
    here, after = rows[number - 1], rows[number : number + 1]
    if here.id in places:
        return Broken(number, Fault.REORDERED if number in places.values() else Fault.MISSING)
    is_pushed_in = number > _head_number(session) or any(places.get(row.id) == number for row in after)
    return Broken(number, Fault.INSERTED if is_pushed_in else Fault.CHANGED)


def _genuine_places(key: bytes, first: bytes, rows: Sequence[EntryRow]) -> dict[int, int]:
    """By id, the place that each entry was sealed for, of those that carry a seal of ours.

    An entry that was moved still carries the seal of the one it followed, so its place follows from that one's.
    """
    places: dict[int, int] = {}

    def settle(row: EntryRow, candidates: tuple[int, ...]) -> bool:
        for place in candidates:
            if row.seal == entry_seal(key, row, sequence=place):
                places[row.id] = place
                return True
        return False

    # Most stand where they were sealed, or were moved up or down by one when another was pushed in or taken away.
    unsettled = [row for row in rows if not settle(row, _near(row.sequence or 0))]
    has_moved = True
    while unsettled and has_moved:
        followed = {row.seal: places[row.id] for row in rows if row.id in places} | {first: 0}
        left = [
            row
            for row in unsettled
            if row.previous not in followed or not settle(row, (followed[row.previous] + 1,))
        ]
        has_moved, unsettled = len(left) < len(unsettled), left
    return places


def _near(number: int) -> tuple[int, ...]:
    return number, number + 1, number - 1
