"""The second step of signing in: a code of the generator, one kept for its loss, or a security key."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction
from survey_app.errors import NotSignedIn, SignInRefused, SignInThrottled
from survey_app.services import second_factors, security_keys
from survey_app.services.accounts import SignedIn
from survey_app.services.security_keys import Site
from survey_app.web import security
from survey_app.web.auth.blueprint import bp
from survey_app.web.auth.entering import enter, home, throttled_response
from survey_app.web.auth.forms import CodeForm, KeyForm
from survey_app.web.auth.next_page import safe_path
from survey_app.web.browsers import browser_word
from survey_app.web.current import settings, signer
from survey_app.web.security import public


@bp.get("/sign-in/second-step")
@public
def second_step() -> ResponseReturnValue:
    try:
        return _page(CodeForm(next=safe_path(request.args.get("next"))))
    except NotSignedIn:
        return redirect(url_for("auth.sign_in"), code=303)


@bp.post("/sign-in/second-step", endpoint="second_step_post")
@public
def submit_code() -> ResponseReturnValue:
    form = CodeForm()
    if not form.validate_on_submit():
        return _again(form, None, 422)

    def finish() -> SignedIn:
        return second_factors.finish_sign_in(
            own_transaction, token=security.pending_token(), code=form.code.data or "", signer=signer(),
            now=utc_now(), previous_token=security.session_token(), browser=browser_word(),
        )  # fmt: skip

    return _finish(form, finish, refusal=_("Mã không đúng hoặc đã dùng. Xin chờ mã mới rồi nhập lại."))


@bp.post("/sign-in/security-key", endpoint="second_step_key")
@public
def submit_key() -> ResponseReturnValue:
    form = KeyForm()

    def finish() -> SignedIn:
        return security_keys.finish_sign_in(
            own_transaction, token=security.pending_token(), answer=form.answer.data or "",
            site=Site.of(settings().PUBLIC_BASE_URL), now=utc_now(), previous_token=security.session_token(),
            browser=browser_word(),
        )  # fmt: skip

    refusal = _("Khóa bảo mật không được nhận. Xin thử lại hoặc dùng mã.")
    return _finish(CodeForm(next=safe_path(form.next.data)), finish, refusal=refusal)


def _finish(form: CodeForm, finish: Callable[[], SignedIn], *, refusal: str) -> ResponseReturnValue:
    try:
        signed_in = finish()
    except NotSignedIn:
        flash(_("Đã quá 5 phút. Xin đăng nhập lại từ đầu."))
        return redirect(url_for("auth.sign_in", next=safe_path(form.next.data)), code=303)
    except SignInRefused:
        return _again(form, refusal, 401)
    except SignInThrottled as throttled:
        minutes = -(-throttled.retry_after // 60)
        words = _("Đã nhập sai nhiều lần. Xin thử lại sau %(minutes)s phút.", minutes=minutes)
        return throttled_response(_page(form, words), throttled)
    return enter(signed_in, safe_path(form.next.data) or home(signed_in.viewer.role))


def _again(form: CodeForm, refusal: str | None, status: int) -> ResponseReturnValue:
    try:
        return _page(form, refusal), status
    except NotSignedIn:
        return redirect(url_for("auth.sign_in"), code=303)


def _page(form: CodeForm, refusal: str | None = None) -> str:
    site, token = Site.of(settings().PUBLIC_BASE_URL), security.pending_token()
    options = security_keys.sign_in_options(db.session, token=token, site=site, now=utc_now())
    return render_template(
        "auth/second_step.html", form=form, refusal=refusal, options=options, key=KeyForm(next=form.next.data)
    )
