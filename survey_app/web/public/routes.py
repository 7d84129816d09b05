"""The start page, "Ai xem được gì", and two addresses for those who watch the machine."""

import logging
import shutil

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue

from survey_app.db import can_write, db
from survey_app.web.errors import DATABASE_ERRORS
from survey_app.web.public.who_sees_what import data_rows, role_columns
from survey_app.web.security import public

bp = Blueprint("public", __name__)
logger = logging.getLogger(__name__)
MIN_FREE_BYTES = 64 * 1024 * 1024


@bp.get("/")
@public
def landing() -> ResponseReturnValue:
    return render_template("public/landing.html")


@bp.get("/who-sees-what")
@public
def who_sees_what() -> ResponseReturnValue:
    rows = data_rows(current_app)  # type: ignore[arg-type]
    return render_template("public/who_sees_what.html", rows=rows, columns=role_columns())


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz() -> ResponseReturnValue:
    """The process could store an answer now: the database takes a write, and the disk has room."""
    checks = {"database": _database_writes(), "disk": _disk_has_room()}
    is_ready = all(checks.values())
    body = {"status": "ok" if is_ready else "unavailable", "checks": checks}
    return jsonify(body), 200 if is_ready else 503


def _database_writes() -> bool:
    try:
        return can_write(db.session)
    except DATABASE_ERRORS as error:
        logger.warning("not ready: %s", type(error).__name__)
        return False


def _disk_has_room() -> bool:
    free = shutil.disk_usage(current_app.extensions["settings"].INSTANCE_DIR).free
    return free >= MIN_FREE_BYTES
