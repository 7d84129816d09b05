"""Adding and removing one's own security keys; signing in with one is part of the second step."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, write_transaction, writes
from survey_app.errors import SignInRefused
from survey_app.services import security_keys
from survey_app.services.security_keys import Site
from survey_app.web.auth.blueprint import bp
from survey_app.web.auth.forms import KeyForm
from survey_app.web.auth.second_factor import ask_password, page
from survey_app.web.current import settings, today
from survey_app.web.security import Role, current_account, requires


@bp.post("/account/security-keys/begin", endpoint="security_key_begin")
@requires(*Role)
def begin() -> ResponseReturnValue:
    """The password first; then the browser is asked to talk to the key."""
    refused = ask_password()
    if refused is not None:
        return refused
    with write_transaction(db.session):
        options = security_keys.begin_adding(db.session, viewer=current_account(), site=_site())
    return render_template("auth/security_key.html", options=options, form=KeyForm(formdata=None))


@bp.post("/account/security-keys", endpoint="security_key_add")
@requires(*Role)
def add() -> ResponseReturnValue:
    form = KeyForm()
    name = (form.name.data or "").strip()[:60] or str(_("Khóa bảo mật"))
    try:
        with write_transaction(db.session):
            security_keys.add(
                db.session, viewer=current_account(), answer=form.answer.data or "", name=name, site=_site(),
                today=today(), now=utc_now(),
            )  # fmt: skip
    except SignInRefused:
        return page(_("Khóa bảo mật không được nhận. Chưa có gì thay đổi.")), 422
    flash(_("Đã thêm khóa bảo mật %(name)s.", name=name))
    return redirect(url_for("auth.second_factor"), code=303)


@bp.post("/account/security-keys/<reference>/remove", endpoint="security_key_remove")
@requires(*Role)
@writes
def remove(reference: str) -> ResponseReturnValue:
    security_keys.remove(db.session, viewer=current_account(), key_reference=reference, now=utc_now())
    flash(_("Đã bỏ khóa bảo mật."))
    return redirect(url_for("auth.second_factor"), code=303)


def _site() -> Site:
    return Site.of(settings().PUBLIC_BASE_URL)
