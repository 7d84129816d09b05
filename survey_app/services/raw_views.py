"""Who looked at raw rows: drafts of paper sheets, lists of cases. One entry a person, a thing and a day."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from survey_app.queries import audit as queries
from survey_app.services import audit
from survey_app.services.accounts import Viewer

SHEETS, CASES = "paper.sheets_viewed", "interview.cases_viewed"


def is_noted(
    session: Session, action: str, *, target: str, by: Viewer, now: datetime, time_zone: ZoneInfo
) -> bool:
    """Whether the log already says that this person looked at this today."""
    midnight = now.astimezone(time_zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return queries.has_entry(session, action, target=target, account_id=by.account_id, since=midnight)


def note(
    session: Session, action: str, *, target: str, by: Viewer, now: datetime, time_zone: ZoneInfo
) -> None:
    """Say so, once."""
    if not is_noted(session, action, target=target, by=by, now=now, time_zone=time_zone):
        audit.record(session, action, target=target, by=by, at=now)
