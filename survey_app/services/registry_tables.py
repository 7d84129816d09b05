"""Registry files in the shapes in which offices have them, XLSX or CSV, and the registry written as such files.

A table is known by its columns under their own or their Vietnamese names; it is then written in the one exact form
that the import checks, and what the import says of a row is told of the row that the office sent.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import NotAllowed
from survey_app.names import KIND_WORDS, search_key
from survey_app.queries.units import unit_by_id
from survey_app.services.accounts import Role, Viewer
from survey_app.services.cell_values import read_day
from survey_app.services.known_tables import CellError, Column, ReadTable, Words, read_table
from survey_app.services.registry import Difference, ImportReport, import_registry
from survey_app.services.registry_formats import FORMATS
from survey_app.services.registry_import import SourceFile
from survey_app.services.registry_store import stored_tables
from survey_app.spreadsheets import Sheet, read_sheets

TITLES: Mapping[str, Words] = {
    "units": Words("Đơn vị", "Units"),
    "lineage": Words("Đơn vị trước và sau sắp xếp", "Lineage of units"),
    "points": Words("Điểm đặt", "Points"),
    "desks": Words("Quầy", "Desks"),
    "service_fields": Words("Lĩnh vực", "Service fields"),
    "procedures": Words("Thủ tục hành chính", "Procedures"),
}
_DAYS = frozenset({"valid_from", "valid_to", "effective_on"})
_COLUMN_WORDS: Mapping[str, tuple[str, ...]] = {
    "code": ("Mã", "Mã số", "Mã TTHC", "Mã thủ tục", "Mã đơn vị", "Mã điểm", "Mã quầy", "Mã lĩnh vực"),
    "name": (
        "Tên",
        "Tên đơn vị",
        "Tên thủ tục",
        "Tên thủ tục hành chính",
        "Tên TTHC",
        "Tên điểm",
        "Tên quầy",
    ),
    "kind": ("Loại", "Loại đơn vị"),
    "level": ("Cấp", "Cấp thực hiện"),
    "parent_code": ("Mã đơn vị cấp trên", "Đơn vị cấp trên", "Trực thuộc"),
    "gso_code": ("Mã thống kê", "Mã GSO", "Mã Cục Thống kê"),
    "population": ("Dân số",),
    "valid_from": ("Từ ngày", "Hiệu lực từ", "Ngày hiệu lực", "Ngày có hiệu lực"),
    "valid_to": ("Đến ngày", "Hết hiệu lực", "Ngày hết hiệu lực"),
    "predecessor_code": ("Mã đơn vị cũ", "Đơn vị cũ"),
    "successor_code": ("Mã đơn vị mới", "Đơn vị mới"),
    "effective_on": ("Ngày sắp xếp", "Từ ngày", "Ngày hiệu lực"),
    "population_share": ("Tỷ lệ dân số",),
    "unit_code": ("Mã đơn vị", "Đơn vị"),
    "point_code": ("Mã điểm đặt", "Mã điểm", "Điểm đặt"),
    "is_single_officer": ("Một cán bộ", "Quầy một cán bộ"),
    "name_vi": ("Tên tiếng Việt", "Tên lĩnh vực"),
    "name_en": ("Tên tiếng Anh",),
    "icon": ("Hình",),
    "position": ("Thứ tự",),
    "field_code": ("Mã lĩnh vực", "Lĩnh vực"),
    "agency": ("Cơ quan thực hiện", "Cơ quan", "Cơ quan giải quyết"),
}
_LEVELS = {"cap tinh": "province", "tinh": "province", "cap xa": "commune", "xa": "commune",
           "tinh xa": "both", "cap tinh cap xa": "both", "ca hai": "both"}  # fmt: skip
_TRUTH = {"co": "1", "khong": "0", "x": "1", "yes": "1", "no": "0"}


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """A file as it was sent: what kind of table it is, what could not be read, and its exact form if all could."""

    name: str
    kind: str | None
    table: ReadTable
    source: SourceFile | None
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RegistryTrial:
    """What the files say and what writing them would do, or did."""

    files: tuple[RegistryFile, ...]
    report: ImportReport | None

    @property
    def n_errors(self) -> int:
        return sum(len(file.table.errors) for file in self.files)

    @property
    def differences(self) -> tuple[Difference, ...]:
        return self.report.differences if self.report else ()

    @property
    def can_write(self) -> bool:
        return self.report is not None and not self.n_errors and bool(self.differences)


def require_registrar(session: Session, *, viewer: Viewer) -> None:
    """The registry is one for the whole province: its files are an administrator's or the top office's."""
    if viewer.role is not Role.ADMIN and unit_by_id(session, viewer.unit_id).parent_id is not None:
        raise NotAllowed


def import_files(
    session: Session,
    uploads: Sequence[tuple[str, bytes]],
    *,
    apply: bool,
    viewer: Viewer,
    now: datetime,
    today: date,
) -> RegistryTrial:
    """Try the files, or write them whole or not at all; the caller commits. Raises `UnreadableTable`."""
    require_registrar(session, viewer=viewer)
    files = tuple(read_file(name, content) for name, content in uploads)
    sources = [file.source for file in files if file.source is not None]
    if any(file.table.errors for file in files) or len(sources) < len(files):
        return RegistryTrial(files, None)
    report = import_registry(session, files=sources, apply=apply, now=now, today=today, by=viewer)
    _tell_of_rows(files, report)
    return RegistryTrial(files, report)


def read_file(name: str, content: bytes) -> RegistryFile:
    """The one table of a file, of the kind whose columns it has most of."""
    sheets = read_sheets(content)
    best = max(FORMATS, key=lambda kind: _fit(kind, sheets))
    if _fit(best, sheets) <= 0:
        listed = "; ".join(f"{TITLES[kind].vi}: {', '.join(column_titles(kind))}" for kind in FORMATS)
        table = ReadTable()
        table.refuse(0, "", Words(f"dòng tên cột của một loại danh mục ({listed})",
                                  f"the column names of one kind of table ({listed})"))  # fmt: skip
        return RegistryFile(name, None, table, None)
    table = read_table(sheets, _columns(best))
    if table.errors:
        return RegistryFile(name, best, table, None)
    columns = tuple(FORMATS[best].columns)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in table.rows:
        writer.writerow([row.values.get(column, "") for column in columns])
    source = SourceFile(name, out.getvalue().encode())
    return RegistryFile(name, best, table, source, tuple(row.number for row in table.rows))


def registry_rows(session: Session, kind: str) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """A table of the registry under the Vietnamese names that the import reads, in the order of its key."""
    columns = tuple(FORMATS[kind].columns)
    rows = sorted(stored_tables(session)[kind].items(), key=lambda item: tuple(map(str, item[0])))
    return column_titles(kind), [
        tuple(_written(getattr(row, column)) for column in columns) for _key, row in rows
    ]


def column_titles(kind: str) -> tuple[str, ...]:
    """The columns of a kind of table as an office names them; their codes are read as well."""
    return tuple(title_of(column) for column in FORMATS[kind].columns)


def title_of(column: str) -> str:
    """What an office calls a column; a text that is no column's code is left as it is."""
    return _COLUMN_WORDS[column][0] if column in _COLUMN_WORDS else column


def _written(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    return value.isoformat() if isinstance(value, date) else value


def _columns(kind: str) -> tuple[Column, ...]:
    form = FORMATS[kind]
    return tuple(
        Column(name, Words(title_of(name), name), _reader(name, kind), _COLUMN_WORDS[name],
               is_needed=name not in form.optional, may_be_blank=True)
        for name in form.columns
    )  # fmt: skip


def _fit(kind: str, sheets: Sequence[Sheet]) -> int:
    """How many columns of this kind a file has, less those that it has besides; 0 where a needed one is missing."""
    table = read_table([Sheet(sheet.name, sheet.rows[:30]) for sheet in sheets], _columns(kind))
    if not table.headings:
        return 0
    keys = [column.keys for column in _columns(kind)]
    given = {search_key(text.replace("_", " ")) for text in table.headings if text}
    n_known = sum(bool(each & given) for each in keys)
    return 2 * n_known - len(given)


def _reader(name: str, kind: str) -> Callable[[str], Any]:
    """Cells in the one exact form: days as 2026-01-31, kinds and levels by their codes."""
    if name in _DAYS:
        return lambda text: read_day(text).isoformat()
    if name == "kind":
        kinds = {search_key(words): code for code, words in KIND_WORDS.items() if words}
        return lambda text: kinds.get(search_key(text), text)
    if name == "level" and kind == "procedures":
        return lambda text: _LEVELS.get(search_key(text), text)
    if name == "is_single_officer":
        return lambda text: _TRUTH.get(search_key(text), text)
    return str


def _tell_of_rows(files: Sequence[RegistryFile], report: ImportReport) -> None:
    """Errors of the import at the rows of the file that was sent."""
    by_name = {file.name: file for file in files}
    for error in report.errors:
        file = by_name.get(error.file, files[0])
        row = file.numbers[error.row - 2] if 2 <= error.row < len(file.numbers) + 2 else error.row
        found = ""
        if error.column:
            found = next(
                (str(r.values.get(error.column, "")) for r in file.table.rows if r.number == row), ""
            )
        expected = Words(error.expected.vi, error.expected.en)
        file.table.errors.append(CellError(row, title_of(error.column), expected, found))
