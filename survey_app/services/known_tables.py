"""Tables as offices make them: a title above, a heading in one or two rows, totals and signatures below.

Columns are known by any of their names. What cannot be read is told by row and column in both languages.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from survey_app.names import search_key
from survey_app.spreadsheets import Row, Sheet

HEADING_WITHIN = 25
MAX_ERRORS = 500

_TOTAL = re.compile(
    r"(tong cong|tong so|tong|cong|total|cong chung|toan tinh)"
    r"( (chung|toan tinh|toan xa|ho so|cac (xa|phuong|don vi).*|[ivx]+))*"
)
_TOTAL_BEGINS = frozenset("TtCc")
_FOOTER = re.compile(
    r"(nguoi lap( bieu| bang)?|thu truong.*|noi nhan.*|ky ten.*|ghi chu.*|giam doc|chu tich|"
    r".*ngay \d{1,2} thang \d{1,2} nam \d{4})"
)
_COLUMN_NUMBER = re.compile(r"\(?(\d{1,3}|[a-zđ])\)?( ?= ?.*)?", re.IGNORECASE)
_GROUP_TITLE = re.compile(r"([IVX]+|[A-H])([.)] .*|[.)]?)")


@dataclass(frozen=True, slots=True)
class Words:
    """What should have stood there, in both languages."""

    vi: str
    en: str


class BadValue(Exception):
    """A cell holds something else than its column expects."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.expected = Words(vi, en)


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its name, the other names that offices give it, and how a cell of it is read."""

    name: str
    title: Words
    read: Callable[[str], Any]
    names: tuple[str, ...] = ()
    is_needed: bool = False
    may_be_blank: bool = False

    @property
    def keys(self) -> frozenset[str]:
        every = (self.name, self.title.vi, self.title.en, *self.names)
        return frozenset(search_key(text.replace("_", " ")) for text in every)


@dataclass(frozen=True, slots=True)
class CellError:
    """A refused cell: its row as a spreadsheet numbers it, the heading above it, what was expected, what was found."""

    row: int
    column: str
    expected: Words
    found: str = ""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row that could be read, by names of columns; `others` are cells of columns that have no name here."""

    number: int
    values: Mapping[str, Any]
    others: Mapping[str, str]


@dataclass(slots=True)
class ReadTable:
    """What a table says, what could not be read of it, and what was left out, so that nothing goes unnoticed."""

    sheet: str = ""
    headings: tuple[str, ...] = ()
    above: tuple[str, ...] = ()
    rows: list[ReadRow] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    left_out: list[tuple[int, str]] = field(default_factory=list)
    cells: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def refuse(self, row: int, column: str, expected: Words, found: str = "") -> None:
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(CellError(row, column, expected, found))


@dataclass(frozen=True, slots=True)
class _Heading:
    """Where a heading ends, and the name (or the text) of each of its columns."""

    index: int
    texts: tuple[str, ...]
    names: tuple[str | None, ...]

    @property
    def score(self) -> int:
        return sum(name is not None for name in self.names)


def read_table(
    sheets: Sequence[Sheet],
    columns: Sequence[Column],
    *,
    takes_other: Callable[[str], bool] = lambda text: False,
) -> ReadTable:
    """The table that the sheets hold; without a heading that has every needed column, one error at row 0.

    `takes_other` says whether a heading that is no column's name means something to the caller.
    """
    found = _best_heading(sheets, columns, takes_other)
    table = ReadTable()
    if found is None:
        needed = [column.title for column in columns if column.is_needed]
        table.refuse(0, "", Words(
            "dòng tên cột có: " + ", ".join(each.vi for each in needed),
            "a heading with: " + ", ".join(each.en for each in needed),
        ))  # fmt: skip
        return table
    sheet, heading = found
    table.sheet, table.headings = sheet.name, heading.texts
    above = sheet.rows[: heading.index]
    table.above = tuple(dict.fromkeys(cell for row in above for cell in row.cells if cell))
    _read_rows(sheet.rows[heading.index + 1 :], heading, columns, table)
    return table


def _best_heading(
    sheets: Sequence[Sheet], columns: Sequence[Column], takes_other: Callable[[str], bool]
) -> tuple[Sheet, _Heading] | None:
    needed = {column.name for column in columns if column.is_needed}
    best: tuple[int, Sheet, _Heading] | None = None
    for sheet in sheets:
        for index in range(min(HEADING_WITHIN, len(sheet.rows))):
            for texts, last in _heading_texts(sheet.rows, index):
                heading = _Heading(last, texts, _names(texts, columns, takes_other))
                if needed <= set(heading.names):
                    score = 2 * (heading.score + _n_others(heading, takes_other)) - (last - index)
                    if best is None or score > best[0]:
                        best = score, sheet, heading
    return None if best is None else best[1:]


def _n_others(heading: _Heading, takes_other: Callable[[str], bool]) -> int:
    """Other headings that mean something, each text once: one merged over four columns is not four headings."""
    named = {text for text, name in zip(heading.texts, heading.names, strict=True) if name}
    return sum(takes_other(text) for text in set(heading.texts) - named)


def _heading_texts(rows: Sequence[Row], index: int) -> Iterable[tuple[tuple[str, ...], int]]:
    """The texts of a heading that begins at this row and is one, two or three rows high."""
    texts = [*rows[index].cells]
    yield tuple(texts), index
    for last in range(index + 1, min(index + 3, len(rows))):
        below = rows[last].cells
        texts += [""] * (len(below) - len(texts))
        # A blank cell beside a wide one above it belongs to it, where the file forgot to merge them.
        for place, text in enumerate(below):
            if text and text != texts[place] and not texts[place].endswith(f" / {text}"):
                left = next((texts[at] for at in range(place, -1, -1) if texts[at]), "")
                over = texts[place] or left.split(" / ")[0]
                texts[place] = f"{over} / {text}" if over else text
        yield tuple(texts), last


def _names(
    texts: Sequence[str], columns: Sequence[Column], takes_other: Callable[[str], bool]
) -> tuple[str | None, ...]:
    """The column of each text, once each: by the whole text, or by its last part under a wider heading."""
    taken: set[str] = set()
    names: list[str | None] = [None] * len(texts)
    for place, text in enumerate(texts):
        name = _column_of(text, columns, taken)
        if name is None and " / " in text and not takes_other(text):
            name = _column_of(text.rpartition(" / ")[2], columns, taken)
        if name is not None:
            taken.add(name)
            names[place] = name
    return tuple(names)


def _column_of(text: str, columns: Sequence[Column], taken: Collection[str]) -> str | None:
    key = search_key(text.replace("_", " "))
    return next((c.name for c in columns if key and key in c.keys and c.name not in taken), None)


def _read_rows(rows: Sequence[Row], heading: _Heading, columns: Sequence[Column], table: ReadTable) -> None:
    by_name = {column.name: column for column in columns}
    for at, row in enumerate(rows):
        if row.is_blank:
            continue
        table.cells[row.number] = row.cells
        texts = [cell for cell in row.cells if cell]
        if len(texts) <= 3 and _is_footer([search_key(text) for text in texts]):
            table.left_out += [(each.number, _short(each)) for each in rows[at:] if not each.is_blank]
            return
        is_column_numbers = not table.rows and not table.errors and _is_column_numbers(texts)
        if is_column_numbers or _is_total(row) or _is_group_title(texts):
            table.left_out.append((row.number, _short(row)))
            continue
        _read_row(row, heading, by_name, table)


def _is_footer(keys: Sequence[str]) -> bool:
    return any(_FOOTER.fullmatch(key) for key in keys)


def _is_column_numbers(texts: Sequence[str]) -> bool:
    """The row under a heading that numbers its columns: (1), (2), (3) = (4) + (5)."""
    if len(texts) < 2 or not all(_COLUMN_NUMBER.fullmatch(text) for text in texts):
        return False
    numbers = [int(found[0]) for text in texts if (found := re.findall(r"\d+", text))]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else True


def _is_group_title(texts: Sequence[str]) -> bool:
    """A row that only names the group below it: "II. Các xã", or "II" beside "Các xã"."""
    return len(texts) <= 2 and _GROUP_TITLE.fullmatch(texts[0]) is not None and not texts[-1].isdigit()


def _is_total(row: Row) -> bool:
    """A row of sums: among its first texts one that says so, numbers apart."""
    first = next((cell for cell in row.cells[:4] if cell and not cell[:1].isdigit()), "")
    return first[:1] in _TOTAL_BEGINS and _TOTAL.fullmatch(search_key(first)) is not None


def _short(row: Row) -> str:
    return " | ".join(cell for cell in row.cells if cell)[:160]


def _read_row(row: Row, heading: _Heading, columns: Mapping[str, Column], table: ReadTable) -> None:
    values: dict[str, Any] = {}
    others: dict[str, str] = {}
    n_errors = len(table.errors)
    for place, name in enumerate(heading.names):
        cell = row.cells[place] if place < len(row.cells) else ""
        if name is None:
            if heading.texts[place]:
                others[heading.texts[place]] = cell
            continue
        column = columns[name]
        if not cell and (column.may_be_blank or not column.is_needed):
            continue
        try:
            values[name] = column.read(cell)
        except BadValue as error:
            table.refuse(row.number, heading.texts[place], error.expected, cell)
    if len(table.errors) == n_errors:
        table.rows.append(ReadRow(row.number, values, others))


def reject_rows(table: ReadTable) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Heading and rows of a file of the refused rows as they were sent, with the reason in columns of its own.

    Mended and without these columns it can be sent again.
    """
    reasons: dict[int, list[CellError]] = {}
    for error in table.errors:
        reasons.setdefault(error.row, []).append(error)
    width = max([len(table.headings), *(len(table.cells.get(row, ())) for row in reasons)], default=0)
    heading = (*table.headings, *[""] * (width - len(table.headings)), "Dòng", "Lý do từ chối", "Why refused")
    rows = []
    for number, errors in sorted(reasons.items()):
        cells = table.cells.get(number, ())
        told = [
            "; ".join(f"{error.column}: {getattr(error.expected, language)}" for error in errors)
            for language in ("vi", "en")
        ]
        rows.append((*cells, *[""] * (width - len(cells)), str(number), *told))
    return heading, rows
