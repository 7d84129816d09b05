"""Opening the box: counts by two persons, the printed record, and the batches that follow from it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.documents import paper as documents
from survey_app.errors import AlreadyExists, CountsDoNotFit, DayOutOfRange, SamePersonTwice
from survey_app.queries import paper
from survey_app.queries.paper import PadRow, PointChoice
from survey_app.services import paper_openings, paper_overview, paper_pads
from survey_app.services.paper_openings import BoxCount, NewOpening
from survey_app.web import display, errors
from survey_app.web.current import today
from survey_app.web.downloads import shown_pdf
from survey_app.web.fieldwork.blueprint import bp
from survey_app.web.fieldwork.paper.access import MANAGING
from survey_app.web.fieldwork.paper.forms import OpeningForm
from survey_app.web.fieldwork.paper.points import chosen_point
from survey_app.web.security import current_account, requires

REFUSALS = (AlreadyExists, CountsDoNotFit, DayOutOfRange, SamePersonTwice)
COUNTS = ("collected", "blank", "spoiled")


@bp.get("/paper/openings/new")
@requires(*MANAGING)
def paper_opening_new() -> ResponseReturnValue:
    point = chosen_point()
    if point is None:
        points = paper_pads.visible_points(db.session, viewer=current_account(), today=today())
        return render_template(
            "fieldwork/paper_point.html", points=points, endpoint="fieldwork.paper_opening_new",
            title=_("Mở hòm phiếu"),
        )  # fmt: skip
    form = OpeningForm(opened_on=today())
    return _opening_page(point, form, None)


@bp.post("/paper/openings/new")
@requires(*MANAGING)
@writes
def paper_opening_add() -> ResponseReturnValue:
    viewer = current_account()
    point_id = request.args.get("point", 0, int)
    point = paper_pads.require_point(db.session, point_id=point_id, viewer=viewer, today=today())
    form, refusal = OpeningForm(), None
    if form.validate_on_submit():
        try:
            opening_id = paper_openings.open_box(
                db.session, _new_opening(point, form), viewer=viewer, today=today(), now=utc_now()
            )
        except REFUSALS as error:
            refusal = errors.words_for(error).text
        else:
            flash(_("Đã ghi việc mở hòm. Xin in biên bản để hai người ký."))
            return redirect(url_for("fieldwork.paper_opening", opening_id=opening_id), 303)
    return _opening_page(point, form, refusal), 422


@bp.get("/paper/openings/<int:opening_id>")
@requires(*MANAGING)
def paper_opening(opening_id: int) -> ResponseReturnValue:
    opening = paper_openings.require_opening(
        db.session, opening_id=opening_id, viewer=current_account(), today=today()
    )
    return render_template(
        "fieldwork/paper_opening.html",
        opening=opening,
        counts=paper.counts_of(db.session, opening_id),
        batches=paper_overview.batches_of_opening(db.session, opening_id),
    )


@bp.get("/paper/openings/<int:opening_id>/minutes.pdf")
@requires(*MANAGING)
def paper_minutes(opening_id: int) -> ResponseReturnValue:
    opening = paper_openings.require_opening(
        db.session, opening_id=opening_id, viewer=current_account(), today=today()
    )
    batches = paper.batches_of_opening(db.session, opening_id)
    made = documents.minutes_pdf(
        opening,
        paper.counts_of(db.session, opening_id),
        is_simulated=any(batch.is_simulated for batch in batches),
        is_demo=display.is_demo(),
    )
    return shown_pdf(made, f"bien-ban-mo-hom-phieu-{opening.opened_on:%Y-%m-%d}.pdf")


def _opening_page(point: PointChoice, form: Any, refusal: object) -> str:
    return render_template(
        "fieldwork/paper_opening_new.html", point=point, form=form, pads=_pads_out(point), refusal=refusal,
        typed=request.form,
    )  # fmt: skip


def _pads_out(point: PointChoice) -> list[PadRow]:
    """Pads of which a sheet may still be in the box."""
    pads = paper.pads_of_points(db.session, [point.id])
    return [pad for pad in pads if pad.n_collected + pad.n_spoiled_unused < pad.n_sheets]


def _new_opening(point: PointChoice, form: Any) -> NewOpening:
    counts = {pad.id: BoxCount(*(_whole(f"{name}-{pad.id}") for name in COUNTS)) for pad in _pads_out(point)}
    return NewOpening(point.id, form.opened_on.data, form.first_opener.data, form.second_opener.data, counts)


def _whole(name: str) -> int:
    """A whole number of a few digits; an empty field is none at all."""
    text = request.form.get(name, "").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdecimal() and len(text) <= 6):
        raise CountsDoNotFit(name)
    return int(text)
