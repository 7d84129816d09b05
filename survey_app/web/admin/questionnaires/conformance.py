"""The conformance sheet of a wave: each official number beside the counts it is made of, as a page and as CSV."""

from flask import Response, render_template, request
from flask_babel import gettext as _

from survey_app.db import db
from survey_app.formatting import decimal_number
from survey_app.i18n import current_language
from survey_app.queries import questionnaire_drafts as queries
from survey_app.services import conformance, official_methods
from survey_app.services.conformance import NumberLine, Sheet
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.questionnaires import words
from survey_app.web.admin.questionnaires.source import MAY_READ
from survey_app.web.current import today
from survey_app.web.downloads import csv_download
from survey_app.web.security import current_account, requires


@bp.get("/questionnaires/conformance")
@requires(*MAY_READ)
def conformance_sheet() -> str:
    """The sheet of the wave asked for, or which waves have one."""
    return render_template(
        "admin/questionnaires/conformance.html",
        waves=_waves_with_method(),
        sheet=_sheet() if request.args.get("wave") else None,
        formula=formula,
        percent=percent,
        words=words,
        language=current_language(),
    )


@bp.get("/questionnaires/conformance.csv")
@requires(*MAY_READ)
def conformance_csv() -> Response:
    sheet = _sheet()
    head = [_("Cấp"), _("Mã"), _("Tên"), _("Số theo mức"), _("Hài lòng"), _("Hợp lệ"), _("Cách tính"),
            _("Giá trị"), _("Hệ thống"), _("Khớp")]  # fmt: skip
    rows = [
        [kind_words(line.kind), line.code, line.label,
         "; ".join(f"{level.label} {level.n}" for level in line.levels), line.n_satisfied, line.n_valid,
         formula(line, sheet), percent(line.value, sheet), percent(line.system, sheet),
         {True: _("có"), False: _("không"), None: ""}[line.agrees]]
        for line in sheet.lines
    ]  # fmt: skip
    return csv_download(head, rows, "doi-chieu.csv")


def kind_words(kind: str) -> str:
    return {
        "item": _("Tiêu chí"),
        "factor": _("Yếu tố"),
        "aspect": _("Khía cạnh"),
        "overall": _("Toàn phiếu"),
    }[kind]


def percent(value: float | None, sheet: Sheet, *, more: int = 0) -> str:
    """A share as the method writes it, or with some digits more where it is only a step on the way."""
    if value is None:
        return "–"
    return decimal_number(100 * value, digits=sheet.method.decimals + more, language=current_language()) + "%"


def formula(line: NumberLine, sheet: Sheet) -> str:
    """What is divided by what, so that a hand calculator gives the same."""
    if line.weights:
        numbers = [words.number_words(weight) for weight in line.weights]
        parts = [
            f"{n} × {percent(part, sheet, more=2)}" for n, part in zip(numbers, line.mean_of, strict=True)
        ]
        return f"({' + '.join(parts)}) / ({' + '.join(numbers)})"
    if line.mean_of:
        return f"({' + '.join(percent(part, sheet, more=2) for part in line.mean_of)}) / {len(line.mean_of)}"
    if not line.n_valid:
        return _("không có câu trả lời hợp lệ")
    satisfied = [str(level.n) for level in line.levels if level.is_satisfied]
    top = f"({' + '.join(satisfied)})" if len(satisfied) > 1 else str(line.n_satisfied)
    return f"{top} / {line.n_valid}"


def _sheet() -> Sheet:
    return conformance.conformance_sheet(
        db.session, wave_code=request.args.get("wave", ""), viewer=current_account(), today=today(),
        language=current_language(),
    )  # fmt: skip


def _waves_with_method() -> list[tuple[str, str]]:
    """Waves whose questionnaire an official method is declared for, where the sheet may be seen."""
    named = {
        (method.row.definition["questionnaire"]["code"], method.row.definition["questionnaire"]["version"])
        for method in official_methods.methods(db.session)
    }
    definitions = queries.definitions(db.session)
    having = {key for key, each in definitions.items() if (each["code"], each["version"]) in named}
    return [
        (use.code, use.title(current_language()))
        for use in queries.uses(db.session)
        if use.version_id in having and conformance.is_open_to(db.session, use.code, viewer=current_account())
    ]
