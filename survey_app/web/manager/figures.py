"""One step down from the home: how a figure was counted, and the overall share in slices."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.db import db
from survey_app.i18n import current_language
from survey_app.services import accounts, slices, trails
from survey_app.web import choices, current
from survey_app.web.manager.routes import READERS, bp, chosen_basis, chosen_card
from survey_app.web.security import current_account, requires


@bp.get("/units/<int(max=2147483647):unit_id>/figures/<figure_code>")
@requires(*READERS)
def figure(unit_id: int, figure_code: str) -> ResponseReturnValue:
    accounts.require_unit(db.session, unit_id=unit_id, viewer=current_account())
    card = chosen_card(unit_id, choices.unit_choices(unit_id))
    if card is None:
        return render_template("components/no_period.html")
    return render_template("manager/figure.html", card=card, trail=trails.figure_trail(card, figure_code))


@bp.get("/units/<int(max=2147483647):unit_id>/breakdown")
@requires(*READERS)
def breakdown(unit_id: int) -> ResponseReturnValue:
    viewer = current_account()
    accounts.require_unit(db.session, unit_id=unit_id, viewer=viewer)
    options = choices.unit_choices(unit_id)
    found = slices.unit_breakdown(
        db.session,
        unit_id=unit_id,
        by=request.args.get("by") or "desk",
        basis=chosen_basis(options),
        period_code=request.args.get("period"),
        viewer=viewer,
        today=current.today(),
        language=current_language(),
    )
    if found is None:
        return render_template("components/no_period.html")
    return render_template(
        "manager/breakdown.html", found=found, choices=options, dimensions=_dimensions(found)
    )


def _dimensions(found: slices.Breakdown) -> tuple[tuple[str, str], ...]:
    """What a unit's figures can be split by, as options of the page's form."""
    return (
        ("desk", _("Quầy")),
        ("point", _("Điểm đặt")),
        ("agency", _("Cơ quan giải quyết")),
        ("field", _("Lĩnh vực")),
        ("stage", _("Giai đoạn")),
        ("channel", _("Kênh")),
        ("assisted_by", _("Ai giúp thao tác")),
        ("capacity", _("Tư cách")),
        ("residence", _("Nơi ở")),
        *((code, _("Người trả lời: %(question)s", question=words)) for code, words in found.profile_items),
    )
