"""The six kinds of registry file: their columns, what each cell must hold, and the entry a row becomes."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from survey_app.names import KIND_WORDS, clean_name
from survey_app.services.cell_values import read_count, read_exact_day
from survey_app.services.known_tables import BadValue

PROCEDURE_LEVELS = ("province", "commune", "both")

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_TRUTH = {"0": False, "1": True, "": False}


@dataclass(frozen=True, slots=True)
class Expected:
    """What should have stood there, in both languages."""

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class UnitEntry:
    code: str
    name: str
    kind: str
    level: int
    parent_code: str | None
    gso_code: str | None
    population: int | None
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class LineageEntry:
    predecessor_code: str
    successor_code: str
    effective_on: date
    population_share: float


@dataclass(frozen=True, slots=True)
class PointEntry:
    code: str
    name: str
    unit_code: str
    valid_from: date


@dataclass(frozen=True, slots=True)
class DeskEntry:
    code: str
    point_code: str
    name: str
    is_single_officer: bool


@dataclass(frozen=True, slots=True)
class ServiceFieldEntry:
    code: str
    name_vi: str
    name_en: str
    icon: str
    position: int


@dataclass(frozen=True, slots=True)
class ProcedureEntry:
    code: str
    name: str
    field_code: str | None
    agency: str
    level: str
    valid_from: date
    valid_to: date | None


Entry = UnitEntry | LineageEntry | PointEntry | DeskEntry | ServiceFieldEntry | ProcedureEntry
Key = tuple[object, ...]


class BadCell(Exception):
    """A cell that holds something else than its column expects."""

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.expected = Expected(vi, en)


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise BadCell(
            "mã 1–40 ký tự: chữ không dấu, số, '.', '-', '_'", "a code of 1-40 letters, digits, '.', '-', '_'"
        )
    return text


def _name(limit: int) -> Callable[[str], str]:
    def parse(text: str) -> str:
        name = clean_name(text)
        if (
            not name
            or len(name) > limit
            or any(unicodedata.category(each) in {"Cc", "Cs", "Co"} for each in name)
        ):
            raise BadCell(
                f"tên từ 1 đến {limit} ký tự, không có ký tự điều khiển",
                f"a name of 1 to {limit} characters without control characters",
            )
        return name

    return parse


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            number = read_count(text) if text.strip() else low - 1
        except BadValue:
            number = low - 1
        if not low <= number <= high:
            raise BadCell(f"số nguyên từ {low} đến {high}", f"a whole number from {low} to {high}")
        return number

    return parse


def _share(text: str) -> float:
    if not re.fullmatch(r"[01](\.[0-9]{1,9})?|", text) or not 0 < float(text or 1) <= 1:
        raise BadCell(
            "tỷ lệ lớn hơn 0 và không quá 1, dấu chấm thập phân", "a share above 0 and up to 1, decimal point"
        )
    return float(text or 1)


def _day(text: str) -> date:
    try:
        return read_exact_day(text)
    except BadValue as refused:
        raise BadCell(
            "ngày có thật dạng NNNN-TT-NN, ví dụ 2025-07-01", "a real date as YYYY-MM-DD, such as 2025-07-01"
        ) from refused


def _kind(text: str) -> str:
    if text not in KIND_WORDS:
        raise BadCell(f"một trong: {', '.join(KIND_WORDS)}", f"one of: {', '.join(KIND_WORDS)}")
    return text


def _level(text: str) -> str:
    if text not in PROCEDURE_LEVELS:
        raise BadCell(f"một trong: {', '.join(PROCEDURE_LEVELS)}", f"one of: {', '.join(PROCEDURE_LEVELS)}")
    return text


def _truth(text: str) -> bool:
    if text not in _TRUTH:
        raise BadCell("0 hoặc 1", "0 or 1")
    return _TRUTH[text]


def _gso(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,10}", text):
        raise BadCell(
            "mã của Cục Thống kê, tối đa 10 chữ số", "a code of the statistics office, up to 10 digits"
        )
    return text


def _icon(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", text):
        raise BadCell(
            "tên hình: chữ thường không dấu, số, '-'", "an icon name: lower-case letters, digits, '-'"
        )
    return text


def _or_none(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: parse(text) if text else None


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file, known by its column names; `optional` ones may be left out."""

    entry: type
    columns: Mapping[str, Callable[[str], Any]]
    key: tuple[str, ...]
    optional: frozenset[str] = frozenset()

    def fits(self, header: Sequence[str]) -> bool:
        given = set(header)
        return len(given) == len(header) and set(self.columns) - self.optional <= given <= set(self.columns)

    def key_of(self, entry: "Entry") -> Key:
        return tuple(getattr(entry, column) for column in self.key)


FORMATS: Mapping[str, Format] = {
    "units": Format(
        UnitEntry,
        {
            "code": _code,
            "name": _name(200),
            "kind": _kind,
            "level": _whole(0, 9),
            "parent_code": _or_none(_code),
            "gso_code": _or_none(_gso),
            "population": _or_none(_whole(0, 200_000_000)),
            "valid_from": _day,
            "valid_to": _or_none(_day),
        },
        ("code",),
        frozenset({"gso_code", "population", "valid_to"}),
    ),
    "lineage": Format(
        LineageEntry,
        {
            "predecessor_code": _code,
            "successor_code": _code,
            "effective_on": _day,
            "population_share": _share,
        },
        ("predecessor_code", "successor_code"),
        frozenset({"population_share"}),
    ),
    "points": Format(
        PointEntry,
        {"code": _code, "name": _name(200), "unit_code": _code, "valid_from": _day},
        ("code", "valid_from"),
    ),
    "desks": Format(
        DeskEntry,
        {"code": _code, "point_code": _code, "name": _name(120), "is_single_officer": _truth},
        ("code",),
        frozenset({"is_single_officer"}),
    ),
    "service_fields": Format(
        ServiceFieldEntry,
        {
            "code": _code,
            "name_vi": _name(120),
            "name_en": _name(120),
            "icon": _icon,
            "position": _whole(0, 999),
        },
        ("code",),
    ),
    "procedures": Format(
        ProcedureEntry,
        {
            "code": _code,
            "name": _name(500),
            "field_code": _or_none(_code),
            "agency": _name(200),
            "level": _level,
            "valid_from": _day,
            "valid_to": _or_none(_day),
        },
        ("code",),
        frozenset({"field_code", "valid_to"}),
    ),
}
