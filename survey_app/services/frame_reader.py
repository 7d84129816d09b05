"""A list to draw from, read from an office's file: its rows checked, whatever names or reaches a person left out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from survey_app.errors import FrameRefused, UnreadableTable
from survey_app.names import same_name_key, search_key
from survey_app.services.case_labels import is_label, may_reach_somebody
from survey_app.services.cell_values import read_count, read_day_of_moment
from survey_app.services.known_tables import BadValue
from survey_app.signing import Signer
from survey_app.spreadsheets import HEADER_ROWS, Row, read_sheets

FAULTS_KEPT = 200
LONGEST_TEXT = 120
LONGEST_CLUSTER = 14
MOST_HOUSEHOLDS = 20_000
MOST_STRATA = 60
# No vowels, so no words; one digit, so a label; never five letters in a row.
_LETTERS, _FIRST = "BCDFGHJKMNPQRSTVWXZ", "23456789"
_TOTALS = ("tong", "cong", "tong cong", "total")

HEADINGS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "transactions": {
        "label": frozenset({"ma ho so", "so ho so", "ma phieu", "ma so", "ma", "label", "code", "case"}),
        "unit": frozenset({"don vi", "ma don vi", "co quan", "xa phuong", "noi tiep nhan", "unit", "unit code"}),
        "stratum": frozenset({"tang", "nhom", "stratum"}),
        "field": frozenset({"linh vuc", "ma linh vuc", "field"}),
        "day": frozenset({"ngay", "ngay nop", "ngay tiep nhan", "ngay tra", "ngay tra ket qua", "ngay giai quyet",
                          "date"}),
    },
    "residents": {
        "label": frozenset({"ma thon", "ma to", "ma cum", "ma", "code", "cluster"}),
        "unit": frozenset({"don vi", "ma don vi", "xa phuong", "xa", "unit", "unit code"}),
        "name": frozenset({"thon", "to dan pho", "thon to dan pho", "ten thon", "ten thon to dan pho", "ban",
                           "khu pho", "ten", "name"}),
        "stratum": frozenset({"tang", "nhom", "stratum"}),
        "size": frozenset({"so ho", "ho", "so ho dan", "households"}),
    },
}  # fmt: skip
NEEDED = {"transactions": ("label",), "residents": ("name", "size")}
_PERSONAL = (
    "ho ten", "ho va ten", "ten nguoi", "nguoi nop", "chu ho so", "chu ho", "nguoi yeu cau", "dien thoai", "sdt",
    "phone", "email", "thu dien tu", "cccd", "cmnd", "can cuoc", "dinh danh", "dia chi", "address", "ngay sinh",
    "nam sinh", "birth", "so nha", "zalo",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class UnitName:
    """How a unit may be written in a file."""

    id: int
    code: str
    gso_code: str | None
    name: str
    label: str


class Entry(NamedTuple):
    """A row of the frame, as it is stored."""

    unit_id: int
    unit_code: str
    label: str
    stratum: str = ""
    name: str = ""
    size: int = 1
    handled_on: date | None = None

    @property
    def sort_key(self) -> tuple[str, str, str, str]:
        """Of the list's own content: whatever the order of the file, a list is the same."""
        day = "" if self.handled_on is None else self.handled_on.isoformat()
        return self.unit_code, self.stratum, day, self.label


@dataclass(frozen=True, slots=True)
class FrameRead:
    """A file that can be taken: its rows, and the headings of the columns that were left out."""

    entries: tuple[Entry, ...]
    is_keyed: bool
    personal_columns: tuple[str, ...]
    other_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    columns: Mapping[str, int]
    personal: tuple[str, ...]
    other: tuple[str, ...]
    rows: tuple[Row, ...]


def read_frame(
    content: bytes, *, kind: str, units: Sequence[UnitName], only_unit: int | None, key: str, signer: Signer
) -> FrameRead:
    """Every row of the first sheet, or `FrameRefused` with the rows that are wrong; nothing of a cell is repeated."""
    table = _table(content, kind)
    if not table.rows:
        raise FrameRefused(((0, "empty"),))
    if "unit" not in table.columns and only_unit is None:
        raise FrameRefused(((0, "no_unit_column"),))
    reader = _Reader(table.columns, _unit_finder(units), only_unit)
    read = list(reader.transactions(table.rows) if kind == "transactions" else reader.residents(table.rows))
    if reader.faults:
        raise FrameRefused(tuple(reader.faults[:FAULTS_KEPT]))
    is_keyed = kind == "transactions" and not all(is_label(entry.label) for entry in read)
    codes = {unit.id: unit.code for unit in units}
    entries = [
        entry._replace(
            unit_code=codes[entry.unit_id],
            label=keyed_label(entry.label, key=key, signer=signer) if is_keyed else entry.label,
        )
        for entry in read
    ]
    _check_strata(entries)
    entries.sort(key=lambda entry: entry.sort_key)
    return FrameRead(tuple(entries), is_keyed, table.personal, table.other)


def keyed_label(text: str, *, key: str, signer: Signer) -> str:
    """The label that stands for a code of the office: always the same in one wave, and of no use without the key."""
    digest = signer.digest("sample.label", f"{key}\n{_normal(text)}".encode())
    number = int.from_bytes(digest, "big")
    number, first = divmod(number, len(_FIRST))
    letters = [_FIRST[first]]
    for _place in range(11):
        number, letter = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[letter])
    return "-".join("".join(letters[start : start + 4]) for start in (0, 4, 8))


def label_column(content: bytes) -> tuple[Row, int, tuple[Row, ...]]:
    """The heading of a transaction list, the place of its codes in it, and the rows below."""
    rows = read_sheets(content)[0].rows
    for index, row in enumerate(rows[:HEADER_ROWS]):
        columns, _personal, _other = _columns(row, "transactions")
        if "label" in columns:
            return row, columns["label"], tuple(rows[index + 1 :])
    raise UnreadableTable("no_heading")


def label_of(cell: str, *, is_keyed: bool, key: str, signer: Signer) -> str:
    return keyed_label(cell, key=key, signer=signer) if is_keyed else cell


def _table(content: bytes, kind: str) -> _Table:
    rows = read_sheets(content)[0].rows
    for index, row in enumerate(rows[:HEADER_ROWS]):
        columns, personal, other = _columns(row, kind)
        if all(name in columns for name in NEEDED[kind]):
            data = tuple(each for each in rows[index + 1 :] if not each.is_blank and not _is_total(each))
            return _Table(columns, personal, other, data)
    raise FrameRefused(((0, "no_heading"),))


def _columns(row: Row, kind: str) -> tuple[dict[str, int], tuple[str, ...], tuple[str, ...]]:
    found: dict[str, int] = {}
    personal, other = [], []
    for place, cell in enumerate(row.cells):
        heading = search_key(cell)
        name = next((name for name, words in HEADINGS[kind].items() if heading in words), None)
        if not heading:
            continue
        if name is not None and name not in found:
            found[name] = place
        elif any(word in heading for word in _PERSONAL):
            personal.append(cell[:60])
        else:
            other.append(cell[:60])
    return found, tuple(personal), tuple(other)


def _is_total(row: Row) -> bool:
    first = next((cell for cell in row.cells if cell), "")
    return search_key(first) in _TOTALS


def _unit_finder(units: Sequence[UnitName]) -> dict[str, int | None]:
    """Units by every way of writing them; a writing that two units share leads to none."""
    found: dict[str, int | None] = {}
    for unit in units:
        ways = {
            unit.code.casefold(),
            unit.gso_code or "",
            same_name_key(unit.name),
            same_name_key(unit.label),
        }
        for way in ways - {""}:
            found[way] = unit.id if way not in found else None
    return found


class _Reader:
    """Rows of a file one by one; what is wrong is noted by row."""

    def __init__(
        self, columns: Mapping[str, int], finder: Mapping[str, int | None], only_unit: int | None
    ) -> None:
        self.columns, self.finder, self.only_unit = columns, finder, only_unit
        self.faults: list[tuple[int, str]] = []
        self.seen: set[tuple[int, str]] = set()

    def transactions(self, rows: Sequence[Row]) -> Iterator[Entry]:
        for row in rows:
            unit_id = self._unit(row)
            label = self._cell(row, "label")
            stratum = self._text(row, self._cell(row, "stratum") or self._cell(row, "field"))
            day = self._day(row)
            if not label:
                self._fault(row, "no_label")
            elif unit_id is not None and self._is_new(row, unit_id, _normal(label)):
                yield Entry(unit_id, "", label, stratum, handled_on=day)

    def residents(self, rows: Sequence[Row]) -> Iterator[Entry]:
        listed = []
        for row in rows:
            unit_id = self._unit(row)
            name = self._text(row, self._cell(row, "name"))
            code = self._cell(row, "label")
            size = self._households(row)
            stratum = self._text(row, self._cell(row, "stratum"))
            if not name:
                self._fault(row, "no_name")
            elif code and not (is_label(code) and len(code) <= LONGEST_CLUSTER):
                self._fault(row, "no_cluster_code")
            elif unit_id is not None and size and self._is_new(row, unit_id, code or same_name_key(name)):
                listed.append(Entry(unit_id, "", code, stratum, name, size))
        yield from _numbered(listed)

    def _unit(self, row: Row) -> int | None:
        if "unit" not in self.columns:
            return self.only_unit
        text = self._cell(row, "unit")
        found = self.finder.get(text.casefold()) or self.finder.get(same_name_key(text))
        if found is None:
            self._fault(row, "unknown_unit")
        return found

    def _households(self, row: Row) -> int:
        try:
            size = read_count(self._cell(row, "size"))
        except BadValue:
            size = 0
        if not 1 <= size <= MOST_HOUSEHOLDS:
            self._fault(row, "bad_number")
            return 0
        return size

    def _day(self, row: Row) -> date | None:
        text = self._cell(row, "day")
        try:
            return read_day_of_moment(text) if text else None
        except BadValue:
            self._fault(row, "bad_day")
            return None

    def _text(self, row: Row, text: str) -> str:
        if may_reach_somebody(text):
            self._fault(row, "personal_number")
        elif len(text) > LONGEST_TEXT:
            self._fault(row, "too_long")
        return text

    def _cell(self, row: Row, name: str) -> str:
        place = self.columns.get(name)
        return row.cells[place] if place is not None and place < len(row.cells) else ""

    def _is_new(self, row: Row, unit_id: int, label: str) -> bool:
        if (unit_id, label) in self.seen:
            self._fault(row, "twice")
            return False
        self.seen.add((unit_id, label))
        return True

    def _fault(self, row: Row, reason: str) -> None:
        self.faults.append((row.number, reason))


def _numbered(listed: Sequence[Entry]) -> Iterator[Entry]:
    """Clusters without a code are numbered within their unit by name, not by the order of the file."""
    by_unit: dict[int, list[Entry]] = {}
    for entry in listed:
        by_unit.setdefault(entry.unit_id, []).append(entry)
    for entries in by_unit.values():
        taken = {entry.label for entry in entries}
        free = (code for number in range(1, 10**4) if (code := f"T{number:02d}") not in taken)
        for entry in sorted(entries, key=lambda each: (each.name, each.size)):
            yield entry if entry.label else entry._replace(label=next(free))


def _check_strata(entries: Sequence[Entry]) -> None:
    strata: dict[int, set[str]] = {}
    for entry in entries:
        strata.setdefault(entry.unit_id, set()).add(entry.stratum)
    if any(len(names) > MOST_STRATA for names in strata.values()):
        raise FrameRefused(((0, "too_many_strata"),))


def _normal(text: str) -> str:
    return " ".join(text.split()).upper()
