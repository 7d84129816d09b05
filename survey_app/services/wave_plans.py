"""Preparing a wave: its frame, its units and their targets, all of them changeable while it is a draft."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from survey_app.errors import AlreadyExists, NotFound, WaveRefused
from survey_app.languages import AUTHORITATIVE, NAMES
from survey_app.models import Wave, WaveBridge, WaveUnit
from survey_app.queries import imports, samples, units, waves
from survey_app.queries.lookups import WaveRow
from survey_app.queries.waves import PlannedWave
from survey_app.services import audit
from survey_app.services.accounts import Viewer, require_unit, visible_unit_ids
from survey_app.services.cell_values import read_count
from survey_app.services.known_tables import BadValue
from survey_app.vocabulary import Channel

CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")
BASES = ("continuous", "sample")
MOST_GRACE_DAYS = 180
MOST_TARGET = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WavePlan:
    """What the first page of the wizard asks. None for channels or languages is all of them."""

    code: str
    title_vi: str
    title_en: str
    basis: str
    root_unit_id: int
    version_id: int
    bridge_version_id: int | None
    opens_on: date
    closes_on: date | None
    grace_days: int
    channels: tuple[int, ...] | None
    languages: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Target:
    """Respondents a unit is to reach, and people or dossiers in its frame."""

    target: int | None
    population: int | None


def visible_waves(session: Session, *, viewer: Viewer, with_drafts: bool) -> list[PlannedWave]:
    """The waves of the viewer's units, the newest first; drafts are for those who prepare them."""
    found = waves.planned_waves(session, visible_unit_ids(session, viewer=viewer))
    return [wave for wave in found if with_drafts or wave.row.state != "draft"]


def visible_wave(session: Session, code: str, *, viewer: Viewer) -> PlannedWave:
    """A wave in which any of the viewer's units takes part, or that their office runs; any other does not exist."""
    found = waves.planned_wave(session, code)
    visible = visible_unit_ids(session, viewer=viewer)
    member_ids = {unit_id for unit_id, _ in imports.wave_units(session, found.row.id)}
    if found.root_unit_id not in visible and not (member_ids & visible and found.row.state != "draft"):
        raise NotFound(f"wave {code}")
    return found


def own_wave(session: Session, code: str, *, viewer: Viewer) -> PlannedWave:
    """A wave that the viewer's office runs."""
    found = waves.planned_wave(session, code)
    require_unit(session, unit_id=found.root_unit_id, viewer=viewer)
    return found


def create_draft(
    session: Session, plan: WavePlan, *, by: Viewer, now: datetime, is_simulated: bool = False
) -> str:
    """A new draft, with every unit below its root that has a point, and those that take over from one; its code."""
    _check(session, plan, by)
    if not CODE.fullmatch(plan.code):
        raise WaveRefused(("code", {}))
    if imports.stored_wave(session, plan.code) is not None:
        raise AlreadyExists(plan.code)
    wave = Wave(code=plan.code, state="draft", is_simulated=is_simulated, **_columns(plan))
    session.add(wave)
    session.flush()
    _set_bridge(session, wave.id, plan.bridge_version_id)
    visible = visible_unit_ids(session, viewer=by)
    found = units.units_with_points(session, plan.root_unit_id, plan.opens_on)
    _put_units(session, wave.id, plan, {unit_id for unit_id in found if unit_id in visible})
    _record(session, "wave.planned", plan.code, _told(plan), by=by, now=now)
    return plan.code


def change_draft(session: Session, plan: WavePlan, *, by: Viewer, now: datetime) -> None:
    """Other content for a draft; its code stays."""
    found = own_draft(session, plan.code, by=by)
    _check(session, plan, by)
    session.execute(update(Wave).where(Wave.id == found.row.id).values(**_columns(plan)))
    _set_bridge(session, found.row.id, plan.bridge_version_id)
    _put_units(session, found.row.id, plan, _member_ids(session, found))
    _record(session, "wave.changed", plan.code, _told(plan), by=by, now=now)


def delete_draft(session: Session, code: str, *, by: Viewer, now: datetime) -> None:
    """Drop a draft with its units; nothing was asked in it. One that has a list to draw from stays, with its draws."""
    found = own_draft(session, code, by=by)
    if samples.frames_of(session, found.row.id):
        raise WaveRefused(("has_frame", {}))
    for model in (WaveUnit, WaveBridge):
        session.execute(delete(model).where(model.wave_id == found.row.id))
    session.execute(delete(Wave).where(Wave.id == found.row.id))
    _record(session, "wave.dropped", code, {}, by=by, now=now)


def choose_units(
    session: Session, code: str, unit_ids: Collection[int], *, by: Viewer, now: datetime
) -> None:
    """Say which units take part; those that stay keep their targets.

    A unit that takes over from one of them while the wave runs takes part as well, whoever ticked it.
    """
    found = own_draft(session, code, by=by)
    below = set(units.unit_subtree_ids(session, found.root_unit_id, found.row.opens_on))
    known = _member_ids(session, found)
    foreign = set(unit_ids) - below - known
    if foreign:
        raise NotFound(f"unit {min(foreign)}")
    chosen = set(unit_ids) & below
    kept = chosen | waves.successors_during(session, chosen, found.row.opens_on, found.row.closes_on)
    gone = known - kept
    session.execute(delete(WaveUnit).where(WaveUnit.wave_id == found.row.id, WaveUnit.unit_id.in_(gone)))
    _put_units(session, found.row.id, found.row, chosen)
    _record(session, "wave.units_chosen", code, {"n_units": len(chosen)}, by=by, now=now)


def set_targets(
    session: Session, code: str, targets: Mapping[tuple[int, int], Target], *, by: Viewer, now: datetime
) -> None:
    """Targets and frame sizes by unit and stratum; what is not named stays as it is."""
    found = own_draft(session, code, by=by)
    for (unit_id, stratum), target in targets.items():
        for value in (target.target, target.population):
            if value is not None and not 0 <= value <= MOST_TARGET:
                raise WaveRefused(("target", {"n": value}))
        session.execute(
            update(WaveUnit)
            .where(WaveUnit.wave_id == found.row.id, WaveUnit.unit_id == unit_id, WaveUnit.stratum == stratum)
            .values(target=target.target, population=target.population)
        )
    told = {str(unit_id): target.target for (unit_id, _stratum), target in targets.items()}
    _record(session, "wave.targets_set", code, told, by=by, now=now)


def read_targets(
    session: Session, code: str, rows: Sequence[tuple[int, Sequence[str]]], *, by: Viewer
) -> tuple[dict[tuple[int, int], Target], list[tuple[int, str]]]:
    """Targets from numbered rows of unit code, target and frame size; and the rows that say nothing usable."""
    found = own_draft(session, code, by=by)
    by_code = {
        member.unit_code: member for member in waves.members(session, found.row.id, found.row.opens_on)
    }
    targets: dict[tuple[int, int], Target] = {}
    faults: list[tuple[int, str]] = []
    for place, (number, row) in enumerate(rows):
        cells = [*row, "", "", ""]
        member = by_code.get(cells[0])
        if member is None:
            # The heading of a file is the one row that may name no unit.
            if place and any(cells):
                faults.append((number, "unknown_unit"))
            continue
        if (member.unit_id, member.stratum) in targets:
            faults.append((number, "twice"))
        try:
            targets[member.unit_id, member.stratum] = read_target(cells[1], cells[2])
        except BadValue:
            faults.append((number, "not_a_number"))
    return targets, faults


def read_target(target: str, population: str) -> Target:
    """A target and a frame size as people write them; an empty text is none. Raises `BadValue`."""
    return Target(_whole(target), _whole(population))


def own_draft(session: Session, code: str, *, by: Viewer) -> PlannedWave:
    """The draft, if the viewer's office prepares it; a wave that was opened changes no more."""
    found = own_wave(session, code, viewer=by)
    if found.row.state != "draft":
        raise WaveRefused(("not_draft", {}))
    return found


def _whole(text: str) -> int | None:
    if not text.strip():
        return None
    value = read_count(text)
    if value > MOST_TARGET:
        raise BadValue(f"số đến {MOST_TARGET}", f"a number up to {MOST_TARGET}")
    return value


def _check(session: Session, plan: WavePlan, by: Viewer) -> None:
    require_unit(session, unit_id=plan.root_unit_id, viewer=by)
    reasons: list[tuple[str, dict[str, Any]]] = []
    if plan.basis not in BASES:
        raise NotFound(f"basis {plan.basis}")
    if plan.closes_on is not None and plan.closes_on < plan.opens_on:
        reasons.append(("dates_reversed", {}))
    if not 0 <= plan.grace_days <= MOST_GRACE_DAYS:
        reasons.append(("grace", {"most": MOST_GRACE_DAYS}))
    if plan.channels is not None and (not plan.channels or set(plan.channels) - {int(c) for c in Channel}):
        reasons.append(("channels", {}))
    if plan.languages is not None and (
        AUTHORITATIVE not in plan.languages or set(plan.languages) - NAMES.keys()
    ):
        reasons.append(("languages", {}))
    for version_id in (plan.version_id, plan.bridge_version_id):
        if version_id is not None and waves.version(session, version_id).published_on is None:
            reasons.append(("not_published", {}))
    if plan.bridge_version_id == plan.version_id:
        reasons.append(("same_form", {}))
    if reasons:
        raise WaveRefused(*reasons)


def _columns(plan: WavePlan) -> dict[str, Any]:
    names = (
        "title_vi",
        "title_en",
        "basis",
        "root_unit_id",
        "version_id",
        "opens_on",
        "closes_on",
        "grace_days",
    )
    values = {name: getattr(plan, name) for name in names}
    channels, languages = plan.channels, plan.languages
    return values | {
        "channels": None if channels is None else sorted(channels),
        "languages": None if languages is None else list(languages),
    }


def _member_ids(session: Session, wave: PlannedWave) -> set[int]:
    return {unit_id for unit_id, _ in imports.wave_units(session, wave.row.id)}


def _put_units(session: Session, wave_id: int, days: WavePlan | WaveRow, unit_ids: Collection[int]) -> None:
    """Let these units take part, and the units that take over from them while the wave runs."""
    wanted = set(unit_ids) | waves.successors_during(session, unit_ids, days.opens_on, days.closes_on)
    known = {unit_id for unit_id, _ in imports.wave_units(session, wave_id)}
    session.add_all(WaveUnit(wave_id=wave_id, unit_id=each) for each in sorted(wanted - known))
    session.flush()


def _set_bridge(session: Session, wave_id: int, version_id: int | None) -> None:
    session.execute(delete(WaveBridge).where(WaveBridge.wave_id == wave_id))
    if version_id is not None:
        session.add(WaveBridge(wave_id=wave_id, version_id=version_id, share=0.5))
        session.flush()


def _told(plan: WavePlan) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(plan).items()
    }


def _record(
    session: Session, action: str, code: str, details: Mapping[str, Any], *, by: Viewer, now: datetime
) -> None:
    audit.record(session, action, target=code, by=by, at=now, details=details)
