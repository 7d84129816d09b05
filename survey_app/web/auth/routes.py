"""Pages of the account itself."""

from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction, writes
from survey_app.errors import SignInRefused, SignInThrottled, WeakPassword
from survey_app.i18n import LANGUAGES
from survey_app.services import accounts
from survey_app.services.accounts import SignedIn
from survey_app.services.passwords import MAX_LENGTH, MIN_LENGTH
from survey_app.web import security
from survey_app.web.auth.forms import PasswordForm, SignInForm
from survey_app.web.auth.next_page import safe_path
from survey_app.web.current import settings
from survey_app.web.display import staff_pages
from survey_app.web.security import ROLE_TITLES, Role, current_account, current_staff, public, requires

bp = Blueprint("auth", __name__)
STAFF = tuple(Role)
LANGUAGE_COOKIE_SECONDS = 365 * 24 * 3600


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    target = safe_path(request.args.get("next"))
    if current_staff() is not None:
        return redirect(target or url_for("public.landing"), code=303)
    return _sign_in_page(SignInForm(next=target))


# Opens its own two transactions: hashing must not hold the lock that citizens' answers need.
@bp.post("/sign-in", endpoint="sign_in_post")
@public
def submit_sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form), 422
    try:
        signed_in = accounts.sign_in(
            own_transaction,
            name=form.name.data or "",
            password=form.password.data or "",
            now=utc_now(),
            previous_token=security.session_token(),
        )
    except SignInRefused:
        refusal = _("Tên đăng nhập hoặc mật khẩu không đúng.")
        return _sign_in_page(form, refusal), 401
    except SignInThrottled as throttled:
        return _throttled_page(form, throttled)
    return enter(signed_in, safe_path(form.next.data) or home_of(signed_in.viewer.role))


@bp.post("/sign-out")
@requires(*STAFF)
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
        _remember_language(response, chosen)
    return response


@bp.get("/account")
@requires(*STAFF)
def account() -> ResponseReturnValue:
    return _account_page(PasswordForm())


# Like signing in, hashes outside of its own short transactions.
@bp.post("/account", endpoint="account_post")
@requires(*STAFF)
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if not form.validate_on_submit():
        return _account_page(form), 422
    try:
        signed_in = accounts.change_password(
            own_transaction,
            viewer=current_account(),
            current=form.current.data or "",
            new=form.new.data or "",
            now=utc_now(),
        )
    except SignInRefused:
        refusal = _("Mật khẩu hiện tại không đúng. Mật khẩu CHƯA được đổi.")
        return _account_page(form, refusal), 422
    except WeakPassword as weak:
        return _account_page(form, _weak_sentence(weak)), 422
    flash(_("Đã đổi mật khẩu. Các phiên đăng nhập khác đã kết thúc."))
    return enter(signed_in, url_for("auth.account"), is_new_browser=False)


def _sign_in_page(form: SignInForm, refusal: str | None = None) -> str:
    provider = settings().OIDC
    return render_template(
        "auth/sign_in.html", form=form, refusal=refusal, provider_title=provider.TITLE if provider else None
    )


def home_of(role: Role) -> str:
    """Where this role's work begins."""
    return next((url_for(page.endpoint) for page in staff_pages(role)), url_for("public.landing"))


def _account_page(form: PasswordForm, refusal: str | None = None) -> str:
    role_title = ROLE_TITLES[current_account().role]
    return render_template("auth/account.html", form=form, refusal=refusal, role_title=role_title)


def enter(signed_in: SignedIn, path: str, *, is_new_browser: bool = True) -> Response:
    """Go to the page with a new session; whatever the browser carried before is left behind."""
    if is_new_browser:
        session.clear()
    response = make_response(redirect(path, code=303))
    security.begin_session(response, signed_in)
    if "lang" not in request.cookies:
        _remember_language(response, signed_in.language)
    return response


def _throttled_page(form: SignInForm, throttled: SignInThrottled) -> Response:
    minutes = -(-throttled.retry_after // 60)
    refusal = _(
        "Đã có nhiều lần đăng nhập không đúng với tên này. Xin thử lại sau %(minutes)s phút.", minutes=minutes
    )
    response = make_response(_sign_in_page(form, refusal), 429)
    response.headers["Retry-After"] = str(throttled.retry_after)
    return response


def _weak_sentence(weak: WeakPassword) -> str:
    sentences = {
        "short": _("Mật khẩu mới cần ít nhất %(n)s ký tự.", n=MIN_LENGTH),
        "long": _("Mật khẩu mới dài quá %(n)s ký tự.", n=MAX_LENGTH),
        "common": _("Mật khẩu mới gồm những từ quá quen thuộc, dễ bị đoán. Xin chọn mật khẩu khác."),
        "like_name": _("Mật khẩu mới giống tên đăng nhập. Xin chọn mật khẩu khác."),
    }
    return str(sentences[weak.reason])


def _remember_language(response: Response, language: str) -> None:
    flags = security.cookie_flags()
    response.set_cookie("lang", language, max_age=LANGUAGE_COOKIE_SECONDS, **flags)
