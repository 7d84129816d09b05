"""Checks of the books that leave an entry themselves: one a night, and whenever somebody asks for one.

Two things are checked: whether the audit log is as it was written, and whether the answers are those that were sealed.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
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
from survey_app.services.root_verification import (
    BatchFault,
    BrokenBatch,
    RootsReport,
    joined,
    slices,
    verify_roots,
)

CHECKED, BROKEN = "audit.checked", "roots.broken"
# An entry names so many; `flask audit verify` names all.
MOST_NAMED = 20
Transaction = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Answers:
    """What hashing the answers again found: of all days, or of the part that was this night's turn."""

    report: RootsReport
    n_broken: int
    is_all: bool


@dataclass(frozen=True, slots=True)
class Check:
    """What the last check found, when it was, and the head of the chain to be kept elsewhere.

    `answers` is None where an older version, which did not check them, wrote the entry.
    """

    report: ChainReport
    answers: Answers | None
    at: datetime
    anchor: Anchor | None

    @property
    def is_whole(self) -> bool:
        return self.report.is_whole and (self.answers is None or not self.answers.n_broken)


def check_nightly(
    transaction: Transaction, *, anchors: Sequence[Anchor], now: datetime, time_zone: ZoneInfo
) -> Check:
    """The check of this night, made once however often the night's work runs."""
    with transaction() as session:
        done = last_check(session)
    today = now.astimezone(time_zone).date()
    if done is not None and done.at.astimezone(time_zone).date() == today:
        return done
    return check(transaction, anchors=anchors, by=None, now=now, today=today)


def check(
    transaction: Transaction, *, anchors: Sequence[Anchor], by: Viewer | None, now: datetime, today: date
) -> Check:
    """Hash the answers piece by piece, so that submits wait little; verify the whole chain; say so in it."""
    with transaction() as session:
        pieces, is_all = slices(session, today=today)
    reports = []
    for days in pieces:
        with transaction() as session:
            reports.append(verify_roots(session, days=days))
    found = joined(reports)
    with transaction() as session:
        return _record(session, Answers(found, len(found.broken), is_all), anchors, by, now)


def _record(
    session: Session, answers: Answers, anchors: Sequence[Anchor], by: Viewer | None, now: datetime
) -> Check:
    report, found = verify_chain(session, anchors=anchors), answers.report
    batches = [
        {"wave": each.wave_code, "day": each.received_on.isoformat(), "fault": each.fault.value}
        for each in found.broken[:MOST_NAMED]
    ]
    details: dict[str, object] = {
        "whole_to": report.n_whole, "batches_whole": found.n_whole, "batches_waiting": found.n_waiting,
        "is_all": answers.is_all,
    }  # fmt: skip
    if report.broken is not None:
        details |= {"broken_at": report.broken.sequence, "fault": report.broken.fault.value}
    if batches:
        details |= {"n_broken": answers.n_broken, "broken_batches": batches}
        said = {"n_broken": answers.n_broken, "broken_batches": batches}
        audit.record(session, BROKEN, target="responses", by=by, at=now, details=said)
    audit.record(session, CHECKED, target="audit", by=by, at=now, details=details)
    return Check(report, answers, now, current_anchor(session))


def last_check(session: Session) -> Check | None:
    """What the newest check found; None before the first."""
    entry = queries.newest_entry(session, CHECKED)
    if entry is None:
        return None
    said = entry.details
    broken = Broken(said["broken_at"], Fault(said["fault"])) if "fault" in said else None
    return Check(ChainReport(said["whole_to"], broken), _answers(said), entry.at, current_anchor(session))


def _answers(said: dict[str, Any]) -> Answers | None:
    if "batches_whole" not in said:
        return None
    broken = tuple(
        BrokenBatch(each["wave"], date.fromisoformat(each["day"]), BatchFault(each["fault"]))
        for each in said.get("broken_batches", ())
    )
    report = RootsReport(said["batches_whole"], said["batches_waiting"], broken)
    return Answers(report, said.get("n_broken", 0), said["is_all"])
