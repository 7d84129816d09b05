"""Names of points, desks and agencies by their ids, closed ones too: what was answered there stays."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import Desk, Point, Unit
from survey_app.names import unit_title


@dataclass(frozen=True, slots=True)
class NamedDesk:
    """A counter, its point, and whether one named officer sits there."""

    id: int
    point_id: int
    name: str
    is_single_officer: bool


def point_names(session: Session, point_ids: Iterable[int]) -> dict[int, str]:
    rows = session.execute(select(Point.id, Point.name).where(Point.id.in_(sorted(point_ids))))
    return {row.id: row.name for row in rows}


def desks_of_points(session: Session, point_ids: Iterable[int]) -> dict[int, NamedDesk]:
    """Every desk that these points have or had, by its id."""
    columns = (Desk.id, Desk.point_id, Desk.name, Desk.is_single_officer)
    rows = session.execute(select(*columns).where(Desk.point_id.in_(sorted(point_ids))).order_by(Desk.id))
    return {row.id: NamedDesk(*row) for row in rows}


def agency_titles(session: Session, unit_ids: Iterable[int]) -> dict[int, str]:
    rows = session.execute(select(Unit.id, Unit.kind, Unit.name).where(Unit.id.in_(sorted(unit_ids))))
    return {unit_id: unit_title(kind, name) for unit_id, kind, name in rows}
