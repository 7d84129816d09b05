"""Publishing at the office that measures: from a closed period to a release, one step at a time."""

import json
from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction
from survey_app.errors import PublicationRefused
from survey_app.formatting import short_date
from survey_app.i18n import current_language
from survey_app.queries import publications as queries
from survey_app.services import freezing, publishing, unit_hearings
from survey_app.services.accounts import Viewer
from survey_app.services.figures import Comparison
from survey_app.services.publication_parts import COMPARISON
from survey_app.web import choices, downloads, publication_words
from survey_app.web.bodies import clean_text
from survey_app.web.current import today
from survey_app.web.par_office.blueprint import bp
from survey_app.web.security import Role, current_account, requires

OFFICE = (Role.PAR_OFFICE, Role.ADMIN)
READERS = (*OFFICE, Role.VIEWER, Role.INSPECTION_TEAM, Role.STATE_INSPECTOR)


@bp.get("/publications")
@requires(*READERS)
def publications() -> ResponseReturnValue:
    return _list_page()


@bp.post("/publications")
@requires(*OFFICE)
def publication_start() -> ResponseReturnValue:
    viewer, form = current_account(), request.form
    try:
        with own_transaction() as session:
            publication_id = publishing.start(
                session, root_unit_id=viewer.unit_id, basis=form.get("basis", ""),
                period_code=form.get("period", ""), reason=clean_text(form.get("reason", ""))[:1_000],
                by=viewer, now=utc_now(), today=today(),
            )  # fmt: skip
    except PublicationRefused as refused:
        return _list_page(refusal=publication_words.refusal(refused)), 409
    flash(_("Đã lập dự thảo. Xin xem lại số liệu rồi chuyển sang soát xét."))
    return redirect(url_for("par_office.publication", publication_id=publication_id), 303)


def _list_page(*, refusal: str = "") -> str:
    viewer = current_account()
    options = choices.comparison_choices(viewer.unit_id, today())
    rows = queries.publications_of(db.session, root_unit_ids=[viewer.unit_id])
    return render_template(
        "par_office/publications.html", rows=rows, words=publication_words, choices=options,
        chosen=request.form, may_act=viewer.role in OFFICE, refusal=refusal,
        is_public=viewer.unit_id in queries.open_roots(db.session),
    )  # fmt: skip


@bp.get("/publications/<int(max=2147483647):publication_id>")
@requires(*READERS)
def publication(publication_id: int) -> ResponseReturnValue:
    return _page(publication_id)


@bp.get("/publications/<int(max=2147483647):publication_id>/content.json")
@requires(*OFFICE)
def publication_content(publication_id: int) -> ResponseReturnValue:
    """What the fingerprint is taken over, for whoever wants to check it elsewhere."""
    row = publishing.visible(db.session, publication_id, viewer=current_account())
    content = {each: queries.parts(db.session, row.id, language=each) for each in ("vi", "en")}
    body = {"publication": row.id, "fingerprint": row.fingerprint, "content": content}
    name = f"ket-qua-{row.period_code}-{row.revision}.json"
    return downloads.download(json.dumps(body, ensure_ascii=False), downloads.JSON, name)


@bp.post(
    "/publications/<int(max=2147483647):publication_id>/<any(review,hearing,recount,propose,publish,withdraw):step>"
)
@requires(*OFFICE)
def publication_step(publication_id: int, step: str) -> ResponseReturnValue:
    by, now, day = current_account(), utc_now(), today()
    reason = clean_text(request.form.get("reason", ""))[:1_000]

    def act() -> str:
        with own_transaction() as session:
            if step == "review":
                publishing.send_to_review(session, publication_id, by=by, now=now)
                return _("Đã chuyển sang soát xét.")
            if step == "hearing":
                last = publishing.open_hearing(session, publication_id, by=by, now=now, today=day)
                until = short_date(last, language=current_language())
                return _("Đã gửi lấy ý kiến; đơn vị trả lời đến hết ngày %(day)s.", day=until)
            if step == "recount":
                publishing.back_to_draft(session, publication_id, reason=reason, by=by, now=now)
                return _("Đã tính lại và quay về dự thảo.")
            if step == "propose":
                publishing.propose(session, publication_id, by=by, now=now, today=day)
                return _("Đã trình. Người thứ hai duyệt tại “Việc chờ người thứ hai”.")
            if step == "publish":
                publishing.publish(session, publication_id, by=by, now=now, today=day)
                return _("Đã công bố. Từ nay nội dung không đổi được nữa.")
            publishing.withdraw(session, publication_id, reason=reason, by=by, now=now, today=day)
            return _("Đã rút.")

    return _done(publication_id, act)


@bp.post("/publications/<int(max=2147483647):publication_id>/replies/<int(max=2147483647):unit_id>")
@requires(*OFFICE)
def publication_answer(publication_id: int, unit_id: int) -> ResponseReturnValue:
    def act() -> str:
        with own_transaction() as session:
            unit_hearings.answer(
                session, publication_id=publication_id, unit_id=unit_id, by=current_account(), now=utc_now(),
                answer=request.form.get("answer", ""), reason=clean_text(request.form.get("reason", "")),
            )  # fmt: skip
        return _("Đã trả lời đơn vị.")

    return _done(publication_id, act)


@bp.get("/publications/<int(max=2147483647):publication_id>/replies/<int(max=2147483647):unit_id>/file")
@requires(*READERS)
def publication_reply_file(publication_id: int, unit_id: int) -> ResponseReturnValue:
    document = unit_hearings.document_of(
        db.session, publication_id=publication_id, unit_id=unit_id, viewer=current_account()
    )
    return downloads.download(document.content, document.media_type, document.name)


def _done(publication_id: int, act: Callable[[], str]) -> ResponseReturnValue:
    try:
        flash(act())
    except PublicationRefused as refused:
        return _page(publication_id, refusal=publication_words.refusal(refused)), 409
    return redirect(url_for("par_office.publication", publication_id=publication_id), 303)


def _page(publication_id: int, *, refusal: str = "") -> str:
    viewer: Viewer = current_account()
    row = publishing.visible(db.session, publication_id, viewer=viewer)
    content = queries.part(db.session, row.id, language=current_language(), name=COMPARISON)
    notices = queries.notices(db.session, row.id)
    return render_template(
        "par_office/publication.html", row=row, comparison=freezing.thaw(content, Comparison), refusal=refusal,
        words=publication_words, may_act=viewer.role in OFFICE,
        reply_by={notice.unit_id: notice.reply_by for notice in notices},
        last_day=max((notice.reply_by for notice in notices), default=None),
        replies=queries.replies(db.session, row.id),
        revisions=queries.revisions_of(
            db.session, root_unit_id=row.root_unit_id, basis=row.basis, period_code=row.period_code
        ),
        is_public=row.root_unit_id in queries.open_roots(db.session),
    )  # fmt: skip
