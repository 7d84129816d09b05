"""Signing in with name and password, signing out, and the language of the staff pages."""

from flask import make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction, writes
from survey_app.errors import SignInRefused, SignInThrottled
from survey_app.i18n import LANGUAGES
from survey_app.services import accounts
from survey_app.web import security
from survey_app.web.auth.blueprint import bp
from survey_app.web.auth.entering import go_on, remember_language, throttled_response, wait_sentence
from survey_app.web.auth.forms import SignInForm
from survey_app.web.auth.next_page import safe_path
from survey_app.web.browsers import browser_word
from survey_app.web.current import settings
from survey_app.web.security import (
    Role,
    current_account,
    current_staff,
    opens_before_second_factor,
    public,
    requires,
)


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    target = safe_path(request.args.get("next"))
    if current_staff() is not None:
        return redirect(target or url_for("public.landing"), code=303)
    return _page(SignInForm(next=target))


# Opens its own two transactions: hashing must not hold the lock that citizens' answers need.
@bp.post("/sign-in", endpoint="sign_in_post")
@public
def submit_sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        outcome = accounts.sign_in(
            own_transaction,
            name=form.name.data or "",
            password=form.password.data or "",
            now=utc_now(),
            previous_token=security.session_token(),
            browser=browser_word(),
        )
    except SignInRefused:
        return _page(form, _("Tên đăng nhập hoặc mật khẩu không đúng.")), 401
    except SignInThrottled as throttled:
        return throttled_response(_page(form, wait_sentence(throttled)), throttled)
    return go_on(outcome, safe_path(form.next.data))


@bp.post("/sign-out")
@requires(*Role)
@opens_before_second_factor
@writes
def sign_out() -> ResponseReturnValue:
    token = security.session_token() or ""
    accounts.sign_out(db.session, token=token, by=current_account(), now=utc_now())
    session.clear()
    response = make_response(redirect(url_for("auth.sign_in"), code=303))
    security.drop_session(response)
    return response


@bp.post("/language")
@public
def language() -> ResponseReturnValue:
    path = safe_path(request.form.get("next")) or url_for("public.landing")
    response = make_response(redirect(path, code=303))
    chosen = request.form.get("language")
    if chosen in LANGUAGES:
        remember_language(response, chosen)
    return response


def _page(form: SignInForm, refusal: str | None = None) -> str:
    provider = settings().OIDC
    title = provider.TITLE if provider else None
    return render_template("auth/sign_in.html", form=form, refusal=refusal, provider_title=title)
