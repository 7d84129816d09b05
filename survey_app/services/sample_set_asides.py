"""Setting a mistaken draw aside: two people, before anything of it was used; the record of both draws stays."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from survey_app.errors import DrawRefused
from survey_app.models import SampleSetAside, WaveUnit
from survey_app.queries import approvals as approval_rows
from survey_app.queries import set_asides as queries
from survey_app.queries import units
from survey_app.queries.approvals import ApprovalRow
from survey_app.queries.samples import Draw, SampleWave
from survey_app.services import approvals, audit
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approvals import Kind, Moment
from survey_app.services.sample_draws import standing_draw

SET_ASIDE = "sample.set_aside"
LONGEST_REASON = 1_000
LONGEST_SOURCE = 200


def propose_setting_aside(
    session: Session, *, draw_id: int, reason: str, seed_source: str, kinds: Mapping[str, Kind], by: Viewer,
    at: Moment,
) -> int:  # fmt: skip
    """Ask a second person to set a draw aside; where the next seed comes from is said now, before it is known."""
    wave, drawn = standing_draw(session, draw_id=draw_id, viewer=by)
    refused = obstacle(session, wave, drawn, at=at)
    if refused is not None:
        raise DrawRefused(refused)
    reason, seed_source = reason.strip()[:LONGEST_REASON], " ".join(seed_source.split())[:LONGEST_SOURCE]
    if not reason or not seed_source:
        raise DrawRefused("no_reason" if not reason else "no_seed_source")
    if waiting(session, wave, draw_id) is not None:
        raise DrawRefused("waiting")
    payload = {"draw_id": draw_id, "asked_by_id": by.account_id, "reason": reason, "seed_source": seed_source,
               "seed": drawn.seed, "n_cases": drawn.n_cases, "drawn_on": drawn.drawn_on.isoformat(),
               "n_lists_taken": queries.n_lists_taken(session, draw_id)}  # fmt: skip
    return approvals.propose(
        session, kind=SET_ASIDE, kinds=kinds, unit_id=wave.root_unit_id, subject=wave.title_vi, payload=payload,
        reason=reason, by=by, now=at.now,
    )  # fmt: skip


def obstacle(session: Session, wave: SampleWave, drawn: Draw, *, at: Moment) -> str | None:
    """Why a draw can no longer be set aside, in one word; None where it can."""
    if drawn.set_aside_on is not None:
        return "set_aside"
    if wave.state not in {"draft", "open"} or (wave.closes_on is not None and wave.closes_on < at.today):
        return "wave_over"
    unit_ids = queries.unit_ids_of(session, drawn.id)
    if queries.is_used(session, draw_id=drawn.id, wave_id=wave.id, unit_ids=unit_ids):
        return "in_use"
    # The wave's numbers of such a unit are with the one that took over.
    if any(units.successors(session, unit_id) for unit_id in unit_ids):
        return "unit_changed"
    return None


def waiting(session: Session, wave: SampleWave, draw_id: int) -> ApprovalRow | None:
    """The proposal about this draw that waits for its second person."""
    rows = approval_rows.approvals_of(session, unit_ids=[wave.root_unit_id], is_pending=True)
    return next((row for row in rows if row.kind == SET_ASIDE and row.payload["draw_id"] == draw_id), None)


def _set_aside(session: Session, payload: Mapping[str, Any], by: Viewer, at: Moment) -> None:
    wave, drawn = standing_draw(session, draw_id=payload["draw_id"], viewer=by)
    refused = obstacle(session, wave, drawn, at=at)
    if refused is not None:
        raise DrawRefused(refused)
    session.add(
        SampleSetAside(
            draw_id=drawn.id, reason=payload["reason"], seed_source=payload["seed_source"],
            asked_by_id=payload["asked_by_id"], approved_by_id=by.account_id, set_aside_on=at.today,
        )
    )  # fmt: skip
    _forget_numbers(session, wave, drawn)
    details = {"wave": wave.code, "seed": drawn.seed, "list": drawn.cases_digest.hex(),
               "reason": payload["reason"], "seed_source": payload["seed_source"]}  # fmt: skip
    audit.record(session, "sample.set_aside", target=f"sample_draw:{drawn.id}", by=by, at=at.now,
                 details=details)  # fmt: skip


def _forget_numbers(session: Session, wave: SampleWave, drawn: Draw) -> None:
    """Targets and frame sizes came from the draw and go with it; the units still take part in the wave."""
    unit_ids = sorted(queries.unit_ids_of(session, drawn.id))
    session.execute(delete(WaveUnit).where(WaveUnit.wave_id == wave.id, WaveUnit.unit_id.in_(unit_ids)))
    session.add_all(WaveUnit(wave_id=wave.id, unit_id=unit_id, stratum=0) for unit_id in unit_ids)
    session.flush()


SETTING_ASIDE = Kind(frozenset({Role.ADMIN, Role.PAR_OFFICE}), _set_aside)
