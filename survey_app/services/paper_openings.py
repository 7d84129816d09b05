"""The opening of a box: two persons, a day, counts for each pad; the sheets to key become batches."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from survey_app.errors import AlreadyExists, CountsDoNotFit, DayOutOfRange, NotFound, SamePersonTwice
from survey_app.models import PaperBatch, PaperCount, PaperOpening
from survey_app.names import same_name_key
from survey_app.queries import paper
from survey_app.queries.paper import OpeningRow, PadRow
from survey_app.services import audit
from survey_app.services.accounts import Viewer
from survey_app.services.paper_pads import require_point


@dataclass(frozen=True, slots=True)
class BoxCount:
    """Sheets of one pad in the box: all, and of these the blank and the spoiled."""

    n_collected: int
    n_blank: int = 0
    n_spoiled: int = 0

    @property
    def n_to_key(self) -> int:
        return self.n_collected - self.n_blank - self.n_spoiled


@dataclass(frozen=True, slots=True)
class NewOpening:
    point_id: int
    opened_on: date
    first_opener: str
    second_opener: str
    counts: Mapping[int, BoxCount]


def require_opening(session: Session, *, opening_id: int, viewer: Viewer, today: date) -> OpeningRow:
    opening = paper.opening(session, opening_id)
    require_point(session, point_id=opening.point_id, viewer=viewer, today=today)
    return opening


def open_box(session: Session, new: NewOpening, *, viewer: Viewer, today: date, now: datetime) -> int:
    """Record what two persons counted in a box, and make one batch for each form in it; the opening's id."""
    require_point(session, point_id=new.point_id, viewer=viewer, today=today)
    pads = {pad.id: pad for pad in paper.pads_of_points(session, [new.point_id])}
    _check_people(new)
    _check_counts(new, pads)
    _check_day(session, new, pads, today=today)
    first, second = (" ".join(name.split()) for name in (new.first_opener, new.second_opener))
    opening = PaperOpening(
        point_id=new.point_id,
        unit_id=paper.point_on(session, new.point_id, new.opened_on).unit_id,
        opened_on=new.opened_on,
        first_opener=first,
        second_opener=second,
    )
    session.add(opening)
    session.flush()
    _add_counts(session, opening.id, new.counts)
    _add_batches(session, opening.id, new.counts, pads)
    details = {"point_id": new.point_id, "collected": sum(each.n_collected for each in new.counts.values())}
    target = f"paper_opening:{opening.id}"
    audit.record(session, "paper.box_opened", target=target, by=viewer, at=now, details=details)
    return opening.id


def _check_people(new: NewOpening) -> None:
    first, second = same_name_key(new.first_opener), same_name_key(new.second_opener)
    if not first or not second or first == second:
        raise SamePersonTwice


def _check_day(session: Session, new: NewOpening, pads: Mapping[int, PadRow], *, today: date) -> None:
    used = [pads[pad_id] for pad_id, count in new.counts.items() if pad_id in pads and count.n_collected]
    if new.opened_on > today or any(new.opened_on < pad.created_on for pad in used):
        raise DayOutOfRange(new.opened_on.isoformat())
    earlier = paper.openings_of_points(session, [new.point_id])
    if any(opening.opened_on == new.opened_on for opening in earlier):
        raise AlreadyExists(f"opening {new.point_id} {new.opened_on}")


def _check_counts(new: NewOpening, pads: Mapping[int, PadRow]) -> None:
    for pad_id, count in new.counts.items():
        if pad_id not in pads:
            raise NotFound(f"pad {pad_id}")
        pad = pads[pad_id]
        is_negative = min(count.n_collected, count.n_blank, count.n_spoiled) < 0
        n_possible = pad.n_sheets - pad.n_spoiled_unused - pad.n_collected
        if is_negative or count.n_to_key < 0 or count.n_collected > n_possible:
            raise CountsDoNotFit(f"pad {pad_id}")


def _add_counts(session: Session, opening_id: int, counts: Mapping[int, BoxCount]) -> None:
    session.add_all(
        PaperCount(
            opening_id=opening_id,
            pad_id=pad_id,
            n_collected=count.n_collected,
            n_blank=count.n_blank,
            n_spoiled=count.n_spoiled,
        )
        for pad_id, count in counts.items()
    )


def _add_batches(
    session: Session, opening_id: int, counts: Mapping[int, BoxCount], pads: Mapping[int, PadRow]
) -> None:
    """One batch for each wave, form and language of the sheets in the box."""
    n_to_key: dict[tuple[int, int, str], int] = {}
    for pad_id, count in counts.items():
        pad = pads[pad_id]
        form = (pad.wave_id, pad.version_id, pad.language)
        n_to_key[form] = n_to_key.get(form, 0) + count.n_to_key
    session.add_all(
        PaperBatch(
            opening_id=opening_id,
            wave_id=wave_id,
            version_id=version_id,
            language=language,
            key=uuid4(),
            n_to_key=n,
        )
        for (wave_id, version_id, language), n in sorted(n_to_key.items())
        if n
    )
    session.flush()
