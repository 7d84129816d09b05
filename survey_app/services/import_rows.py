"""A foreign CSV file, row by row, into responses ready to store; a row that cannot be read says why."""

import csv
import io
import json
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

from analysis.packing import Missing
from survey_app.errors import InvalidAnswer, SurveyError
from survey_app.names import clean_name
from survey_app.services.forms import Form
from survey_app.services.import_mapping import ImportMapping, NameRule
from survey_app.services.import_sources import BadValue, Cells
from survey_app.services.mapping_reader import VOCABULARIES
from survey_app.services.registry_formats import Expected
from survey_app.signing import Signer

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_ROWS = 50_000
GOT_SHOWN = 60

T = TypeVar("T")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")


class UnreadableFile(SurveyError):
    """Nothing of the file is used; `row` is where reading stopped, 1 being the row of column names."""

    def __init__(self, row: int, vi: str, en: str) -> None:
        super().__init__(f"row {row}: {en}")
        self.row = row
        self.expected = Expected(vi, en)


@dataclass(frozen=True, slots=True)
class RowError:
    """One cell that keeps a row out."""

    row: int
    column: str
    expected: Expected
    got: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A response read from a row, with its unit and point still by their values in the file."""

    row: int
    id: UUID
    unit: str
    point: str
    collected_on: date
    columns: dict[str, Any]
    answers: bytes
    digest: bytes


@dataclass(slots=True)
class ReadFile:
    """What a file holds."""

    batch: UUID
    drafts: list[Draft] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    n_rows: int = 0
    n_skipped: int = 0


def read_file(content: bytes, *, mapping: ImportMapping, form: Form, signer: Signer) -> ReadFile:
    """Every row of the file. Ids follow from the bytes of the file and the row under the instance's key."""
    file_digest = sha256(content).digest()
    found = ReadFile(keyed_uuid(signer, "import.batch", file_digest))
    for row, cells in _rows(content, mapping.columns):
        found.n_rows += 1
        if mapping.skip is not None and mapping.skip.holds(cells):
            found.n_skipped += 1
            continue
        reading = _Reading(row, cells, mapping, form)
        draft = reading.draft(signer, file_digest)
        if draft is None:
            found.errors.extend(reading.errors)
        else:
            found.drafts.append(draft)
    return found


def keyed_uuid(signer: Signer, purpose: str, name: bytes) -> UUID:
    """A version 5 id under the instance's key: without it nobody can say which id a row of a file has."""
    return UUID(bytes=signer.digest(purpose, name), version=5)


def _rows(content: bytes, wanted: frozenset[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows that hold something, cells by column, numbered as a spreadsheet numbers them."""
    reader = csv.reader(io.StringIO(_decoded(content), newline=""), strict=True)
    row = 0
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, wanted)
        row = 1
        for row, cells in enumerate(reader, 2):
            if not any(cell.strip() for cell in cells):
                continue
            if row > MAX_ROWS + 1:
                raise UnreadableFile(row, f"không quá {MAX_ROWS} dòng", f"no more than {MAX_ROWS} rows")
            if len(cells) != len(header):
                raise UnreadableFile(row, f"{len(header)} ô, dòng này có {len(cells)}",
                                     f"{len(header)} cells, this row has {len(cells)}")  # fmt: skip
            yield (
                row,
                {name: cell.strip() for name, cell in zip(header, cells, strict=True) if name in wanted},
            )
    except csv.Error as error:
        raise UnreadableFile(row + 1, "dòng CSV đúng chuẩn (dấu ngoặc kép đóng đủ)",
                             "a well-formed CSV row (quotes closed)") from error  # fmt: skip


def _decoded(content: bytes) -> str:
    if len(content) > MAX_FILE_BYTES:
        megabytes = MAX_FILE_BYTES // 2**20
        raise UnreadableFile(0, f"tệp không quá {megabytes} MB", f"a file up to {megabytes} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise UnreadableFile(row, "văn bản mã hóa UTF-8", "text encoded in UTF-8") from error
    if "\x00" in text:
        row = text[: text.index("\x00")].count("\n") + 1
        raise UnreadableFile(row, "văn bản không có ký tự NUL", "text without NUL characters")
    return unicodedata.normalize("NFC", text)


def _check_header(header: Sequence[str], wanted: frozenset[str]) -> None:
    absent = ", ".join(sorted(wanted - set(header)))
    if absent:
        raise UnreadableFile(1, f"có cột: {absent}", f"these columns: {absent}")
    repeated = ", ".join(sorted({name for name in wanted if header.count(name) > 1}))
    if repeated:
        raise UnreadableFile(1, f"mỗi cột một lần: {repeated}", f"each column once: {repeated}")


@dataclass(slots=True)
class _Reading:
    """One row being read: every fault of it is found, not only the first."""

    row: int
    cells: Cells
    mapping: ImportMapping
    form: Form
    errors: list[RowError] = field(default_factory=list)

    def draft(self, signer: Signer, file_digest: bytes) -> Draft | None:
        unit = self._try(lambda: self._name(self.mapping.units))
        points = self.mapping.points
        point = "" if points is None else self._try(lambda: self._name(points))
        day = self._try(self._day)
        columns = self._columns()
        answers = self._answers(columns)
        if self.errors or unit is None or point is None or day is None or answers is None:
            return None
        content = [*self.mapping.version, unit, point, day.isoformat(), columns, answers.hex()]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return Draft(
            row=self.row,
            id=keyed_uuid(signer, "import.row", file_digest + self.row.to_bytes(4, "big")),
            unit=unit,
            point=point,
            collected_on=day,
            columns=columns,
            answers=answers,
            digest=signer.digest("response", text.encode()),
        )

    def _try(self, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except BadValue as error:
            self.errors.append(RowError(self.row, error.column, error.expected, printable(error.got)))
            return None

    def _name(self, rule: NameRule) -> str:
        """The value that names a unit or a point, when its name can be stored."""
        value = self.cells[rule.column]
        name = clean_name(rule.name(value))
        if value == "" or not 1 <= len(name) <= 200 or not name.isprintable():
            expected = Expected("tên từ 1 đến 200 ký tự, không có ký tự điều khiển",
                                "a name of 1 to 200 characters without control characters")  # fmt: skip
            raise BadValue(rule.column, expected, value)
        return value

    def _day(self) -> date:
        """The local day, within the wave."""
        source, wave = self.mapping.collected_on, self.mapping.wave
        day = source.read(self.cells)
        if not wave.opens_on <= day <= wave.closes_on:
            expected = Expected(f"ngày trong đợt, từ {wave.opens_on:%d/%m/%Y} đến {wave.closes_on:%d/%m/%Y}",
                                f"a day of the wave, {wave.opens_on} to {wave.closes_on}")  # fmt: skip
            raise BadValue(
                source.column or "", expected, self.cells.get(source.column or "", day.isoformat())
            )
        return day

    def _columns(self) -> dict[str, Any]:
        """Everything beside the answers that is stored as it stands."""
        mapping = self.mapping
        columns: dict[str, Any] = {"stage": 0, "capacity": 0, "assisted_by": 0, "residence": 0, "channel": 0}
        for name, source in mapping.coded.items():
            said = self._try(lambda source=source: source.read(self.cells))  # type: ignore[misc]
            columns[name] = int(VOCABULARIES[name][said.upper()]) if said else 0
            if said == "" and name == "channel":
                self._refuse(source.column or "", "kênh", "a channel", "")
        columns["language"] = self._checked(mapping.language, _language, "")
        columns["collector"] = self._checked(mapping.collector, _collector, None)
        columns["weight"] = self._checked(mapping.weight, _weight, None)
        columns["stratum"] = self._checked(mapping.stratum, _stratum, 0)
        return columns

    def _checked(self, source: Any, read: Callable[[str], Any], absent: Any) -> Any:
        if source is None:
            return absent

        def value() -> Any:
            text = source.read(self.cells)
            try:
                return read(text)
            except _Refused as error:
                raise BadValue(source.column or "", error.expected, text) from error

        return self._try(value)

    def _answers(self, columns: dict[str, Any]) -> bytes | None:
        """The packed answers; an item that the file does not hold was not asked."""
        values: dict[str, Any] = {}
        reached: set[str] = set()
        blank = next(
            (rule.reason for rule in self.mapping.blank if rule.test.holds(self.cells)), "left_blank"
        )
        for code, source in self.mapping.items.items():
            answer = self._try(lambda source=source: source.read(self.cells))  # type: ignore[misc]
            if answer is not None:
                values[code] = answer
            elif blank != "not_reached":
                values[code] = blank
                reached.add(code)
        if self.errors:
            return None
        try:
            packed = self.form.pack(
                values, stage=columns["stage"], channel=columns["channel"], reached=frozenset(reached)
            )
        except InvalidAnswer as error:
            self._refuse(", ".join(self.mapping.items[error.item_code].columns), "câu trả lời có trong phiếu",
                         "an answer of the questionnaire", str(values[error.item_code]))  # fmt: skip
            return None
        return self._without_unmapped(packed)

    def _without_unmapped(self, packed: bytes) -> bytes:
        answers = bytearray(packed)
        for item in self.form.items:
            if item.code not in self.mapping.items:
                answers[item.slot : item.end] = bytes([Missing.NOT_ASKED]) * item.n_slots
        return bytes(answers)

    def _refuse(self, column: str, vi: str, en: str, got: str) -> None:
        self.errors.append(RowError(self.row, column, Expected(vi, en), printable(got)))


class _Refused(Exception):
    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.expected = Expected(vi, en)


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise _Refused("mã ngôn ngữ như vi, en", "a language code such as vi, en")
    return text


def _collector(text: str) -> str | None:
    if len(text) > 40 or not text.isprintable():
        raise _Refused("mã tối đa 40 ký tự", "a code of up to 40 characters")
    return text or None


def _weight(text: str) -> float:
    try:
        weight = float(text.replace(",", "."))
    except ValueError:
        weight = math.nan
    if not 0 < weight <= 1e9:
        raise _Refused("trọng số lớn hơn 0", "a weight above 0")
    return weight


def _stratum(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise _Refused("số tầng từ 0 đến 9999", "a stratum number from 0 to 9999")
    return int(text)


def printable(text: str) -> str:
    """A cell as it may be shown in a terminal and in one line: no control characters, not too long."""
    shown = "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text)
    return shown if len(shown) <= GOT_SHOWN else shown[: GOT_SHOWN - 1] + "…"
