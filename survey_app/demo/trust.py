"""What the demo's nights left behind: every day sealed, and the audit log checked."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from survey_app.demo.truth import TODAY
from survey_app.services.audit_checks import check
from survey_app.services.root_sealing import seal_days

# A quarter past midnight in Hà Nội.
NIGHT = datetime(TODAY.year, TODAY.month, TODAY.day - 1, 17, 15, tzinfo=UTC)


def seal_everything(session: Session) -> None:
    """Roots over all that was received, then the check of the log that a night makes."""
    seal_days(session, today=TODAY, now=NIGHT)
    check(session, anchors=(), by=None, now=NIGHT)
