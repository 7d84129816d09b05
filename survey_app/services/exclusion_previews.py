"""What an exclusion would do, looked at before it is proposed: how many it covers, and both figures.

A predicate must cover enough responses, and may not differ from one that was looked at before by fewer than that, or
the difference of two figures would tell what one person said.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from analysis.index import group_shares
from survey_app.errors import DatesReversed, NotAllowed, NotFound, TooAlikeToExclude, TooFewToExclude
from survey_app.models import Exclusion
from survey_app.months import last_day
from survey_app.queries import audit as audit_queries
from survey_app.queries import calendar, units
from survey_app.queries import exclusions as queries
from survey_app.queries.exclusions import Predicate
from survey_app.services import audit, counting
from survey_app.services.accounts import Role, Viewer, require_unit
from survey_app.services.exclusion_parts import counting_of
from survey_app.services.figures import ShareFigure
from survey_app.services.policy import PolicyValues, current_policy
from survey_app.services.rollups import mark_dirty
from survey_app.services.sample_design import designed_headline
from survey_app.services.showing import share_figure

PREVIEWED = "exclusion.previewed"
# The unit's own head does not take out what was said of the unit.
ROLES = frozenset({Role.ADMIN, Role.PAR_OFFICE})


@dataclass(frozen=True, slots=True)
class BothFigures:
    """The headline of a unit on one basis, with and without what is covered."""

    basis: str
    counted: ShareFigure
    without: ShareFigure


@dataclass(frozen=True, slots=True)
class Preview:
    """What an exclusion would do.

    `n` is by how many the figures that are shown would shrink; how many more are covered, in figures too small to
    show, in other periods or not yet released, is not said, since the difference would tell. None where none is shown.
    """

    n: int | None
    unit_id: int
    starts_on: date
    ends_on: date
    figures: tuple[BothFigures, ...]


@dataclass(frozen=True, slots=True)
class _Headline:
    """A figure as it may be shown, and its base, which may not."""

    figure: ShareFigure
    base: int


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
    _require_enough(session, predicate, viewer=viewer, policy=policy)
    unit_id = queries.unit_ids_covered(session, predicate)[0]
    starts_on, ends_on = _span(session, unit_id, predicate)
    bases = queries.bases_covered(session, predicate)

    def figures() -> dict[str, _Headline]:
        return {
            basis: _headline(session, unit_id, basis, (starts_on, ends_on), policy=policy, language=language)
            for basis in bases
        }

    counted = figures()
    # Exactly what the pages would show: put in force, counted, and taken back.
    trial = session.begin_nested()
    session.add(exclusion_row(predicate, reason="", is_active=True))
    session.flush()
    mark_months(session, predicate)
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
    both = tuple(BothFigures(basis, counted[basis].figure, without[basis].figure) for basis in bases)
    n = _n_said([(counted[basis].base, without[basis].base) for basis in bases], policy.min_staff)
    return Preview(n, unit_id, starts_on, ends_on, both)


def _n_said(bases: list[tuple[int, int]], minimum: int) -> int | None:
    """How many go in all, of the figures whose base says nothing of a few people, neither of those who stay."""
    said = [
        before - after for before, after in bases if before >= minimum and (not after or after >= minimum)
    ]
    return sum(said) or None


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


def _require_enough(session: Session, predicate: Predicate, *, viewer: Viewer, policy: PolicyValues) -> None:
    """Refuse what covers too few, or differs by too few from what somebody has looked at."""
    if viewer.role not in ROLES:
        raise NotAllowed
    if predicate.to_on < predicate.from_on:
        raise DatesReversed
    require_point(session, predicate, viewer)
    minimum = policy.min_staff
    n = queries.n_covered(session, predicate)
    if n < minimum or _has_small_part(session, predicate, minimum=minimum):
        raise TooFewToExclude(minimum)
    counting_rows = counting_of(session, predicate.point_id)
    if counting_rows.has_small_part(predicate, minimum):
        raise TooFewToExclude(minimum)
    for earlier in _looked_at(session, predicate.point_id):
        is_near = 0 < queries.n_differing(session, predicate, earlier) < minimum
        if is_near or counting_rows.is_too_like(predicate, earlier, minimum):
            raise TooAlikeToExclude(minimum)


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


def require_point(session: Session, predicate: Predicate, viewer: Viewer) -> None:
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
) -> _Headline:
    """The headline share of a unit on one basis, as its page shows it."""
    selection = counting.select_responses(
        session, unit_ids=[unit_id], basis=basis, starts_on=span[0], ends_on=span[1]
    )
    counted = counting.headline(session, selection)
    drawn = designed_headline(session, selection, counted.moments)
    estimate = group_shares(drawn.moments, strata=drawn.strata)["overall"][0]
    figure = share_figure(
        "overall", "", counts=counted.levels[0], choices=counted.choices, estimate=estimate, policy=policy,
        language=language,
    )  # fmt: skip
    scored = [choice.code for choice in counted.choices if choice.score is not None]
    return _Headline(figure, sum(counted.levels[0].get(code, 0) for code in scored))


def exclusion_row(predicate: Predicate, *, reason: str, is_active: bool) -> Exclusion:
    return Exclusion(**asdict(predicate), reason=reason, is_active=is_active)


def mark_months(session: Session, predicate: Predicate) -> None:
    """The cells of these months no longer hold; until the night they are recounted."""
    for month in queries.months_covered(session, predicate):
        mark_dirty(session, point_id=predicate.point_id, month=month, mark=uuid4())
