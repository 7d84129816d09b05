"""Saved sample plans, listed and one by its id."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.models import SamplePlan, Unit
from survey_app.names import unit_title


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A saved question, with the unit whose parts it plans for."""

    id: int
    unit_id: int
    unit_kind: str
    unit_name: str
    title: str
    asked: Mapping[str, Any]
    saved_on: date
    is_simulated: bool

    @property
    def unit_title(self) -> str:
        return unit_title(self.unit_kind, self.unit_name)


def plans_of(session: Session, unit_ids: Collection[int]) -> list[StoredPlan]:
    """Plans of these units, the newest first."""
    rows = session.execute(_plans().where(SamplePlan.unit_id.in_(unit_ids)).order_by(SamplePlan.id.desc()))
    return [StoredPlan(*row) for row in rows]


def plan_by_id(session: Session, plan_id: int) -> StoredPlan:
    row = session.execute(_plans().where(SamplePlan.id == plan_id)).one_or_none()
    if row is None:
        raise NotFound(f"sample plan {plan_id}")
    return StoredPlan(*row)


def _plans() -> Select[Any]:
    return select(
        SamplePlan.id, SamplePlan.unit_id, Unit.kind, Unit.name, SamplePlan.title, SamplePlan.asked,
        SamplePlan.saved_on, SamplePlan.is_simulated,
    ).join(Unit, Unit.id == SamplePlan.unit_id)  # fmt: skip
