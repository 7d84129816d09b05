"""What a page shows of the counts of files: the months of each unit, gaps, totals, and files to fill in or keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.months import month_of, months_later
from survey_app.queries import transactions as queries
from survey_app.queries import units as unit_queries
from survey_app.queries.transactions import BatchRow, MonthCoverage
from survey_app.queries.units import UnitRow
from survey_app.services.accounts import Viewer, visible_unit_ids
from survey_app.services.transactions import CountPlan
from survey_app.vocabulary import LABELS, FileOutcome, FilingMode

LATEST_BATCHES = 10
COUNT_HEADING = ("Mã đơn vị", "Tên đơn vị", "Từ ngày", "Đến ngày", "Mã quầy", "Mã lĩnh vực", "Hình thức nộp",
                 "Kết quả", "Số hồ sơ")  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnitMonths:
    """A unit and what is known of each month; None where nothing is."""

    unit: UnitRow
    months: tuple[MonthCoverage | None, ...]

    @property
    def n_files(self) -> int:
        return sum(each.n_files for each in self.months if each)


@dataclass(frozen=True, slots=True)
class Overview:
    """Units by months, with totals; `split` is how many files are split by each dimension."""

    months: tuple[date, ...]
    rows: tuple[UnitMonths, ...]
    n_files: int
    split: Mapping[str, int]
    by_mode: Mapping[int | None, int]
    by_outcome: Mapping[int | None, int]
    batches: tuple[BatchRow, ...]
    is_simulated: bool

    @property
    def n_known(self) -> int:
        """Months of units that are known as a whole."""
        return sum(each is not None and each.is_whole for row in self.rows for each in row.months)

    @property
    def n_asked(self) -> int:
        return len(self.rows) * len(self.months)

    @property
    def totals(self) -> tuple[int, ...]:
        return tuple(
            sum(each.n_files for row in self.rows if (each := row.months[at]))
            for at in range(len(self.months))
        )


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One number that storing would add, change or take away."""

    unit: str
    starts_on: date
    ends_on: date
    mode: int
    outcome: int
    before: int | None
    after: int | None


def overview(session: Session, *, viewer: Viewer, today: date, to: date | None, n_months: int) -> Overview:
    """The last months up to the one asked for, by default up to the latest of which anything is known."""
    rows = _collecting(session, viewer, today)
    unit_ids = [row.id for row in rows]
    last = to or queries.latest_month(session, unit_ids=unit_ids) or months_later(today, -1)
    months = [months_later(last, -n) for n in reversed(range(n_months))]
    known = queries.coverage_by_month(session, unit_ids=unit_ids, months=months)
    first, end = months[0], month_of(months[-1])[1]
    return Overview(
        months=tuple(months),
        rows=tuple(UnitMonths(row, tuple(known.get((row.id, month)) for month in months)) for row in rows),
        n_files=sum(
            queries.transactions_between(session, unit_ids=unit_ids, starts_on=first, ends_on=end).values()
        ),
        split=queries.shares_known(session, unit_ids=unit_ids, starts_on=first, ends_on=end),
        by_mode=queries.totals_by(session, by="mode", unit_ids=unit_ids, starts_on=first, ends_on=end),
        by_outcome=queries.totals_by(session, by="outcome", unit_ids=unit_ids, starts_on=first, ends_on=end),
        batches=tuple(queries.latest_batches(session, unit_ids=unit_ids, limit=LATEST_BATCHES)),
        is_simulated=any(each.is_simulated for each in known.values()),
    )


def preview(session: Session, plan: CountPlan, *, limit: int) -> list[PreviewRow]:
    """The first numbers that a plan changes: replaced ones, then changed, then new ones."""
    found: list[tuple[int, PreviewRow]] = []
    for gone in plan.removed:
        row = PreviewRow("", gone.starts_on, gone.ends_on, gone.mode, gone.outcome, gone.n_files, None)
        found.append((gone.unit_id, row))
    for new, old in plan.changed:
        row = PreviewRow("", new.starts_on, new.ends_on, new.mode, new.outcome, old.n_files, new.n_files)
        found.append((new.unit_id, row))
    for new in plan.added:
        row = PreviewRow("", new.starts_on, new.ends_on, new.mode, new.outcome, None, new.n_files)
        found.append((new.unit_id, row))
    titles = {unit_id: unit(session, unit_id).label for unit_id in {each for each, _ in found[:limit]}}
    return [
        PreviewRow(titles[unit_id], row.starts_on, row.ends_on, row.mode, row.outcome, row.before, row.after)
        for unit_id, row in found[:limit]
    ]


def unit(session: Session, unit_id: int) -> UnitRow:
    return unit_queries.unit_by_id(session, unit_id)


def template_rows(
    session: Session, *, viewer: Viewer, today: date
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """A table to fill in: the viewer's units, last month, outcomes as columns."""
    month = months_later(today, -1)
    outcomes = [LABELS[FileOutcome, code][0] for code in list(FileOutcome)[1:]]
    heading = ("Mã đơn vị", "Tên đơn vị", "Tháng", *outcomes)
    rows = [
        (row.code, row.label, f"{month:%m/%Y}", *[None] * len(outcomes))
        for row in _collecting(session, viewer, today)
    ]
    if not rows:
        raise NotFound("units of a template")
    return heading, list(rows)


def count_rows(
    session: Session, *, viewer: Viewer, today: date, to: date | None, n_months: int
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """Every stored number of the months shown, in columns that the import reads back unchanged."""
    shown = overview(session, viewer=viewer, today=today, to=to, n_months=n_months)
    units = {row.unit.id: row.unit for row in shown.rows}
    fields = {field_id: code for field_id, code, _vi, _en in queries.field_names(session)}
    desks = {desk.id: desk.code for desk in queries.desk_places(session, on=today)}
    stored = queries.stored_counts(
        session, unit_ids=list(units), starts_on=shown.months[0], ends_on=month_of(shown.months[-1])[1]
    )
    return COUNT_HEADING, [
        (units[each.unit_id].code, units[each.unit_id].label, f"{each.starts_on:%d/%m/%Y}",
         f"{each.ends_on:%d/%m/%Y}", desks.get(each.desk_id or 0, ""), fields.get(each.field_id or 0, ""),
         LABELS[FilingMode, each.mode][0], LABELS[FileOutcome, each.outcome][0], each.n_files)
        for each in stored
    ]  # fmt: skip


def _collecting(session: Session, viewer: Viewer, today: date) -> Sequence[UnitRow]:
    """The viewer's units that have a point today: those that receive files."""
    mine = visible_unit_ids(session, viewer=viewer)
    receiving = set(unit_queries.units_with_points(session, viewer.unit_id, today))
    return [row for row in unit_queries.units_as_at(session, today) if row.id in mine & receiving]
