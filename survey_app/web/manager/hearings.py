"""What the office will publish of this unit, and what the unit says of it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction
from survey_app.errors import PublicationRefused
from survey_app.i18n import current_language
from survey_app.services import unit_hearings
from survey_app.services.unit_hearings import MOST_FILE_BYTES, Document
from survey_app.web import downloads, publication_words
from survey_app.web.bodies import clean_text
from survey_app.web.current import today
from survey_app.web.manager.routes import bp
from survey_app.web.security import Role, current_account, requires, takes_body

FORM_BYTES = 64 * 1024


@bp.get("/hearings")
@requires(Role.MANAGER)
def hearings() -> ResponseReturnValue:
    rows = unit_hearings.hearings(db.session, viewer=current_account(), today=today())
    return render_template("manager/hearings.html", rows=rows, words=publication_words)


@bp.get("/hearings/<int(max=2147483647):publication_id>/units/<int(max=2147483647):unit_id>")
@requires(Role.MANAGER)
def hearing(publication_id: int, unit_id: int) -> ResponseReturnValue:
    return _page(publication_id, unit_id)


@bp.post("/hearings/<int(max=2147483647):publication_id>/units/<int(max=2147483647):unit_id>")
@requires(Role.MANAGER)
@takes_body(MOST_FILE_BYTES + FORM_BYTES)
def hearing_reply(publication_id: int, unit_id: int) -> ResponseReturnValue:
    try:
        document = _document()
        with own_transaction() as session:
            unit_hearings.send_reply(
                session, publication_id=publication_id, unit_id=unit_id, document=document,
                stance=request.form.get("stance", ""), text=clean_text(request.form.get("text", "")),
                by=current_account(), now=utc_now(), today=today(),
            )  # fmt: skip
    except PublicationRefused as refused:
        return _page(publication_id, unit_id, refusal=publication_words.refusal(refused)), 422
    flash(_("Đã gửi ý kiến. Đến hết hạn, ông/bà còn sửa được khi cơ quan chưa trả lời."))
    return redirect(url_for("manager.hearing", publication_id=publication_id, unit_id=unit_id), 303)


@bp.get("/hearings/<int(max=2147483647):publication_id>/units/<int(max=2147483647):unit_id>/file")
@requires(Role.MANAGER)
def hearing_file(publication_id: int, unit_id: int) -> ResponseReturnValue:
    document = unit_hearings.document_of(
        db.session, publication_id=publication_id, unit_id=unit_id, viewer=current_account()
    )
    return downloads.download(document.content, document.media_type, document.name)


def _document() -> Document | None:
    given = request.files.get("file")
    if given is None or not given.filename:
        return None
    return unit_hearings.read_document(clean_text(given.filename), given.read(MOST_FILE_BYTES + 1))


def _page(publication_id: int, unit_id: int, *, refusal: str = "") -> str:
    found = unit_hearings.hearing(
        db.session, publication_id=publication_id, unit_id=unit_id, viewer=current_account(), today=today(),
        language=current_language(),
    )  # fmt: skip
    return render_template(
        "manager/hearing.html", hearing=found, words=publication_words, refusal=refusal, said=request.form
    )
