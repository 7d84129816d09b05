"""What happens once a night: the figures of yesterday become readable, its order of arrival does not, and what was
received and done is sealed."""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from survey_app.errors import RootsBroken
from survey_app.services import (
    accounts,
    audit_checks,
    comments,
    date_coarsening,
    releases,
    rollups,
    root_sealing,
    shuffling,
    tickets,
    wave_snapshots,
    wave_states,
)
from survey_app.services.audit_verification import Anchor
from survey_app.services.policy import current_policy
from survey_app.services.registry_changes.operations import settle_due

logger = logging.getLogger(__name__)
Transaction = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class NightlyReport:
    """Numbers only: how much was done."""

    n_shuffled: int
    n_units_released: int
    n_comment_batches: int
    n_waves_closed: int
    n_months_counted: int
    n_waves_coarsened: int
    n_answers_coarsened: int
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
        # An answer that was stored while its wave was being closed; before the shuffle, which breaks its order.
        wave_snapshots.mark_late(session)
    with transaction() as session:
        n_shuffled = shuffling.shuffle_arrivals(session, through=today - timedelta(days=1))
    with transaction() as session:
        policy = current_policy(session, today)
        n_released = releases.release_scores(session, minimum_new=policy.release_min_new, today=today)
        n_batches = comments.release_comments(session, minimum=policy.comment_release_min, today=today)
        tickets.count_spent(session, minimum_new=policy.release_min_new, today=today)
    n_closed = _close_waves(transaction, now, today)
    n_counted = _count_months(transaction, today)
    # Before days go: what is made coarser must be sealed as it was.
    with transaction() as session:
        n_sealed = root_sealing.seal_days(session, today=today, now=now)
    n_coarsened = _coarsen_waves(transaction, now, today)
    with transaction() as session:
        n_ended = accounts.end_expired_sessions(session, now=now)
    check = audit_checks.check_nightly(transaction, anchors=anchors, now=now, time_zone=time_zone)
    return NightlyReport(
        n_shuffled,
        n_released,
        n_batches,
        n_closed,
        n_counted,
        *n_coarsened,
        n_ended,
        n_sealed,
        check,
    )


def _close_waves(transaction: Transaction, now: datetime, today: date) -> int:
    """A transaction for each wave, so that submits wait for one of them at most."""
    with transaction() as session:
        due = wave_states.waves_due(session, today=today)
    for row in due:
        with transaction() as session:
            wave_states.close_books(session, row, reason="", by=None, now=now, today=today)
    return len(due)


def _coarsen_waves(transaction: Transaction, now: datetime, today: date) -> tuple[int, int]:
    """How many waves lost their days, and how many answers were rewritten."""
    with transaction() as session:
        after_days = current_policy(session, today).coarsen_dates_after_days
        due = date_coarsening.waves_due(session, after_days=after_days, today=today)
    n_waves = n_answers = 0
    for row in due:
        try:
            with transaction() as session:
                done = date_coarsening.coarsen_wave(session, row, after_days=after_days, now=now, today=today)
        except RootsBroken:
            # Its days are evidence now. The check of the chain says so too, and the other waves go on.
            logger.error("wave %s: answers differ from their roots; its days are kept", row.code)
            continue
        n_waves += done.is_first
        n_answers += done.n_answers
    return n_waves, n_answers


def _count_months(transaction: Transaction, today: date) -> int:
    """Short transactions of counting, so that submits wait little."""
    with transaction() as session:
        batches = rollups.stale_batches(session, today=today)
    for month, point_ids in batches:
        with transaction() as session:
            rollups.rebuild_month(session, month=month, point_ids=point_ids)
    return sum(len(point_ids) for _, point_ids in batches)
