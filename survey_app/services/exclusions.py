"""Taking responses out of the figures, by a predicate and with two people; reversible, and both figures are kept.

Nobody names or sees a single response: a predicate must cover enough of them, and may not differ from one that was
looked at before by fewer than that, or the difference of two figures would tell what one person said.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.orm import Session

from analysis.index import group_shares
from analysis.types import Estimate
from survey_app.errors import (
    AlreadyDecided,
    AlreadyExists,
    DatesReversed,
    InvalidField,
    NotAllowed,
    NotFound,
    TooAlikeToExclude,
    TooFewToExclude,
)
from survey_app.models import Exclusion
from survey_app.queries import approvals as approval_queries
from survey_app.queries import audit as audit_queries
from survey_app.queries import calendar, units
from survey_app.queries import exclusions as queries
from survey_app.queries.approvals import ApprovalRow
from survey_app.queries.cells import last_day
from survey_app.queries.exclusions import ExclusionRow, Predicate, Source
from survey_app.services import approvals, audit, counting
from survey_app.services.accounts import Role, Viewer, require_unit, visible_unit_ids
from survey_app.services.approvals import Kind, Moment, Payload
from survey_app.services.figures import ShareFigure, Showing
from survey_app.services.policy import PolicyValues, current_policy
from survey_app.services.rollups import mark_dirty
from survey_app.services.showing import share_figure

ADD, LIFT = "exclusion.add", "exclusion.lift"
PREVIEWED = "exclusion.previewed"
# The unit's own head does not take out what was said of the unit.
ROLES = frozenset({Role.ADMIN, Role.PAR_OFFICE})
LONGEST_REASON = 400


class State(StrEnum):
    """Where an exclusion stands."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    LIFTING = "lifting"
    REFUSED = "refused"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class BothFigures:
    """The headline of a unit on one basis, with and without what is covered."""

    basis: str
    counted: ShareFigure
    without: ShareFigure


@dataclass(frozen=True, slots=True)
class Preview:
    """What an exclusion would do."""

    n: int
    unit_id: int
    starts_on: date
    ends_on: date
    figures: tuple[BothFigures, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """An exclusion with its state and the decision that waits for it, if any."""

    row: ExclusionRow
    state: State
    proposed_by: str
    proposed_at: datetime
    n: int
    waiting_id: int | None


def sources_of(
    session: Session, *, point_id: int, viewer: Viewer, today: date
) -> tuple[list[Source], list[Source]]:
    """Collectors and batches of a point that hold enough responses to be named."""
    _require_point(session, Predicate(point_id=point_id, from_on=date.min, to_on=today), viewer)
    minimum = current_policy(session, today).min_staff
    return (
        queries.collectors(session, point_id, minimum=minimum),
        queries.batches(session, point_id, minimum=minimum),
    )


def preview(
    session: Session,
    predicate: Predicate,
    *,
    viewer: Viewer,
    now: datetime,
    today: date,
    language: str = "vi",
) -> Preview:
    """The figures with and without; that they were looked at is an entry, and bounds what may be looked at next."""
    policy = current_policy(session, today)
    n = _require_enough(session, predicate, viewer=viewer, policy=policy)
    unit_id = queries.unit_ids_covered(session, predicate)[0]
    starts_on, ends_on = _span(session, unit_id, predicate)
    bases = queries.bases_covered(session, predicate)

    def figures() -> dict[str, ShareFigure]:
        return {
            basis: _headline(session, unit_id, basis, (starts_on, ends_on), policy=policy, language=language)
            for basis in bases
        }

    counted = figures()
    # Exactly what the pages would show: put in force, counted, and taken back.
    trial = session.begin_nested()
    session.add(_row(predicate, reason="", is_active=True))
    session.flush()
    _mark_months(session, predicate)
    without = figures()
    trial.rollback()
    audit.record(
        session,
        PREVIEWED,
        target=f"point:{predicate.point_id}",
        by=viewer,
        at=now,
        details=spelled(predicate),
    )
    both = tuple(BothFigures(basis, counted[basis], without[basis]) for basis in counted)
    return Preview(n, unit_id, starts_on, ends_on, both)


def propose(
    session: Session, predicate: Predicate, *, reason: str, viewer: Viewer, now: datetime, today: date
) -> int:
    """Ask a second person to take these responses out; the id of what waits."""
    _require_reason(reason)
    seen = preview(session, predicate, viewer=viewer, now=now, today=today)
    row = _row(predicate, reason=reason, is_active=False)
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


def spelled(predicate: Predicate) -> dict[str, Any]:
    """A predicate as an entry or a payload keeps it."""
    values = asdict(predicate)
    return values | {
        "from_on": predicate.from_on.isoformat(),
        "to_on": predicate.to_on.isoformat(),
        "batch": None if predicate.batch is None else str(predicate.batch),
    }


def read_predicate(values: Mapping[str, Any]) -> Predicate:
    """What `spelled` wrote."""
    batch = values["batch"]
    return Predicate(
        point_id=values["point_id"], from_on=date.fromisoformat(values["from_on"]),
        to_on=date.fromisoformat(values["to_on"]), channel=values["channel"], collector=values["collector"],
        batch=None if batch is None else UUID(batch),
    )  # fmt: skip


def _require_enough(session: Session, predicate: Predicate, *, viewer: Viewer, policy: PolicyValues) -> int:
    """Refuse what covers too few, or differs by too few from what somebody has looked at; how many it covers."""
    if viewer.role not in ROLES:
        raise NotAllowed
    if predicate.to_on < predicate.from_on:
        raise DatesReversed
    _require_point(session, predicate, viewer)
    minimum = policy.min_staff
    n = queries.n_covered(session, predicate)
    if n < minimum or _has_small_part(session, predicate, minimum=minimum):
        raise TooFewToExclude(minimum)
    for earlier in _looked_at(session, predicate.point_id):
        if 0 < queries.n_differing(session, predicate, earlier) < minimum:
            raise TooAlikeToExclude(minimum)
    return n


def _has_small_part(session: Session, predicate: Predicate, *, minimum: int) -> bool:
    """Whether any unit's figure of any reporting period would change by a few people only."""
    for unit_id in queries.unit_ids_covered(session, predicate):
        spans = [(predicate.from_on, predicate.to_on)]
        for period in calendar.periods_of(session, units.ancestor_ids(session, unit_id)):
            span = max(period.starts_on, predicate.from_on), min(period.ends_on, predicate.to_on)
            if span[0] <= span[1]:
                spans.append(span)
        for from_on, to_on in spans:
            part = replace(predicate, from_on=from_on, to_on=to_on)
            if 0 < queries.n_covered(session, part, unit_id=unit_id) < minimum:
                return True
    return False


def _require_point(session: Session, predicate: Predicate, viewer: Viewer) -> None:
    """Every unit that the point belonged to on these days must be the viewer's."""
    owners = queries.units_of_point(session, predicate.point_id, predicate.from_on, predicate.to_on)
    if not owners:
        raise NotFound(f"point {predicate.point_id}")
    for unit_id in owners:
        require_unit(session, unit_id=unit_id, viewer=viewer)


def _looked_at(session: Session, point_id: int) -> set[Predicate]:
    """Predicates of a point whose figures somebody has seen, or that were decided."""
    entries = audit_queries.entries_of(session, PREVIEWED, target=f"point:{point_id}")
    decided = {row.predicate for row in queries.of_point(session, point_id)}
    return decided | {read_predicate(entry.details) for entry in entries}


def _span(session: Session, unit_id: int, predicate: Predicate) -> tuple[date, date]:
    """The shortest reporting period that holds the last day, else the whole months of the predicate."""
    periods = calendar.periods_of(session, units.ancestor_ids(session, unit_id))
    holding = [period for period in periods if period.starts_on <= predicate.to_on <= period.ends_on]
    if not holding:
        return predicate.from_on.replace(day=1), last_day(predicate.to_on)
    period = min(holding, key=lambda period: (period.n_days, period.starts_on))
    return period.starts_on, period.ends_on


def _headline(
    session: Session,
    unit_id: int,
    basis: str,
    span: tuple[date, date],
    *,
    policy: PolicyValues,
    language: str,
) -> ShareFigure:
    """The headline share of a unit on one basis, as its page shows it."""
    selection = counting.select_responses(
        session, unit_ids=[unit_id], basis=basis, starts_on=span[0], ends_on=span[1]
    )
    counted = counting.headline(session, selection)
    estimate = group_shares(counted.moments, strata=counting.strata_of(session, selection))["overall"][0]
    return share_figure(
        "overall", "", counts=counted.levels[0], choices=counted.choices, estimate=estimate, policy=policy,
        language=language,
    )  # fmt: skip


def _row(predicate: Predicate, *, reason: str, is_active: bool) -> Exclusion:
    return Exclusion(**asdict(predicate), reason=reason, is_active=is_active)


def _mark_months(session: Session, predicate: Predicate) -> None:
    """The cells of these months no longer hold; until the night they are recounted."""
    for month in queries.months_covered(session, predicate):
        mark_dirty(session, point_id=predicate.point_id, month=month, mark=uuid4())


def _switch(
    session: Session, row: ExclusionRow, *, is_active: bool, action: str, by: Viewer, at: Moment
) -> None:
    session.execute(update(Exclusion).where(Exclusion.id == row.id).values(is_active=is_active))
    _mark_months(session, row.predicate)
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
