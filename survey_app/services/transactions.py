"""Counts of files that units handled: held against what is stored, then stored whole or not at all.

A number is stored under its key: unit, period, desk, field, way of filing, outcome. The same again changes nothing,
another number takes the place of the first, and the audit keeps the old one. The numbers of a unit must add up:
its periods do not overlap, and those of one period are split in one way.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from survey_app.models import TransactionBatch, TransactionCount
from survey_app.queries import transactions as queries
from survey_app.queries.transactions import StoredCount
from survey_app.services import audit
from survey_app.services.accounts import Role, Viewer
from survey_app.services.known_tables import Words
from survey_app.services.transaction_tables import CountEntry

WRITERS = (Role.ADMIN, Role.PAR_OFFICE, Role.MANAGER)
MAX_ENTRIES = 60_000
_TITLE_LENGTH = 200

PROBLEMS: Mapping[str, Words] = {
    "duplicate": Words("mỗi đơn vị, kỳ và phân loại một dòng; dòng này lặp lại dòng trước",
                       "one row for each unit, period and kind; this one repeats an earlier row"),
    "overlaps": Words("kỳ không chồng lên kỳ khác của cùng đơn vị",
                      "a period that does not overlap another one of the same unit"),
    "is_a_sum": Words("số chi tiết; số này bằng tổng các dòng khác của đơn vị trong kỳ nên bị tính hai lần",
                      "a detail; this number is the sum of the unit's other rows and would count twice"),
    "other_detail": Words("cách phân loại như số đã có của kỳ này, hoặc chọn thay toàn bộ số của kỳ",
                          "the same split as the numbers that this period has, or replace all of them"),
    "stored_overlaps": Words("kỳ không chồng lên kỳ đã có số liệu, hoặc chọn thay toàn bộ số của kỳ",
                             "a period that does not overlap one already there, or replace all of it"),
}  # fmt: skip
"""Why numbers do not fit together; shared by pages, files and programs."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where numbers come from: a file by its name and digest, a page, or a program."""

    kind: str
    title: str
    digest: bytes | None = None
    by: Viewer | None = None
    client_id: int | None = None
    is_simulated: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """A number that does not fit, by its place among those given."""

    entry: CountEntry
    reason: str

    @property
    def expected(self) -> Words:
        return PROBLEMS[self.reason]


@dataclass(frozen=True, slots=True)
class CountPlan:
    """What storing these numbers would do. With a problem nothing may be stored."""

    added: tuple[CountEntry, ...]
    changed: tuple[tuple[CountEntry, StoredCount], ...]
    n_unchanged: int
    removed: tuple[StoredCount, ...]
    problems: tuple[Problem, ...]

    @property
    def changes_anything(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    @property
    def n_files(self) -> int:
        """Files among what is added and changed."""
        return sum(each.n_files for each in self.added) + sum(new.n_files for new, _ in self.changed)


def plan_counts(
    session: Session, entries: Sequence[CountEntry], *, replaces: bool = False, is_whole: bool = False
) -> CountPlan:
    """Hold numbers against each other and against what is stored; nothing is written.

    With `replaces`, what a unit has in the days of these numbers and does not fit them gives way as a whole. With
    `is_whole` these are all numbers of their periods: a stored one that is not among them goes.
    """
    problems = _problems_within(entries)
    if not entries or problems:
        return CountPlan((), (), 0, (), tuple(problems))
    stored = queries.stored_counts(
        session,
        unit_ids={each.unit_id for each in entries},
        starts_on=min(each.starts_on for each in entries),
        ends_on=max(each.ends_on for each in entries),
    )
    removed, problems = _against_stored(entries, stored, replaces=replaces)
    if is_whole and not problems:
        keys, periods = {each.key for each in entries}, {_period_of(each) for each in entries}
        removed = [
            each
            for each in stored
            if each in removed or (each.key not in keys and _period_of(each) in periods)
        ]
    gone = {each.id for each in removed}
    by_key = {each.key: each for each in stored if each.id not in gone}
    added = tuple(each for each in entries if each.key not in by_key)
    changed = tuple(
        (each, by_key[each.key])
        for each in entries
        if each.key in by_key and by_key[each.key].n_files != each.n_files
    )
    n_unchanged = len(entries) - len(added) - len(changed)
    return CountPlan(added, changed, n_unchanged, tuple(removed), tuple(problems))


def store_counts(session: Session, plan: CountPlan, source: Source, *, now: datetime) -> int | None:
    """Store what was planned, in the caller's transaction; the number of the loading, None where nothing changes."""
    if plan.problems:
        raise ValueError("a plan with problems is not stored")
    if not plan.changes_anything:
        return None
    batch = TransactionBatch(
        source=source.kind,
        title=source.title[:_TITLE_LENGTH],
        digest=source.digest,
        account_id=None if source.by is None else source.by.account_id,
        client_id=source.client_id,
        loaded_at=now,
        n_rows=len(plan.added) + len(plan.changed) + plan.n_unchanged,
    )
    session.add(batch)
    session.flush()
    if plan.removed:
        gone = [each.id for each in plan.removed]
        session.execute(delete(TransactionCount).where(TransactionCount.id.in_(gone)))
    if plan.added:
        session.execute(insert(TransactionCount), [_row(each, source, batch.id) for each in plan.added])
    for entry, before in plan.changed:
        values = {"n_files": entry.n_files, "batch_id": batch.id, "is_simulated": source.is_simulated}
        session.execute(update(TransactionCount).where(TransactionCount.id == before.id).values(**values))
    _record(session, plan, source, batch.id, now)
    return batch.id


def _row(entry: CountEntry, source: Source, batch_id: int) -> dict[str, object]:
    return {
        "key": entry.key, "unit_id": entry.unit_id, "desk_id": entry.desk_id, "field_id": entry.field_id,
        "starts_on": entry.starts_on, "ends_on": entry.ends_on, "mode": entry.mode, "outcome": entry.outcome,
        "n_files": entry.n_files, "is_simulated": source.is_simulated, "batch_id": batch_id,
    }  # fmt: skip


def _record(session: Session, plan: CountPlan, source: Source, batch_id: int, now: datetime) -> None:
    details = {
        "source": source.kind,
        "title": source.title[:_TITLE_LENGTH],
        "digest": source.digest.hex() if source.digest else None,
        "client_id": source.client_id,
        "n_added": len(plan.added),
        "changed": [[entry.key, before.n_files, entry.n_files] for entry, before in plan.changed],
        "removed": [[each.key, each.n_files] for each in plan.removed],
    }
    target = f"transaction_batch:{batch_id}"
    audit.record(session, "transactions.loaded", target=target, by=source.by, at=now, details=details)


def _problems_within(entries: Sequence[CountEntry]) -> list[Problem]:
    problems: list[Problem] = []
    seen: set[str] = set()
    for entry in entries:
        if entry.key in seen:
            problems.append(Problem(entry, "duplicate"))
        seen.add(entry.key)
    for groups in _by_unit(entries).values():
        problems += _overlapping(groups)
        for group in groups.values():
            problems += _sums_among(group)
    return problems


def _period_of(each: CountEntry | StoredCount) -> tuple[int, date, date]:
    return each.unit_id, each.starts_on, each.ends_on


def _by_unit(
    entries: Sequence[CountEntry],
) -> dict[int, dict[tuple[date, date], list[CountEntry]]]:
    found: dict[int, dict[tuple[date, date], list[CountEntry]]] = {}
    for entry in entries:
        found.setdefault(entry.unit_id, {}).setdefault((entry.starts_on, entry.ends_on), []).append(entry)
    return found


def _overlapping(groups: Mapping[tuple[date, date], list[CountEntry]]) -> list[Problem]:
    """Periods of one unit that share a day, told at the first number of the later one."""
    problems, last_end = [], date.min
    for (start, end), group in sorted(groups.items()):
        if start <= last_end:
            problems.append(Problem(group[0], "overlaps"))
        last_end = max(last_end, end)
    return problems


def _sums_among(group: Sequence[CountEntry]) -> list[Problem]:
    """A number without any split that is the sum of the split ones beside it."""
    whole = [each for each in group if not each.detail]
    parts = sum(each.n_files for each in group if each.detail)
    return [Problem(each, "is_a_sum") for each in whole if len(group) > 2 and 0 < parts == each.n_files]


def _against_stored(
    entries: Sequence[CountEntry], stored: Sequence[StoredCount], *, replaces: bool
) -> tuple[list[StoredCount], list[Problem]]:
    removed: dict[int, StoredCount] = {}
    problems: list[Problem] = []
    of_unit: dict[int, list[StoredCount]] = {}
    for each in stored:
        of_unit.setdefault(each.unit_id, []).append(each)
    for unit_id, groups in _by_unit(entries).items():
        for (start, end), group in groups.items():
            near = [
                each for each in of_unit.get(unit_id, []) if each.starts_on <= end and each.ends_on >= start
            ]
            reason = _misfit((start, end), group, near)
            if reason and replaces:
                removed |= {each.id: each for each in near}
            elif reason:
                problems.append(Problem(group[0], reason))
    return list(removed.values()), problems


def _misfit(
    period: tuple[date, date], group: Sequence[CountEntry], near: Collection[StoredCount]
) -> str | None:
    if any((each.starts_on, each.ends_on) != period for each in near):
        return "stored_overlaps"
    detail = frozenset[str]().union(*(each.detail for each in group))
    if near and detail != frozenset[str]().union(*(each.detail for each in near)):
        return "other_detail"
    return None
