"""What is kept only for a time, and its removal: how much would go, and then, asked again, its going."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.orm import Session

from survey_app.errors import DefinitionError
from survey_app.models import (
    CallBackCheck,
    Comment,
    DeviceIncident,
    InterviewAssignment,
    Invitation,
    SampleCase,
    SampleFrameEntry,
    SignOnIdentity,
)
from survey_app.months import months_later
from survey_app.queries import retention as queries
from survey_app.services import audit

SEED = Path(__file__).resolve().parents[2] / "seeds" / "retention.json"
_NAMES = ("contact_days", "comment_months", "log_months", "sample_days", "invitation_days")


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept, from a date on."""

    effective_from: date
    contact_days: int
    comment_months: int
    log_months: int
    sample_days: int
    invitation_days: int


@dataclass(frozen=True, slots=True)
class Purged:
    """Rows of one kind that are over their time: `n` of them, all from before a day."""

    kind: str
    before: date
    n: int


def read_retention(path: Path, *, on: date) -> Retention:
    """The rules in force on a day, from a file in which every number has its basis."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        rules = [_retention(entry) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DefinitionError("retention", f"{path.name}: {error}") from error
    in_force = [rule for rule in rules if rule.effective_from <= on]
    if not in_force:
        raise DefinitionError("retention", f"{path.name}: nothing in force on {on:%d/%m/%Y}")
    return max(in_force, key=lambda rule: rule.effective_from)


def over_time(session: Session, *, rules: Retention, today: date) -> list[Purged]:
    """How much would be removed on a day; nothing is."""
    return [
        Purged(kind, before, queries.n_rows(session, model, condition))
        for kind, before, model, condition in _kinds(rules, today)
    ]


def purge(session: Session, *, rules: Retention, today: date, now: datetime) -> list[Purged]:
    """Remove what is over its time. Interview cases stay as counts, and draws as their record, without their lists."""
    purged = over_time(session, rules=rules, today=today)
    for _kind, _before, model, condition in _kinds(rules, today):
        if model is InterviewAssignment:
            session.execute(update(model).where(condition).values(label=None))
        else:
            session.execute(delete(model).where(condition))
    counts = {each.kind: each.n for each in purged if each.n}
    if counts:
        audit.record(session, "data.purged", target="retention", by=None, at=now, details=counts)
    return purged


def _kinds(rules: Retention, today: date) -> list[tuple[str, date, type[Any], ColumnElement[bool]]]:
    contact = today - timedelta(days=rules.contact_days)
    comments = months_later(today, -rules.comment_months)
    logs = months_later(today, -rules.log_months)
    samples = today - timedelta(days=rules.sample_days)
    invited = today - timedelta(days=rules.invitation_days)
    last_seen = datetime.combine(logs, time(), UTC)
    return [
        ("comments", comments, Comment, queries.old_comments(comments)),
        ("case_labels", contact, InterviewAssignment, queries.labelled_cases(contact)),
        ("call_back_digests", contact, CallBackCheck, queries.old_call_backs(contact)),
        ("device_incidents", logs, DeviceIncident, queries.old_incidents(logs)),
        ("waiting_identities", logs, SignOnIdentity, queries.old_identities(last_seen)),
        ("sample_rows", samples, SampleFrameEntry, queries.old_frame_rows(samples)),
        ("sample_cases", samples, SampleCase, queries.old_drawn_cases(samples)),
        ("invitations", invited, Invitation, queries.old_invitations(datetime.combine(invited, time(), UTC))),
    ]


def _retention(entry: Mapping[str, Any]) -> Retention:
    values = entry["values"]
    unknown = sorted(set(values) - set(_NAMES))
    if unknown:
        raise ValueError(f"unknown value {', '.join(unknown)}")
    numbers = {name: _number(values, name) for name in _NAMES}
    return Retention(date.fromisoformat(entry["effective_from"]), **numbers)


def _number(values: Mapping[str, Any], name: str) -> int:
    value, basis = values[name]["value"], values[name]["basis"]
    if type(value) is not int or value < 1:
        raise ValueError(f"{name} must be a whole number from 1")
    if not isinstance(basis, str) or not basis.strip():
        raise ValueError(f"{name} needs its basis")
    return value
