"""A file of counts as offices make it, long or wide, read into one number by unit, period and dimensions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from survey_app.names import search_key
from survey_app.queries import transactions as queries
from survey_app.queries import units
from survey_app.services.cell_values import period_in, read_count
from survey_app.services.known_tables import BadValue, Column, ReadRow, ReadTable, Words, read_table
from survey_app.services.transaction_columns import COLUMNS, NUMBER, UNIT, timeliness, value_kind
from survey_app.services.unit_words import UnitNames
from survey_app.spreadsheets import Sheet
from survey_app.vocabulary import FileOutcome, FilingMode

_PAST_PERIOD = Words("kỳ đã qua: cột Kỳ, cột Từ ngày và Đến ngày, hoặc kỳ chọn trên trang",
                     "a past period: a column Period, columns From and To, or one chosen on the page")  # fmt: skip


@dataclass(frozen=True, slots=True)
class CountEntry:
    """One number as it is stored; `row` is where it was read, for what is told of it."""

    unit_id: int
    starts_on: date
    ends_on: date
    n_files: int
    desk_id: int | None = None
    field_id: int | None = None
    mode: int = 0
    outcome: int = 0
    row: int = 0

    @property
    def key(self) -> str:
        """All dimensions as one text, unique in the store."""
        days = f"{self.starts_on:%Y%m%d}|{self.ends_on:%Y%m%d}"
        return f"{self.unit_id}|{days}|{self.desk_id or 0}|{self.field_id or 0}|{self.mode}|{self.outcome}"

    @property
    def detail(self) -> frozenset[str]:
        given = {"desk": self.desk_id, "field": self.field_id, "mode": self.mode, "outcome": self.outcome}
        return frozenset(name for name, value in given.items() if value)


@dataclass(slots=True)
class CountFile:
    """What a file says: its numbers, the table with its errors, and the columns that were not used."""

    table: ReadTable
    entries: list[CountEntry] = field(default_factory=list)
    unused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """What words of cells are held against."""

    unit_names: Mapping[date, UnitNames]
    fields: Mapping[str, int]
    desk_codes: Mapping[str, tuple[int, int]]
    desk_names: Mapping[tuple[int, str], list[int]]


def read_count_file(
    session: Session,
    sheets: Sequence[Sheet],
    *,
    unit_ids: Collection[int],
    today: date,
    period: tuple[date, date] | None = None,
) -> CountFile:
    """The numbers of a file, for these units only; `period` is for a file whose rows and title name none."""
    table = read_table(sheets, COLUMNS, takes_other=lambda text: value_kind(text) is not None)
    found = CountFile(table)
    if table.errors and not table.rows:
        return found
    has_total = any(_is(NUMBER, text) for text in table.headings)
    values, half = _value_columns(table.headings, has_total=has_total)
    if half:
        table.refuse(0, half, Words(
            "số hồ sơ đã giải quyết gồm cả đúng hạn và quá hạn: thêm cột còn thiếu, hoặc cột Đã giải quyết, hoặc cột "
            "Số hồ sơ",
            "all files settled, in time and late: add the column that is missing, or a column of all files settled, or "
            "a column of files",
        ))  # fmt: skip
        return found
    if not values and not has_total:
        table.refuse(0, "", Words("cột Số hồ sơ, hoặc các cột theo kết quả hay hình thức nộp",
                                  "a column of files, or columns by outcome or way of filing"))  # fmt: skip
        return found
    found.unused = _unused(table.headings, values)
    titled = period or _titled_period(table.above)
    known = _known(session, unit_ids, _ends(table, titled))
    for row in table.rows:
        asked = _period(row, titled)
        if asked is None or asked[1] > today:
            table.refuse(row.number, "Kỳ", _PAST_PERIOD)
        else:
            found.entries += _entries(row, values, asked, known, table)
    return found


def _titled_period(above: Sequence[str]) -> tuple[date, date] | None:
    return next((period for text in above if (period := period_in(text))), None)


def _is(column: Column, text: str) -> bool:
    return search_key(text.rpartition(" / ")[2].replace("_", " ")) in column.keys


def _value_columns(
    headings: Sequence[str], *, has_total: bool
) -> tuple[dict[str, tuple[FilingMode, FileOutcome]], str]:
    """Columns of numbers by their heading, and one that counts a half whose other half is missing.

    Where outcomes and ways of filing stand side by side, each is the same files once more: outcomes are taken. So is
    a part's own total, where its parts are there.
    """
    plain = {key for column in COLUMNS for key in column.keys}
    kinds = {
        text: kind
        for text in headings
        if text and search_key(text.replace("_", " ")) not in plain and (kind := value_kind(text))
    }
    both = {text: kind for text, kind in kinds.items() if all(kind)}
    outcomes = {text: kind for text, kind in kinds.items() if kind[1] and not kind[0]}
    chosen, half = _whole_outcomes(both or outcomes or kinds, has_total=has_total)
    totals = {text for text in chosen if search_key(text.rpartition(" / ")[2]).startswith("tong")}
    parts = {text.rpartition(" / ")[0] for text in chosen if text not in totals}
    kept = {
        text: kind
        for text, kind in chosen.items()
        if not (text in totals and text.rpartition(" / ")[0] in parts)
        and not any(other.startswith(f"{text} / ") for other in chosen)
    }
    return kept, half


def _whole_outcomes(
    kinds: Mapping[str, tuple[FilingMode, FileOutcome]], *, has_total: bool
) -> tuple[dict[str, tuple[FilingMode, FileOutcome]], str]:
    """Without columns of files in time or late where all settled files have a column: they would count twice.

    Where they have none, both halves together are all. One half alone is not: the file's total is taken, and where it
    has none the half is told.
    """
    kept, half = dict(kinds), ""
    for kind in set(kinds.values()):
        alike = [text for text, each in kinds.items() if each == kind]
        parts = [text for text in alike if timeliness(text)]
        whole = [t for t in alike if t not in parts and not any(p.startswith(f"{t} / ") for p in parts)]
        is_all = len({timeliness(text) for text in parts}) == 2
        if not parts or (is_all and not whole):
            continue
        if not whole and has_total:
            return {}, ""
        if not whole:
            half = half or parts[0]
        for text in parts:
            del kept[text]
    return kept, half


def _unused(headings: Sequence[str], values: Mapping[str, object]) -> tuple[str, ...]:
    numbers = {text for text in headings if values and text and _is(NUMBER, text)}
    every = [c for c in COLUMNS if c is not NUMBER or not values]
    return tuple(
        text
        for text in dict.fromkeys(headings)
        if text and text not in values and (text in numbers or not any(_is(column, text) for column in every))
    )


def _ends(table: ReadTable, titled: tuple[date, date] | None) -> set[date]:
    return {period[1] for row in table.rows if (period := _period(row, titled))}


def _period(row: ReadRow, titled: tuple[date, date] | None) -> tuple[date, date] | None:
    start, end = row.values.get("starts_on"), row.values.get("ends_on")
    if start and end:
        return (start, end) if start <= end else None
    return row.values.get("period") or titled


def _known(session: Session, unit_ids: Collection[int], days: Collection[date]) -> _Known:
    names = {
        day: UnitNames([row for row in units.units_as_at(session, day) if row.id in unit_ids]) for day in days
    }
    fields: dict[str, int] = {}
    for field_id, code, vi, en in queries.field_names(session):
        fields |= {search_key(text.replace("_", " ")): field_id for text in (code, vi, en)}
    desks = queries.desk_places(session, on=max(days)) if days else []
    by_name: dict[tuple[int, str], list[int]] = {}
    for desk in desks:
        by_name.setdefault((desk.unit_id, search_key(desk.name)), []).append(desk.id)
    return _Known(
        names,
        fields,
        {desk.code.casefold(): (desk.id, desk.unit_id) for desk in desks},
        by_name,
    )


def _entries(
    row: ReadRow,
    values: Mapping[str, tuple[FilingMode, FileOutcome]],
    period: tuple[date, date],
    known: _Known,
    table: ReadTable,
) -> list[CountEntry]:
    """The numbers of a row; none of them where any of its cells is refused."""
    n_errors = len(table.errors)
    place = _place(row, period, known, table)
    numbers = _numbers(row, values, table)
    if place is None or len(table.errors) > n_errors:
        return []
    unit_id, desk_id, field_id = place
    return [
        CountEntry(unit_id, *period, n, desk_id, field_id, mode, outcome, row.number)
        for (mode, outcome), n in numbers.items()
    ]


def _place(
    row: ReadRow, period: tuple[date, date], known: _Known, table: ReadTable
) -> tuple[int, int | None, int | None] | None:
    text = row.values["unit"]
    try:
        unit = known.unit_names[period[1]].find(text)
    except BadValue as error:
        table.refuse(row.number, UNIT.title.vi, error.expected, text)
        return None
    field_id = desk_id = None
    if written := row.values.get("field"):
        field_id = known.fields.get(search_key(written.replace("_", " ")))
        if field_id is None:
            table.refuse(row.number, "Lĩnh vực", Words("tên hoặc mã lĩnh vực trong danh mục",
                         "the name or code of a service field of the registry"), written)  # fmt: skip
    if written := row.values.get("desk"):
        desk_id = _desk(written, unit.id, known)
        if desk_id is None:
            table.refuse(row.number, "Quầy", Words("mã quầy, hoặc tên quầy của đơn vị này",
                         "the code of a desk, or the name of a desk of this unit"), written)  # fmt: skip
    return unit.id, desk_id, field_id


def _desk(text: str, unit_id: int, known: _Known) -> int | None:
    by_code = known.desk_codes.get(text.strip().casefold())
    if by_code is not None:
        return by_code[0] if by_code[1] == unit_id else None
    named = known.desk_names.get((unit_id, search_key(text)), [])
    return named[0] if len(named) == 1 else None


def _numbers(
    row: ReadRow, values: Mapping[str, tuple[FilingMode, FileOutcome]], table: ReadTable
) -> dict[tuple[int, int], int]:
    given = int(row.values.get("mode", 0)), int(row.values.get("outcome", 0))
    if not values:
        return {given: row.values.get("n_files", 0)}
    found: dict[tuple[int, int], int] = {}
    for heading, (mode, outcome) in values.items():
        try:
            n = read_count(row.others.get(heading, ""))
        except BadValue as error:
            table.refuse(row.number, heading, error.expected, row.others[heading])
            continue
        key = int(mode) or given[0], int(outcome) or given[1]
        found[key] = found.get(key, 0) + n
    return found
