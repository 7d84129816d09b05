"""A report as a Word file in the layout of Decree 30/2020/NĐ-CP: a draft to be finished in the e-office system."""

import io

import segno
from docx.shared import Cm, Pt

from analysis import charts
from survey_app.documents.official_docx import Column, OfficialDocument
from survey_app.documents.qr import CORRECTION, QUIET_ZONE
from survey_app.documents.report import Block, Figure, Report, Style, Table
from survey_app.documents.report_pdf import annex_number, figure_title, mark, table_title

WIDTH = 16.5
NARROW, WIDE = Pt(11), Pt(9)


def report_docx(report: Report) -> bytes:
    """The same sections, tables and figures as the PDF."""
    document = OfficialDocument(
        report.letterhead, kind=report.kind, about=report.about, language=report.language, mark=mark(report)
    )
    document.bases(report.bases)
    for section in report.sections:
        document.section(section.title)
        for block in section.blocks:
            _write(document, report, block)
    document.sign(recipients=report.recipients, titles=report.signer_titles, name=report.signer_name)
    for place, annex in enumerate(report.annexes):
        document.annex(annex.title, annex_number(place))
        for block in annex.blocks:
            _write(document, report, block)
    if report.seal is not None:
        document.picture(_square(report.seal.url), width=Cm(4.2), description=report.seal.url)
        document.caption(report.seal.code, keep_with_next=False)
    return document.as_bytes()


def _write(document: OfficialDocument, report: Report, block: Block) -> None:
    if isinstance(block, Table):
        _write_table(document, report, block)
    elif isinstance(block, Figure):
        png = charts.to_png(block.draw())
        document.picture(png, width=Cm(16), description=block.title)
        document.caption(figure_title(block), keep_with_next=bool(block.note))
        if block.note:
            document.remark(block.note, is_centred=True)
    else:
        writers = {
            Style.HEADING: document.subsection,
            Style.BODY: document.paragraph,
            Style.NOTE: document.note,
            Style.POINT: document.point,
        }
        writers[block.style](block.words)


def _write_table(document: OfficialDocument, report: Report, table: Table) -> None:
    printed = report.printed(table)
    document.caption(table_title(table), keep_with_next=True)
    columns = [
        Column(title, WIDTH * share, is_number)
        for title, share, is_number in zip(
            printed.titles, printed.shares_of_width(), printed.is_number, strict=True
        )
    ]
    size = WIDE if table.is_wide else NARROW
    document.table(columns, printed.rows, size=size, is_captioned=True)
    if table.note:
        document.remark(table.note)


def _square(url: str) -> bytes:
    out = io.BytesIO()
    segno.make_qr(url, error=CORRECTION).save(out, kind="png", border=QUIET_ZONE, scale=8)
    return out.getvalue()
