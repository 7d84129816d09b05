"""How each number is made, for an official and for a statistician, with the thresholds in force."""

from flask import render_template
from flask.typing import ResponseReturnValue

from survey_app.db import db
from survey_app.services import policy
from survey_app.services.scorecards import METHOD_VERSION
from survey_app.web.current import today
from survey_app.web.public.routes import bp
from survey_app.web.security import public


@bp.get("/methods")
@public
def methods() -> ResponseReturnValue:
    on = today()
    return render_template(
        "public/methods.html",
        values=policy.current_policy(db.session, on),
        bases=policy.value_bases(db.session, on),
        method_version=METHOD_VERSION,
        on=on,
    )
