"""The PAR office's blueprint, who reads its pages, and what all of them have at hand."""

from typing import Any

from flask import Blueprint, request

from survey_app import office_sentences
from survey_app.web import display, office_charts
from survey_app.web.par_office.pages import open_pages
from survey_app.web.security import Role

bp = Blueprint("par_office", __name__, url_prefix="/par")
bp.record_once(display.prepare)
# Whoever stands above several units; inspections read and change nothing.
READERS = (Role.PAR_OFFICE, Role.ADMIN, Role.VIEWER, Role.INSPECTION_TEAM, Role.STATE_INSPECTOR)


@bp.context_processor
def _at_hand() -> dict[str, Any]:
    return {
        "office_say": office_sentences,
        "office_charts": office_charts,
        "par_pages": open_pages,
        "is_print": request.args.get("print") == "1",
    }
