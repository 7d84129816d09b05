"""Saved scenarios of the sample planner: kept under a name, opened by their id, put side by side."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from survey_app.errors import InvalidField
from survey_app.models import SamplePlan
from survey_app.queries import sample_plans as queries
from survey_app.queries.sample_plans import StoredPlan
from survey_app.services import audit
from survey_app.services.accounts import Viewer, require_unit, visible_unit_ids
from survey_app.services.sample_plans import Plan, make_plan
from survey_app.services.sample_questions import PlanAsked, check_asked, from_stored, to_stored

LONGEST_TITLE = 120
MOST_COMPARED = 4


def save_plan(
    session: Session,
    *,
    unit_id: int,
    title: str,
    asked: PlanAsked,
    viewer: Viewer,
    now: datetime,
    today: date,
    is_simulated: bool = False,
) -> int:
    """Keep a question under a name; its id, which is also its address."""
    require_unit(session, unit_id=unit_id, viewer=viewer)
    check_asked(asked)
    title = " ".join(title.split())
    if not 1 <= len(title) <= LONGEST_TITLE:
        raise InvalidField("title", "empty" if not title else "too_long")
    row = SamplePlan(
        unit_id=unit_id, title=title, asked=to_stored(asked), saved_on=today, is_simulated=is_simulated
    )
    session.add(row)
    session.flush()
    audit.record(session, "sample_plan.saved", target=f"sample_plan:{row.id}", by=viewer, at=now,
                 details={"title": title})  # fmt: skip
    return row.id


def list_plans(session: Session, *, viewer: Viewer) -> list[StoredPlan]:
    return queries.plans_of(session, visible_unit_ids(session, viewer=viewer))


def open_plan(session: Session, *, plan_id: int, viewer: Viewer) -> tuple[StoredPlan, PlanAsked]:
    """A saved question; one of another office does not exist."""
    stored = queries.plan_by_id(session, plan_id)
    require_unit(session, unit_id=stored.unit_id, viewer=viewer)
    return stored, from_stored(stored.asked)


def computed(session: Session, *, plan_id: int, viewer: Viewer, today: date) -> tuple[StoredPlan, Plan]:
    stored, asked = open_plan(session, plan_id=plan_id, viewer=viewer)
    return stored, make_plan(session, unit_id=stored.unit_id, asked=asked, viewer=viewer, today=today)


def compare_plans(
    session: Session, *, plan_ids: Sequence[int], viewer: Viewer, today: date
) -> list[tuple[StoredPlan, Plan]]:
    """Two to four saved plans, each computed on today's populations."""
    chosen = list(dict.fromkeys(plan_ids))
    if not 2 <= len(chosen) <= MOST_COMPARED:
        raise InvalidField("plan", "out_of_range")
    return [computed(session, plan_id=plan_id, viewer=viewer, today=today) for plan_id in chosen]


def delete_plan(session: Session, *, plan_id: int, viewer: Viewer, now: datetime) -> None:
    stored, _asked = open_plan(session, plan_id=plan_id, viewer=viewer)
    session.execute(delete(SamplePlan).where(SamplePlan.id == plan_id))
    audit.record(session, "sample_plan.deleted", target=f"sample_plan:{plan_id}", by=viewer, at=now,
                 details={"title": stored.title})  # fmt: skip
