"""All units side by side: tiers against the province, never a naked rank."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.db import db
from survey_app.errors import NotFound
from survey_app.i18n import current_language
from survey_app.services import comparisons
from survey_app.web import choices, current, display
from survey_app.web.par_office.listing import arrange, read_choice
from survey_app.web.security import Role, current_account, requires

bp = Blueprint("par_office", __name__, url_prefix="/par")
bp.record_once(display.prepare)
# Whoever stands above several units; inspections read and change nothing.
READERS = (Role.PAR_OFFICE, Role.ADMIN, Role.VIEWER, Role.INSPECTION_TEAM, Role.STATE_INSPECTOR)


@bp.get("/")
@requires(*READERS)
def home() -> ResponseReturnValue:
    return redirect(url_for("par_office.comparison"), code=303)


@bp.get("/comparison")
@requires(*READERS)
def comparison() -> ResponseReturnValue:
    viewer = current_account()
    today = current.today()
    options = choices.comparison_choices(viewer.unit_id, today)
    chosen = read_choice(request.args)
    if chosen.kind and chosen.kind not in choices.kind_names():
        raise NotFound(f"kind {chosen.kind!r}")
    compared = comparisons.compare_units(
        db.session,
        root_unit_id=viewer.unit_id,
        basis=request.args.get("basis") or choices.default_basis(options, preferred="sample"),
        period_code=request.args.get("period"),
        kind=chosen.kind or None,
        viewer=viewer,
        today=today,
        language=current_language(),
    )
    if compared is None:
        return render_template("components/no_period.html")
    listing = arrange(compared, chosen)
    return render_template(
        "par_office/comparison.html", comparison=compared, listing=listing, choices=options
    )
