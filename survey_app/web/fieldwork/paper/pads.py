"""The page of paper forms, and pads: made, counted and printed."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.documents import paper as documents
from survey_app.documents.paper import SheetPlace
from survey_app.errors import CountsDoNotFit
from survey_app.i18n import current_language
from survey_app.queries import paper, questionnaires
from survey_app.queries.paper import PointChoice
from survey_app.services import forms, paper_entry, paper_overview, paper_pads
from survey_app.services.paper_pads import USUAL_SHEETS, NewPad
from survey_app.web import display, errors
from survey_app.web.current import today
from survey_app.web.downloads import shown_pdf
from survey_app.web.fieldwork.blueprint import bp
from survey_app.web.fieldwork.paper.access import KEYING, MANAGING
from survey_app.web.fieldwork.paper.forms import PadCountForm, PadForm
from survey_app.web.fieldwork.paper.points import chosen_point
from survey_app.web.security import current_account, requires


@bp.get("/paper")
@requires(*KEYING)
def paper_home() -> ResponseReturnValue:
    viewer = current_account()
    found = paper_overview.overview(db.session, viewer=viewer, today=today())
    may_manage = viewer.role in MANAGING
    return render_template("fieldwork/paper.html", found=found, may_manage=may_manage)


@bp.get("/paper/pads/new")
@requires(*MANAGING)
def paper_pad_new() -> ResponseReturnValue:
    point = chosen_point()
    if point is None:
        return _choose_point("fieldwork.paper_pad_new", _("Lập tập phiếu"))
    return _pad_page(point, _pad_form(point))


@bp.post("/paper/pads/new")
@requires(*MANAGING)
@writes
def paper_pad_add() -> ResponseReturnValue:
    point = paper_pads.require_point(
        db.session, point_id=request.args.get("point", 0, int), viewer=current_account(), today=today()
    )
    form = _pad_form(point)
    if not form.validate_on_submit():
        return _pad_page(point, form), 422
    new = NewPad(point.id, form.wave.data, form.language.data, form.n_sheets.data)
    pad_id = paper_pads.add_pad(db.session, new, viewer=current_account(), today=today(), now=utc_now())
    flash(_("Đã lập tập phiếu. Xin in rồi đóng thành tập."))
    return redirect(url_for("fieldwork.paper_pad", pad_id=pad_id), 303)


@bp.get("/paper/pads/<int:pad_id>")
@requires(*MANAGING)
def paper_pad(pad_id: int) -> ResponseReturnValue:
    pad = paper_pads.require_pad(db.session, pad_id=pad_id, viewer=current_account(), today=today())
    form = PadCountForm(n_handed_out=pad.n_handed_out, n_spoiled=pad.n_spoiled_unused)
    return render_template("fieldwork/paper_pad.html", pad=pad, form=form, refusal=None)


@bp.post("/paper/pads/<int:pad_id>")
@requires(*MANAGING)
@writes
def paper_pad_count(pad_id: int) -> ResponseReturnValue:
    pad = paper_pads.require_pad(db.session, pad_id=pad_id, viewer=current_account(), today=today())
    form, refusal = PadCountForm(), None
    if form.validate_on_submit():
        try:
            paper_pads.count_pad(
                db.session, pad_id=pad_id, n_handed_out=form.n_handed_out.data, n_spoiled=form.n_spoiled.data,
                viewer=current_account(), today=today(),
            )  # fmt: skip
        except CountsDoNotFit as error:
            refusal = errors.words_for(error).text
        else:
            flash(_("Đã lưu số đếm của tập phiếu."))
            return redirect(url_for("fieldwork.paper_pad", pad_id=pad_id), 303)
    return render_template("fieldwork/paper_pad.html", pad=pad, form=form, refusal=refusal), 422


@bp.get("/paper/pads/<int:pad_id>/sheets.pdf")
@requires(*MANAGING)
def paper_pad_pdf(pad_id: int) -> ResponseReturnValue:
    pad = paper_pads.require_pad(db.session, pad_id=pad_id, viewer=current_account(), today=today())
    point = paper.point_on(db.session, pad.point_id, today())
    made = documents.pad_pdf(
        pad,
        form=forms.load_form(db.session, version_id=pad.version_id),
        columns=paper_entry.batch_columns(db.session, pad.version_id),
        place=_sheet_place(point, pad.version_id, is_simulated=pad.is_simulated),
    )
    return shown_pdf(made, f"tap-{pad.number}-phieu-{pad.first_sheet}-{pad.last_sheet}.pdf")


@bp.get("/paper/specimen.pdf")
@requires(*MANAGING)
def paper_specimen() -> ResponseReturnValue:
    """The form of a wave as it would be printed at a point, without a number."""
    viewer, language = current_account(), "en" if request.args.get("language") == "en" else "vi"
    point = paper_pads.require_point(
        db.session, point_id=request.args.get("point", 0, int), viewer=viewer, today=today()
    )
    wave = paper_pads.require_wave(
        db.session, point=point, wave_id=request.args.get("wave", 0, int), today=today()
    )
    made = documents.specimen_pdf(
        forms.load_form(db.session, version_id=wave.version_id),
        columns=paper_entry.batch_columns(db.session, wave.version_id),
        place=_sheet_place(point, wave.version_id, is_simulated=wave.is_simulated),
        language=language,
    )
    return shown_pdf(made, f"phieu-mau-{language}.pdf")


def _sheet_place(point: PointChoice, version_id: int, *, is_simulated: bool) -> SheetPlace:
    form_from = questionnaires.version_from(db.session, version_id)
    return SheetPlace(point.unit_title, point.name, form_from, is_simulated or display.is_demo())


def _choose_point(endpoint: str, title: str) -> str:
    points = paper_pads.visible_points(db.session, viewer=current_account(), today=today())
    return render_template("fieldwork/paper_point.html", points=points, endpoint=endpoint, title=title)


def _pad_form(point: PointChoice) -> Any:
    form = PadForm()
    waves = paper.waves_on_paper(db.session, point.unit_id, today())
    form.wave.choices = [SelectChoice(wave.id, wave.title(current_language())) for wave in waves]
    if form.n_sheets.raw_data is None:
        form.n_sheets.data = USUAL_SHEETS
    return form


def _pad_page(point: PointChoice, form: Any) -> str:
    return render_template("fieldwork/paper_pad_new.html", point=point, form=form)
