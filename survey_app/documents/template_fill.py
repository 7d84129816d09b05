"""An office's own XLSX form, filled by the names that it gave to cells; what could not be filled is listed.

A name is `HL_<figure>_<unit>` or `<unit>.<figure>`: figures are the keys of `FIGURES` ("TY_LE", or "share"), a unit is
TOAN_TINH, its code ("QT_18880") or its name without marks ("DONG_HA", "PHUONG_DONG_HA"). HL_KY and HL_NGUON give the
period and the basis. Upper and lower case are alike.
"""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.workbook.workbook import Workbook

from survey_app import report_sentences, sentences
from survey_app.errors import UnreadableTable
from survey_app.names import search_key
from survey_app.result_tables import Kind, Missing, missing_word, share_cells
from survey_app.services.figures import ComparedUnit, Comparison
from survey_app.spreadsheets import MAX_FILE_BYTES, check_archive

MAX_NAMES = 5_000
WHOLE = "TOAN_TINH"
PREFIX = "HL_"
_NOT_A_LETTER = re.compile(r"[^A-Z0-9]+")
_NUMBER_FORMATS = {Kind.SHARE: "0.0%", Kind.COUNT: "#,##0"}

Value = str | int | float | Missing


@dataclass(frozen=True, slots=True)
class Left:
    """A name that was not filled with a figure: where it points to, and why."""

    name: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Filled:
    """The workbook, how many cells hold a figure now, and what is left; `withheld` cells say so in words."""

    content: bytes
    n_filled: int
    left: tuple[Left, ...]
    withheld: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class _Figure:
    kind: Kind
    of: Callable[[ComparedUnit], Value]


def _share(place: int) -> Callable[[ComparedUnit], Value]:
    return lambda row: share_cells(row.share)[place]  # type: ignore[return-value]


def _or_none(value: Value | None) -> Value:
    return Missing.NOT_APPLICABLE if value is None else value


FIGURES: Mapping[str, _Figure] = {
    "SO_PHIEU": _Figure(Kind.COUNT, _share(0)),
    "HAI_LONG": _Figure(Kind.COUNT, _share(1)),
    "TY_LE": _Figure(Kind.SHARE, _share(2)),
    "CAN_DUOI": _Figure(Kind.SHARE, _share(3)),
    "CAN_TREN": _Figure(Kind.SHARE, _share(4)),
    "PHAN_HOI": _Figure(Kind.SHARE, lambda row: _or_none(row.response_rate)),
    "NHOM": _Figure(Kind.TEXT, lambda row: sentences.tier_word(row.tier)),
    "HANG_TU": _Figure(Kind.COUNT, lambda row: _or_none(row.rank.low if row.rank else None)),
    "HANG_DEN": _Figure(Kind.COUNT, lambda row: _or_none(row.rank.high if row.rank else None)),
    "MUC_TIEU": _Figure(
        Kind.TEXT,
        lambda row: Missing.NOT_APPLICABLE if row.verdict is None else sentences.verdict(row.verdict),
    ),
}
# The same figures by the codes of the tables.
CODES = {
    "N": "SO_PHIEU", "N_SATISFIED": "HAI_LONG", "SHARE": "TY_LE", "CI_LOW": "CAN_DUOI", "CI_HIGH": "CAN_TREN",
    "RESPONSE_RATE": "PHAN_HOI", "TIER": "NHOM", "RANK_LOW": "HANG_TU", "RANK_HIGH": "HANG_DEN",
    "TARGET": "MUC_TIEU",
}  # fmt: skip
OF_WHOLE = frozenset({"SO_PHIEU", "HAI_LONG", "TY_LE", "CAN_DUOI", "CAN_TREN"})


class _Refused(Exception):
    """A name that cannot be filled, by the code of its reason."""


def fill_template(content: bytes, comparison: Comparison) -> Filled:
    """The form with every known name filled. Raises `UnreadableTable` for what is no form, or is hostile."""
    book = _opened(content)
    units = _units_by_name(comparison)
    n_filled, left, withheld = 0, [], []
    for name, target in _defined_names(book):
        try:
            cell = _one_cell(book, target)
            kind, value = _value(name, comparison, units)
        except _Refused as refused:
            left.append(Left(name, target[:80], str(refused)))
            continue
        if isinstance(value, Missing):
            cell.value = missing_word(value, minimum_base=comparison.minimum_base)
            withheld.append(Left(name, target[:80], value.value))
            continue
        cell.value = value
        # What looks like a formula is text all the same.
        if isinstance(value, str):
            cell.data_type = "s"
        elif cell.number_format == "General" and kind in _NUMBER_FORMATS:
            cell.number_format = _NUMBER_FORMATS[kind]
        n_filled += 1
    out = io.BytesIO()
    book.save(out)
    return Filled(out.getvalue(), n_filled, tuple(left), tuple(withheld))


def _opened(content: bytes) -> Workbook:
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableTable("too_large")
    check_archive(content)
    try:
        # Formulas stay formulas and are not run; macros and links to other files are dropped.
        book = load_workbook(io.BytesIO(content), keep_vba=False, keep_links=False)
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OSError) as error:
        raise UnreadableTable("not_a_table") from error
    if len(book.defined_names) + sum(len(sheet.defined_names) for sheet in book.worksheets) > MAX_NAMES:
        raise UnreadableTable("too_many_rows")
    return book


def _defined_names(book: Workbook) -> list[tuple[str, str]]:
    """Names of the workbook and of its sheets that may be meant for us, with what they point to."""
    spaces = [book.defined_names, *(sheet.defined_names for sheet in book.worksheets)]
    found = [(name, str(defined.attr_text or "")) for space in spaces for name, defined in space.items()]
    return sorted(each for each in found if _is_ours(each[0]))


def _is_ours(name: str) -> bool:
    """Names of the spreadsheet's own ("_xlnm.Print_Area") and of other tools are left alone."""
    upper = name.upper()
    return upper.startswith(PREFIX) or ("." in name and upper.rpartition(".")[2] in {*CODES, *FIGURES})


def _one_cell(book: Workbook, target: str) -> SheetCell:
    sheet_name, sign, place = target.rpartition("!")
    sheet_name = sheet_name.strip("'").replace("''", "'")
    place = place.replace("$", "")
    if not sign or not re.fullmatch(r"[A-Z]{1,3}[0-9]{1,7}", place):
        raise _Refused("not_one_cell")
    if sheet_name not in book.sheetnames or "[" in sheet_name:
        raise _Refused("no_sheet")
    cell: Any = book[sheet_name][place]
    if not isinstance(cell, SheetCell):
        raise _Refused("merged")
    if cell.data_type == "f":
        raise _Refused("formula")
    return cell


def _value(name: str, comparison: Comparison, units: Mapping[str, list[ComparedUnit]]) -> tuple[Kind, Value]:
    upper = name.upper()
    if upper == "HL_KY":
        return Kind.TEXT, report_sentences.period(comparison.period)
    if upper == "HL_NGUON":
        return Kind.TEXT, sentences.basis_title(comparison.basis)
    figure, unit = _parts(upper)
    if unit == WHOLE:
        return FIGURES[figure].kind, _of_whole(figure, comparison)
    found = units.get(unit, [])
    if not found:
        raise _Refused("unknown_unit")
    if len(found) > 1:
        raise _Refused("several_units")
    return FIGURES[figure].kind, FIGURES[figure].of(found[0])


def _parts(upper: str) -> tuple[str, str]:
    """The figure and the unit of a name in either form."""
    if upper.startswith(PREFIX):
        rest = upper.removeprefix(PREFIX)
        for figure in sorted(FIGURES, key=len, reverse=True):
            if rest.startswith(f"{figure}_"):
                return figure, rest.removeprefix(f"{figure}_")
        raise _Refused("unknown_figure")
    unit, _dot, code = upper.rpartition(".")
    return CODES.get(code, code), _NOT_A_LETTER.sub("_", unit)


def _of_whole(figure: str, comparison: Comparison) -> Value:
    if figure not in OF_WHOLE:
        raise _Refused("not_of_whole")
    place = list(FIGURES).index(figure)
    found: Value = share_cells(comparison.province)[place]  # type: ignore[assignment]
    return found


def _units_by_name(comparison: Comparison) -> dict[str, list[ComparedUnit]]:
    found: dict[str, list[ComparedUnit]] = {}
    for row in comparison.rows:
        keys = {_NOT_A_LETTER.sub("_", row.unit.code.upper())}
        keys |= {_NOT_A_LETTER.sub("_", search_key(text).upper()) for text in (row.unit.name, row.unit.label)}
        for key in keys:
            found.setdefault(key, []).append(row)
    return found
