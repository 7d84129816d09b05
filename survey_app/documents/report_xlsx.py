"""A report's tables as a workbook and as CSV: numbers as numbers, reasons for missing ones in words, notes first."""

import io
import re
from collections.abc import Iterable
from datetime import date

import xlsxwriter
from flask_babel import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from survey_app.csv_export import csv_bytes
from survey_app.documents.report import Report, Table, Text
from survey_app.documents.report_pdf import mark, table_title
from survey_app.result_tables import Cell, Column, Kind, Missing
from survey_app.spreadsheets import SAFE_WORKBOOK

FORMATS = {
    Kind.COUNT: "#,##0",
    Kind.SHARE: "0.0%",
    Kind.DIFFERENCE: "+0.0%;-0.0%;0.0%",
    Kind.NUMBER: "0.0",
    Kind.DATE: "dd/mm/yyyy",
}
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\']")


def report_xlsx(report: Report) -> bytes:
    """A sheet of notes, one of definitions, then a sheet a table."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, SAFE_WORKBOOK) as book:
        book.set_properties({"title": report.about})
        styles = _Styles(book)
        _notes(book, styles, report)
        _definitions(book, styles, report)
        for table in report.tables():
            _table(book, styles, report, table)
    return out.getvalue()


def report_csv(report: Report) -> bytes:
    """Every cell of every table on a line of its own: as a number for programs and as it is printed."""
    heading = (
        _("Bảng"), _("Mã bảng"), _("Dòng"), _("Mã dòng"), _("Nội dung"), _("Mã cột"), _("Cột"), _("Giá trị"),
        _("Như in"),
    )  # fmt: skip
    return csv_bytes(heading, _lines(report))


def _lines(report: Report) -> Iterable[tuple[object, ...]]:
    for table in report.tables():
        columns = table.result.columns
        for number, row in enumerate(table.result.rows, 1):
            code = next((cell for column, cell in zip(columns, row, strict=True) if _is_code(column)), "")
            label = next((cell for column, cell in zip(columns, row, strict=True) if _is_label(column)), "")
            for column, cell in zip(columns, row, strict=True):
                if not _is_code(column) and not (_is_label(column) and len(columns) > 2):
                    yield (
                        table.number, table.result.code, number, code, label, column.code, column.title,
                        _value(cell, column), report.text(cell, column.kind),
                    )  # fmt: skip


def _is_code(column: Column) -> bool:
    return column.code in {"code", "unit_code"}


def _is_label(column: Column) -> bool:
    return column.code in {"label", "unit", "item"}


def _value(cell: Cell, column: Column) -> object:
    if isinstance(cell, Missing):
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    return cell if column.kind is not Kind.TEXT else ""


class _Styles:
    """The formats of a workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.title: Format = book.add_format(
            {"bold": True, "font_size": 13, "text_wrap": True, "valign": "top"}
        )
        self.head: Format = book.add_format(
            {
                "bold": True,
                "text_wrap": True,
                "valign": "vcenter",
                "align": "center",
                "border": 1,
                "bg_color": "#EEF2F6",
            }
        )
        self.text: Format = book.add_format({"text_wrap": True, "valign": "top"})
        self.bold: Format = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self.missing: Format = book.add_format({"italic": True, "align": "right", "valign": "top"})
        self.mark: Format = book.add_format({"bold": True, "font_color": "#B35900"})
        self.of: dict[Kind, Format] = {
            kind: book.add_format({"num_format": form, "valign": "top"}) for kind, form in FORMATS.items()
        }

    def of_cell(self, cell: Cell, kind: Kind) -> Format:
        """By what a cell holds; a reason for a missing number stands where the number would."""
        if isinstance(cell, Missing):
            return self.missing
        return self.of.get(kind, self.text)


def _notes(book: xlsxwriter.Workbook, styles: _Styles, report: Report) -> None:
    sheet = book.add_worksheet(_("Ghi chú"))
    sheet.set_column(0, 0, 100)
    sheet.freeze_panes(1, 0)
    sheet.write_string(0, 0, report.about, styles.title)
    row = 1
    if words := mark(report):
        sheet.write_string(row, 0, words, styles.mark)
        row += 1
    for section in report.sections[:2]:
        sheet.write_string(row, 0, section.title, styles.bold)
        row += 1
        for block in section.blocks:
            if isinstance(block, Text):
                sheet.write_string(row, 0, block.words, styles.text)
                row += 1
    if report.seal is not None:
        sheet.write_string(row, 0, _("Mã kiểm chứng: %(code)s", code=report.seal.code), styles.bold)


def _definitions(book: xlsxwriter.Workbook, styles: _Styles, report: Report) -> None:
    """What each column says, once."""
    sheet = book.add_worksheet(_("Định nghĩa"))
    heading = (_("Mã cột"), _("Cột"), _("Ý nghĩa"))
    sheet.write_row(0, 0, heading, styles.head)
    seen = {column.code: column for table in report.tables() for column in table.result.columns}
    meanings = definitions()
    known = [column for code, column in seen.items() if code in meanings]
    for row, column in enumerate(known, 1):
        sheet.write_string(row, 0, column.code, styles.text)
        sheet.write_string(row, 1, column.title, styles.text)
        sheet.write_string(row, 2, meanings[column.code], styles.text)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 22)
    sheet.set_column(1, 1, 26)
    sheet.set_column(2, 2, 90)


def definitions() -> dict[str, str]:
    """What a column of a report's tables means, by its code."""
    return {
        "n": _("Số phiếu có trả lời câu hỏi; là mẫu số của tỷ lệ."),
        "n_satisfied": _("Số phiếu chọn hai mức cao nhất của thang; với lý do là số phiếu nêu lý do đó."),
        "share": _("Số phiếu hài lòng chia số phiếu có trả lời; mức giữa không tính là hài lòng."),
        "ci_low": _("Cận dưới của khoảng tin cậy hai phía."),
        "ci_high": _("Cận trên của khoảng tin cậy hai phía."),
        "share_of_responses": _("Phần của nhóm trong tổng số phiếu của kỳ."),
        "response_rate": _("Số phiếu chia số hồ sơ giải quyết (tự nguyện) hoặc chia chỉ tiêu phiếu (chọn mẫu)."),
        "tier": _("So với mức chung của tỉnh sau khi kiểm soát so sánh nhiều lần; “không khác biệt rõ” không có "
                  "nghĩa là bằng nhau."),
        "rank_low": _("Hạng cao nhất chưa loại trừ được; chỉ có ở khảo sát chọn mẫu."),
        "rank_high": _("Hạng thấp nhất chưa loại trừ được; chỉ có ở khảo sát chọn mẫu."),
        "target": _("Đạt khi cận dưới không thấp hơn mục tiêu, không đạt khi cận trên thấp hơn mục tiêu."),
        "points": _("Điểm theo bảng quy đổi của cơ quan, từ tỷ lệ đã làm tròn một chữ số thập phân."),
        "points_low": _("Điểm nếu tỷ lệ thật bằng cận dưới."),
        "points_high": _("Điểm nếu tỷ lệ thật bằng cận trên."),
        "crosses": _("Có ngưỡng của bậc điểm nằm trong khoảng tin cậy hay không."),
        "n_flagged": _("Phiếu có dấu hiệu cần kiểm tra; dấu hiệu không phải là kết luận vi phạm."),
    }  # fmt: skip


def _table(book: xlsxwriter.Workbook, styles: _Styles, report: Report, table: Table) -> None:
    columns = table.result.columns
    sheet = book.add_worksheet(_sheet_name(table))
    sheet.write_string(0, 0, table_title(table), styles.bold)
    if words := mark(report):
        sheet.write_string(1, 0, words, styles.mark)
    sheet.write_row(2, 0, [column.title for column in columns], styles.head)
    for number, row in enumerate(table.result.rows, 3):
        for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
            _cell(sheet, styles.of_cell(cell, column.kind), report, (number, place), (column.kind, cell))
    is_long = len(table.result.rows) > 1
    sheet.freeze_panes(3, 2 if _is_code(columns[0]) else 1)
    if is_long:
        sheet.autofilter(2, 0, 2 + len(table.result.rows), len(columns) - 1)
    for place, column in enumerate(columns):
        longest = max((len(str(row[place])) for row in table.result.rows), default=0)
        width = 13 if column.kind is not Kind.TEXT else min(max(longest + 2, 12), 70)
        sheet.set_column(place, place, width)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)


def _cell(
    sheet: Worksheet, style: Format, report: Report, at: tuple[int, int], content: tuple[Kind, Cell]
) -> None:
    kind, cell = content
    if isinstance(cell, date):
        sheet.write_datetime(*at, cell, style)
    elif isinstance(cell, int | float) and kind is not Kind.TEXT:
        sheet.write_number(*at, cell, style)
    else:
        sheet.write_string(*at, report.text(cell, kind), style)


def _sheet_name(table: Table) -> str:
    """At most 31 characters, without those that a spreadsheet refuses, and not twice."""
    return _NOT_IN_A_NAME.sub(" ", f"{table.number}. {table.result.title}")[:31].strip()
