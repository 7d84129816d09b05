"""A wave from draft to open, closed, reopened and archived: what must hold first, and what each step does.

A wave is closed by a person, or by the nightly job on the day after its last day and its days of grace. Either way the
books hold everything that was received up to the day before: days are all that an answer keeps, so a day is either
wholly in or wholly out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_app.errors import WaveRefused
from survey_app.models import Wave
from survey_app.queries import snapshots, waves
from survey_app.queries.lookups import WaveRow
from survey_app.queries.snapshots import SnapshotRow
from survey_app.queries.waves import Member, PlannedWave
from survey_app.services import approvals, audit, releases, wave_snapshots
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approvals import Kind, Moment
from survey_app.services.policy import current_policy
from survey_app.services.wave_plans import own_wave

REOPEN = "wave.reopen"
UNITS_NAMED = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at before a wave opens. `is_needed` ones stop it; the others are for a person to weigh."""

    name: str
    is_met: bool
    is_needed: bool
    about: Mapping[str, Any]


def opening_checks(session: Session, wave: PlannedWave, *, today: date) -> list[Check]:
    """What has to hold, or should be known, before a wave is asked."""
    row = wave.row
    members = waves.members(session, row.id, max(row.opens_on, today))
    versions = [waves.version(session, version_id) for version_id in row.version_ids]
    checks = [
        Check("published", all(each.published_on for each in versions), True, {}),
        Check("units", bool(members), True, {"n": len({member.unit_id for member in members})}),
        _named("points", [member for member in members if not member.n_points]),
        Check("not_over", row.closes_on is None or row.closes_on >= today, True, {}),
    ]
    if row.basis == "sample":
        checks += [
            Check("end", row.closes_on is not None, True, {}),
            _named("targets", [member for member in members if not member.target]),
            _named("frames", [member for member in members if not member.population], is_needed=False),
        ]
    return checks + _overlaps(session, row, members)


def _named(name: str, lacking: list[Member], *, is_needed: bool = True) -> Check:
    titles = [member.title for member in lacking[:UNITS_NAMED]]
    about = {"n": len(lacking), "units": titles, "has_more": len(lacking) > UNITS_NAMED}
    return Check(name, not lacking, is_needed, about)


def _overlaps(session: Session, row: WaveRow, members: list[Member]) -> list[Check]:
    """Which wave answers where two self-selected ones run at a unit: that which opened last."""
    if row.basis != "continuous":
        return []
    return [
        Check("overlap", False, False, {"title": other.title_vi, "title_en": other.title_en, "n": n,
                                        "answers": row.opens_on >= other.opens_on})
        for other, n in waves.overlapping(session, row, {member.unit_id for member in members})
        if row.channels is None or other.channels is None or set(row.channels) & set(other.channels)
    ]  # fmt: skip


def open_planned(session: Session, code: str, *, by: Viewer, now: datetime, today: date) -> None:
    """Begin to ask: the draft becomes a wave, if every needed check holds."""
    wave = own_wave(session, code, viewer=by)
    if wave.row.state != "draft":
        raise WaveRefused(("not_draft", {}))
    failed = [
        check for check in opening_checks(session, wave, today=today) if check.is_needed and not check.is_met
    ]
    if failed:
        raise WaveRefused(*((check.name, dict(check.about)) for check in failed))
    _set_state(session, wave.row.id, "open", before="draft")
    audit.record(session, "wave.opened", target=code, by=by, at=now, details={"n_units": wave.n_units})


def close_wave(
    session: Session, code: str, *, reason: str, by: Viewer, now: datetime, today: date
) -> SnapshotRow:
    """Close the books as a person; before its last day this also ends the wave. With no answer, for a reason only."""
    wave = own_wave(session, code, viewer=by)
    return close_by_hand(session, wave.row, reason=reason, by=by, now=now, today=today)


def close_by_hand(
    session: Session, row: WaveRow, *, reason: str, by: Viewer | None, now: datetime, today: date
) -> SnapshotRow:
    """Close the books because somebody says so, in the browser or at the machine itself (then `by` is None)."""
    if row.state == "open" and not reason.strip() and not closing_ahead(session, row, today=today).n_counted:
        raise WaveRefused(("nothing_counted", {}))
    return close_books(session, row, reason=reason, by=by, now=now, today=today)


@dataclass(frozen=True, slots=True)
class ClosingAhead:
    """What closing the books today would mean: days up to yesterday, how many are in, and why others are not."""

    received_through: date
    n_received: int
    n_counted: int
    n_trial: int
    minimum_new: int


def closing_ahead(session: Session, row: WaveRow, *, today: date) -> ClosingAhead:
    """What `close_books` would count, without closing anything."""
    through = today - timedelta(days=1)
    minimum = current_policy(session, today).release_min_new
    units = snapshots.awaiting_closing(session, row.id, through)
    counted = (
        unit.n_released + (unit.n_new_counting if unit.n_new >= minimum else 0) for unit in units
    )  # fmt: skip
    return ClosingAhead(
        through,
        sum(unit.n_received for unit in units),
        sum(counted),
        sum(unit.n_trial for unit in units),
        minimum,
    )


def waves_due(session: Session, *, today: date) -> list[WaveRow]:
    """Waves whose last day and grace are over; one that was released today waits for tomorrow."""
    due = waves.due_to_close(session, today)
    return [
        row for row in due if max(snapshots.last_releases(session, row.id).values(), default=date.min) < today
    ]


def close_books(
    session: Session, row: WaveRow, *, reason: str, by: Viewer | None, now: datetime, today: date
) -> SnapshotRow:
    """Release what may be released, freeze it, and let the wave ask no more: one transaction, the caller's."""
    through = today - timedelta(days=1)
    if row.state != "open":
        raise WaveRefused(("not_open", {}))
    if through < row.opens_on:
        raise WaveRefused(("not_begun", {}))
    released = snapshots.last_releases(session, row.id).values()
    if released and max(released) > through:
        raise WaveRefused(("released_today", {}))
    minimum = current_policy(session, today).release_min_new
    releases.release_wave(session, wave_id=row.id, minimum_new=minimum, through=through)
    closes_on = through if row.closes_on is None else min(row.closes_on, through)
    _set_state(session, row.id, "closed", before="open", closes_on=closes_on)
    snapshot = wave_snapshots.freeze(
        session, wave_id=row.id, received_through=through, closed_on=today, reason=reason
    )
    details = {"revision": snapshot.revision, "received_through": through.isoformat(),
               "n_received": snapshot.n_received, "root": snapshot.root.hex(), "reason": reason}  # fmt: skip
    audit.record(session, "wave.closed", target=row.code, by=by, at=now, details=details)
    return snapshot


def propose_reopening(
    session: Session, code: str, *, closes_on: date, reason: str, kinds: Mapping[str, Kind], by: Viewer,
    now: datetime, today: date,
) -> int:  # fmt: skip
    """Ask a second person to open a closed wave again until a day; its snapshots stay."""
    wave = own_wave(session, code, viewer=by)
    _require_reopenable(session, wave, closes_on=closes_on, today=today)
    if not reason.strip():
        raise WaveRefused(("no_reason", {}))
    return approvals.propose(
        session, kind=REOPEN, kinds=kinds, unit_id=wave.root_unit_id, subject=wave.row.title_vi,
        payload={"code": code, "closes_on": closes_on.isoformat()}, reason=reason.strip(), by=by, now=now,
    )  # fmt: skip


def _reopen(session: Session, payload: Mapping[str, Any], by: Viewer, at: Moment) -> None:
    wave = own_wave(session, payload["code"], viewer=by)
    closes_on = date.fromisoformat(payload["closes_on"])
    _require_reopenable(session, wave, closes_on=closes_on, today=at.today)
    _set_state(session, wave.row.id, "open", before="closed", closes_on=closes_on)
    details = {"closes_on": closes_on.isoformat()}
    audit.record(session, "wave.reopened", target=wave.row.code, by=by, at=at.now, details=details)


REOPENING = Kind(frozenset({Role.ADMIN, Role.PAR_OFFICE}), _reopen)


def archive_wave(session: Session, code: str, *, by: Viewer, now: datetime) -> None:
    """Put a closed wave away: it stays in figures and leaves the lists of work."""
    wave = own_wave(session, code, viewer=by)
    if wave.row.state != "closed":
        raise WaveRefused(("not_closed", {}))
    _set_state(session, wave.row.id, "archived", before="closed")
    audit.record(session, "wave.archived", target=code, by=by, at=now)


def _require_reopenable(session: Session, wave: PlannedWave, *, closes_on: date, today: date) -> None:
    reasons: list[tuple[str, dict[str, Any]]] = []
    if wave.row.state != "closed":
        reasons.append(("not_closed", {}))
    if wave.coarsened_on is not None:
        # What closes again has to be counted by days, and these are gone.
        reasons.append(("coarsened", {}))
    if closes_on < today:
        reasons.append(("not_over", {}))
    if reasons:
        raise WaveRefused(*reasons)


def _set_state(session: Session, wave_id: int, state: str, *, before: str, **values: Any) -> None:
    """Move the wave on, unless somebody else has: the row itself decides between two."""
    statement = update(Wave).where(Wave.id == wave_id, Wave.state == before).values(state=state, **values)
    session.execute(statement)
    if session.scalar(select(Wave.state).where(Wave.id == wave_id)) != state:
        raise WaveRefused(("changed_meanwhile", {}))
