"""The words people wrote, in released batches: read, filtered and searched."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey_app.db import db
from survey_app.services import comment_pages
from survey_app.services.comment_pages import CommentChoice
from survey_app.web import current
from survey_app.web.manager.routes import READERS, bp
from survey_app.web.security import current_account, requires

MAX_SEARCH = 80


@bp.get("/units/<int(max=2147483647):unit_id>/comments")
@requires(*READERS)
def comments(unit_id: int) -> ResponseReturnValue:
    asked = request.args
    choice = CommentChoice(
        polarity=asked.get("polarity", ""),
        month=asked.get("month", ""),
        theme=asked.get("theme", "")[:MAX_SEARCH],
        words=asked.get("q", "").replace("\0", "")[:MAX_SEARCH],
        page=max(1, asked.get("page", 1, type=int)),
    )
    page = comment_pages.unit_comments(
        db.session, unit_id=unit_id, choice=choice, viewer=current_account(), today=current.today()
    )
    return render_template("manager/comments.html", page=page)
