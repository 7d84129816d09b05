"""Programs of other systems that may call the API: made with a key that is shown once, ended by a day or by hand."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional, Regexp

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import AlreadyExists, InvalidField
from survey_app.services import api_clients
from survey_app.services.api_clients import NAME_PATTERN, Scope
from survey_app.web.admin.blueprint import bp
from survey_app.web.choices import own_units
from survey_app.web.current import today
from survey_app.web.form_fields import CheckListField, ChoiceField, DayField
from survey_app.web.reasons import reason_words
from survey_app.web.security import Role, current_account, requires

SCOPE_TITLES: Mapping[Scope, LazyString] = {
    Scope.WRITE_RESPONSES: _("Gửi phiếu trả lời"),
    Scope.ISSUE_TICKETS: _("Lấy mã trả lời một lần"),
    Scope.WRITE_TRANSACTIONS: _("Gửi số lượng hồ sơ"),
    Scope.READ_REGISTRY: _("Đọc danh mục, phiếu hỏi, đợt và kỳ"),
    Scope.READ_RESULTS: _("Đọc kết quả đã công bố"),
}


class ProgramForm(FlaskForm):  # type: ignore[misc]
    name = StringField(
        _("Tên phần mềm"),
        [
            InputRequired(_("Xin nhập tên phần mềm.")),
            Regexp(
                f"^{NAME_PATTERN}$",
                message=_("Tên gồm 2 đến 32 chữ thường không dấu, chữ số, dấu gạch nối."),
            ),
        ],
    )
    unit = ChoiceField(_("Đơn vị trên cùng"), coerce=int)
    scopes = CheckListField(_("Được làm gì"), [InputRequired(_("Xin chọn ít nhất một việc."))])
    expires_on = DayField(_("Dùng đến hết ngày (không bắt buộc)"), [Optional()])
    is_trial = BooleanField(_("Chạy thử: phiếu gửi đến không được tính"))


@bp.get("/programs")
@requires(Role.ADMIN)
def programs() -> ResponseReturnValue:
    return _page(_form())


@bp.post("/programs", endpoint="create_program")
@requires(Role.ADMIN)
@writes
def create() -> ResponseReturnValue:
    """The key stands on the page that answers, and nowhere else from then on."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        key = api_clients.create_client(
            db.session,
            name=form.name.data or "",
            unit_id=form.unit.data,
            scopes=[Scope(scope) for scope in form.scopes.data or ()],
            is_trial=bool(form.is_trial.data),
            expires_on=form.expires_on.data,
            now=utc_now(),
            today=today(),
            by=current_account(),
        )
    except AlreadyExists:
        form.name.errors = [
            gettext("Đã có phần mềm tên này; tên đã dùng được giữ vì phiếu có thể mang tên đó.")
        ]
        return _page(form), 422
    except InvalidField as error:
        form[error.field].errors = [reason_words(error.reason)]
        return _page(form), 422
    return _page(_form(is_empty=True), new_key=key, new_name=form.name.data)


@bp.post("/programs/<name>/revoke")
@requires(Role.ADMIN)
@writes
def revoke_program(name: str) -> ResponseReturnValue:
    api_clients.revoke_client(db.session, name=name, now=utc_now(), today=today(), by=current_account())
    flash(gettext("Đã thu hồi khóa của %(name)s; khóa không mở được gì nữa.", name=name))
    return redirect(url_for("admin.programs"), code=303)


def _form(*, is_empty: bool = False) -> ProgramForm:
    form = ProgramForm(formdata=None) if is_empty else ProgramForm()
    form.unit.choices = own_units(current_account())
    form.scopes.choices = [SelectChoice(scope.value, title) for scope, title in SCOPE_TITLES.items()]
    return form


def _page(form: ProgramForm, *, new_key: str | None = None, new_name: str | None = None) -> str:
    rows = api_clients.visible_clients(db.session, viewer=current_account())
    return render_template(
        "admin/programs.html",
        form=form,
        rows=rows,
        today=today(),
        unit_titles={choice.value: choice.label for choice in form.unit.choices or ()},
        titles={scope.value: title for scope, title in SCOPE_TITLES.items()},
        new_key=new_key,
        new_name=new_name,
    )
