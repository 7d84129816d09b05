"""Frames of a sample wave: a list is read, shown, and then taken or thrown away; drawn from only when taken."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from survey_app.errors import DrawRefused, NotFound
from survey_app.models import SampleFrame, SampleFrameEntry
from survey_app.names import unit_label
from survey_app.queries import samples as queries
from survey_app.queries.samples import Frame, SampleWave
from survey_app.services import audit
from survey_app.services.accounts import Viewer, require_unit, visible_unit_ids
from survey_app.services.frame_reader import Entry, FrameRead, UnitName, read_frame
from survey_app.signing import Signer

KINDS = ("transactions", "residents")
LONGEST_TITLE = 120


def own_waves(session: Session, *, viewer: Viewer) -> list[SampleWave]:
    """Sample waves of the offices that this person may see."""
    return queries.sample_waves(session, visible_unit_ids(session, viewer=viewer))


def own_wave(session: Session, *, wave_id: int, viewer: Viewer) -> SampleWave:
    wave = queries.sample_wave(session, wave_id)
    require_unit(session, unit_id=wave.root_unit_id, viewer=viewer)
    return wave


def own_frame(session: Session, *, frame_id: int, viewer: Viewer) -> tuple[SampleWave, Frame]:
    frame = queries.frame_by_id(session, frame_id)
    return own_wave(session, wave_id=frame.wave_id, viewer=viewer), frame


def unit_names(session: Session, wave_id: int) -> list[UnitName]:
    """The units that a wave's lists may name."""
    members = queries.wave_members(session, wave_id)
    return [UnitName(id_, code, gso, name, unit_label(kind, name)) for id_, code, gso, name, kind in members]


def read_list(
    session: Session,
    content: bytes,
    *,
    wave_id: int,
    kind: str,
    only_unit: int | None,
    viewer: Viewer,
    signer: Signer,
) -> FrameRead:
    """Check a file; nothing is stored."""
    wave = own_wave(session, wave_id=wave_id, viewer=viewer)
    names = unit_names(session, wave.id)
    if kind not in KINDS or (only_unit is not None and only_unit not in {unit.id for unit in names}):
        raise NotFound(f"{kind} of unit {only_unit}")
    return read_frame(content, kind=kind, units=names, only_unit=only_unit, key=wave.code, signer=signer)


def keep_frame(
    session: Session,
    read: FrameRead,
    *,
    wave_id: int,
    kind: str,
    title: str,
    viewer: Viewer | None,
    now: datetime,
    today: date,
    is_simulated: bool = False,
) -> int:
    """Keep a checked list, not yet taken; its id."""
    people = sum(entry.size for entry in read.entries)
    frame = SampleFrame(
        wave_id=wave_id, kind=kind, title=" ".join(title.split())[:LONGEST_TITLE], n_entries=len(read.entries),
        digest=frame_digest(read.entries), n_people=people, is_keyed=read.is_keyed, is_accepted=False,
        loaded_on=today, is_simulated=is_simulated,
    )  # fmt: skip
    session.add(frame)
    session.flush()
    rows = [
        {"frame_id": frame.id, "unit_id": each.unit_id, "label": each.label, "stratum": each.stratum,
         "name": each.name, "size": each.size, "handled_on": each.handled_on}
        for each in sorted(read.entries, key=lambda entry: (entry.unit_id, entry.label))
    ]  # fmt: skip
    session.execute(insert(SampleFrameEntry), rows)
    details = {"wave_id": wave_id, "kind": kind, "n_entries": len(rows), "digest": frame.digest.hex()}
    audit.record(session, "sample_frame.loaded", target=_target(frame.id), by=viewer, at=now, details=details)
    return frame.id


def accept_frame(session: Session, *, frame_id: int, viewer: Viewer | None, now: datetime) -> None:
    """From now on the list may be drawn from, and not thrown away."""
    changed = session.execute(
        update(SampleFrame)
        .where(SampleFrame.id == frame_id, SampleFrame.is_accepted.is_(False))
        .values(is_accepted=True)
    )
    if changed.rowcount == 1:  # type: ignore[attr-defined]
        audit.record(session, "sample_frame.accepted", target=_target(frame_id), by=viewer, at=now)


def discard_frame(session: Session, *, frame_id: int, viewer: Viewer, now: datetime) -> None:
    """Throw away a list that was not taken."""
    _wave, frame = own_frame(session, frame_id=frame_id, viewer=viewer)
    if frame.is_accepted:
        raise DrawRefused("frame_taken")
    session.execute(delete(SampleFrameEntry).where(SampleFrameEntry.frame_id == frame_id))
    session.execute(delete(SampleFrame).where(SampleFrame.id == frame_id))
    audit.record(session, "sample_frame.discarded", target=_target(frame_id), by=viewer, at=now)


def entries_of(session: Session, frame_id: int) -> list[Entry]:
    """The rows of a frame in the one order of their content."""
    return sorted(
        (Entry(*row) for row in queries.frame_entries(session, frame_id)), key=lambda entry: entry.sort_key
    )


def frame_digest(entries: Iterable[Entry]) -> bytes:
    """Of the content of a list: the same whatever the order of its file, and on every machine."""
    lines = sorted(
        "\t".join((each.unit_code, each.label, each.stratum, each.name, str(each.size),
                   "" if each.handled_on is None else each.handled_on.isoformat()))
        for each in entries
    )  # fmt: skip
    return hashlib.sha256("\n".join(lines).encode()).digest()


def _target(frame_id: int) -> str:
    return f"sample_frame:{frame_id}"
