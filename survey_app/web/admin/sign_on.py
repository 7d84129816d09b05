"""Linking people of the sign-on provider to accounts: without a link a person gets nothing."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import InvalidField
from survey_app.services import sign_on
from survey_app.services.accounts import MAX_NAME_LENGTH
from survey_app.web.admin.blueprint import bp
from survey_app.web.current import settings
from survey_app.web.security import Role, current_account, requires


class LinkForm(FlaskForm):  # type: ignore[misc]
    account = StringField(
        _("Tên đăng nhập của tài khoản"),
        [
            InputRequired(_("Xin nhập tên đăng nhập.")),
            Length(max=MAX_NAME_LENGTH, message=_("Nội dung nhập quá dài.")),
        ],
    )


@bp.get("/sign-on")
@requires(Role.ADMIN)
def sign_on_identities() -> ResponseReturnValue:
    return _page()


@bp.post("/sign-on/<int(max=2147483647):identity_id>/link")
@requires(Role.ADMIN)
@writes
def link_identity(identity_id: int) -> ResponseReturnValue:
    form = LinkForm()
    if not form.validate_on_submit():
        return _page(form, identity_id), 422
    name = form.account.data or ""
    try:
        sign_on.link(
            db.session, identity_id=identity_id, account_name=name, by=current_account(), now=utc_now()
        )
    except InvalidField:
        form.account.errors = [gettext("Không có tài khoản này trong phạm vi ông/bà quản lý.")]
        return _page(form, identity_id), 422
    flash(gettext("Đã nối với tài khoản %(name)s.", name=name))
    return redirect(url_for("admin.sign_on_identities"), code=303)


@bp.post("/sign-on/<int(max=2147483647):identity_id>/unlink")
@requires(Role.ADMIN)
@writes
def unlink_identity(identity_id: int) -> ResponseReturnValue:
    sign_on.unlink(db.session, identity_id=identity_id, by=current_account(), now=utc_now())
    flash(gettext("Đã bỏ nối; các phiên đang mở của tài khoản đã kết thúc."))
    return redirect(url_for("admin.sign_on_identities"), code=303)


def _page(form: LinkForm | None = None, identity_id: int | None = None) -> str:
    """The list; `form` is the refused one of the row `identity_id`."""
    rows = sign_on.visible_identities(db.session, viewer=current_account())
    forms = {row.id: form if form and row.id == identity_id else LinkForm(formdata=None) for row in rows}
    return render_template("admin/sign_on.html", rows=rows, forms=forms, provider=settings().OIDC)
