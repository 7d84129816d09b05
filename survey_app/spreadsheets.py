"""Tables that an office sends as CSV or XLSX, read as rows of text; and workbooks written so that nothing in them runs.

A file from outside is hostile until read: its size, the size it unpacks to, its rows and columns are bounded, XML
entities are refused, and formulas, links and macros are never followed.
"""

import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

import xlsxwriter
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from survey_app.errors import UnreadableTable

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_PARTS = 500
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_CELL_CHARACTERS = 4_000
HEADER_ROWS = 20

# Text that is written stays text: it never runs as a formula and never becomes a link.
SAFE_WORKBOOK = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
    "default_date_format": "dd/mm/yyyy",
}

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ZIP = b"PK\x03\x04"
_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml")
_MERGED_CELL = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})[\"']"
)
_PLAIN = re.compile(r"[ -~]*")


class Number(str):
    """The text of a cell that holds a number: its dot is a decimal point, which in a typed "1.234" it is not."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row as text, numbered as a spreadsheet numbers it (from 1)."""

    number: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        return not any(self.cells)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet by its name; a CSV file is one sheet without a name. Cells merged in the heading repeat their text."""

    name: str
    rows: tuple[Row, ...]


def read_sheets(content: bytes) -> list[Sheet]:
    """Every sheet of a CSV or XLSX file, by what the bytes are, whatever the file is called.

    Text comes in NFC without outer blanks or invisible characters; a whole number has no decimals and a date is
    written 2026-01-31. Raises `UnreadableTable` for what is too large, not a table, or holds XML entities.
    """
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableTable("too_large")
    if not content.strip():
        raise UnreadableTable("empty")
    return _read_workbook(content) if content.startswith(_ZIP) else [_read_csv(content)]


def check_archive(content: bytes) -> None:
    """Refuse a zip file (XLSX, DOCX) that unpacks to too much, has too many parts, or holds XML entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise UnreadableTable("too_large")
            left = MAX_UNPACKED_BYTES
            for part in parts:
                # The size that the archive states may be a lie; what is really unpacked is bounded too.
                with archive.open(part) as stream:
                    if part.filename.endswith((".xml", ".rels")):
                        left -= _check_xml(stream.read(left + 1), left)
                    else:
                        left -= len(stream.read(left + 1))
                if left < 0:
                    raise UnreadableTable("too_large")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UnreadableTable("not_a_table") from error


def workbook_bytes(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[object]]]]) -> bytes:
    """An XLSX file of (name, heading, rows): bold frozen heading, text that never runs as a formula or a link."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, SAFE_WORKBOOK) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        for name, heading, rows in sheets:
            sheet = book.add_worksheet(name[:31])
            widths = [len(text) for text in heading]
            sheet.write_row(0, 0, heading, bold)
            for number, row in enumerate(rows, 1):
                for place, value in enumerate(row):
                    _write_cell(sheet, number, place, value)
                    widths[place] = max(widths[place], len(str(value)) if value is not None else 0)
            sheet.freeze_panes(1, 0)
            for place, width in enumerate(widths):
                sheet.set_column(place, place, min(max(width + 2, 9), 60))
    return out.getvalue()


def _write_cell(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value)
    else:
        sheet.write_string(row, column, str(value))


class _Nothing:
    """What is told of the elements of a document that is only checked."""


def _check_xml(text: bytes, most: int) -> int:
    if len(text) > most:
        raise UnreadableTable("too_large")
    parser = DefusedXMLParser(target=_Nothing(), forbid_dtd=True)
    # Without a call for each piece of text the check takes a tenth of the time.
    parser.parser.DefaultHandlerExpand = None
    try:
        parser.feed(text)
        parser.close()
    except DefusedXmlException as error:
        raise UnreadableTable("entities") from error
    except SyntaxError as error:
        raise UnreadableTable("not_a_table") from error
    return len(text)


def _read_csv(content: bytes) -> Sheet:
    text = _decoded(content)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows, number = [], 0
    try:
        for number, cells in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1
        ):
            _check_size(number, len(cells))
            rows.append(Row(number, tuple(_text(cell, number) for cell in cells)))
    except csv.Error as error:
        raise UnreadableTable("broken_row", row=number + 1) from error
    return Sheet("", tuple(rows))


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableTable("not_utf8", row=content[: error.start].count(b"\n") + 1) from error


def _read_workbook(content: bytes) -> list[Sheet]:
    check_archive(content)
    merged = _merged_ranges(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        return [
            Sheet(
                _text(sheet.title, None),
                tuple(_filled(_padded(_sheet_rows(sheet)), merged.get(sheet._worksheet_path, ()))),
            )
            for sheet in book.worksheets
        ]
    except UnreadableTable:
        raise
    # openpyxl answers a malformed part with whatever its parsing stumbled over.
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OSError) as error:
        raise UnreadableTable("not_a_table") from error


def _sheet_rows(sheet: object) -> Iterator[Row]:
    # The extent that a sheet states may be a lie, and what lies beyond it would go unread.
    sheet.reset_dimensions()  # type: ignore[attr-defined]
    values = sheet.iter_rows(values_only=True)  # type: ignore[attr-defined]
    for number, cells in enumerate(islice(values, MAX_ROWS + 2), 1):
        _check_size(number, len(cells))
        yield Row(number, tuple(_text(cell, number) for cell in cells))


def _padded(rows: Iterable[Row]) -> list[Row]:
    """The rows, each as wide as the widest."""
    every = list(rows)
    width = max((len(row.cells) for row in every), default=0)
    return [Row(row.number, row.cells + ("",) * (width - len(row.cells))) for row in every]


def _merged_ranges(content: bytes) -> dict[str, list[tuple[int, int, int, int]]]:
    """By part of the archive, merged cells of its first rows as first column and row, last column and row."""
    found: dict[str, list[tuple[int, int, int, int]]] = {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if _SHEET_PART.fullmatch(name):
                for reference in _MERGED_CELL.findall(archive.read(name)):
                    left, top, right, bottom = range_boundaries(reference.decode("ascii"))
                    if top <= HEADER_ROWS:
                        found.setdefault(name, []).append((left, top, right, bottom))
    return found


def _filled(rows: Iterable[Row], merged: Sequence[tuple[int, int, int, int]]) -> Iterator[Row]:
    """The rows, with the text of each merged cell of the heading in all the cells that it covers."""
    held: dict[tuple[int, int], str] = {}
    for row in rows:
        cells = list(row.cells)
        for left, top, right, bottom in merged:
            if top <= row.number <= min(bottom, HEADER_ROWS) and left <= len(cells):
                if row.number == top:
                    held[left, top] = cells[left - 1]
                for place in range(left - 1, min(right, len(cells))):
                    cells[place] = held.get((left, top), "")
        yield Row(row.number, tuple(cells))


def _check_size(row: int, n_columns: int) -> None:
    if row > MAX_ROWS + 1:
        raise UnreadableTable("too_many_rows", row=row)
    if n_columns > MAX_COLUMNS:
        raise UnreadableTable("too_many_columns", row=row)


def _text(value: object, row: int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.date() if value.time() == datetime.min.time() else value
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        is_whole = isinstance(value, float) and value.is_integer()
        return Number(int(value) if is_whole else value)
    text = str(value)
    if _PLAIN.fullmatch(text):
        text = text.strip()
    else:
        text = unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).replace("\u00a0", " ").strip()
    if len(text) > MAX_CELL_CHARACTERS:
        raise UnreadableTable("cell_too_long", row=row)
    if _CONTROL.search(text):
        raise UnreadableTable("control_characters", row=row)
    return text
