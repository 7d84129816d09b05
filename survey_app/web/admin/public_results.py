"""The switch of the public pages: two people open them, one may close them."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction
from survey_app.errors import AlreadyExists
from survey_app.queries import publications as queries
from survey_app.services import approvals, public_pages
from survey_app.services.approval_kinds import KINDS
from survey_app.web.admin.blueprint import bp
from survey_app.web.bodies import clean_text
from survey_app.web.current import today
from survey_app.web.security import Role, current_account, requires

OFFICE = (Role.ADMIN, Role.PAR_OFFICE)


@bp.get("/public-results")
@requires(*OFFICE)
def public_results() -> ResponseReturnValue:
    return _page()


@bp.post("/public-results")
@requires(*OFFICE)
def public_results_change() -> ResponseReturnValue:
    by, now = current_account(), utc_now()
    reason = clean_text(request.form.get("reason", "")).strip()[:1_000]
    if request.form.get("change") == "close":
        with own_transaction() as session:
            public_pages.close(session, root_unit_id=by.unit_id, by=by, now=now, today=today())
        flash(_("Đã đóng trang kết quả công khai."))
    elif not reason:
        return _page(refusal=_("Xin ghi lý do.")), 422
    else:
        try:
            with own_transaction() as session:
                public_pages.propose_opening(
                    session, root_unit_id=by.unit_id, reason=reason, kinds=KINDS, by=by, now=now
                )
        except AlreadyExists:
            return _page(refusal=_("Đã có đề nghị đang chờ người thứ hai.")), 409
        flash(_("Đã đề nghị. Trang chỉ mở khi người thứ hai duyệt."))
    return redirect(url_for("admin.public_results"), 303)


def _page(*, refusal: str = "") -> str:
    viewer = current_account()
    waiting = approvals.visible_approvals(db.session, viewer=viewer, kinds=KINDS, is_pending=True)
    released = queries.publications_of(db.session, root_unit_ids=[viewer.unit_id], states=["published"])
    return render_template(
        "admin/public_results.html", is_open=public_pages.is_open(db.session, viewer.unit_id), refusal=refusal,
        waiting=next((row for row in waiting if row.kind == public_pages.OPEN), None), n_released=len(released),
    )  # fmt: skip
