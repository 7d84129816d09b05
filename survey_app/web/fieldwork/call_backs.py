"""Phúc tra: interviews that are to be asked again, what came of it, and the report on interviewers."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import InvalidAnswer
from survey_app.i18n import current_language
from survey_app.queries import interviews
from survey_app.services import call_backs, interview_report
from survey_app.services.accounts import visible_unit_ids
from survey_app.services.call_backs import Due
from survey_app.services.interview_report import InterviewerLine, Report, Share
from survey_app.web.bodies import read_staff_form
from survey_app.web.current import signer, today
from survey_app.web.downloads import csv_download
from survey_app.web.fieldwork.assignments import OFFICE, chosen_wave_title
from survey_app.web.fieldwork.blueprint import bp
from survey_app.web.screens import Option, Screen
from survey_app.web.security import current_account, requires
from survey_app.web.visit import visit_steps


@bp.get("/call-backs")
@requires(*OFFICE)
def due_call_backs() -> ResponseReturnValue:
    visible = visible_unit_ids(db.session, viewer=current_account())
    waves = interviews.fieldwork_waves(db.session, visible)
    wave = interview_report.choose_wave(db.session, waves, request.args.get("wave"), visible)
    cases = [] if wave is None else interviews.due_call_backs(db.session, wave.id, visible)
    people = [] if wave is None else interviews.interviewers_of_wave(db.session, wave.id, visible)
    return render_template(
        "fieldwork/due_call_backs.html",
        wave=wave,
        waves=[(row.code, chosen_wave_title(row)) for row in waves],
        cases=sorted(cases, key=lambda case: (case.unit_title, case.sort_key)),
        codes={row.account_id: row.code for row in people},
        share=call_backs.rule().share,
    )


@bp.get("/call-backs/<uuid:case_id>")
@requires(*OFFICE)
def call_back(case_id: UUID) -> ResponseReturnValue:
    due = call_backs.due_call_back(db.session, case_id=case_id, viewer=current_account())
    return render_template("fieldwork/call_back.html", due=due, screens=_screens(due), said={}, refusal=None)


@bp.post("/call-backs/<uuid:case_id>", endpoint="call_back_post")
@requires(*OFFICE)
@writes
def record_call_back(case_id: UUID) -> ResponseReturnValue:
    viewer, fields = current_account(), read_staff_form(request)
    due = call_backs.due_call_back(db.session, case_id=case_id, viewer=viewer)
    try:
        call_backs.record_call_back(
            db.session, case_id=case_id, outcome=fields.get("outcome", ""), answers=fields.to_dict(),
            viewer=viewer, signer=signer(), now=utc_now(),
        )  # fmt: skip
    except InvalidAnswer:
        db.session.rollback()
        refusal = _("Chưa lưu. Xin chọn kết quả phúc tra rồi gửi lại.")
        page = render_template(
            "fieldwork/call_back.html", due=due, screens=_screens(due), said=fields, refusal=refusal
        )
        return page, 422
    flash(_("Đã ghi kết quả phúc tra."))
    return redirect(url_for("fieldwork.due_call_backs"), code=303)


@bp.get("/interviewers")
@requires(*OFFICE)
def interviewer_report() -> ResponseReturnValue:
    report = _report()
    waves = [] if report is None else [(row.code, chosen_wave_title(row)) for row in report.waves]
    return render_template("fieldwork/interviewer_report.html", report=report, waves=waves)


@bp.get("/interviewers.csv")
@requires(*OFFICE)
def interviewer_report_csv() -> ResponseReturnValue:
    report = _report()
    lines = report.lines if report else ()
    name = f"phuc-tra-{report.wave.code}.csv" if report else "phuc-tra.csv"
    return csv_download(_header(), (_row(line) for line in lines), name)


def _report() -> Report | None:
    return interview_report.interview_report(
        db.session, wave_code=request.args.get("wave"), viewer=current_account(), today=today()
    )


def _header() -> list[str]:
    return [
        _("Mã phỏng vấn viên"), _("Tài khoản"), _("Đơn vị của phỏng vấn viên"), _("Số phiếu giao"),
        _("Hoàn thành"), _("Từ chối"), _("Chưa gặp"), _("Đã thay"), _("Chưa làm"), _("Tỷ lệ trả lời"),
        _("Chờ phúc tra"), _("Không liên hệ được khi phúc tra"), _("Đã phúc tra"),
        _("Người dân nói chưa được hỏi"), _("Số phiếu đối chiếu"), _("Số phiếu có điểm khác"),
        _("Tỷ lệ khác"), _("Cận dưới"), _("Cận trên"), _("p so với những người còn lại"),
        _("Dấu hiệu cần kiểm tra"),
    ]  # fmt: skip


def _row(line: InterviewerLine) -> list[object]:
    done, back = line.progress, line.call_backs
    return [
        line.code, line.name, line.unit_title, done.n_cases, done.n_done, done.n_refused, done.n_not_reached,
        done.n_replaced, done.n_open, _value(done.answered), back.n_due, back.n_unreached, back.denied.n,
        back.denied.k, back.differing.n, back.differing.k, _value(back.differing),
        _bound(back.differing, "ci_low"), _bound(back.differing, "ci_high"),
        "" if line.p_value is None else round(line.p_value, 4), _("có") if line.has_sign else _("không"),
    ]  # fmt: skip


def _value(share: Share) -> object:
    return _bound(share, "value")


def _bound(share: Share, name: str) -> object:
    return "" if share.estimate is None else round(getattr(share.estimate, name), 4)


def _screens(due: Due) -> list[Screen]:
    """The facts asked again, in the form's own words."""
    lang = current_language()
    stage = next(
        screen for screen in visit_steps((), lang=lang)[0].screens if screen.code == call_backs.STAGE
    )
    screens = []
    for code in due.item_codes:
        item = call_backs.check_choices(due.form, code)
        if item is None:
            screens.append(Screen(code=code, kind="dimension", look="rows", options=stage.options,
                                  text=_("Lần gần đây nhất, Ông/Bà đến để"), extras=(_unknown(),)))  # fmt: skip
            continue
        options = tuple(Option(choice.code, choice.label.in_language(lang)) for choice in item.choices)
        screens.append(Screen(code=code, kind=item.kind, look="rows", text=item.text.in_language(lang),
                              options=options, extras=(_unknown(),)))  # fmt: skip
    return screens


def _unknown() -> Option:
    return Option("", _("Không nhớ, không trả lời"))
