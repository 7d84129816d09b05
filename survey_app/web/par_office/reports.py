"""Reports of the office: of the province, a notice of results, a batch of all units, and the check of a code."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from survey_app import document_work
from survey_app.clock import utc_now
from survey_app.db import db, own_transaction
from survey_app.documents import report_province, report_unit
from survey_app.documents.notice import result_notice
from survey_app.documents.report import Report, figures_code
from survey_app.documents.report_province import province_report
from survey_app.errors import InvalidField, NotFound
from survey_app.i18n import current_language
from survey_app.queries import units
from survey_app.services import comparisons, document_batches, scorecards, whole_scorecards
from survey_app.services.figures import Comparison
from survey_app.services.report_content import ReportContent
from survey_app.web import choices, current, report_files
from survey_app.web.choices import Choices
from survey_app.web.downloads import ZIP, file_download
from survey_app.web.form_fields import CheckListField, ChoiceField
from survey_app.web.par_office.routes import READERS, bp
from survey_app.web.reasons import reason_words
from survey_app.web.security import Role, current_account, requires

WRITERS = (Role.PAR_OFFICE, Role.ADMIN)
# The code may lie before whoever may see the figures.
CHECKERS = (*READERS, Role.MANAGER)


class BatchForm(FlaskForm):  # type: ignore[misc]
    basis = ChoiceField(_("Nguồn số liệu"))
    period = ChoiceField(_("Kỳ"))
    units = ChoiceField(_("Báo cáo của"))
    language = ChoiceField(
        _("Ngôn ngữ"), choices=[SelectChoice("vi", "Tiếng Việt"), SelectChoice("en", "English")]
    )
    formats = CheckListField(_("Loại tệp"), [InputRequired(_("Xin chọn ít nhất một loại tệp."))])


@bp.get("/reports")
@requires(*WRITERS)
def reports() -> ResponseReturnValue:
    return _page(_form())


@bp.post("/reports", endpoint="ask_reports")
@requires(*WRITERS)
def ask() -> ResponseReturnValue:
    """Stored first, in a transaction of its own: the worker reads what is stored."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        with own_transaction() as session:
            batch_id = document_batches.ask(
                session, basis=form.basis.data, period_code=form.period.data, language=form.language.data,
                formats=form.formats.data or (), units=form.units.data, by=current_account(), now=utc_now(),
                today=current.today(),
            )  # fmt: skip
    except InvalidField as error:
        form[error.field].errors = [reason_words(error.reason)]
        return _page(form), 422
    document_work.tell_worker(current.settings(), batch_id)
    flash(gettext("Đã giao việc lập báo cáo. Trang này tự cập nhật khi xong."))
    return redirect(url_for("par_office.reports"), code=303)


@bp.get("/reports/batches/<int(max=2147483647):batch_id>.zip")
@requires(*WRITERS)
def report_batch(batch_id: int) -> ResponseReturnValue:
    batch = document_batches.batch_of(
        db.session, batch_id=batch_id, viewer=current_account(), today=current.today()
    )
    path = document_work.documents_folder(current.settings()) / batch.file_name
    if batch.state != "done" or not path.is_file():
        raise NotFound(f"file of batch {batch_id}")
    return file_download(path, ZIP, f"bao-cao-{batch.period_code.lower()}-{batch.id}.zip")


@bp.get("/reports/province")
@requires(*READERS)
def province_report_page() -> ResponseReturnValue:
    content = _content()
    if content is None:
        return render_template("components/no_period.html")
    comparison = content.comparison
    return render_template(
        "par_office/province_report.html", comparison=comparison, report=_province(content),
        choices=_choices(), preview=report_files.PREVIEW,
    )  # fmt: skip


@bp.get("/reports/province.<form>")
@requires(*READERS)
def province_report_file(form: str) -> ResponseReturnValue:
    report_files.check_form(form)
    content = _content()
    if content is None:
        return render_template("components/no_period.html")
    return _file("bao-cao", content.comparison, _province(content), form)


@bp.get("/reports/notice.<form>")
@requires(*READERS)
def result_notice_file(form: str) -> ResponseReturnValue:
    report_files.check_form(form)
    compared = _compared()
    if compared is None:
        return render_template("components/no_period.html")
    setting = report_files.setting(compared.root.id, compared.basis)
    return _file("thong-bao", compared, result_notice(compared, setting), form)


@bp.get("/reports/check")
@requires(*CHECKERS)
def check_report() -> ResponseReturnValue:
    """Whether the figures that are kept still give the code of a printed report."""
    asked = {name: request.args.get(name, "")[:100].strip() for name in ("unit", "basis", "period", "code")}
    found = _code_now(asked["unit"], asked["basis"], asked["period"]) if all(asked.values()) else None
    return render_template(
        "par_office/check_report.html", asked=asked, is_asked=all(asked.values()),
        matches=found is not None and found == asked["code"].upper(), is_found=found is not None,
    )  # fmt: skip


def _code_now(unit_code: str, basis: str, period_code: str) -> str | None:
    """The code of the figures as they are now; None where there are none of that unit and period."""
    viewer, today, language = current_account(), current.today(), current_language()
    try:
        unit = units.unit_by_code(db.session, unit_code)
        if choices.only_parts_collect(unit.id, today):
            compared = comparisons.compare_units(
                db.session, root_unit_id=unit.id, basis=basis, period_code=period_code, kind=None, viewer=viewer,
                today=today, language=language,
            )  # fmt: skip
            tables = report_province.sealed_tables(compared) if compared else None
        else:
            card = scorecards.unit_scorecard(
                db.session, unit_id=unit.id, basis=basis, period_code=period_code, viewer=viewer, today=today,
                language=language,
            )  # fmt: skip
            tables = report_unit.sealed_tables(card) if card else None
    except NotFound:
        return None
    return figures_code("|".join((unit_code, basis, period_code)), tables) if tables else None


def _content() -> ReportContent | None:
    """What the province's report needs: the comparison, and one card for the words of the question."""
    compared = _compared()
    if compared is None:
        return None
    asked = next((row.unit.id for row in compared.rows if row.share.estimate is not None), None)
    card = None if asked is None else scorecards.unit_scorecard(
        db.session, unit_id=asked, basis=compared.basis, period_code=compared.period.code,
        viewer=current_account(), today=current.today(), language=current_language(),
    )  # fmt: skip
    whole = whole_scorecards.whole_of(
        db.session, compared, viewer=current_account(), today=current.today(), language=current_language()
    )
    return ReportContent(current_language(), compared, whole, () if card is None else (card,))


def _compared() -> Comparison | None:
    viewer = current_account()
    return comparisons.compare_units(
        db.session, root_unit_id=viewer.unit_id, basis=_basis(), period_code=request.args.get("period") or None,
        kind=None, viewer=viewer, today=current.today(), language=current_language(),
    )  # fmt: skip


def _basis() -> str:
    return request.args.get("basis") or choices.default_basis(_choices(), preferred="sample")


def _choices() -> Choices:
    return choices.comparison_choices(current_account().unit_id, current.today())


def _province(content: ReportContent) -> Report:
    comparison = content.comparison
    return province_report(content, report_files.setting(comparison.root.id, comparison.basis))


def _file(stem: str, comparison: Comparison, report: Report, form: str) -> Response:
    name = report_files.named(stem, comparison.root.code, comparison.root.label, comparison.period.code)
    return report_files.report_download(report, form, name=name)


def _form() -> BatchForm:
    offered = _choices()
    form = BatchForm()
    form.basis.choices = [SelectChoice(*each) for each in offered.bases]
    form.period.choices = [SelectChoice(*each) for each in offered.periods]
    kinds = [SelectChoice(kind, words) for kind, words in offered.kinds if kind]
    form.units.choices = [
        SelectChoice("all", gettext("Toàn tỉnh và từng đơn vị")),
        SelectChoice("province", gettext("Chỉ toàn tỉnh")),
        *kinds,
    ]
    form.formats.choices = [SelectChoice(form_, report_files.FORMAT_TITLES[form_])
                            for form_ in document_batches.FORMATS]  # fmt: skip
    if not form.is_submitted():
        form.basis.data = request.args.get("basis") or choices.default_basis(offered, preferred="sample")
        form.period.data = request.args.get("period") or (offered.periods[0][0] if offered.periods else None)
        form.formats.data = ["pdf"]
        form.language.data = current_language()
    return form


def _page(form: BatchForm) -> str:
    viewer, today = current_account(), current.today()
    return render_template(
        "par_office/reports.html", form=form, choices=_choices(),
        rows=document_batches.visible_batches(db.session, viewer=viewer, today=today),
        unit_titles={str(choice.value): choice.label for choice in form.units.choices or ()},
        period_titles=dict(_choices().periods), format_titles=report_files.FORMAT_TITLES,
    )  # fmt: skip
