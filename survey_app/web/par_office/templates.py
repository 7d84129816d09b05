"""A form that a superior office sends as XLSX, filled by the names of its cells: looked at first, then taken."""

from collections.abc import Mapping

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from survey_app.db import db
from survey_app.documents.template_fill import FIGURES, Filled, fill_template
from survey_app.errors import UnreadableTable
from survey_app.i18n import current_language
from survey_app.services import comparisons
from survey_app.services.figures import Comparison
from survey_app.spreadsheets import MAX_FILE_BYTES
from survey_app.web import choices, current
from survey_app.web.bodies import clean_text
from survey_app.web.downloads import XLSX, download
from survey_app.web.packing import MOST_BYTES, packed, unpacked
from survey_app.web.par_office.blueprint import bp
from survey_app.web.par_office.reports import WRITERS
from survey_app.web.security import current_account, requires, takes_body

REASONS: Mapping[str, LazyString] = {
    "not_one_cell": _("tên không trỏ đến đúng một ô"),
    "no_sheet": _("không có trang tính này trong tệp"),
    "merged": _("ô nằm trong vùng gộp, không phải ô đầu"),
    "formula": _("ô có công thức nên giữ nguyên"),
    "unknown_figure": _("không có chỉ tiêu này"),
    "unknown_unit": _("không có đơn vị này trong kỳ"),
    "several_units": _("có nhiều đơn vị cùng tên; xin thêm xã, phường hoặc dùng mã"),
    "not_of_whole": _("chỉ tiêu này không có cho toàn tỉnh"),
    "withheld": _("dưới ngưỡng hiển thị; ô ghi bằng chữ"),
    "too_few": _("chưa đủ dữ liệu; ô ghi bằng chữ"),
    "not_applicable": _("không có số liệu trên nguồn này; ô ghi dấu gạch"),
}
FIGURE_TITLES: Mapping[str, LazyString] = {
    "SO_PHIEU": _("Số phiếu"),
    "HAI_LONG": _("Số phiếu hài lòng"),
    "TY_LE": _("Tỷ lệ hài lòng"),
    "CAN_DUOI": _("Cận dưới"),
    "CAN_TREN": _("Cận trên"),
    "PHAN_HOI": _("Mức phản hồi hoặc đạt chỉ tiêu"),
    "NHOM": _("Nhóm so với mức tỉnh"),
    "HANG_TU": _("Hạng từ (chỉ khảo sát chọn mẫu)"),
    "HANG_DEN": _("Hạng đến (chỉ khảo sát chọn mẫu)"),
    "MUC_TIEU": _("So với mục tiêu"),
}
UNREADABLE: Mapping[str, LazyString] = {
    "too_large": _("Tệp lớn quá mức cho phép (tối đa 5 MB, sau giải nén 64 MB)."),
    "entities": _("Tệp XLSX chứa khai báo XML không được phép."),
    "too_many_rows": _("Tệp có quá nhiều ô được đặt tên."),
}


@bp.get("/reports/template", endpoint="templates")
@requires(*WRITERS)
def page() -> ResponseReturnValue:
    return _page()


@bp.post("/reports/template", endpoint="try_template")
@requires(*WRITERS)
@takes_body(MOST_BYTES)
def trial() -> ResponseReturnValue:
    given = request.files.get("file")
    if given is None or not given.filename:
        return _page(refusal=gettext("Xin chọn tệp.")), 422
    content = given.read(MAX_FILE_BYTES + 1)
    compared = _compared()
    if compared is None:
        return render_template("components/no_period.html")
    try:
        filled = fill_template(content, compared)
    except UnreadableTable as error:
        return _page(refusal=_words(error)), 422
    name = clean_text(given.filename)[-120:]
    return _page(compared=compared, filled=filled, name=name, carried=packed(content))


@bp.post("/reports/template.xlsx", endpoint="filled_template")
@requires(*WRITERS)
@takes_body(MOST_BYTES)
def file() -> ResponseReturnValue:
    """The same form filled again: nothing is kept between the two steps."""
    content = unpacked(request.form.get("content", ""), most=MAX_FILE_BYTES)
    compared = _compared()
    if compared is None:
        return render_template("components/no_period.html")
    try:
        filled = fill_template(content, compared)
    except UnreadableTable as error:
        return _page(refusal=_words(error)), 422
    stem = clean_text(request.form.get("name"))[-120:].rpartition(".")[0] or "bieu-mau"
    return download(filled.content, XLSX, f"{stem}-da-dien.xlsx")


def _compared() -> Comparison | None:
    viewer, today = current_account(), current.today()
    offered = choices.comparison_choices(viewer.unit_id, today)
    return comparisons.compare_units(
        db.session, root_unit_id=viewer.unit_id,
        basis=request.form.get("basis") or choices.default_basis(offered, preferred="sample"),
        period_code=request.form.get("period") or None, kind=None, viewer=viewer, today=today,
        language=current_language(),
    )  # fmt: skip


def _words(error: UnreadableTable) -> str:
    return str(UNREADABLE.get(error.reason, _("Tệp không phải XLSX đọc được.")))


def _page(
    *,
    refusal: str = "",
    compared: Comparison | None = None,
    filled: Filled | None = None,
    name: str = "",
    carried: str = "",
) -> str:
    offered = choices.comparison_choices(current_account().unit_id, current.today())
    return render_template(
        "par_office/templates.html", refusal=refusal, comparison=compared, filled=filled, name=name,
        carried=carried, choices=offered, reasons=REASONS, figures={key: FIGURE_TITLES[key] for key in FIGURES},
    )  # fmt: skip
