"""One's own account: what it is, its password, and where it is signed in."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction, writes
from survey_app.errors import SignInRefused, WeakPassword
from survey_app.services import accounts, people, second_factors, sessions
from survey_app.web import security
from survey_app.web.auth.blueprint import bp
from survey_app.web.auth.entering import enter, weak_sentence
from survey_app.web.auth.forms import PasswordForm
from survey_app.web.browsers import browser_title, browser_word
from survey_app.web.security import ROLE_TITLES, Role, current_account, requires


@bp.get("/account")
@requires(*Role)
def account() -> ResponseReturnValue:
    return _page(PasswordForm())


# Like signing in, hashes outside of its own short transactions.
@bp.post("/account", endpoint="account_post")
@requires(*Role)
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        signed_in = accounts.change_password(
            own_transaction,
            viewer=current_account(),
            current=form.current.data or "",
            new=form.new.data or "",
            now=utc_now(),
            browser=browser_word(),
        )
    except SignInRefused:
        return _page(form, _("Mật khẩu hiện tại không đúng. Mật khẩu CHƯA được đổi.")), 422
    except WeakPassword as weak:
        return _page(form, weak_sentence(weak)), 422
    flash(_("Đã đổi mật khẩu. Các phiên đăng nhập khác đã kết thúc."))
    return enter(signed_in, url_for("auth.account"), is_new_browser=False)


@bp.post("/account/sessions/<reference>/end")
@requires(*Role)
@writes
def end_session(reference: str) -> ResponseReturnValue:
    sessions.end_session(db.session, viewer=current_account(), reference=reference, now=utc_now())
    flash(_("Đã kết thúc phiên đăng nhập."))
    return redirect(url_for("auth.account"), code=303)


@bp.post("/account/sessions/end-others")
@requires(*Role)
@writes
def end_other_sessions() -> ResponseReturnValue:
    token = security.session_token() or ""
    n = sessions.end_others(db.session, viewer=current_account(), token=token, now=utc_now())
    flash(_("Đã kết thúc %(n)s phiên đăng nhập khác.", n=n))
    return redirect(url_for("auth.account"), code=303)


def _page(form: PasswordForm, refusal: str | None = None) -> str:
    viewer, now = current_account(), utc_now()
    token = security.session_token() or ""
    return render_template(
        "auth/account.html",
        form=form,
        refusal=refusal,
        role_title=ROLE_TITLES[viewer.role],
        person=people.see_person(db.session, account_id=viewer.account_id, viewer=viewer),
        sessions=sessions.own_sessions(db.session, viewer=viewer, token=token, now=now),
        second_factor=second_factors.standing(db.session, account_id=viewer.account_id),
        browser_title=browser_title,
    )
