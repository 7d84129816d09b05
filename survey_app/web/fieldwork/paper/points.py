"""The point that a page of paper is about."""

from flask import request

from survey_app.db import db
from survey_app.queries.paper import PointChoice
from survey_app.services import paper_pads
from survey_app.web.current import today
from survey_app.web.security import current_account


def chosen_point() -> PointChoice | None:
    """The point in the address, or the only one there is; None while one has to be chosen."""
    viewer = current_account()
    if "point" in request.args:
        point_id = request.args.get("point", 0, int)
        return paper_pads.require_point(db.session, point_id=point_id, viewer=viewer, today=today())
    points = paper_pads.visible_points(db.session, viewer=viewer, today=today())
    return points[0] if len(points) == 1 else None
