"""The blueprint that every module of fieldwork adds its pages to."""

from flask import Blueprint

from survey_app.web import display

bp = Blueprint("fieldwork", __name__, url_prefix="/fieldwork")
bp.record_once(display.prepare)
