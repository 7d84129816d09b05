"""Pages of time: all units together and one by one, and before and after a remedy."""

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey_app.db import db
from survey_app.errors import NotFound
from survey_app.i18n import current_language
from survey_app.services import province_trends, remedies, unit_trends
from survey_app.services.remedies import CONTROLS, MOST_UNITS, WEEKS, RemedyQuestion
from survey_app.web import choices, current
from survey_app.web.par_office.blueprint import READERS, bp
from survey_app.web.security import current_account, requires

MOST_LINES = 4


@bp.get("/trends")
@requires(*READERS)
def trends() -> ResponseReturnValue:
    viewer, today = current_account(), current.today()
    options = choices.comparison_choices(viewer.unit_id, today)
    basis = request.args.get("basis") or choices.default_basis(options, preferred="continuous")
    trend = province_trends.province_trend(
        db.session, root_unit_id=viewer.unit_id, basis=basis, viewer=viewer, today=today,
        language=current_language(),
    )  # fmt: skip
    chosen = _unit_ids()[:MOST_LINES]
    lines = [
        unit_trends.unit_trend(db.session, unit_id=unit_id, viewer=viewer, today=today, basis=basis)
        for unit_id in chosen
    ]
    return render_template("par_office/trends.html", trend=trend, lines=lines, chosen=chosen, choices=options)


@bp.get("/remedies", endpoint="remedies")
@requires(*READERS)
def before_and_after() -> ResponseReturnValue:
    viewer, today = current_account(), current.today()
    units = remedies.remedy_units(db.session, root_unit_id=viewer.unit_id, viewer=viewer, today=today)
    question = _question(today)
    figure = None
    if question is not None:
        figure = remedies.remedy_figure(
            db.session, question, root_unit_id=viewer.unit_id, viewer=viewer, today=today
        )
    return render_template(
        "par_office/remedies.html", units=units, figure=figure, question=question, weeks=WEEKS,
        most=MOST_UNITS, asked=request.args, today=today,
    )  # fmt: skip


def _question(today: date) -> RemedyQuestion | None:
    """What the address asks; None where units or day are missing or no day."""
    unit_ids = tuple(_unit_ids())
    try:
        on = date.fromisoformat(request.args.get("on", ""))
        weeks = int(request.args.get("weeks") or 8)
    except ValueError:
        return None
    if not unit_ids or not date(2000, 1, 1) <= on <= today:
        return None
    control = request.args.get("control") or "none"
    if control not in CONTROLS:
        raise NotFound(f"control {control[:20]}")
    return RemedyQuestion(unit_ids, on, weeks, control)


def _unit_ids() -> list[int]:
    """Units of the address, each once; what is no number of a unit does not exist."""
    found = request.args.getlist("unit")
    if not all(each.isascii() and each.isdigit() and len(each) < 10 for each in found):
        raise NotFound("unit")
    return list(dict.fromkeys(int(each) for each in found))
