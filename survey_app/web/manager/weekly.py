"""The week's summary of a unit, as a page to print and as a picture to send on."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from survey_app.db import db
from survey_app.documents import weekly_summary
from survey_app.i18n import current_language
from survey_app.services import accounts, weekly
from survey_app.services.figures import Scorecard
from survey_app.web import charts, choices, current, downloads
from survey_app.web.manager.routes import READERS, bp, chosen_basis
from survey_app.web.security import current_account, requires


@bp.get("/units/<int(max=2147483647):unit_id>/weekly-summary.pdf")
@requires(*READERS)
def weekly_summary_pdf(unit_id: int) -> ResponseReturnValue:
    card = _card(unit_id)
    if card is None:
        return render_template("components/no_period.html")
    content = weekly_summary.pdf(card, chart=_chart(card), language=current_language())
    return downloads.shown_pdf(content, f"tom-tat-tuan-{card.unit.code}-{card.period.ends_on:%Y%m%d}.pdf")


@bp.get("/units/<int(max=2147483647):unit_id>/weekly-summary.png")
@requires(*READERS)
def weekly_summary_png(unit_id: int) -> ResponseReturnValue:
    card = _card(unit_id)
    if card is None:
        return render_template("components/no_period.html")
    content = weekly_summary.png(card, chart=_chart(card), language=current_language())
    return Response(content, mimetype="image/png")


def _card(unit_id: int) -> Scorecard | None:
    viewer = current_account()
    accounts.require_unit(db.session, unit_id=unit_id, viewer=viewer)
    return weekly.weekly_scorecard(
        db.session,
        unit_id=unit_id,
        basis=chosen_basis(choices.unit_choices(unit_id)),
        period_code=request.args.get("period"),
        viewer=viewer,
        today=current.today(),
        language=current_language(),
    )


def _chart(card: Scorecard) -> bytes | None:
    if card.trend is None:
        return None
    return charts.trend_picture(card.trend, is_simulated=card.is_simulated)
