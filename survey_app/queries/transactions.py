"""Counts of files (hồ sơ): denominators, coverage, finite populations and targets for weights, between two days.

A count of a period that is only partly asked for counts by its days, since offices report whole months.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Select, func, select
from sqlalchemy.orm import Session

from survey_app.models import (
    Account,
    ApiClient,
    Desk,
    PointUnit,
    ServiceField,
    TransactionBatch,
    TransactionCount,
)
from survey_app.months import last_day
from survey_app.queries.unit_days import on_day

DIMENSIONS = {
    "desk": TransactionCount.desk_id,
    "field": TransactionCount.field_id,
    "mode": TransactionCount.mode,
    "outcome": TransactionCount.outcome,
}
"""What counts can be split by; an unknown desk or field is None, an unknown mode or outcome 0."""


@dataclass(frozen=True, slots=True)
class Population:
    """Files of a unit between two days, and on how many of these days anything is known of them."""

    n: int
    n_days_known: int
    n_days: int

    @property
    def is_whole(self) -> bool:
        return self.n_days_known == self.n_days


@dataclass(frozen=True, slots=True)
class MonthCoverage:
    """What is known of a unit in a month: files, days of the month that are counted, and up to which one."""

    n_files: int
    n_days_known: int
    n_days: int
    is_simulated: bool

    @property
    def is_whole(self) -> bool:
        return self.n_days_known == self.n_days


@dataclass(frozen=True, slots=True)
class StoredCount:
    """One stored number with its key."""

    id: int
    key: str
    unit_id: int
    desk_id: int | None
    field_id: int | None
    starts_on: date
    ends_on: date
    mode: int
    outcome: int
    n_files: int

    @property
    def detail(self) -> frozenset[str]:
        """The dimensions that this number is split by."""
        given = {"desk": self.desk_id, "field": self.field_id, "mode": self.mode, "outcome": self.outcome}
        return frozenset(name for name, value in given.items() if value)


@dataclass(frozen=True, slots=True)
class DeskPlace:
    """A desk and the unit that it belongs to on a day."""

    id: int
    code: str
    name: str
    unit_id: int


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One loading, with who did it by name."""

    id: int
    source: str
    title: str
    digest: bytes | None
    account_name: str | None
    client_name: str | None
    loaded_at: datetime
    n_rows: int


def transactions_between(
    session: Session, *, unit_ids: Collection[int], starts_on: date, ends_on: date
) -> dict[int, int]:
    """Files by unit: the denominator of the response rate. A unit of which nothing is known is left out."""
    totals: dict[int, float] = {}
    for unit_id, start, end, n in _sums(session, unit_ids, starts_on, ends_on):
        totals[unit_id] = totals.get(unit_id, 0.0) + n * _share(start, end, starts_on, ends_on)
    return {unit_id: round(total) for unit_id, total in totals.items()}


def finite_populations(
    session: Session, *, unit_ids: Collection[int], starts_on: date, ends_on: date
) -> dict[int, Population]:
    """Files by unit with the days that they cover: a population may be used as N only where it is whole."""
    totals: dict[int, float] = {}
    days: dict[int, set[date]] = {}
    for unit_id, start, end, n in _sums(session, unit_ids, starts_on, ends_on):
        totals[unit_id] = totals.get(unit_id, 0.0) + n * _share(start, end, starts_on, ends_on)
        days.setdefault(unit_id, set()).update(_days(max(start, starts_on), min(end, ends_on)))
    n_days = (ends_on - starts_on).days + 1
    return {unit: Population(round(total), len(days[unit]), n_days) for unit, total in totals.items()}


def poststratification_targets(
    session: Session, *, unit_ids: Collection[int], starts_on: date, ends_on: date, by: str
) -> dict[tuple[int, int], int]:
    """Files by unit and category of one dimension (`DIMENSIONS`); those of an unknown category are left out.

    Targets for weights. A unit whose counts are not split by this dimension has none.
    """
    column = DIMENSIONS[by]
    totals: dict[tuple[int, int], float] = {}
    for unit_id, start, end, n, code in _sums(session, unit_ids, starts_on, ends_on, column):
        if code:
            share = _share(start, end, starts_on, ends_on)
            totals[unit_id, code] = totals.get((unit_id, code), 0.0) + n * share
    return {key: round(total) for key, total in totals.items()}


def shares_known(
    session: Session, *, unit_ids: Collection[int], starts_on: date, ends_on: date
) -> dict[str, int]:
    """Of all files, how many are split by each dimension."""
    known = dict.fromkeys(DIMENSIONS, 0.0)
    for name, column in DIMENSIONS.items():
        for _unit, start, end, n, code in _sums(session, unit_ids, starts_on, ends_on, column):
            known[name] += n * _share(start, end, starts_on, ends_on) if code else 0.0
    return {name: round(total) for name, total in known.items()}


def totals_by(
    session: Session, *, unit_ids: Collection[int], starts_on: date, ends_on: date, by: str
) -> dict[int | None, int]:
    """Files of all these units by category of one dimension, the unknown one too."""
    totals: dict[int | None, float] = {}
    for _unit, start, end, n, code in _sums(session, unit_ids, starts_on, ends_on, DIMENSIONS[by]):
        totals[code] = totals.get(code, 0.0) + n * _share(start, end, starts_on, ends_on)
    return {code: round(total) for code, total in totals.items()}


def coverage_by_month(
    session: Session, *, unit_ids: Collection[int], months: Iterable[date]
) -> dict[tuple[int, date], MonthCoverage]:
    """What is known by unit and month (its first day); a pair of which nothing is known is left out."""
    wanted = sorted(months)
    if not wanted:
        return {}
    statement = _between(
        select(
            TransactionCount.unit_id, TransactionCount.starts_on, TransactionCount.ends_on,
            func.sum(TransactionCount.n_files), func.max(TransactionCount.is_simulated.cast(Integer)),
        ),
        unit_ids, wanted[0], last_day(wanted[-1]),
    ).group_by(TransactionCount.unit_id, TransactionCount.starts_on, TransactionCount.ends_on)  # fmt: skip
    parts: dict[tuple[int, date], list[tuple[float, set[date], bool]]] = {}
    for unit_id, start, end, n, simulated in session.execute(statement):
        for month in wanted:
            first, last = max(start, month), min(end, last_day(month))
            if first <= last:
                part = n * _share(start, end, month, last_day(month)), _days(first, last), bool(simulated)
                parts.setdefault((unit_id, month), []).append(part)
    return {
        (unit_id, month): MonthCoverage(
            round(sum(n for n, _, _ in found)),
            len(set[date]().union(*(days for _, days, _ in found))),
            last_day(month).day,
            any(simulated for _, _, simulated in found),
        )
        for (unit_id, month), found in parts.items()
    }


def stored_counts(
    session: Session, *, unit_ids: Collection[int], starts_on: date, ends_on: date
) -> list[StoredCount]:
    """Every number of these units that touches these days, in the order of their keys."""
    columns: tuple[Any, ...] = (
        TransactionCount.id, TransactionCount.key, TransactionCount.unit_id, TransactionCount.desk_id,
        TransactionCount.field_id, TransactionCount.starts_on, TransactionCount.ends_on, TransactionCount.mode,
        TransactionCount.outcome, TransactionCount.n_files,
    )  # fmt: skip
    statement = _between(select(*columns), unit_ids, starts_on, ends_on).order_by(TransactionCount.key)
    return [StoredCount(*row) for row in session.execute(statement)]


def latest_batches(session: Session, *, unit_ids: Collection[int], limit: int) -> list[BatchRow]:
    """The latest loadings that still stand behind a number of these units, the latest first."""
    in_use = select(TransactionCount.batch_id).where(TransactionCount.unit_id.in_(unit_ids))
    rows = session.execute(
        select(
            TransactionBatch.id, TransactionBatch.source, TransactionBatch.title, TransactionBatch.digest,
            Account.name, ApiClient.name, TransactionBatch.loaded_at, TransactionBatch.n_rows,
        )
        .outerjoin(Account, Account.id == TransactionBatch.account_id)
        .outerjoin(ApiClient, ApiClient.id == TransactionBatch.client_id)
        .where(TransactionBatch.id.in_(in_use))
        .order_by(TransactionBatch.loaded_at.desc(), TransactionBatch.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [BatchRow(*row) for row in rows]


def latest_month(session: Session, *, unit_ids: Collection[int]) -> date | None:
    """The month of the last day of which anything is known."""
    found = session.scalar(
        select(func.max(TransactionCount.ends_on)).where(TransactionCount.unit_id.in_(unit_ids))
    )
    return None if found is None else found.replace(day=1)


def desk_places(session: Session, *, on: date) -> list[DeskPlace]:
    """Every desk with the unit that its point belongs to on a day."""
    rows = session.execute(
        select(Desk.id, Desk.code, Desk.name, PointUnit.unit_id)
        .join(PointUnit, PointUnit.point_id == Desk.point_id)
        .where(on_day(PointUnit, on))
        .order_by(Desk.code)
    )
    return [DeskPlace(*row) for row in rows]


def field_names(session: Session) -> list[tuple[int, str, str, str]]:
    """Service fields in the order of their page: id, code, name in both languages."""
    field = ServiceField
    rows = session.execute(
        select(field.id, field.code, field.name_vi, field.name_en).order_by(field.position, field.code)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _sums(
    session: Session, unit_ids: Collection[int], starts_on: date, ends_on: date, *by: Any
) -> Iterable[Any]:
    kept = (TransactionCount.unit_id, TransactionCount.starts_on, TransactionCount.ends_on)
    statement = select(*kept, func.sum(TransactionCount.n_files), *by)
    return session.execute(_between(statement, unit_ids, starts_on, ends_on).group_by(*kept, *by)).all()


def _between(
    statement: Select[Any], unit_ids: Collection[int], starts_on: date, ends_on: date
) -> Select[Any]:
    return statement.where(
        TransactionCount.unit_id.in_(unit_ids),
        TransactionCount.starts_on <= ends_on,
        TransactionCount.ends_on >= starts_on,
    )


def _share(start: date, end: date, starts_on: date, ends_on: date) -> float:
    """The part of a period's days that lies between two days."""
    return ((min(end, ends_on) - max(start, starts_on)).days + 1) / ((end - start).days + 1)


def _days(start: date, end: date) -> set[date]:
    return {start + timedelta(days=offset) for offset in range((end - start).days + 1)}
