"""The page behind an invitation's link: its owner sets the password of the account."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction
from survey_app.errors import WeakPassword
from survey_app.services import invitations
from survey_app.web.auth.blueprint import bp
from survey_app.web.auth.entering import weak_sentence
from survey_app.web.auth.forms import NewPasswordForm
from survey_app.web.security import ROLE_TITLES, Role, public


@bp.get("/invitation/<token>")
@public
def invitation(token: str) -> ResponseReturnValue:
    return _page(token, NewPasswordForm())


# Like signing in, hashes outside of its own short transactions.
@bp.post("/invitation/<token>", endpoint="invitation_post")
@public
def accept(token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return _page(token, form), 422
    try:
        name = invitations.accept(own_transaction, token=token, password=form.new.data or "", now=utc_now())
    except WeakPassword as weak:
        return _page(token, form, weak_sentence(weak)), 422
    flash(_("Đã đặt mật khẩu. Xin đăng nhập với tên %(name)s.", name=name))
    return redirect(url_for("auth.sign_in"), code=303)


def _page(token: str, form: NewPasswordForm, refusal: str | None = None) -> str:
    invitee = invitations.read(db.session, token=token, now=utc_now())
    return render_template(
        "auth/invitation.html", form=form, refusal=refusal, invitee=invitee, token=token,
        role_title=ROLE_TITLES[Role(invitee.role)],
    )  # fmt: skip
