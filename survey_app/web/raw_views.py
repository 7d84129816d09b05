"""Pages that show raw rows say so in the audit log, in a transaction of their own: the page itself writes nothing."""

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction
from survey_app.services import raw_views
from survey_app.services.raw_views import CASES, SHEETS
from survey_app.web.current import settings
from survey_app.web.security import current_account

__all__ = ["CASES", "SHEETS", "note_view"]


def note_view(action: str, target: str) -> None:
    """Note that the reader looks at this, once a day; whether it is noted is read without the write lock."""
    viewer, now, time_zone = current_account(), utc_now(), settings().TIME_ZONE
    if raw_views.is_noted(db.session, action, target=target, by=viewer, now=now, time_zone=time_zone):
        return
    with own_transaction() as session:
        raw_views.note(session, action, target=target, by=viewer, now=now, time_zone=time_zone)
