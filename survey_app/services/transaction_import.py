"""Counts of files from a file or from the small grid of a page: tried first, then stored whole or not at all."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_app.errors import InvalidField
from survey_app.months import month_of
from survey_app.queries import transactions as queries
from survey_app.services.accounts import Viewer, require_unit, visible_unit_ids
from survey_app.services.known_tables import CellError, Words
from survey_app.services.transaction_tables import CountEntry, CountFile, read_count_file
from survey_app.services.transactions import MAX_ENTRIES, CountPlan, Source, plan_counts, store_counts
from survey_app.spreadsheets import read_sheets
from survey_app.vocabulary import FileOutcome, FilingMode

Cells = Mapping[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class CountTrial:
    """What a file says and what storing it would do."""

    file: CountFile
    plan: CountPlan

    @property
    def errors(self) -> list[CellError]:
        return self.file.table.errors

    @property
    def can_store(self) -> bool:
        return not self.errors and self.plan.changes_anything


@dataclass(frozen=True, slots=True)
class MonthGrid:
    """A unit's month as the grid shows it: numbers by way of filing and outcome.

    `is_split_otherwise` says that the month is stored by desk or field, or for other days; saving would replace that.
    """

    month: date
    cells: Cells
    is_split_otherwise: bool
    n_files: int


def try_count_file(
    session: Session,
    content: bytes,
    *,
    viewer: Viewer,
    today: date,
    period: tuple[date, date] | None,
    replaces: bool,
) -> CountTrial:
    """Read a file and hold it against what is stored; nothing is written. Raises `UnreadableTable`."""
    mine = visible_unit_ids(session, viewer=viewer)
    found = read_count_file(session, read_sheets(content), unit_ids=mine, today=today, period=period)
    if len(found.entries) > MAX_ENTRIES:
        found.table.refuse(0, "", Words(f"không quá {MAX_ENTRIES} số", f"no more than {MAX_ENTRIES} numbers"))
    return plan_count_file(session, found, replaces=replaces)


def plan_count_file(session: Session, found: CountFile, *, replaces: bool) -> CountTrial:
    """Hold what was read against what is stored by now; reading takes seconds and is not done under a lock."""
    plan = plan_counts(session, [] if found.table.errors else found.entries, replaces=replaces)
    for problem in plan.problems:
        found.table.refuse(problem.entry.row, "", problem.expected)
    return CountTrial(found, plan)


def store_count_file(
    session: Session, trial: CountTrial, content: bytes, *, name: str, viewer: Viewer, now: datetime
) -> None:
    """Store what was tried. The caller commits."""
    if not trial.can_store:
        raise InvalidField("file", "rejected_rows" if trial.errors else "nothing_new")
    store_counts(session, trial.plan, Source("file", name, hashlib.sha256(content).digest(), viewer), now=now)


def month_grid(session: Session, *, unit_id: int, month: date, viewer: Viewer) -> MonthGrid:
    """The grid of a unit that the viewer may see."""
    require_unit(session, unit_id=unit_id, viewer=viewer)
    first, last = month_of(month)
    stored = queries.stored_counts(session, unit_ids=[unit_id], starts_on=first, ends_on=last)
    fits = [
        each
        for each in stored
        if (each.starts_on, each.ends_on) == (first, last) and not each.detail & {"desk", "field"}
    ]
    total = queries.transactions_between(session, unit_ids=[unit_id], starts_on=first, ends_on=last)
    cells = {(each.mode, each.outcome): each.n_files for each in fits}
    return MonthGrid(first, cells, len(fits) < len(stored), total.get(unit_id, 0))


def enter_month(
    session: Session,
    cells: Cells,
    *,
    unit_id: int,
    month: date,
    replaces: bool,
    viewer: Viewer,
    now: datetime,
    today: date,
) -> CountPlan:
    """Store the grid of a month that is over; a cell left empty is not known. Raises `InvalidField`."""
    require_unit(session, unit_id=unit_id, viewer=viewer)
    first, last = month_of(month)
    if last > today:
        raise InvalidField("month", "out_of_range")
    if not cells:
        raise InvalidField("cells", "missing")
    entries = [
        CountEntry(unit_id, first, last, n, mode=int(FilingMode(mode)), outcome=int(FileOutcome(outcome)))
        for (mode, outcome), n in cells.items()
    ]
    plan = plan_counts(session, entries, replaces=replaces, is_whole=True)
    for problem in plan.problems:
        raise InvalidField("cells", problem.reason)
    store_counts(session, plan, Source("hand", f"{first:%m/%Y}", by=viewer), now=now)
    return plan
