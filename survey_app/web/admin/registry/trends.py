"""One unit's figures across a merger or split."""

from flask import render_template
from flask.typing import ResponseReturnValue

from survey_app.db import db
from survey_app.services import unit_trends
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.registry.asked import READERS
from survey_app.web.current import today
from survey_app.web.security import current_account, requires


@bp.get("/units/<int(max=2147483647):unit_id>/trend")
@requires(*READERS)
def unit_trend(unit_id: int) -> ResponseReturnValue:
    trend = unit_trends.unit_trend(db.session, unit_id=unit_id, viewer=current_account(), today=today())
    return render_template("admin/registry/trend.html", trend=trend)
