"""Changes that need two people: what waits, what each would do, and the second person's word."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction
from survey_app.errors import DrawRefused, NotFound, RegistryMovedOn, RegistryRefused, SurveyError
from survey_app.queries.approvals import ApprovalRow
from survey_app.services import approvals as service
from survey_app.services.approval_kinds import KINDS
from survey_app.services.approvals import Moment
from survey_app.web import errors
from survey_app.web.admin.approval_words import kind_title, page_of, part_of, payload_lines
from survey_app.web.admin.audit import checked
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.moments import clock_words
from survey_app.web.admin.registry.asked import told
from survey_app.web.admin.samples import draw_words
from survey_app.web.bodies import clean_text
from survey_app.web.current import today
from survey_app.web.security import Role, current_account, requires

# Which of them may decide a change is said by its kind.
DECIDING = (Role.ADMIN, Role.PAR_OFFICE, Role.MANAGER)
MOST_DECIDED = 100
MOST_NOTE = 1_000


@bp.get("/approvals")
@requires(*DECIDING)
def approvals() -> ResponseReturnValue:
    viewer = current_account()

    def listed(is_pending: bool) -> list[ApprovalRow]:
        return service.visible_approvals(db.session, viewer=viewer, kinds=KINDS, is_pending=is_pending)

    return render_template(
        "admin/approvals.html",
        pending=listed(True),
        decided=listed(False)[:MOST_DECIDED],
        mine=viewer.account_id,
        title_of=kind_title,
        state_of=state_words,
        **checked(),
    )


@bp.get("/approvals/<int(max=2147483647):approval_id>")
@requires(*DECIDING)
def approval(approval_id: int) -> ResponseReturnValue:
    return _page(approval_id)


@bp.post("/approvals/<int(max=2147483647):approval_id>")
@requires(*DECIDING)
def approval_decide(approval_id: int) -> ResponseReturnValue:
    """Approve, refuse or take back. What cannot be carried out leaves everything as it was and says why."""
    viewer, note = current_account(), clean_text(request.form.get("note", ""))[:MOST_NOTE]
    decision = request.form.get("decision", "")
    if decision not in {"approve", "reject"}:
        return _page(approval_id, refusal=_("Xin chọn duyệt hoặc từ chối.")), 422
    if decision == "reject" and not note and not _is_mine(approval_id):
        return _page(approval_id, refusal=_("Xin ghi lý do từ chối.")), 422
    at = Moment(utc_now(), today())
    try:
        with own_transaction() as session:
            if decision == "approve":
                service.approve(session, approval_id=approval_id, kinds=KINDS, note=note, by=viewer, at=at)
            else:
                service.reject(
                    session, approval_id=approval_id, kinds=KINDS, note=note, by=viewer, now=at.now
                )
    except NotFound:
        raise
    except (RegistryRefused, RegistryMovedOn) as error:
        return _page(approval_id, refusal=told(error)), 422
    except DrawRefused as error:
        return _page(approval_id, refusal=draw_words.refusal_words(error.reason)), 422
    except SurveyError as error:
        words = errors.words_for(error)
        return _page(approval_id, refusal=f"{words.title}. {words.text}"), words.status
    flash(
        _("Đã duyệt và thực hiện.")
        if decision == "approve"
        else _("Đã ghi quyết định; không có gì thay đổi.")
    )
    return redirect(url_for("admin.approvals"), 303)


def n_waiting() -> int:
    """How many changes wait for this reader as their second person."""
    viewer = current_account()
    waiting = service.visible_approvals(db.session, viewer=viewer, kinds=KINDS, is_pending=True)
    return sum(row.proposed_by_id != viewer.account_id for row in waiting)


def state_words(state: str) -> str:
    return {
        "pending": _("Đang chờ"),
        "approved": _("Đã duyệt"),
        "rejected": _("Bị từ chối"),
        "withdrawn": _("Đã rút"),
    }[state]


def _is_mine(approval_id: int) -> bool:
    viewer = current_account()
    row = service.visible_approval(db.session, approval_id=approval_id, viewer=viewer, kinds=KINDS)
    return row.proposed_by_id == viewer.account_id


def _page(approval_id: int, *, refusal: str = "") -> str:
    viewer = current_account()
    row = service.visible_approval(db.session, approval_id=approval_id, viewer=viewer, kinds=KINDS)
    return render_template(
        "admin/approval.html",
        row=row,
        title=kind_title(row.kind),
        lines=payload_lines(row),
        link=page_of(row),
        **part_of(row),
        is_mine=row.proposed_by_id == viewer.account_id,
        state=state_words(row.state),
        clock=clock_words,
        refusal=refusal,
        note=request.form.get("note", "")[:MOST_NOTE],
    )
