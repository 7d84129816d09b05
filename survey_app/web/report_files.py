"""Reports as files and as a preview: what the pages of a unit and of the office share."""

from collections.abc import Mapping

from flask import Response
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from analysis import charts
from survey_app.document_work import WRITERS, file_name, setting_for
from survey_app.documents.report import Figure, Report, Table
from survey_app.documents.report_parts import Setting
from survey_app.documents.report_pdf import figure_title, punctuated, table_title
from survey_app.errors import NotFound
from survey_app.i18n import current_language
from survey_app.web import current
from survey_app.web.downloads import CSV, DOCX, PDF, XLSX, download
from survey_app.web.security import current_account

MEDIA_TYPES = {"pdf": PDF, "docx": DOCX, "xlsx": XLSX, "csv": CSV}
FORMAT_TITLES: Mapping[str, LazyString] = {
    "pdf": _("PDF"),
    "docx": _("Word (DOCX), dự thảo"),
    "xlsx": _("Excel (XLSX)"),
    "csv": _("CSV"),
}


def setting(unit_id: int, basis: str) -> Setting:
    """How the reader's reports about a unit are made."""
    return setting_for(
        current.settings(),
        viewer=current_account(),
        language=current_language(),
        unit_id=unit_id,
        basis=basis,
    )


def check_form(form: str) -> None:
    """Refuse an address of a kind of file that there is not."""
    if form not in WRITERS:
        raise NotFound(f"a file .{form[:10]}")


def report_download(report: Report, form: str, *, name: str) -> Response:
    """The report as the kind of file that the address asks for."""
    check_form(form)
    return download(WRITERS[form](report), MEDIA_TYPES[form], f"{name}.{form}")


def named(stem: str, code: str, label: str, period_code: str) -> str:
    """ "bao-cao-qt-18880-phuong-dong-ha-2026-q3"."""
    return f"{stem}-{file_name(code, f'{label} {period_code}')}"


PREVIEW = {
    "is_table": lambda block: isinstance(block, Table),
    "is_figure": lambda block: isinstance(block, Figure),
    "table_title": table_title,
    "figure_title": figure_title,
    "drawn": lambda figure: Markup(charts.to_svg(figure.draw())),  # noqa: S704 our own SVG
    "punctuated": lambda lines: punctuated(lines, ";", "."),
    "format_titles": FORMAT_TITLES,
}
"""What a template needs to show a report's blocks."""
