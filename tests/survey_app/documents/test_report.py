"""One report in every kind of file: the same figures, the layout of the decree, withheld cells in words, no formula."""

import csv
import io
import re
from datetime import date

import pypdfium2
import pytest
from docx import Document
from docx.shared import Mm
from openpyxl import load_workbook

from analysis.types import Tier
from survey_app.documents.notice import result_notice
from survey_app.documents.report import Report, figures_code
from survey_app.documents.report_docx import report_docx
from survey_app.documents.report_parts import Setting
from survey_app.documents.report_pdf import report_pdf
from survey_app.documents.report_province import province_report
from survey_app.documents.report_unit import sealed_tables, unit_report
from survey_app.documents.report_xlsx import report_csv, report_xlsx
from survey_app.errors import NotFound
from survey_app.formatting import percent
from survey_app.result_tables import Kind
from survey_app.services.conversions import Conversion, read_bands
from survey_app.services.letterheads import OfficeHead
from survey_app.services.report_content import ReportContent
from tests.survey_app.documents import report_values as values
from tests.survey_app.documents.printed import decoded, links, n_pages

HEAD = OfficeHead(
    "", "ỦY BAN NHÂN DÂN\nTỈNH QUẢNG TRỊ", "Quảng Trị", "UBND", ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")
)
BANDS = read_bands("0=0\n85=1,5\n90=2")
CONVERSION = Conversion("Bộ chỉ số", "continuous", "Quyết định thử", date(2026, 1, 1), None, BANDS, 7)
URL = "https://khaosat.example/par/reports/check"


def in_language(app, language):
    return app.test_request_context(f"/?lang={language}")


def setting(language: str = "vi") -> Setting:
    return Setting(language, HEAD, URL, (CONVERSION,))


def reports(language: str = "vi") -> dict[str, Report]:
    compared = values.comparison()
    content = ReportContent(language, compared, values.card(basis="sample"), (values.card(),))
    return {
        "unit": unit_report(values.card(), setting(language)),
        "province": province_report(content, setting(language)),
        "notice": result_notice(compared, setting(language)),
    }


def pdf_words(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as pdf:
        return squeezed(" ".join(page.get_textpage().get_text_range() for page in pdf))


def squeezed(text: str) -> str:
    """Without spaces: a line that wraps in one file and not in another says the same."""
    return re.sub(r"[\s\u00ad\ufffe\u0002]+", "", text)


def docx_tables(content: bytes) -> list[list[tuple[str, ...]]]:
    """Ruled tables only: the head and the signature are frames."""
    tables = [table for table in Document(io.BytesIO(content)).tables if table.style.name == "Table Grid"]
    return [[tuple(cell.text for cell in row.cells) for row in table.rows[1:]] for table in tables]


def xlsx_tables(content: bytes, report: Report) -> list[list[tuple[str, ...]]]:
    """What a reader sees in the cells, from their values and number formats."""
    book = load_workbook(io.BytesIO(content))
    found = []
    for table, sheet in zip(report.tables(), book.worksheets[2:], strict=True):
        kept = [
            place
            for place, column in enumerate(table.result.columns)
            if column.code not in {"code", "unit_code"}
        ]
        rows = [[row[place] for place in kept] for row in sheet.iter_rows(min_row=4)]
        found.append([tuple(shown(cell, report) for cell in row) for row in rows])
    return found


def shown(cell, report: Report) -> str:
    assert cell.data_type != "f"
    if cell.data_type == "s":
        return str(cell.value)
    kind = {"0.0%": Kind.SHARE, "#,##0": Kind.COUNT, "0.0": Kind.NUMBER}[cell.number_format]
    return report.text(cell.value, kind)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_figure_is_the_same_in_pdf_docx_xlsx_and_csv(app, language):
    with in_language(app, language):
        for report in reports(language).values():
            printed = [list(report.printed(table).rows) for table in report.tables()]
            assert sum(map(len, printed)) >= 3
            assert docx_tables(report_docx(report)) == printed
            assert xlsx_tables(report_xlsx(report), report) == printed
            words = pdf_words(report_pdf(report))
            for rows in printed:
                for row in rows:
                    assert squeezed("".join(row)) in words
            lines = list(csv.reader(io.StringIO(report_csv(report).decode("utf-8-sig"))))[1:]
            in_csv = {(line[0], line[2], line[5]): line for line in lines}
            for table in report.tables():
                for number, row in enumerate(table.result.rows, 1):
                    for column, cell in zip(table.result.columns, row, strict=True):
                        if column.kind is not Kind.TEXT:
                            line = in_csv[str(table.number), str(number), column.code]
                            assert line[8] == report.text(cell, column.kind)
                            assert line[7] == ("" if not isinstance(cell, int | float) else str(cell))


def test_layout_is_that_of_the_decree_and_a_draft(app):
    with in_language(app, "vi"):
        report = reports()["unit"]
        content, pdf = report_docx(report), report_pdf(report)
    document = Document(io.BytesIO(content))
    page = document.sections[0]
    margins = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [round(each / Mm(1)) for each in margins] == [20, 20, 30, 15]
    assert document.styles["Normal"].font.name == "Times New Roman"
    head = " ".join(cell.text for row in document.tables[0].rows for cell in row.cells)
    for words in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "DỰ THẢO", "/BC-UBND",
                  "Quảng Trị, ngày      tháng      năm 20…"):  # fmt: skip
        assert words in head
        assert squeezed(words) in pdf_words(pdf)
    end = " ".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    assert "Nơi nhận:" in end and "Lưu: VT." in end and "CHỦ TỊCH" in end
    footers = [section.footer.paragraphs[0].text for section in document.sections]
    assert set(footers) == {"DỮ LIỆU MÔ PHỎNG"}
    with pypdfium2.PdfDocument(pdf) as opened:
        pages = [squeezed(each.get_textpage().get_text_range()) for each in opened]
    assert all("DỮLIỆUMÔPHỎNG" in each for each in pages)
    assert report.seal is not None
    assert links(decoded(pdf, page=n_pages(pdf) - 1)) == {report.seal.url}


def test_decimal_marks_follow_the_language_and_withheld_cells_are_words(app):
    with in_language(app, "vi"):
        words = pdf_words(report_pdf(reports()["unit"]))
    assert percent(365 / 412) == "88,6%"
    assert "88,6%" in words and "88.6%" not in words
    assert "dưới5phiếu" in words
    with in_language(app, "en"):
        words = pdf_words(report_pdf(reports("en")["unit"]))
    assert "88.6%" in words and "88,6%" not in words


def test_code_is_of_the_figures_alone(app):
    def code(card) -> str:
        return figures_code("x", sealed_tables(card))

    with in_language(app, "en"):
        english = code(values.card())
    with in_language(app, "vi"):
        assert code(values.card()) == english
        assert code(values.card(to_do=(), n_comments_waiting=True)) == english
        assert code(values.card(overall=values.share(366, 412))) != english


def test_text_that_looks_like_a_formula_stays_text(app):
    with in_language(app, "vi"):
        report = reports()["unit"]
        lines = list(csv.reader(io.StringIO(report_csv(report).decode("utf-8-sig"))))
        assert {line[4] for line in lines if line[3] == "wait"} == {"'=Chờ lâu, trễ hẹn"}
        book = load_workbook(io.BytesIO(report_xlsx(report)))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == "=Chờ lâu, trễ hẹn" and cell.data_type == "s" for cell in cells)
    assert not any(cell.hyperlink for cell in cells)
    assert all(sheet.freeze_panes for sheet in book.worksheets)


def test_notice_gives_ranges_of_ranks_and_only_for_a_sample(app):
    with in_language(app, "vi"):
        report = reports()["notice"]
        lower = next(table for table in report.tables() if table.result.code == "group_lower")
        assert [row[-1] for row in lower.result.rows] == ["hạng từ 3 đến 3/3"]
        columns = {column.code for table in report.tables() for column in table.result.columns}
        assert not columns & {"rank", "rank_low", "rank_high"}
        assert "Cồn Cỏ" in report_docx_text(report_docx(report))
        with pytest.raises(NotFound):
            result_notice(values.comparison("continuous"), setting())
        assert values.comparison().rows[1].tier is Tier.LOWER


def report_docx_text(content: bytes) -> str:
    return "\n".join(paragraph.text for paragraph in Document(io.BytesIO(content)).paragraphs)
