"""How far a wave is, and what a bridge wave measured."""

from flask import render_template
from flask.typing import ResponseReturnValue

from survey_app.db import db
from survey_app.i18n import current_language
from survey_app.services import bridge_results, wave_plans, wave_progress
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.waves.listing import names
from survey_app.web.admin.waves.words import OFFICE, READERS, WEEKDAYS
from survey_app.web.current import today
from survey_app.web.security import current_account, requires


@bp.get("/waves/<code>/progress", endpoint="wave_progress")
@requires(*READERS)
def progress_page(code: str) -> ResponseReturnValue:
    viewer = current_account()
    wave = wave_plans.visible_wave(db.session, code, viewer=viewer)
    found = wave_progress.wave_progress_of(db.session, wave, viewer=viewer, today=today())
    return render_template(
        "admin/waves/progress.html", progress=found, wave=wave, weekdays=WEEKDAYS, today=today(), **names()
    )


@bp.get("/waves/<code>/bridge", endpoint="wave_bridge")
@requires(*OFFICE)
def bridge_page(code: str) -> ResponseReturnValue:
    wave = wave_plans.own_wave(db.session, code, viewer=current_account())
    found = bridge_results.bridge_result(db.session, wave, today=today(), language=current_language())
    return render_template("admin/waves/bridge.html", result=found, wave=wave, **names())
