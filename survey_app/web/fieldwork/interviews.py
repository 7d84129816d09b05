"""An interviewer's pages: the cases by unit, the form of one case, and cases that nobody could be asked in."""

from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from survey_app.db import db, writes
from survey_app.errors import InvalidAnswer
from survey_app.i18n import current_language
from survey_app.queries.units import service_fields
from survey_app.services import interviews
from survey_app.services.interviews import Interview
from survey_app.web.bodies import read_staff_form
from survey_app.web.current import signer, today
from survey_app.web.fieldwork.blueprint import bp
from survey_app.web.fieldwork.interview_form import Questionnaire, questionnaire, submission_of
from survey_app.web.raw_views import CASES, note_view
from survey_app.web.security import Role, current_account, requires

BEGINNING = MultiDict[str, str]()


@bp.get("/interviews")
@requires(Role.INTERVIEWER)
def my_interviews() -> ResponseReturnValue:
    viewer = current_account()
    note_view(CASES, f"account:{viewer.account_id}")
    rounds = interviews.my_rounds(db.session, viewer=viewer, today=today())
    return render_template("fieldwork/my_interviews.html", rounds=rounds)


@bp.get("/interviews/<uuid:case_id>")
@requires(Role.INTERVIEWER)
def interview(case_id: UUID) -> ResponseReturnValue:
    opened = interviews.open_interview(
        db.session, case_id=case_id, viewer=current_account(), signer=signer(), today=today()
    )
    return _page(opened, _questionnaire(opened), BEGINNING, submission_id=str(uuid4()))


@bp.post("/interviews/<uuid:case_id>", endpoint="interview_post")
@requires(Role.INTERVIEWER)
@writes
def submit_interview(case_id: UUID) -> ResponseReturnValue:
    viewer, fields = current_account(), read_staff_form(request)
    opened = interviews.reopen_interview(
        db.session, case_id=case_id, token=fields.get("token", ""), viewer=viewer, signer=signer()
    )
    asked = _questionnaire(opened)
    try:
        submission = submission_of(fields, asked, signer=signer(), lang=current_language())
        interviews.submit_interview(
            db.session, case_id=case_id, submission=submission, viewer=viewer, signer=signer(), today=today()
        )
    except InvalidAnswer as fault:
        db.session.rollback()
        return _page(opened, asked, fields, submission_id=fields.get("id", ""), fault=fault), 422
    flash(_("Đã ghi nhận phiếu phỏng vấn. Xin cảm ơn."))
    return redirect(url_for("fieldwork.my_interviews"), code=303)


@bp.post("/interviews/<uuid:case_id>/attempt")
@requires(Role.INTERVIEWER)
@writes
def interview_attempt(case_id: UUID) -> ResponseReturnValue:
    outcome = read_staff_form(request).get("outcome", "")
    interviews.record_attempt(
        db.session, case_id=case_id, outcome=outcome, viewer=current_account(), today=today()
    )
    flash(_("Đã ghi: từ chối trả lời.") if outcome == "refused" else _("Đã ghi: chưa gặp được."))
    return redirect(url_for("fieldwork.my_interviews"), code=303)


def _questionnaire(opened: Interview) -> Questionnaire:
    return questionnaire(opened, service_fields(db.session), lang=current_language())


def _page(
    opened: Interview,
    asked: Questionnaire,
    said: MultiDict[str, str],
    *,
    submission_id: str,
    fault: InvalidAnswer | None = None,
) -> str:
    return render_template(
        "fieldwork/interview.html",
        opened=opened,
        asked=asked,
        said=said,
        submission_id=submission_id,
        fault=fault,
        refusal=_fault_sentence(asked, fault) if fault else None,
    )


def _fault_sentence(asked: Questionnaire, fault: InvalidAnswer) -> str:
    """What to mend, in the words of the question itself."""
    if fault.reason == "mandatory":
        return _("Chưa lưu. Xin hỏi câu đầu tiên về mức độ hài lòng chung rồi gửi lại.")
    if fault.item_code == "comment":
        return _("Chưa lưu. Góp ý dài quá 1.200 ký tự.")
    questions = {screen.code: screen.text for step in asked.steps for screen in step.screens}
    question = questions.get(fault.item_code, asked.page.overall.text)
    if fault.reason == "too_many_choices":
        return _("Chưa lưu. Câu “%(question)s” chọn quá số ý cho phép.", question=question)
    return _("Chưa lưu. Xin xem lại câu “%(question)s”.", question=question)
