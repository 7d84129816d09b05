"""Checks of the audit log that leave an entry themselves: one a night, and whenever somebody asks for one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from survey_app.queries import audit as queries
from survey_app.services import audit
from survey_app.services.accounts import Viewer
from survey_app.services.audit_verification import (
    Anchor,
    Broken,
    ChainReport,
    Fault,
    current_anchor,
    verify_chain,
)

CHECKED = "audit.checked"


@dataclass(frozen=True, slots=True)
class Check:
    """What the last check found, when it was, and the head of the chain to be kept elsewhere."""

    report: ChainReport
    at: datetime
    anchor: Anchor | None


def check_nightly(
    session: Session, *, anchors: Sequence[Anchor], now: datetime, time_zone: ZoneInfo
) -> Check:
    """The check of this night, made once however often the night's work runs."""
    done = last_check(session)
    if done is not None and done.at.astimezone(time_zone).date() == now.astimezone(time_zone).date():
        return done
    return check(session, anchors=anchors, by=None, now=now)


def check(session: Session, *, anchors: Sequence[Anchor], by: Viewer | None, now: datetime) -> Check:
    """Verify the whole chain and say so in it."""
    report = verify_chain(session, anchors=anchors)
    broken = report.broken
    details: dict[str, object] = {"whole_to": report.n_whole}
    if broken is not None:
        details |= {"broken_at": broken.sequence, "fault": broken.fault.value}
    audit.record(session, CHECKED, target="audit", by=by, at=now, details=details)
    return Check(report, now, current_anchor(session))


def last_check(session: Session) -> Check | None:
    """What the newest check found; None before the first."""
    entry = queries.newest_entry(session, CHECKED)
    if entry is None:
        return None
    said = entry.details
    broken = Broken(said["broken_at"], Fault(said["fault"])) if "fault" in said else None
    return Check(ChainReport(said["whole_to"], broken), entry.at, current_anchor(session))
