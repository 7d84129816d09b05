"""What happens once a night: the figures of yesterday become readable, its order of arrival does not, and what was
received and done is sealed."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from survey_app.services import (
    accounts,
    audit_checks,
    comments,
    releases,
    rollups,
    root_sealing,
    shuffling,
    tickets,
)
from survey_app.services.audit_verification import Anchor
from survey_app.services.policy import current_policy
from survey_app.services.registry_changes.operations import settle_due

Transaction = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class NightlyReport:
    """Numbers only: how much was done."""

    n_shuffled: int
    n_units_released: int
    n_comment_batches: int
    n_months_counted: int
    n_sessions_ended: int
    n_roots_sealed: int
    chain: audit_checks.Check


def run_nightly(
    transaction: Transaction, *, now: datetime, time_zone: ZoneInfo, anchors: Sequence[Anchor] = ()
) -> NightlyReport:
    """Every step in its own transaction; running it twice does nothing more."""
    today = now.astimezone(time_zone).date()
    with transaction() as session:
        settle_due(session, today=today, now=now)
    with transaction() as session:
        n_shuffled = shuffling.shuffle_arrivals(session, through=today - timedelta(days=1))
    with transaction() as session:
        policy = current_policy(session, today)
        n_released = releases.release_scores(session, minimum_new=policy.release_min_new, today=today)
        n_batches = comments.release_comments(session, minimum=policy.comment_release_min, today=today)
        tickets.count_spent(session, minimum_new=policy.release_min_new, today=today)
    n_counted = _count_months(transaction, today)
    with transaction() as session:
        n_ended = accounts.end_expired_sessions(session, now=now)
    with transaction() as session:
        n_sealed = root_sealing.seal_days(session, today=today, now=now)
    with transaction() as session:
        check = audit_checks.check_nightly(session, anchors=anchors, now=now, time_zone=time_zone)
    return NightlyReport(n_shuffled, n_released, n_batches, n_counted, n_ended, n_sealed, check)


def _count_months(transaction: Transaction, today: date) -> int:
    """Short transactions of counting, so that submits wait little."""
    with transaction() as session:
        batches = rollups.stale_batches(session, today=today)
    for month, point_ids in batches:
        with transaction() as session:
            rollups.rebuild_month(session, month=month, point_ids=point_ids)
    return sum(len(point_ids) for _, point_ids in batches)
