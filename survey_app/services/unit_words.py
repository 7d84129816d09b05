"""The unit that the words of an office's table mean: "UBND P. Đông Hà", "Trung tâm PVHCC xã Nam Đông Hà", a code."""

import re
from collections.abc import Iterable, Sequence

from survey_app.names import KIND_WORDS, same_name_key, search_key
from survey_app.queries.units import UnitRow
from survey_app.services.known_tables import BadValue

_SHORT = (
    (re.compile(r"\bpvhcc\b"), "phục vụ hành chính công"),
    (re.compile(r"\bhcc\b"), "hành chính công"),
    (re.compile(r"\btt(?= phục vụ| hành chính)"), "trung tâm"),
    (re.compile(r"^p (?=\S)"), "phường "),
    (re.compile(r"^x (?=\S)"), "xã "),
    (re.compile(r"^tt (?=\S)"), "thị trấn "),
    (re.compile(r"^(?:đk|dk) (?=\S)"), "đặc khu "),
)
_OFFICES = re.compile(
    r"^(?:ubnd|uỷ ban nhân dân|ủy ban nhân dân|hđnd ubnd|trung tâm phục vụ hành chính công|"
    r"trung tâm hành chính công|bộ phận một cửa|bộ phận tiếp nhận và trả kết quả|một cửa)(?: của| tại)? "
)


class UnitNames:
    """The units of a day by every way of writing them, in memory: a table asks a hundred times."""

    def __init__(self, rows: Sequence[UnitRow]) -> None:
        self._codes = {row.code.casefold(): row for row in rows}
        self._exact: dict[str, list[UnitRow]] = {}
        self._bare: dict[str, list[UnitRow]] = {}
        self._known: dict[str, UnitRow] = {}
        for row in rows:
            for text in (row.name, row.label):
                _add(self._exact, same_name_key(text), row)
                _add(self._bare, search_key(text), row)
            if row.gso_code:
                _add(self._exact, row.gso_code, row)

    def find(self, text: str) -> UnitRow:
        """The one unit meant; raises `BadValue` naming those it could be, or that there is none."""
        if text not in self._known:
            self._known[text] = self._find(text)
        return self._known[text]

    def _find(self, text: str) -> UnitRow:
        if row := self._codes.get(text.strip().casefold()):
            return row
        seen: list[UnitRow] = []
        for written in _ways(text):
            for known, key in ((self._exact, same_name_key(written)), (self._bare, search_key(written))):
                found = known.get(key, [])
                if len(found) == 1:
                    return found[0]
                seen += [row for row in found if row not in seen]
        if seen:
            listed = "; ".join(f"{row.label} ({row.code})" for row in seen[:5])
            raise BadValue(f"mã đơn vị, vì tên này có nhiều đơn vị: {listed}",
                           f"a code, as several units have this name: {listed}")  # fmt: skip
        raise BadValue("tên hoặc mã của một đơn vị ông/bà được nhập, có vào cuối kỳ",
                       "the name or code of a unit that you may enter, as at the end of the period")  # fmt: skip


def _ways(text: str) -> Iterable[str]:
    """The text as it stands, with its short forms written out, and without the office before the place."""
    yield text
    written = same_name_key(text)
    for pattern, long in _SHORT:
        written = pattern.sub(long, written)
    yield written
    place = _OFFICES.sub("", written)
    for pattern, long in _SHORT:
        place = pattern.sub(long, place)
    yield place
    kinds = "|".join(sorted((word for word in KIND_WORDS.values() if word), key=len, reverse=True))
    if re.match(rf"^(?:{kinds}) ", place) is None:
        return
    # A kind that the place no longer has, "xã" for what is a ward now, still names one place alone.
    yield re.sub(rf"^(?:{kinds}) ", "", place)


def _add(known: dict[str, list[UnitRow]], key: str, row: UnitRow) -> None:
    rows = known.setdefault(key, [])
    if row not in rows:
        rows.append(row)
