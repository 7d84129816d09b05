"""Taking responses out of the figures: what is out, what is proposed, and a form that shows both figures first."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from survey_app import formatting
from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import (
    AlreadyDecided,
    AlreadyExists,
    DatesReversed,
    InvalidField,
    NotFound,
    TooFewToExclude,
)
from survey_app.i18n import current_language
from survey_app.names import unit_title
from survey_app.queries.exclusions import Predicate, Source
from survey_app.services import exclusion_previews, paper_pads
from survey_app.services import exclusions as service
from survey_app.services.exclusion_previews import Preview
from survey_app.services.exclusions import LONGEST_REASON
from survey_app.services.policy import current_policy
from survey_app.vocabulary import Channel, label
from survey_app.web import errors
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.exclusion_words import basis_words, n_words, predicate_lines, state_words
from survey_app.web.admin.moments import clock_words
from survey_app.web.bodies import clean_text
from survey_app.web.current import today
from survey_app.web.form_fields import ChoiceField, DayField
from survey_app.web.security import Role, current_account, requires

EXCLUDING = (Role.ADMIN, Role.PAR_OFFICE)
REFUSALS = (AlreadyDecided, AlreadyExists, DatesReversed, InvalidField, TooFewToExclude)


class ExclusionForm(FlaskForm):  # type: ignore[misc]
    """Which responses, and why. The rules are the service's."""

    from_on = DayField(_("Từ ngày"), [InputRequired(_("Xin nhập ngày."))])
    to_on = DayField(_("Đến hết ngày"), [InputRequired(_("Xin nhập ngày."))])
    channel = ChoiceField(_("Kênh"))
    collector = ChoiceField(_("Máy hoặc người thu"))
    batch = ChoiceField(_("Lô nhập (phiếu giấy, tệp)"))
    reason = TextAreaField(
        _("Lý do"),
        [
            InputRequired(_("Xin ghi lý do.")),
            Length(max=LONGEST_REASON, message=_("Lý do dài quá 400 ký tự.")),
        ],
    )

    def predicate(self, point_id: int) -> Predicate:
        return Predicate(
            point_id=point_id,
            from_on=self.from_on.data,
            to_on=self.to_on.data,
            channel=int(self.channel.data) if self.channel.data else None,
            collector=self.collector.data or None,
            batch=UUID(self.batch.data) if self.batch.data else None,
        )


@bp.get("/exclusions")
@requires(*EXCLUDING)
def exclusions() -> ResponseReturnValue:
    return _list_page()


@bp.get("/exclusions/new")
@requires(*EXCLUDING)
def exclusion_new() -> ResponseReturnValue:
    viewer, point_id = current_account(), request.args.get("point", type=int)
    if point_id is None:
        points = paper_pads.visible_points(db.session, viewer=viewer, today=today())
        return render_template("admin/exclusion_point.html", points=points, unit_title=unit_title)
    return _form_page(point_id, _form(point_id))


@bp.post("/exclusions/new")
@requires(*EXCLUDING)
@writes
def exclusion_ask() -> ResponseReturnValue:
    """Look at both figures first; with `propose` ask the second person."""
    viewer, point_id = current_account(), request.args.get("point", 0, int)
    form = _form(point_id)
    if not form.validate_on_submit():
        return _form_page(point_id, form), 422
    predicate, reason = form.predicate(point_id), clean_text(form.reason.data).strip()
    try:
        if request.form.get("act") != "propose":
            seen = exclusion_previews.preview(
                db.session,
                predicate,
                viewer=viewer,
                now=utc_now(),
                today=today(),
                language=current_language(),
            )
            return _form_page(point_id, form, preview=seen, predicate=predicate)
        service.propose(db.session, predicate, reason=reason, viewer=viewer, now=utc_now(), today=today())
    except REFUSALS as error:
        words = errors.words_for(error)
        return _form_page(point_id, form, refusal=f"{words.title}. {words.text}"), words.status
    flash(gettext("Đã gửi đề nghị. Phiếu vẫn được tính cho đến khi người thứ hai duyệt."))
    return redirect(url_for("admin.exclusions"), 303)


@bp.post("/exclusions/<int(max=2147483647):exclusion_id>/lift")
@requires(*EXCLUDING)
@writes
def exclusion_lift(exclusion_id: int) -> ResponseReturnValue:
    reason = clean_text(request.form.get("reason", "")).strip()
    try:
        service.propose_lift(db.session, exclusion_id, reason=reason, viewer=current_account(), now=utc_now())
    except InvalidField:
        return _list_page(refusal=gettext("Xin ghi lý do, không quá 400 ký tự.")), 422
    except REFUSALS as error:
        words = errors.words_for(error)
        return _list_page(refusal=f"{words.title}. {words.text}"), words.status
    flash(gettext("Đã gửi đề nghị tính lại. Phiếu vẫn bị loại cho đến khi người thứ hai duyệt."))
    return redirect(url_for("admin.exclusions"), 303)


def _list_page(*, refusal: str = "") -> str:
    return render_template(
        "admin/exclusions.html",
        rows=service.list_exclusions(db.session, viewer=current_account()),
        lines=predicate_lines,
        n_words=n_words,
        state_of=state_words,
        clock=clock_words,
        refusal=refusal,
    )


def _form(point_id: int) -> ExclusionForm:
    collectors, batches = service.sources_of(
        db.session, point_id=point_id, viewer=current_account(), today=today()
    )
    form, language = ExclusionForm(), current_language()
    form.channel.choices = [
        SelectChoice("", gettext("Mọi kênh")),
        *(SelectChoice(str(int(channel)), label(channel, language)) for channel in Channel),
    ]
    form.collector.choices = [SelectChoice("", gettext("Mọi máy và người thu")), *map(_choice, collectors)]
    form.batch.choices = [SelectChoice("", gettext("Mọi lô")), *map(_choice, batches)]
    return form


def _choice(source: Source) -> SelectChoice:
    days = formatting.date_range(source.from_on, source.to_on, language=current_language())
    return SelectChoice(source.key, f"{source.key[:13]} · {days}")


def _form_page(
    point_id: int,
    form: ExclusionForm,
    *,
    preview: Preview | None = None,
    predicate: Predicate | None = None,
    refusal: str = "",
) -> str:
    points = paper_pads.visible_points(db.session, viewer=current_account(), today=today())
    point = next((each for each in points if each.id == point_id), None)
    if point is None:
        raise NotFound(f"point {point_id}")
    shown: dict[str, Any] = {"preview": preview, "basis_words": basis_words, "n_words": n_words}
    if predicate is not None:
        shown["lines"] = predicate_lines(predicate, point=point.name)
    return render_template(
        "admin/exclusion_new.html", form=form, point=point, unit_title=unit_title, refusal=refusal,
        minimum=current_policy(db.session, today()).min_staff, **shown,
    )  # fmt: skip
