"""Batches of reports: asked for by an office, made by the worker, kept for some days and then gone."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from survey_app.errors import InvalidField, NotFound
from survey_app.models import Account, DocumentBatch
from survey_app.services import accounts
from survey_app.services.accounts import Viewer

FORMATS = ("pdf", "docx", "xlsx")
LANGUAGES = ("vi", "en")
KEPT_DAYS = 7
# A whole that nobody asked for twice; more at once would only make everyone wait.
MOST_WAITING = 5
SHOWN = 10


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch as its page shows it. `units` is "all", "province" or a kind of unit."""

    id: int
    root_unit_id: int
    basis: str
    period_code: str
    language: str
    formats: tuple[str, ...]
    units: str
    state: str
    n_done: int
    n_total: int
    file_name: str
    asked_at: datetime
    expires_on: date

    @property
    def is_open(self) -> bool:
        """Whether the worker still has it to do."""
        return self.state in {"waiting", "running"}


def ask(
    session: Session,
    *,
    basis: str,
    period_code: str,
    language: str,
    formats: Sequence[str],
    units: str,
    by: Viewer,
    now: datetime,
    today: date,
) -> int:
    """Put a batch on the list; the worker is told of it afterwards. Raises `InvalidField`."""
    if not formats or set(formats) - set(FORMATS):
        raise InvalidField("formats", "unknown_choice")
    if language not in LANGUAGES:
        raise InvalidField("language", "unknown_choice")
    waiting = [row for row in visible_batches(session, viewer=by, today=today) if row.is_open]
    if len(waiting) >= MOST_WAITING:
        raise InvalidField("units", "too_many")
    stored = DocumentBatch(
        account_id=by.account_id, root_unit_id=by.unit_id, basis=basis, period_code=period_code,
        language=language, formats=[each for each in FORMATS if each in formats], units=units, state="waiting",
        n_done=0, n_total=0, file_name=f"{secrets.token_hex(16)}.zip", asked_at=now,
        expires_on=today + timedelta(days=KEPT_DAYS),
    )  # fmt: skip
    session.add(stored)
    session.flush()
    return stored.id


def visible_batches(session: Session, *, viewer: Viewer, today: date) -> list[BatchRow]:
    """Batches of the viewer's part of the tree that are not gone, the newest first."""
    mine = accounts.visible_unit_ids(session, viewer=viewer)
    rows = session.scalars(
        select(DocumentBatch)
        .where(DocumentBatch.root_unit_id.in_(mine), DocumentBatch.expires_on >= today)
        .order_by(DocumentBatch.id.desc())
        .limit(SHOWN)
    )
    return [_row(row) for row in rows]


def batch_of(session: Session, *, batch_id: int, viewer: Viewer, today: date) -> BatchRow:
    """One batch; raises `NotFound` where it is not the viewer's, or gone."""
    stored = session.get(DocumentBatch, batch_id)
    if stored is None or stored.expires_on < today:
        raise NotFound(f"batch {batch_id}")
    accounts.require_unit(session, unit_id=stored.root_unit_id, viewer=viewer)
    return _row(stored)


def start(session: Session, *, batch_id: int) -> tuple[BatchRow, Viewer] | None:
    """Take a batch that waits; None where it is already made or gone. Its figures are those its asker may see."""
    stored = session.get(DocumentBatch, batch_id)
    if stored is None or stored.state != "waiting":
        return None
    account = session.get_one(Account, stored.account_id)
    stored.state = "running"
    return _row(stored), Viewer(account.id, accounts.Role(account.role), account.unit_id)


def note_progress(session: Session, *, batch_id: int, n_done: int, n_total: int) -> None:
    session.execute(
        update(DocumentBatch).where(DocumentBatch.id == batch_id).values(n_done=n_done, n_total=n_total)
    )


def finish(session: Session, *, batch_id: int, is_whole: bool) -> None:
    state = "done" if is_whole else "failed"
    session.execute(update(DocumentBatch).where(DocumentBatch.id == batch_id).values(state=state))


def kept_files(session: Session, *, today: date) -> frozenset[str]:
    """Names of the files that are still to be kept."""
    return frozenset(
        session.scalars(select(DocumentBatch.file_name).where(DocumentBatch.expires_on >= today))
    )


def _row(row: DocumentBatch) -> BatchRow:
    return BatchRow(
        row.id, row.root_unit_id, row.basis, row.period_code, row.language, tuple(row.formats), row.units,
        row.state, row.n_done, row.n_total, row.file_name, row.asked_at, row.expires_on,
    )  # fmt: skip
