"""Contents of an office's latest periods, in the order in which they would be released."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.queries import calendar, units
from survey_app.services.accounts import Role, Viewer
from survey_app.services.report_content import ReportContent, report_content


def period_contents(
    session: Session, *, unit_code: str, n_periods: int, today: date
) -> Iterator[ReportContent]:
    """Periods that are over, oldest first, on each basis that the office collects."""
    office = next((row for row in units.units_as_at(session, today) if row.code == unit_code), None)
    if office is None:
        raise NotFound(f"unit {unit_code}")
    over = [
        row
        for row in calendar.periods_of(session, units.ancestor_ids(session, office.id))
        if row.ends_on < today
    ]
    latest = sorted(over, key=lambda row: (row.ends_on, row.starts_on))[-n_periods:]
    below = [row.id for row in units.units_as_at(session, today, office.id)]
    viewer = Viewer(0, Role.ADMIN, office.id)
    for basis in calendar.bases_of(session, below):
        for period in latest:
            content = report_content(
                session,
                root_unit_id=office.id,
                basis=basis,
                period_code=period.code,
                viewer=viewer,
                today=today,
            )
            if content is not None:
                yield content
