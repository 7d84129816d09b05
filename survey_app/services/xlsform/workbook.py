"""A foreign form as tables of plain text: read safely, each cell with its row and column, nothing run or followed."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from openpyxl import load_workbook  # type: ignore[import-untyped]

from survey_app.errors import UnreadableTable
from survey_app.services.xlsform.findings import Findings
from survey_app.services.xlsform.layout import SHEETS, canonical_header
from survey_app.spreadsheets import MAX_FILE_BYTES, Row, Sheet, read_sheets

# Far above any form that people fill in; what is read of it, pyxform reads again in some seconds.
MAX_LINES = 5_000
MAX_CELLS = 40_000
MAX_UNPACKED_BYTES = 16 * 1024 * 1024
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ZIP = b"PK\x03\x04"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a sheet: its number in the file and its cells that hold something, by the canonical column."""

    number: int
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet below its heading; `headings` are the columns as they stand in the file, by the canonical one."""

    name: str
    headings: Mapping[str, str]
    lines: tuple[Line, ...]

    def heading(self, column: str) -> str:
        return self.headings.get(column, column)


Tables = Mapping[str, Table]


def read_tables(files: Sequence[tuple[str, bytes]], findings: Findings) -> Tables:
    """The sheets of an XLSX file, of one CSV file with sheet names in its first column, or of a set of CSV files.

    Raises `UnreadableTable` for what is no table; anything wrong inside a cell is a finding.
    """
    if sum(len(content) for _name, content in files) > MAX_FILE_BYTES:
        raise UnreadableTable("too_large")
    sheets = [sheet for name, content in files for sheet in _sheets(name, content, findings)]
    tables: dict[str, Table] = {}
    for sheet in sheets:
        name = sheet.name.strip().lower()
        if all(row.is_blank for row in sheet.rows):
            continue
        if name in SHEETS and name not in tables:
            tables[name] = _table(name, sheet.rows, findings)
        else:
            findings.add("other_sheet", sheet.name)
    if sum(len(line.cells) for table in tables.values() for line in table.lines) > MAX_CELLS:
        findings.add("too_many_rows", "survey")
    if "survey" not in tables:
        findings.add("no_survey", "survey")
    elif "type" not in tables["survey"].headings:
        findings.add("no_header", "survey", 1)
    return tables


def column_letter(place: int) -> str:
    """A, B … Z, AA … as a spreadsheet names its columns, from 0."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = _LETTERS[rest] + letters
    return letters


def _sheets(name: str, content: bytes, findings: Findings) -> Iterator[Sheet]:
    _check_weight(content)
    read = read_sheets(content)
    if content.startswith(_ZIP):
        _check_cells(_workbook_cells(content), findings)
        yield from read
        return
    rows = read[0].rows
    stem = PurePath(name.replace("\\", "/")).stem.lower()
    own = next((sheet for sheet in SHEETS if stem == sheet or stem.endswith((f"-{sheet}", f"_{sheet}"))), "")
    _check_cells(_csv_cells(own, content), findings)
    yield from [Sheet(own, rows)] if own else _split(rows)


def _check_weight(content: bytes) -> None:
    """What a form unpacks to, by what the archive says; `read_sheets` then holds it to that."""
    if content.startswith(_ZIP):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                weight = sum(part.file_size for part in archive.infolist())
        except zipfile.BadZipFile as error:
            raise UnreadableTable("not_a_table") from error
        if weight > MAX_UNPACKED_BYTES:
            raise UnreadableTable("too_large")


def _split(rows: Iterable[Row]) -> Iterator[Sheet]:
    """Sheets one below the other, as the tools of XLSForm write them into one CSV file: a name in the first column."""
    name, held = "", list[Row]()
    for row in rows:
        if row.cells and row.cells[0]:
            if name:
                yield Sheet(name, tuple(held))
            name, held = row.cells[0], []
        if any(row.cells[1:]) or held:
            held.append(Row(row.number, row.cells[1:]))
    if name:
        yield Sheet(name, tuple(held))


def _table(name: str, rows: Sequence[Row], findings: Findings) -> Table:
    filled = [row for row in rows if not row.is_blank]
    head, body = filled[0], filled[1:]
    columns: list[str] = []
    headings: dict[str, str] = {}
    for place, text in enumerate(head.cells):
        column = canonical_header(text) if text else ""
        if column and column in headings:
            # Two names of one column: the first is read. The same name twice could be read either way.
            what = "duplicate_column" if text == headings[column] else "second_column"
            findings.add(what, name, head.number, column_letter(place), text)
            column = ""
        columns.append(column)
        if column:
            headings[column] = text
    if len(body) > MAX_LINES:
        findings.add("too_many_rows", name, body[MAX_LINES].number)
    lines = tuple(Line(row.number, _cells(columns, row)) for row in body[:MAX_LINES])
    return Table(name, headings, lines)


def _cells(columns: Sequence[str], row: Row) -> dict[str, str]:
    return {column: text for column, text in zip(columns, row.cells, strict=False) if column and text}


def _check_cells(cells: Iterable[tuple[str, int, int, str, bool]], findings: Findings) -> None:
    """Formulas and marks that turn the reading direction are refused where they stand."""
    for sheet, row, place, text, is_formula in cells:
        if is_formula:
            findings.add("formula", sheet, row, column_letter(place), text)
        elif _BIDI.search(text):
            findings.add("bidi", sheet, row, column_letter(place), _BIDI.sub("·", text))


def _workbook_cells(content: bytes) -> Iterator[tuple[str, int, int, str, bool]]:
    """Every cell that holds text, as it stands in the file; `read_sheets` has found the file readable and bounded."""
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    for sheet in book.worksheets:
        if sheet.title.strip().lower() not in SHEETS:
            continue
        for number, cells in enumerate(sheet.iter_rows(), 1):
            for place, cell in enumerate(cells):
                if cell.value is not None:
                    yield sheet.title, number, place, str(cell.value), cell.data_type == "f"


def _csv_cells(sheet: str, content: bytes) -> Iterator[tuple[str, int, int, str, bool]]:
    """In a CSV file what begins with `=` is what a spreadsheet would run."""
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    text = content.decode(encoding)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
        for place, cell in enumerate(cells):
            yield sheet or "CSV", number, place, cell, cell.lstrip().startswith("=")
