"""Whose answers an analysis of respondents is about: the units below a root, a period, and one form."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.queries import calendar
from survey_app.queries import units as unit_queries
from survey_app.queries.calendar import PeriodRow
from survey_app.queries.units import UnitRow
from survey_app.services import accounts, counting
from survey_app.services.counting import Part, Selection


@dataclass(frozen=True, slots=True)
class AskedScope:
    """The answers on one form; of a composite period nothing is split up, or its parts would follow."""

    period: PeriodRow
    selection: Selection
    part: Part
    units: Mapping[int, UnitRow]
    is_composite: bool


def asked_scope(
    session: Session,
    *,
    root_unit_id: int,
    basis: str,
    period_code: str | None,
    viewer: accounts.Viewer,
    today: date,
    version_id: int | None = None,
) -> AskedScope | None:
    """The form asked for, else the newest one of the period with factors, else the newest of all."""
    accounts.require_unit(session, unit_id=root_unit_id, viewer=viewer)
    roots = unit_queries.ancestor_ids(session, root_unit_id)
    period = counting.choose_period(session, root_unit_ids=roots, code=period_code, today=today)
    if period is None:
        return None
    taking_part = calendar.units_in_waves(session, basis=basis)
    rows = {
        row.id: row
        for row in unit_queries.units_as_at(session, period.ends_on, root_unit_id)
        if row.id in taking_part
    }
    selection = counting.select_responses(
        session, unit_ids=list(rows), basis=basis, starts_on=period.starts_on, ends_on=period.ends_on,
        across_breaks=True,
    )  # fmt: skip
    part = _part(selection, version_id)
    if part is None:
        return None
    inner = counting.periods_within(session, root_unit_ids=roots, period=period)
    return AskedScope(period, selection, part, rows, bool(inner))


def _part(selection: Selection, version_id: int | None) -> Part | None:
    if version_id is not None:
        return next((each for each in selection.parts if each.scope.version_id == version_id), None)
    full = [part for part in selection.parts if part.form.factors]
    offered = full or list(selection.parts)
    return offered[-1] if offered else None
