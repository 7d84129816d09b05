"""Giving cases to interviewers: so many at a unit, or those of a list, and new ones for those nobody was reached in."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import AssignmentRefused, LabelsRefused
from survey_app.i18n import in_page_language
from survey_app.queries import interviews
from survey_app.queries.lookups import WaveRow
from survey_app.services import assignments, interview_report
from survey_app.services.accounts import visible_unit_ids
from survey_app.services.assignments import MOST_AT_ONCE, NewCases
from survey_app.services.case_labels import MAX_BYTES, read_labels
from survey_app.web.current import today
from survey_app.web.fieldwork.blueprint import bp
from survey_app.web.form_fields import ChoiceField, NumberField
from survey_app.web.security import Role, current_account, requires, takes_body

OFFICE = (Role.PAR_OFFICE, Role.ADMIN)
ROWS_NAMED = 8


class CasesForm(FlaskForm):  # type: ignore[misc]
    wave = HiddenField()
    unit = ChoiceField(_("Đơn vị được đánh giá"), coerce=int)
    interviewer = ChoiceField(_("Phỏng vấn viên"), coerce=int)
    mode = RadioField(
        _("Cách hỏi"),
        choices=[
            SelectChoice("interview", _("Phỏng vấn trực tiếp")),
            SelectChoice("phone", _("Gọi điện thoại")),
        ],
        default="interview",
    )
    n = NumberField(
        _("Số phiếu giao"),
        [
            Optional(),
            NumberRange(1, MOST_AT_ONCE, _("Mỗi lần giao từ 1 đến %(most)s phiếu.", most=MOST_AT_ONCE)),
        ],
    )
    labels = FileField(_("hoặc danh sách mã (CSV)"))


@bp.get("/assignments")
@requires(*OFFICE)
def case_assignments() -> ResponseReturnValue:
    wave = _chosen_wave(request.args.get("wave"))
    return _page(wave, None if wave is None else _form(wave))


@bp.post("/assignments", endpoint="case_assignments_post")
@requires(*OFFICE)
@takes_body(MAX_BYTES + 16 * 1024)
@writes
def give_cases() -> ResponseReturnValue:
    wave = _chosen_wave(request.form.get("wave"))
    form = None if wave is None else _form(wave)
    if wave is None or form is None or not form.validate_on_submit():
        return _page(wave, form), 422
    try:
        n_given = _give(wave, form)
    except (AssignmentRefused, LabelsRefused) as refused:
        db.session.rollback()
        return _page(wave, form, refusal=_refusal(refused)), 422
    flash(gettext("Đã giao %(n)s phiếu.", n=n_given))
    return redirect(url_for("fieldwork.case_assignments", wave=wave.code), code=303)


@bp.post("/assignments/<uuid:case_id>/replace")
@requires(*OFFICE)
@writes
def replace_case(case_id: UUID) -> ResponseReturnValue:
    try:
        label = assignments.replace_case(
            db.session, case_id=case_id, viewer=current_account(), today=today(), now=utc_now()
        )
    except AssignmentRefused as refused:
        db.session.rollback()
        flash(_refusal(refused))
    else:
        flash(gettext("Đã thay bằng phiếu số %(label)s.", label=label))
    return redirect(url_for("fieldwork.case_assignments"), code=303)


def chosen_wave_title(wave: WaveRow) -> str:
    return in_page_language(wave.title_vi, wave.title_en)


def _chosen_wave(code: str | None) -> WaveRow | None:
    visible = visible_unit_ids(db.session, viewer=current_account())
    waves = interviews.fieldwork_waves(db.session, visible)
    return interview_report.choose_wave(db.session, waves, code or None, visible)


def _form(wave: WaveRow) -> CasesForm:
    viewer = current_account()
    form = CasesForm()
    visible = visible_unit_ids(db.session, viewer=viewer) & interviews.wave_unit_ids(db.session, wave.id)
    titles = interviews.unit_titles(db.session, visible)
    form.unit.choices = [SelectChoice(unit_id, title) for unit_id, title in titles.items()]
    form.interviewer.choices = [
        SelectChoice(row.account_id, f"{row.name} · {row.code or gettext('chưa có mã')} · {row.unit_title}")
        for row in assignments.interviewers_for(db.session, viewer=viewer)
    ]
    form.wave.data = wave.code
    return form


def _give(wave: WaveRow, form: CasesForm) -> int:
    upload = form.labels.data
    labels = read_labels(upload.read()) if upload else ()
    new = NewCases(
        wave_id=wave.id,
        unit_id=form.unit.data,
        account_id=form.interviewer.data,
        mode=form.mode.data,
        n=form.n.data or 0,
        labels=labels,
    )
    return assignments.give_cases(db.session, new, viewer=current_account(), today=today(), now=utc_now())


def _page(wave: WaveRow | None, form: CasesForm | None, *, refusal: str | None = None) -> str:
    viewer = current_account()
    visible = visible_unit_ids(db.session, viewer=viewer)
    waves = interviews.fieldwork_waves(db.session, visible)
    return render_template(
        "fieldwork/case_assignments.html",
        wave=wave,
        waves=[(row.code, chosen_wave_title(row)) for row in waves],
        form=form,
        refusal=refusal,
        rows=[]
        if wave is None
        else interview_report.wave_progress(db.session, wave_id=wave.id, viewer=viewer, today=today()),
        unreached=[]
        if wave is None
        else assignments.replaceable_cases(db.session, wave_id=wave.id, viewer=viewer),
    )


def _refusal(refused: AssignmentRefused | LabelsRefused) -> str:
    if isinstance(refused, LabelsRefused):
        return _label_refusal(refused)
    sentences = {
        "not_in_wave": gettext("Đơn vị này không thuộc đợt khảo sát đã chọn."),
        "not_on_channel": gettext("Đợt khảo sát này không hỏi bằng cách đã chọn."),
        "wave_over": gettext("Đợt khảo sát đã kết thúc, không giao thêm phiếu."),
        "no_point": gettext("Đơn vị này chưa có điểm đặt đang hoạt động nên chưa nhận được phiếu."),
        "not_independent": gettext(
            "Phỏng vấn viên thuộc chính đơn vị được đánh giá (hoặc bộ phận của đơn vị đó) thì không phỏng vấn về "
            "đơn vị mình. Xin chọn người khác."
        ),
        "wrong_number": gettext(
            "Xin nhập số phiếu từ 1 đến %(most)s, hoặc chọn tệp danh sách mã.", most=MOST_AT_ONCE
        ),
    }
    return str(sentences[refused.reason])


def _label_refusal(refused: LabelsRefused) -> str:
    """Nothing of a file that may name somebody is shown again: rows by their number only."""
    sentences = {
        "not_utf8": gettext("Tệp không phải CSV mã hóa UTF-8."),
        "not_csv": gettext("Tệp không phải CSV."),
        "empty": gettext("Tệp không có mã nào."),
        "too_many": gettext("Tệp có quá nhiều dòng."),
        "personal_number": gettext("Có số trông như số điện thoại hoặc số căn cước. Chỉ tải lên mã hộ, mã phiếu."),
        "more_columns": gettext("Tệp chỉ được có một cột mã; không kèm họ tên, địa chỉ, số điện thoại."),
        "no_label": gettext("Mã gồm chữ không dấu và số, có ít nhất một chữ số, tối đa 20 ký tự, không là tên người."),
        "twice": gettext("Mã bị lặp trong tệp."),
        "known": gettext("Mã đã có trong đợt này."),
    }  # fmt: skip
    kind = refused.faults[0][1]
    rows = [row for row, fault in refused.faults if fault == kind and row]
    if not rows:
        return str(sentences[kind])
    named = ", ".join(str(row) for row in rows[:ROWS_NAMED]) + (" …" if len(rows) > ROWS_NAMED else "")
    return str(sentences[kind]) + " " + gettext("Dòng: %(rows)s. Chưa giao phiếu nào.", rows=named)
