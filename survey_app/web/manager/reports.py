"""The report of one unit: looked at in the browser, then taken as PDF, Word, Excel or CSV."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from survey_app.db import db
from survey_app.documents.report_unit import unit_report
from survey_app.i18n import current_language
from survey_app.services import accounts, scorecards
from survey_app.services.figures import Scorecard
from survey_app.web import choices, current, report_files
from survey_app.web.manager.routes import INSPECTORS, bp
from survey_app.web.security import Role, current_account, requires

READERS = (Role.MANAGER, Role.VIEWER, Role.PAR_OFFICE, Role.ADMIN, *INSPECTORS)


@bp.get("/units/<int(max=2147483647):unit_id>/report", endpoint="unit_report")
@requires(*READERS)
def report_page(unit_id: int) -> ResponseReturnValue:
    card = card_asked_for(unit_id)
    if card is None:
        return render_template("components/no_period.html")
    report = unit_report(card, report_files.setting(unit_id, card.basis))
    return render_template(
        "manager/unit_report.html", card=card, report=report, choices=choices.unit_choices(unit_id),
        preview=report_files.PREVIEW,
    )  # fmt: skip


@bp.get("/units/<int(max=2147483647):unit_id>/report.<form>", endpoint="unit_report_file")
@requires(*READERS)
def report_file(unit_id: int, form: str) -> ResponseReturnValue:
    report_files.check_form(form)
    card = card_asked_for(unit_id)
    if card is None:
        return render_template("components/no_period.html")
    return _file(card, form)


def _file(card: Scorecard, form: str) -> Response:
    report = unit_report(card, report_files.setting(card.unit.id, card.basis))
    name = report_files.named("bao-cao", card.unit.code, card.unit.label, card.period.code)
    return report_files.report_download(report, form, name=name)


def card_asked_for(unit_id: int) -> Scorecard | None:
    """The scorecard that the address names; None while the office has no period."""
    viewer = current_account()
    accounts.require_unit(db.session, unit_id=unit_id, viewer=viewer)
    options = choices.unit_choices(unit_id)
    return scorecards.unit_scorecard(
        db.session, unit_id=unit_id,
        basis=request.args.get("basis") or choices.default_basis(options, preferred="continuous"),
        period_code=request.args.get("period"), viewer=viewer, today=current.today(), language=current_language(),
    )  # fmt: skip
