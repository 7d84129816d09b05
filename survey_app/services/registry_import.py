"""Reads registry files: hostile bytes in, typed entries and errors by file, row and column out."""

import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from survey_app.services.registry_formats import FORMATS, BadCell, Expected, Key

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_ROWS = 50_000
MAX_ERRORS = 1_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands; row 1 holds the column names, row 0 means the file as a whole."""

    file: str
    row: int


@dataclass(frozen=True, slots=True)
class RowError:
    file: str
    row: int
    column: str
    expected: Expected


@dataclass(slots=True)
class Parsed:
    """Entries by table and key, where each came from, and what could not be read."""

    tables: dict[str, dict[Key, Any]] = field(default_factory=lambda: {name: {} for name in FORMATS})
    places: dict[tuple[str, Key], Place] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)

    def refuse(self, place: Place, column: str, vi: str, en: str) -> None:
        self.errors.append(RowError(place.file, place.row, column, Expected(vi, en)))


def read_sources(files: Sequence[SourceFile]) -> Parsed:
    """Every entry of every file; a file of any of the six kinds is known by its header."""
    parsed = Parsed()
    for file in files:
        text = _decoded(file, parsed)
        if text is not None:
            _read_table(file.name, text, parsed)
    return parsed


def _decoded(file: SourceFile, parsed: Parsed) -> str | None:
    whole = Place(file.name, 0)
    if len(file.content) > MAX_FILE_BYTES:
        parsed.refuse(
            whole,
            "",
            f"tệp không quá {MAX_FILE_BYTES // 2**20} MB",
            f"a file up to {MAX_FILE_BYTES // 2**20} MB",
        )
        return None
    try:
        text = file.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = file.content[: error.start].count(b"\n") + 1
        parsed.refuse(Place(file.name, row), "", "văn bản mã hóa UTF-8", "text encoded in UTF-8")
        return None
    if "\x00" in text:
        parsed.refuse(whole, "", "văn bản không có ký tự NUL", "text without NUL characters")
        return None
    return unicodedata.normalize("NFC", text)


def _read_table(file: str, text: str, parsed: Parsed) -> None:
    rows = _rows(file, text, parsed)
    header = [name.strip() for name in next(rows, (1, []))[1]]
    table = next((name for name, each in FORMATS.items() if each.fits(header)), None)
    if table is None:
        known = "; ".join(f"{name}: {','.join(each.columns)}" for name, each in FORMATS.items())
        parsed.refuse(
            Place(file, 1),
            "",
            f"dòng tên cột của một trong các loại tệp: {known}",
            f"the column names of one of these kinds of file: {known}",
        )
        return
    for row, cells in rows:
        if row > MAX_ROWS:
            parsed.refuse(Place(file, row), "", f"không quá {MAX_ROWS} dòng", f"no more than {MAX_ROWS} rows")
            return
        if len(parsed.errors) >= MAX_ERRORS:
            parsed.refuse(
                Place(file, row),
                "",
                "ít lỗi hơn; từ dòng này chưa đọc",
                "fewer errors; not read from here on",
            )
            return
        _read_row(Place(file, row), table, header, cells, parsed)


def _rows(file: str, text: str, parsed: Parsed) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold something, numbered as a spreadsheet numbers them."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    row = 0
    try:
        for row, cells in enumerate(reader, 1):
            if any(cell.strip() for cell in cells):
                yield row, cells
    except csv.Error:
        parsed.refuse(
            Place(file, row + 1),
            "",
            "dòng CSV đúng chuẩn (dấu ngoặc kép đóng đủ)",
            "a well-formed CSV row (quotes closed)",
        )


def _read_row(place: Place, table: str, header: Sequence[str], cells: Sequence[str], parsed: Parsed) -> None:
    form = FORMATS[table]
    if len(cells) != len(header):
        parsed.refuse(
            place,
            "",
            f"{len(header)} ô, dòng này có {len(cells)}",
            f"{len(header)} cells, this row has {len(cells)}",
        )
        return
    given = {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
    values = {}
    for column, parse in form.columns.items():
        try:
            values[column] = parse(given.get(column, ""))
        except BadCell as error:
            parsed.refuse(place, column, error.expected.vi, error.expected.en)
    if len(values) < len(form.columns):
        return
    key = tuple(values[column] for column in form.key)
    first = parsed.places.setdefault((table, key), place)
    if first != place:
        parsed.refuse(
            place,
            form.key[0],
            f"mã chưa có; đã dùng ở {first.file} dòng {first.row}",
            f"a new code; used in {first.file} row {first.row}",
        )
        return
    parsed.tables[table][key] = form.entry(**values)
