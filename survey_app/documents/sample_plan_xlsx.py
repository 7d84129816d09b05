"""A workbook of sample plans: assumptions and results side by side, then a sheet of units for each plan."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter

FORMATS = {"count": "#,##0", "percent": "0.0%", "decimal": "0.00", "money": "#,##0"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the first sheet: its title, how its values are written, and one value a plan."""

    title: str
    kind: str
    values: tuple[object, ...]
    is_result: bool = False


@dataclass(frozen=True, slots=True)
class UnitSheet:
    """A sheet of units: headings with the kind of their column, and a row a unit, numbers as numbers."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[object, ...], ...]
    total: tuple[object, ...]


def plan_workbook(
    first: str, heading: Sequence[str], lines: Sequence[Line], sheets: Sequence[UnitSheet]
) -> bytes:
    """Text never runs as a formula; sums are of the cells above them."""
    out = io.BytesIO()
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(out, options) as book:
        styles = _Styles(book)
        _first_sheet(book, styles, first, heading, lines)
        for sheet in sheets:
            _unit_sheet(book, styles, sheet)
    return out.getvalue()


class _Styles:
    """The formats of a workbook by kind, plain and bold."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        self.text = book.add_format({"text_wrap": True, "valign": "top"})
        self.bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.plain = {kind: book.add_format({"num_format": form, "valign": "top", "align": "right"})
                      for kind, form in FORMATS.items()}  # fmt: skip
        self.strong = {kind: book.add_format({"num_format": form, "bold": True, "valign": "top", "align": "right",
                                              "top": 1}) for kind, form in FORMATS.items()}  # fmt: skip


def _first_sheet(
    book: xlsxwriter.Workbook, styles: _Styles, name: str, heading: Sequence[str], lines: Sequence[Line]
) -> None:
    sheet = book.add_worksheet(name[:31])
    sheet.write_row(0, 0, heading, styles.head)
    for row, line in enumerate(lines, 1):
        sheet.write_string(row, 0, line.title, styles.bold if line.is_result else styles.text)
        for place, value in enumerate(line.values, 1):
            _write(sheet, row, place, value, styles.plain.get(line.kind, styles.text))
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, len(heading) - 1, 26)


def _unit_sheet(book: xlsxwriter.Workbook, styles: _Styles, made: UnitSheet) -> None:
    sheet = book.add_worksheet(made.name[:31])
    sheet.write_row(0, 0, [title for title, _kind in made.columns], styles.head)
    for row, values in enumerate(made.rows, 1):
        for place, value in enumerate(values):
            _write(sheet, row, place, value, styles.plain.get(made.columns[place][1], styles.text))
    last = len(made.rows)
    for place, value in enumerate(made.total):
        style = styles.strong.get(made.columns[place][1], styles.bold)
        if value == "sum":
            letter = chr(ord("A") + place)
            total = sum(row[place] for row in made.rows)  # type: ignore[misc]
            sheet.write_formula(last + 1, place, f"=SUM({letter}2:{letter}{last + 1})", style, total)
        else:
            _write(sheet, last + 1, place, value, style)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, last, len(made.columns) - 1)
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 34)
    sheet.set_column(2, len(made.columns) - 1, 15)


def _write(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    place: int,
    value: object,
    style: xlsxwriter.format.Format,
) -> None:
    if isinstance(value, int | float):
        sheet.write_number(row, place, value, style)
    elif value is not None:
        sheet.write_string(row, place, str(value), style)
