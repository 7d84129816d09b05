"""Numbers, days and periods as Vietnamese offices write them in the cells of a table."""

import re
from datetime import date, timedelta
from functools import lru_cache

from survey_app.months import month_of
from survey_app.names import search_key
from survey_app.services.known_tables import BadValue
from survey_app.spreadsheets import Number

MAX_COUNT = 100_000_000
_SERIAL_ZERO = date(1899, 12, 30)
_SERIALS = range(20_000, 80_000)
_GROUPED_ANY = re.compile(r"\d{1,3}([.,\s])\d{3}(?:\1\d{3})*|\d+", re.ASCII)
_PLAIN = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_CLOCK = re.compile(r"[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?$", re.ASCII)
LONGEST_NUMBER = 18
_GROUPED = re.compile(r"\d{1,3}(?:([. \u202f])\d{3}(?:\1\d{3})*)?|\d+", re.ASCII)
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?", re.ASCII)
_NOTHING = frozenset({"", "-", "–", "—"})
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_MONTH = re.compile(r"(?:thang|t|month)? ?(\d{1,2})(?: nam | )(\d{4})")
_ISO_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_QUARTER = re.compile(r"(?:quy|quarter|q) ?(iv|i{1,3}|[1-4])(?: nam | )(\d{4})")
_YEAR = re.compile(r"(?:nam |year )?(\d{4})")
_FROM_TO = re.compile(r"(\d{1,2}[/.-]\d{1,2}[/.-]\d{4}).{1,20}?(\d{1,2}[/.-]\d{1,2}[/.-]\d{4})")


def read_count(text: str) -> int:
    """A whole number from 0: 1234, "1.234", "1 234"; a dash is none. A comma is a decimal comma and refused."""
    stripped = text.strip()
    if stripped in _NOTHING:
        return 0
    is_number = isinstance(text, Number)
    fits = stripped.isascii() and stripped.isdigit() if is_number else _GROUPED.fullmatch(stripped)
    if fits:
        value = int(re.sub(r"\D", "", stripped))
        if value <= MAX_COUNT:
            return value
    raise BadValue("số nguyên từ 0, ví dụ 1234 hoặc 1.234", "a whole number from 0, such as 1234 or 1.234")


def read_whole(text: str) -> int:
    """A whole number typed into a field for one: as `read_count`, or with the commas that English pages write."""
    stripped = text.strip()
    if "," not in stripped:
        return read_count(text)
    if found := _GROUPED_ANY.fullmatch(stripped):
        return read_count(stripped.replace(found[1], "."))
    raise BadValue("số nguyên từ 0", "a whole number from 0")


def read_decimal(text: str) -> float:
    """A number from 0, with a comma or a point, its percent sign left out: "2,5", "90%", "1.500.000"."""
    plain = text.strip().removesuffix("%").strip()
    if "," in plain:
        plain = plain.replace(".", "").replace(" ", "").replace(",", ".", 1)
    elif not isinstance(text, Number) and (found := _GROUPED_ANY.fullmatch(plain)) and found[1]:
        plain = plain.replace(found[1], "")
    if len(plain) <= LONGEST_NUMBER and _PLAIN.fullmatch(plain):
        return float(plain)
    raise BadValue("số, ví dụ 5 hoặc 2,5", "a number, such as 5 or 2.5")


def read_exact_day(text: str) -> date:
    """A day as 2026-01-31 and in no other way: in files that programs write and compare."""
    if len(text) != len("2026-01-31") or not _ISO.fullmatch(text):
        raise BadValue("ngày có thật dạng NNNN-TT-NN, ví dụ 2025-07-01",
                       "a real date as YYYY-MM-DD, such as 2025-07-01")  # fmt: skip
    return read_day(text)


def read_day_of_moment(text: str) -> date:
    """The day of a cell that may also tell the time of day, as lists of applications do."""
    return read_day(_CLOCK.sub("", text.strip()))


def read_day(text: str) -> date:
    """A day as d/m/y, as 2026-01-31, or as the serial number that a spreadsheet keeps for it."""
    stripped = text.strip()
    try:
        if found := _ISO.fullmatch(stripped):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := _DAY.fullmatch(stripped):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if stripped.isascii() and stripped.isdigit() and int(stripped[:9]) in _SERIALS:
            return _SERIAL_ZERO + timedelta(days=int(stripped))
    except ValueError:
        pass  # the 30th of February is told below, as any other text is
    raise BadValue("ngày có thật dạng dd/mm/yyyy", "a real day as dd/mm/yyyy")


def read_period(text: str) -> tuple[date, date]:
    """First and last day of a month ("Tháng 9/2026", "2026-09"), a quarter, a year, or "01/09/2026 – 14/09/2026"."""
    found = period_in(text)
    if found is None:
        raise BadValue("kỳ như Tháng 9/2026, Quý III/2026 hoặc 01/09/2026 – 14/09/2026",
                       "a period such as Tháng 9/2026, Quý III/2026 or 01/09/2026 – 14/09/2026")  # fmt: skip
    return found


@lru_cache(maxsize=1_000)
def period_in(text: str) -> tuple[date, date] | None:
    """The period that a text is, or that a title above a table names; None where it names none."""
    try:
        if days := _FROM_TO.search(text):
            start, end = read_day(days[1]), read_day(days[2])
            return (start, end) if start <= end else None
        if _ISO.fullmatch(text.strip()):
            return month_of(read_day(text))
    except BadValue:
        return None
    if found := _ISO_MONTH.fullmatch(text.strip()):
        return _month(int(found[1]), int(found[2]))
    key = search_key(re.sub(r"[/.\-–]", " ", text))
    if found := _MONTH.fullmatch(key) or re.search(r"\bthang (\d{1,2})(?: nam | )(\d{4})\b", key):
        return _month(int(found[2]), int(found[1]))
    if found := _QUARTER.fullmatch(key) or re.search(r"\bquy (iv|i{1,3}|[1-4])(?: nam | )(\d{4})\b", key):
        quarter = _ROMAN.get(found[1]) or int(found[1])
        first, last = _month(int(found[2]), 3 * quarter - 2), _month(int(found[2]), 3 * quarter)
        return (first[0], last[1]) if first and last else None
    if (found := _YEAR.fullmatch(key)) and 1990 <= int(found[1]) <= 2100:
        return date(int(found[1]), 1, 1), date(int(found[1]), 12, 31)
    return None


def _month(year: int, month: int) -> tuple[date, date] | None:
    return month_of(date(year, month, 1)) if 1 <= month <= 12 and 1990 <= year <= 2100 else None
