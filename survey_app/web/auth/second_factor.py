"""Setting up one's own second factor: the code generator, and the codes for the day it is lost."""

import segno
from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction, write_transaction
from survey_app.errors import NotAllowed, SignInRefused, SignInThrottled
from survey_app.services import accounts, second_factors, security_keys
from survey_app.web import security
from survey_app.web.auth.blueprint import bp
from survey_app.web.auth.entering import throttled_response, wait_sentence
from survey_app.web.auth.forms import CodeForm, OwnPasswordForm
from survey_app.web.current import settings, signer
from survey_app.web.security import Role, current_account, opens_before_second_factor, requires


@bp.get("/account/second-factor")
@requires(*Role)
@opens_before_second_factor
def second_factor() -> ResponseReturnValue:
    return page()


@bp.post("/account/second-factor/begin", endpoint="second_factor_begin")
@requires(*Role)
@opens_before_second_factor
def begin() -> ResponseReturnValue:
    """Make a secret; whoever has one in use gives the password first."""
    viewer = current_account()
    if second_factors.standing(db.session, account_id=viewer.account_id).is_on:
        refused = ask_password()
        if refused is not None:
            return refused
    with write_transaction(db.session):
        second_factors.begin(db.session, viewer=viewer, signer=signer())
    return redirect(url_for("auth.second_factor"), code=303)


@bp.post("/account/second-factor/confirm", endpoint="second_factor_confirm")
@requires(*Role)
@opens_before_second_factor
def confirm() -> ResponseReturnValue:
    form = CodeForm()
    if not form.validate_on_submit():
        return page(form=form), 422
    try:
        codes = second_factors.confirm(
            own_transaction, viewer=current_account(), code=form.code.data or "", signer=signer(),
            token=security.session_token() or "", now=utc_now(),
        )  # fmt: skip
    except SignInRefused:
        return page(_("Mã không đúng. Xin kiểm tra giờ của điện thoại rồi nhập mã mới."), form=form), 422
    except SignInThrottled as throttled:
        return throttled_response(page(wait_sentence(throttled), form=form), throttled)
    return _codes_page(codes)


@bp.post("/account/second-factor/recovery-codes", endpoint="recovery_codes")
@requires(*Role)
def renew_recovery_codes() -> ResponseReturnValue:
    refused = ask_password()
    if refused is not None:
        return refused
    with write_transaction(db.session):
        codes = second_factors.renew_recovery_codes(
            db.session, viewer=current_account(), signer=signer(), now=utc_now()
        )
    return _codes_page(codes)


@bp.post("/account/second-factor/remove", endpoint="second_factor_remove")
@requires(*Role)
def remove() -> ResponseReturnValue:
    """Go back to the password alone, where the role may."""
    viewer = current_account()
    if settings().REQUIRES_SECOND_FACTOR and viewer.role in second_factors.REQUIRED_FOR:
        raise NotAllowed
    refused = ask_password()
    if refused is not None:
        return refused
    with write_transaction(db.session):
        second_factors.remove(db.session, account_id=viewer.account_id, by=viewer, now=utc_now())
    flash(_("Đã tắt xác thực hai lớp."))
    return redirect(url_for("auth.account"), code=303)


def ask_password() -> ResponseReturnValue | None:
    """The page again when the password that came with a form is wrong; None when it is right."""
    form = OwnPasswordForm()
    refusal = _("Mật khẩu không đúng. Chưa có gì thay đổi.")
    if not form.validate_on_submit():
        return page(refusal), 422
    try:
        accounts.check_own_password(
            own_transaction, viewer=current_account(), password=form.password.data or "", now=utc_now()
        )
    except SignInRefused:
        return page(refusal), 422
    except SignInThrottled as throttled:
        return throttled_response(page(wait_sentence(throttled)), throttled)
    return None


def page(refusal: str | None = None, *, form: CodeForm | None = None) -> str:
    viewer = current_account()
    enrolment = second_factors.enrolment(db.session, viewer=viewer, signer=signer())
    qr = segno.make(enrolment.uri, error="m", micro=False) if enrolment else None
    staff = security.current_staff()
    return render_template(
        "auth/second_factor.html",
        standing=second_factors.standing(db.session, account_id=viewer.account_id),
        enrolment=enrolment,
        qr=qr.svg_data_uri(scale=5, dark="#12304f", light="#ffffff") if qr else None,
        keys=security_keys.keys_of(db.session, account_id=viewer.account_id),
        is_needed=staff is not None and security.needs_second_factor(staff),
        is_required=settings().REQUIRES_SECOND_FACTOR and viewer.role in second_factors.REQUIRED_FOR,
        form=form or CodeForm(formdata=None),
        passwords={act: _password_form(act) for act in ("begin", "codes", "key", "remove")},
        refusal=refusal,
    )


def _password_form(act: str) -> OwnPasswordForm:
    """Asked in several places of one page, each time under an id of its own."""
    form = OwnPasswordForm(formdata=None)
    form.password.id = form.password.label.field_id = f"password-{act}"
    return form


def _codes_page(codes: tuple[str, ...]) -> ResponseReturnValue:
    return make_response(render_template("auth/recovery_codes.html", codes=codes))
