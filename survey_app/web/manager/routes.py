"""The manager's home: how we are, whether it has really changed, what to mend first."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.db import db
from survey_app.i18n import current_language
from survey_app.services import accounts, scorecards
from survey_app.services.figures import Scorecard
from survey_app.web import choices, current, display
from survey_app.web.security import Role, current_account, requires

bp = Blueprint("manager", __name__, url_prefix="/manager")
bp.record_once(display.prepare)


# They read a unit's figures and change nothing.
INSPECTORS = (Role.INSPECTION_TEAM, Role.STATE_INSPECTOR)
READERS = (Role.MANAGER, Role.VIEWER, Role.PAR_OFFICE, Role.ADMIN, *INSPECTORS)


@bp.get("/")
@requires(Role.MANAGER, Role.INSPECTION_TEAM)
def home() -> ResponseReturnValue:
    return redirect(url_for("manager.unit", unit_id=current_account().unit_id), code=303)


@bp.get("/units/<int:unit_id>")
@requires(*READERS)
def unit(unit_id: int) -> ResponseReturnValue:
    viewer = current_account()
    accounts.require_unit(db.session, unit_id=unit_id, viewer=viewer)
    today = current.today()
    if choices.only_parts_collect(unit_id, today):
        return _parts_instead(viewer.role)
    options = choices.unit_choices(unit_id)
    card = chosen_card(unit_id, options)
    if card is None:
        return render_template("components/no_period.html")
    return render_template("manager/unit.html", card=card, choices=options)


def chosen_basis(options: choices.Choices) -> str:
    """The basis in the address, or the one that a manager reads every day."""
    return request.args.get("basis") or choices.default_basis(options, preferred="continuous")


def chosen_card(unit_id: int, options: choices.Choices) -> Scorecard | None:
    """The scorecard of the unit for the basis and period in the address."""
    return scorecards.unit_scorecard(
        db.session,
        unit_id=unit_id,
        basis=chosen_basis(options),
        period_code=request.args.get("period"),
        viewer=current_account(),
        today=current.today(),
        language=current_language(),
    )


def _parts_instead(role: Role) -> ResponseReturnValue:
    """For a unit that asks nobody itself: its parts side by side, to those who may compare."""
    if role is Role.MANAGER:
        return render_template("manager/no_collection.html")
    return redirect(url_for("par_office.comparison"), code=303)
