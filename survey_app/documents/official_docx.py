"""A Word file in the layout of administrative documents (Annex I of Decree 30/2020/NĐ-CP), always as a draft.

The e-office system gives number, date and signature: their places stay empty here.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Mm, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph

from config import ROOT
from survey_app.services.letterheads import OfficeHead

COUNTRY = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
DRAFT = "DỰ THẢO"
BLANK = "……"
# The fixed words of the layout; the English ones mark a translation that is not the document itself.
WORDS = {
    "vi": {
        "country": COUNTRY,
        "motto": MOTTO,
        "draft": DRAFT,
        "number": "Số:        /{symbol}",
        "day": "{place}, ngày      tháng      năm 20…",
        "annex": "Phụ lục",
        "with": "(Kèm theo {kind} số {blank}/{symbol} ngày {blank} tháng {blank} năm 20…)",
        "to": "Nơi nhận:",
        "locale": "vi-VN",
    },
    "en": {
        "country": "SOCIALIST REPUBLIC OF VIET NAM",
        "motto": "Independence - Freedom - Happiness",
        "draft": "DRAFT – UNOFFICIAL TRANSLATION",
        "number": "No.        /{symbol}",
        "day": "{place}, day      month      year 20…",
        "annex": "Annex",
        "with": "(Attached to {kind} no. {blank}/{symbol} of {blank} 20…)",
        "to": "Recipients:",
        "locale": "en-GB",
    },
}
BODY, SMALL, HEAD, RECIPIENT = Pt(14), Pt(13), Pt(12), Pt(11)
# Of the paper 210 mm wide, 30 mm on the left and 15 mm on the right stay free.
PAGE_WIDTH, LEFT_WIDTH, RIGHT_WIDTH = Cm(16.5), Cm(6.5), Cm(10)
SIMULATED_COLOUR = RGBColor(0xB3, 0x59, 0x00)
_CENTRE, _BOTH = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whose document it is: the office above (empty for none), the office, its place and the document's symbol."""

    superior: str
    issuer: str
    place: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its width, and whether it holds numbers."""

    title: str
    width: float
    is_number: bool = False


def letterhead_of(head: OfficeHead, kind: str) -> Letterhead:
    """The head of a document of a kind ("BC", "TB", "KH") that an office makes."""
    return Letterhead(head.superior, head.issuer, head.place, f"{kind}-{head.abbreviation}")


@cache
def official_texts(kind: str) -> dict[str, Any]:
    """Legal bases and recipients of a kind of document: data, to be checked by whoever drafts it."""
    stored = json.loads((ROOT / "seeds" / "official_documents.json").read_text(encoding="utf-8"))
    found: dict[str, Any] = stored[kind]
    return found


class OfficialDocument:
    """Filled from top to bottom, then taken as bytes."""

    def __init__(
        self, letterhead: Letterhead, *, kind: str, about: str, language: str = "vi", mark: str = ""
    ) -> None:
        """`mark` stands at the head of every page, such as that the figures are simulated."""
        self._document = Document()
        self._letterhead = letterhead
        self._kind = kind
        self._words = WORDS[language]
        self._set_page(mark)
        self._head()
        self._title(kind, about)

    def bases(self, texts: Sequence[str]) -> None:
        """The grounds: in italics, each ending in a semicolon, the last in a full stop."""
        for number, text in enumerate(texts, 1):
            end = "." if number == len(texts) else ";"
            self._body(text.rstrip(".;") + end, italic=True)

    def section(self, title: str) -> None:
        """ "I. MỤC ĐÍCH, YÊU CẦU"."""
        self._heading(title.upper())

    def subsection(self, title: str) -> None:
        self._heading(title)

    def paragraph(self, text: str) -> None:
        self._body(text)

    def note(self, text: str) -> None:
        self._body(text, italic=True)

    def point(self, text: str) -> None:
        """A point of a list."""
        self._body(f"- {text}")

    def caption(self, text: str, *, keep_with_next: bool) -> None:
        """The title of a table (above it) or of a figure (below it)."""
        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = keep_with_next
        _write(paragraph, text, size=SMALL, bold=True, align=_CENTRE, before=Pt(6))

    def remark(self, text: str, *, is_centred: bool = False) -> None:
        """A line in small letters under a table or figure."""
        align = _CENTRE if is_centred else None
        _write(self._document.add_paragraph(), text, size=RECIPIENT, italic=True, align=align, before=Pt(2))

    def picture(self, png: bytes, *, width: Cm, description: str) -> None:
        """A picture in the middle, with words for those who do not see it."""
        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        paragraph.alignment = _CENTRE
        shape = paragraph.add_run().add_picture(io.BytesIO(png), width=width)
        shape._inline.docPr.set("descr", description)

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str]],
        *,
        last_is_total: bool = False,
        size: Pt = SMALL,
        is_captioned: bool = False,
    ) -> None:
        """A ruled table whose heading is repeated on every page."""
        if not is_captioned:
            self._space()
        table = self._document.add_table(rows=1, cols=len(columns), style="Table Grid")
        table.alignment = WD_TABLE_ALIGNMENT.CENTER
        table.autofit = False
        for cell, column in zip(table.rows[0].cells, columns, strict=True):
            _write(cell.paragraphs[0], column.title, size=size, bold=True, align=_CENTRE)
            cell.paragraphs[0].paragraph_format.keep_with_next = True
        _repeat_heading(table)
        for number, row in enumerate(rows, 1):
            is_total = last_is_total and number == len(rows)
            added = table.add_row()
            added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, column, text in zip(added.cells, columns, row, strict=True):
                align = WD_ALIGN_PARAGRAPH.RIGHT if column.is_number else WD_ALIGN_PARAGRAPH.LEFT
                _write(cell.paragraphs[0], text, size=size, bold=is_total, align=align)
        _set_widths(table, [Cm(column.width) for column in columns])
        self._space()

    def sign(self, *, recipients: Sequence[str], titles: Sequence[str], name: str = "") -> None:
        """Who receives it on the left; on the right the signer's titles over an empty place, then the name."""
        self._space()
        table = _frame(self._document, (Cm(7.8), Cm(8.7)))
        left, right = table.rows[0].cells
        _write(
            left.paragraphs[0],
            self._words["to"],
            size=Pt(12),
            bold=True,
            italic=True,
            align=WD_ALIGN_PARAGRAPH.LEFT,
        )
        for number, text in enumerate(recipients, 1):
            end = "." if number == len(recipients) else ";"
            _write(left.add_paragraph(), f"- {text}{end}", size=RECIPIENT, align=WD_ALIGN_PARAGRAPH.LEFT)
        first = right.paragraphs[0]
        for number, title in enumerate(titles):
            _write(
                first if number == 0 else right.add_paragraph(), title, size=BODY, bold=True, align=_CENTRE
            )
        for _line in range(5):
            _write(right.add_paragraph(), "", size=BODY, align=_CENTRE)
        if name:
            _write(right.add_paragraph(), name, size=BODY, bold=True, align=_CENTRE)

    def annex(self, title: str, number: str = "", *, is_landscape: bool = False) -> None:
        """A new page that says what it belongs to; a wide table lies across it."""
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        section.different_first_page_header_footer = False
        if is_landscape:
            section.orientation = WD_ORIENT.LANDSCAPE
            section.page_width, section.page_height = Mm(297), Mm(210)
            section.left_margin, section.right_margin = Mm(20), Mm(20)
        self._centred(f"{self._words['annex']} {number}".strip(), bold=True)
        self._centred(title.upper(), bold=True)
        said = self._words["with"].format(kind=self._kind, blank=BLANK, symbol=self._letterhead.symbol)
        self._centred(said, italic=True)
        self._space()

    def as_bytes(self) -> bytes:
        out = io.BytesIO()
        self._document.save(out)
        return out.getvalue()

    def _set_page(self, mark: str) -> None:
        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin = section.bottom_margin = Mm(20)
        section.left_margin, section.right_margin = Mm(30), Mm(15)
        section.header_distance = Mm(10)
        style = self._document.styles["Normal"]
        style.font.name, style.font.size = "Times New Roman", BODY
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for name in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(name), "Times New Roman")
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), self._words["locale"])
        style.element.get_or_add_rPr().append(language)
        section.different_first_page_header_footer = True
        number = section.header.paragraphs[0]
        number.alignment = _CENTRE
        _page_number(number)
        if mark:
            for part in (section.first_page_footer, section.footer):
                _write(part.paragraphs[0], mark, size=RECIPIENT, bold=True, align=_CENTRE)
                part.paragraphs[0].runs[0].font.color.rgb = SIMULATED_COLOUR

    def _head(self) -> None:
        head = self._letterhead
        left, right = _frame(self._document, (LEFT_WIDTH, RIGHT_WIDTH)).rows[0].cells
        lines = [(head.superior, False)] if head.superior else []
        lines += [(line, True) for line in head.issuer.split("\n")]
        for number, (line, bold) in enumerate(lines):
            paragraph = left.paragraphs[0] if number == 0 else left.add_paragraph()
            _write(paragraph, line, size=HEAD, bold=bold, align=_CENTRE)
        _rule(left.add_paragraph(), width=LEFT_WIDTH, length=Cm(2.4))
        number = self._words["number"].format(symbol=head.symbol)
        _write(left.add_paragraph(), number, size=SMALL, align=_CENTRE)
        _write(left.add_paragraph(), self._words["draft"], size=SMALL, bold=True, align=_CENTRE)
        _write(right.paragraphs[0], self._words["country"], size=HEAD, bold=True, align=_CENTRE)
        _write(right.add_paragraph(), self._words["motto"], size=SMALL, bold=True, align=_CENTRE)
        _rule(right.add_paragraph(), width=RIGHT_WIDTH, length=Cm(5.5))
        day = self._words["day"].format(place=head.place)
        _write(right.add_paragraph(), day, size=SMALL, italic=True, align=_CENTRE)
        self._space()

    def _title(self, kind: str, about: str) -> None:
        self._centred(kind.upper(), bold=True)
        self._centred(about, bold=True)
        _rule(self._document.add_paragraph(), width=PAGE_WIDTH, length=Cm(5))
        self._space()

    def _heading(self, text: str) -> None:
        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        paragraph.paragraph_format.first_line_indent = Cm(1.27)
        _write(paragraph, text, size=BODY, bold=True, before=Pt(6))

    def _body(self, text: str, *, italic: bool = False) -> None:
        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.first_line_indent = Cm(1.27)
        _write(paragraph, text, size=BODY, italic=italic, align=_BOTH, before=Pt(6))

    def _centred(self, text: str, *, bold: bool = False, italic: bool = False) -> None:
        _write(self._document.add_paragraph(), text, size=BODY, bold=bold, italic=italic, align=_CENTRE)

    def _space(self) -> None:
        _write(self._document.add_paragraph(), "", size=Pt(6))


def _write(
    paragraph: Paragraph,
    text: str,
    *,
    size: Pt,
    bold: bool = False,
    italic: bool = False,
    align: WD_ALIGN_PARAGRAPH | None = None,
    before: Pt | None = None,
) -> None:
    paragraph.alignment = align
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.space_before = before or Pt(0)
    paragraph.paragraph_format.line_spacing = 1.0
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = size, bold, italic


def _frame(document: Any, widths: Sequence[Cm]) -> Table:
    """A row of cells without rules."""
    table: Table = document.add_table(rows=1, cols=len(widths))
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    _set_widths(table, widths)
    return table


def _set_widths(table: Table, widths: Sequence[Cm]) -> None:
    """In the grid and in every cell: programs differ in which of the two they read."""
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
        for cell in column.cells:
            cell.width = width


def _rule(paragraph: Paragraph, *, width: Cm, length: Cm) -> None:
    """A thin line of this length in the middle of its place."""
    side = Cm((width - length) / 2 / 360_000)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = side
    _write(paragraph, "", size=Pt(2), before=Pt(3))
    borders = OxmlElement("w:pBdr")
    line = OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "2"), ("color", "000000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    # The schema fixes the order of a paragraph's properties.
    later = (
        "w:shd",
        "w:tabs",
        "w:suppressAutoHyphens",
        "w:spacing",
        "w:ind",
        "w:contextualSpacing",
        "w:jc",
        "w:rPr",
    )
    paragraph._p.get_or_add_pPr().insert_element_before(borders, *later)


def _page_number(paragraph: Paragraph) -> None:
    run = paragraph.add_run()
    run.font.size = BODY
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind is None:
            field = OxmlElement("w:instrText")
            field.set(qn("xml:space"), "preserve")
            field.text = text
        else:
            field = OxmlElement("w:fldChar")
            field.set(qn("w:fldCharType"), kind)
        run._r.append(field)


def _repeat_heading(table: Table) -> None:
    row = table.rows[0]._tr.get_or_add_trPr()
    for name in ("w:cantSplit", "w:tblHeader"):
        row.append(OxmlElement(name))
