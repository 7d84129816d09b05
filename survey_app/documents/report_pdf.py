"""A report as PDF: the values of the report, set by `templates/print/report.typ`."""

from typing import Any

from flask_babel import gettext as _

from analysis import charts
from survey_app.documents import qr, typesetting
from survey_app.documents.official_docx import BLANK, WORDS
from survey_app.documents.report import Block, Figure, Report, Section, Table

ROMAN = ("I", "II", "III", "IV", "V", "VI")


def report_pdf(report: Report) -> bytes:
    """The pages of a report."""
    return typesetting.pdf("report", _data(report))


def _data(report: Report) -> dict[str, Any]:
    words = WORDS[report.language]
    head = report.letterhead
    return {
        "lang": report.language,
        "words": words,
        "mark": mark(report),
        "superior": head.superior,
        "issuer": head.issuer,
        "number": words["number"].format(symbol=head.symbol),
        "day": words["day"].format(place=head.place),
        "kind": report.kind,
        "about": report.about,
        "bases": punctuated(report.bases, ";", "."),
        "sections": [_section(report, section) for section in report.sections],
        "annexes": [
            {**_section(report, annex), "number": annex_number(place)}
            for place, annex in enumerate(report.annexes)
        ],
        "with": words["with"].format(kind=report.kind, blank=BLANK, symbol=head.symbol),
        "recipients": punctuated(report.recipients, ";", "."),
        "titles": report.signer_titles,
        "name": report.signer_name,
        "qr": qr.drawing(report.seal.url) if report.seal else None,
        "code": report.seal.code if report.seal else "",
    }


def mark(report: Report) -> str:
    """What stands on every page of figures that are made up."""
    return _("DỮ LIỆU MÔ PHỎNG") if report.is_simulated else ""


def punctuated(lines: tuple[str, ...], between: str, last: str) -> list[str]:
    """Lines of a list as a document writes them."""
    return [
        line.rstrip(".;") + (last if place == len(lines) else between) for place, line in enumerate(lines, 1)
    ]


def annex_number(place: int) -> str:
    return ROMAN[place]


def table_title(table: Table) -> str:
    return _("Bảng %(number)s. %(title)s", number=table.number, title=table.result.title)


def figure_title(figure: Figure) -> str:
    return _("Hình %(number)s. %(title)s", number=figure.number, title=figure.title)


def _section(report: Report, section: Section) -> dict[str, Any]:
    return {"title": section.title, "blocks": [_block(report, block) for block in section.blocks]}


def _block(report: Report, block: Block) -> dict[str, Any]:
    if isinstance(block, Table):
        printed = report.printed(block)
        return {
            "kind": "table", "title": table_title(block), "note": block.note, "is_wide": block.is_wide,
            "titles": printed.titles, "rows": printed.rows, "is_number": printed.is_number,
            "widths": printed.shares_of_width(),
        }  # fmt: skip
    if isinstance(block, Figure):
        svg = charts.to_svg(block.draw())
        return {"kind": "figure", "title": figure_title(block), "note": block.note, "svg": svg}
    return {"kind": "text", "style": block.style.value, "words": block.words}
