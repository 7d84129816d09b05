"""Taking responses out of the figures, by a predicate and with two people; reversible, and both figures are kept.

Nobody names or sees a single response; what a predicate must cover is said in `exclusion_previews`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from analysis.types import Estimate
from survey_app.errors import (
    AlreadyDecided,
    AlreadyExists,
    InvalidField,
    NotAllowed,
    NotFound,
    TooFewToExclude,
)
from survey_app.models import Exclusion
from survey_app.queries import approvals as approval_queries
from survey_app.queries import exclusions as queries
from survey_app.queries.approvals import ApprovalRow
from survey_app.queries.exclusions import ExclusionRow, Predicate, Source
from survey_app.services import approvals, audit
from survey_app.services.accounts import Viewer, visible_unit_ids
from survey_app.services.approvals import Kind, Moment, Payload
from survey_app.services.exclusion_previews import (
    ROLES,
    BothFigures,
    exclusion_row,
    mark_months,
    preview,
    require_point,
    spelled,
)
from survey_app.services.figures import ShareFigure, Showing
from survey_app.services.policy import current_policy

ADD, LIFT = "exclusion.add", "exclusion.lift"
LONGEST_REASON = 400


class State(StrEnum):
    """Where an exclusion stands."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    LIFTING = "lifting"
    REFUSED = "refused"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class Listed:
    """An exclusion with its state and the decision that waits for it, if any."""

    row: ExclusionRow
    state: State
    proposed_by: str
    proposed_at: datetime
    n: int | None
    waiting_id: int | None


def sources_of(
    session: Session, *, point_id: int, viewer: Viewer, today: date
) -> tuple[list[Source], list[Source]]:
    """Collectors and batches of a point that hold enough responses to be named."""
    require_point(session, Predicate(point_id=point_id, from_on=date.min, to_on=today), viewer)
    minimum = current_policy(session, today).min_staff
    return (
        queries.collectors(session, point_id, minimum=minimum),
        queries.batches(session, point_id, minimum=minimum),
    )


def propose(
    session: Session, predicate: Predicate, *, reason: str, viewer: Viewer, now: datetime, today: date
) -> int:
    """Ask a second person to take these responses out; the id of what waits."""
    _require_reason(reason)
    seen = preview(session, predicate, viewer=viewer, now=now, today=today)
    row = exclusion_row(predicate, reason=reason, is_active=False)
    session.add(row)
    session.flush()
    point = queries.exclusion(session, row.id).point_name
    payload = {
        "exclusion_id": row.id, **spelled(predicate), "point": point, "n": seen.n,
        "starts_on": seen.starts_on.isoformat(), "ends_on": seen.ends_on.isoformat(),
        "figures": [_spelled_figures(figures) for figures in seen.figures],
    }  # fmt: skip
    return approvals.propose(
        session, kind=ADD, kinds=KINDS, unit_id=seen.unit_id, subject=_subject(point, predicate), payload=payload,
        reason=reason, by=viewer, now=now,
    )  # fmt: skip


def propose_lift(session: Session, exclusion_id: int, *, reason: str, viewer: Viewer, now: datetime) -> int:
    """Ask a second person to count these responses again."""
    _require_reason(reason)
    mine = list_exclusions(session, viewer=viewer)
    listed = next((each for each in mine if each.row.id == exclusion_id), None)
    if listed is None:
        raise NotFound(f"exclusion {exclusion_id}")
    if listed.state is State.LIFTING:
        raise AlreadyExists(f"lift of exclusion {exclusion_id}")
    if listed.state is not State.ACTIVE:
        raise AlreadyDecided(listed.row.reason)
    predicate = listed.row.predicate
    payload = {
        "exclusion_id": exclusion_id,
        **spelled(predicate),
        "point": listed.row.point_name,
        "n": listed.n,
    }
    unit_id = queries.unit_ids_covered(session, predicate)[0]
    return approvals.propose(
        session, kind=LIFT, kinds=KINDS, unit_id=unit_id, subject=_subject(listed.row.point_name, predicate),
        payload=payload, reason=reason, by=viewer, now=now,
    )  # fmt: skip


def list_exclusions(session: Session, *, viewer: Viewer) -> list[Listed]:
    """What was proposed for the units that this person may see, the newest first."""
    if viewer.role not in ROLES:
        raise NotAllowed
    decisions: dict[int, list[ApprovalRow]] = {}
    unit_ids = visible_unit_ids(session, viewer=viewer)
    for approval in reversed(approval_queries.approvals_of(session, unit_ids=unit_ids)):
        if approval.kind in {ADD, LIFT}:
            decisions.setdefault(approval.payload["exclusion_id"], []).append(approval)
    return [_listed(row, decisions[row.id]) for row in queries.exclusions(session, decisions.keys())]


def put_in_force(session: Session, payload: Payload, by: Viewer, at: Moment) -> None:
    """What the second person's word on an exclusion does."""
    row = queries.exclusion(session, payload["exclusion_id"], lock=True)
    if row.is_active:
        raise AlreadyDecided(row.reason)
    policy = current_policy(session, at.today)
    if queries.n_covered(session, row.predicate) < policy.min_staff:
        raise TooFewToExclude(policy.min_staff)
    _switch(session, row, is_active=True, action="exclusion.added", by=by, at=at)


def lift(session: Session, payload: Payload, by: Viewer, at: Moment) -> None:
    """What the second person's word on taking an exclusion back does."""
    row = queries.exclusion(session, payload["exclusion_id"], lock=True)
    if not row.is_active:
        raise AlreadyDecided(row.reason)
    _switch(session, row, is_active=False, action="exclusion.lifted", by=by, at=at)


KINDS: Mapping[str, Kind] = {ADD: Kind(ROLES, put_in_force), LIFT: Kind(ROLES, lift)}


def _switch(
    session: Session, row: ExclusionRow, *, is_active: bool, action: str, by: Viewer, at: Moment
) -> None:
    session.execute(update(Exclusion).where(Exclusion.id == row.id).values(is_active=is_active))
    mark_months(session, row.predicate)
    details = spelled(row.predicate) | audit.change({"is_active": row.is_active}, {"is_active": is_active})
    audit.record(session, action, target=f"exclusion:{row.id}", by=by, at=at.now, details=details)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidField("reason", "empty")
    if len(reason) > LONGEST_REASON:
        raise InvalidField("reason", "too_long")


def _subject(point: str, predicate: Predicate) -> str:
    days = f"{predicate.from_on:%d/%m/%Y}–{predicate.to_on:%d/%m/%Y}"
    return f"{point[:150]}, {days}"


def _spelled_figures(figures: BothFigures) -> dict[str, Any]:
    return {
        "basis": figures.basis,
        "counted": _spelled_figure(figures.counted),
        "without": _spelled_figure(figures.without),
    }


def _spelled_figure(figure: ShareFigure) -> dict[str, Any]:
    """Only what the page may show of it."""
    values: dict[str, Any] = {"showing": figure.showing.name, "n": figure.n}
    if figure.showing is Showing.SHOWN and isinstance(figure.estimate, Estimate):
        estimate = figure.estimate
        values |= {"value": estimate.value, "low": estimate.ci_low, "high": estimate.ci_high}
    return values


def _listed(row: ExclusionRow, decisions: list[ApprovalRow]) -> Listed:
    first, last = decisions[0], decisions[-1]
    waiting_id = last.id if last.state == "pending" else None
    if row.is_active:
        state = State.LIFTING if waiting_id else State.ACTIVE
    elif last.kind == ADD:
        state = State.PROPOSED if waiting_id else State.REFUSED
    else:
        state = State.LIFTED
    return Listed(row, state, first.proposed_by, first.proposed_at, first.payload["n"], waiting_id)
