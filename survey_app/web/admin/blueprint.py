"""The blueprint that every module of the office's set-up adds its pages to."""

from flask import Blueprint

from survey_app.web import display

bp = Blueprint("admin", __name__, url_prefix="/admin")
bp.record_once(display.prepare)
