"""Numbers that are not the desk's share: the nine indicators, figures of others, and the four of them kept apart."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import InvalidField
from survey_app.i18n import current_language
from survey_app.queries import questionnaire_drafts, units
from survey_app.services import accounts, nine_indicators, other_figures, scorecards
from survey_app.web import choices, current
from survey_app.web.form_fields import ChoiceField, DayField
from survey_app.web.manager.routes import READERS, bp
from survey_app.web.reasons import reason_words
from survey_app.web.security import Role, current_account, requires

OFFICE = (Role.PAR_OFFICE, Role.ADMIN)
MAX_DIGITS = 8


class FigureForm(FlaskForm):  # type: ignore[misc]
    kind = ChoiceField(_("Con số"))
    period_title = StringField(_("Kỳ"), [InputRequired(_("Xin nhập kỳ."))])
    value = StringField(_("Giá trị như đã công bố"), [InputRequired(_("Xin nhập giá trị."))])
    published_on = DayField(_("Ngày công bố"), [InputRequired(_("Xin nhập ngày."))])
    source = StringField(_("Văn bản, trang công bố"), [InputRequired(_("Xin nhập nguồn."))])


@bp.get("/units/<int(max=2147483647):unit_id>/nine-indicators", endpoint="nine_indicators")
@requires(*READERS)
def nine_indicators_page(unit_id: int) -> ResponseReturnValue:
    return _indicators(unit_id)


@bp.post("/units/<int(max=2147483647):unit_id>/nine-indicators/basis")
@requires(*OFFICE)
@writes
def choose_indicator_basis(unit_id: int) -> ResponseReturnValue:
    try:
        nine_indicators.choose_basis(
            db.session,
            unit_id=unit_id,
            set_id=request.form.get("set_id", 0, type=int),
            legal_basis=request.form.get("legal_basis", ""),
            by=current_account(),
            today=current.today(),
            now=utc_now(),
        )
    except InvalidField as error:
        return _indicators(unit_id, refusal=reason_words(error.reason)), 422
    flash(gettext("Đã ghi căn cứ; chín chỉ số được dùng từ hôm nay."))
    return redirect(url_for("manager.nine_indicators", unit_id=unit_id), code=303)


@bp.post("/units/<int(max=2147483647):unit_id>/nine-indicators/counts")
@requires(Role.MANAGER, *OFFICE)
@writes
def enter_indicator_counts(unit_id: int) -> ResponseReturnValue:
    period = request.form.get("period", "")
    try:
        nine_indicators.enter_counts(
            db.session,
            unit_id=unit_id,
            period_code=period,
            officer=request.form.get("officer", ""),
            counts=_typed_counts(),
            by=current_account(),
            today=current.today(),
            now=utc_now(),
        )
    except InvalidField as error:
        return _indicators(unit_id, refusal=reason_words(error.reason)), 422
    flash(gettext("Đã ghi số liệu chín chỉ số."))
    return redirect(url_for("manager.nine_indicators", unit_id=unit_id, period=period), code=303)


def _typed_counts() -> dict[int, tuple[int, int, int]]:
    """The boxes of the form, named n<number>_<points>; an empty box is none."""
    found = {}
    for number in sorted(
        {name[1:-2] for name in request.form if name.startswith("n") and name[-2:-1] == "_"}
    ):
        boxes = [
            request.form.get(f"n{number}_{points}", "").strip() or "0" for points in nine_indicators.POINTS
        ]
        if not number.isdecimal() or not all(box.isdecimal() and len(box) <= MAX_DIGITS for box in boxes):
            raise InvalidField("counts", "not_a_number")
        two, one, zero = map(int, boxes)
        found[int(number)] = (two, one, zero)
    return found


def _indicators(unit_id: int, refusal: str = "") -> str:
    viewer = current_account()
    page = nine_indicators.unit_indicators(
        db.session,
        unit_id=unit_id,
        period_code=request.values.get("period"),
        viewer=viewer,
        today=current.today(),
        language=current_language(),
    )
    if page is None:
        return render_template("components/no_period.html")
    is_root = units.ancestor_ids(db.session, unit_id)[-1] == unit_id
    sets = questionnaire_drafts.indicator_sets(db.session) if is_root and viewer.role in OFFICE else []
    return render_template(
        "manager/nine_indicators.html",
        page=page,
        choices=choices.unit_choices(unit_id),
        sets=sets,
        may_enter=viewer.role in (Role.MANAGER, *OFFICE),
        refusal=refusal,
    )


@bp.get("/units/<int(max=2147483647):unit_id>/four-numbers")
@requires(*READERS)
def four_numbers(unit_id: int) -> ResponseReturnValue:
    return _four(unit_id, _figure_form(unit_id))


@bp.post("/units/<int(max=2147483647):unit_id>/four-numbers/figures")
@requires(*OFFICE)
@writes
def enter_official_figure(unit_id: int) -> ResponseReturnValue:
    form = _figure_form(unit_id)
    if not form.validate_on_submit():
        return _four(unit_id, form), 422
    try:
        other_figures.enter_figure(
            db.session,
            unit_id=unit_id,
            kind=form.kind.data,
            period_title=form.period_title.data or "",
            value=form.value.data or "",
            published_on=form.published_on.data,
            source=form.source.data or "",
            by=current_account(),
            now=utc_now(),
        )
    except InvalidField as error:
        form[error.field].errors = [reason_words(error.reason)]
        return _four(unit_id, form), 422
    flash(gettext("Đã ghi con số đã công bố."))
    return redirect(url_for("manager.four_numbers", unit_id=unit_id), code=303)


def _figure_form(unit_id: int) -> FigureForm:
    form = FigureForm()
    accounts.require_unit(db.session, unit_id=unit_id, viewer=current_account())
    kinds = [("service_quality", gettext("Mức độ hài lòng theo Quyết định 766/QĐ-TTg"))]
    if units.ancestor_ids(db.session, unit_id)[-1] == unit_id:
        kinds.append(("sipas", gettext("SIPAS (Bộ Nội vụ công bố)")))
    form.kind.choices = kinds
    return form


def _four(unit_id: int, form: FigureForm) -> str:
    viewer, period = current_account(), request.args.get("period")
    card = scorecards.unit_scorecard(
        db.session,
        unit_id=unit_id,
        basis="continuous",
        period_code=period,
        viewer=viewer,
        today=current.today(),
        language=current_language(),
    )
    if card is None:
        return render_template("components/no_period.html")
    return render_template(
        "manager/four_numbers.html",
        card=card,
        indicators=nine_indicators.unit_indicators(
            db.session,
            unit_id=unit_id,
            period_code=card.period.code,
            viewer=viewer,
            today=current.today(),
            language=current_language(),
        ),
        others=other_figures.figures_of(db.session, unit_id=unit_id, viewer=viewer),
        choices=choices.unit_choices(unit_id),
        form=form,
        may_enter=viewer.role in OFFICE,
    )
