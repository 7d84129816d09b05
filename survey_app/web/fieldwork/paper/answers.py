"""What the pages of paper share: the point asked for, the moment, and a PDF as an answer."""

from datetime import datetime

from flask import make_response, request
from flask.typing import ResponseReturnValue

from survey_app.clock import utc_now
from survey_app.db import db
from survey_app.queries.paper import PointChoice
from survey_app.services import paper_pads
from survey_app.web.current import today
from survey_app.web.security import current_account


def now() -> datetime:
    return utc_now()


def chosen_point() -> PointChoice | None:
    """The point in the address, or the only one there is; None while one has to be chosen."""
    viewer = current_account()
    if "point" in request.args:
        point_id = request.args.get("point", 0, int)
        return paper_pads.require_point(db.session, point_id=point_id, viewer=viewer, today=today())
    points = paper_pads.visible_points(db.session, viewer=viewer, today=today())
    return points[0] if len(points) == 1 else None


def pdf_response(content: bytes, name: str) -> ResponseReturnValue:
    response = make_response(content)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response
