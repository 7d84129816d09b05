"""What several of these pages do: hand over a session, say why a password is refused, say when to try again."""

from flask import Response, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.errors import SignInThrottled, WeakPassword
from survey_app.services.accounts import SecondFactorAsked, SignedIn
from survey_app.services.passwords import MAX_LENGTH, MIN_LENGTH
from survey_app.web import security
from survey_app.web.display import staff_pages
from survey_app.web.security import Role

LANGUAGE_COOKIE_SECONDS = 365 * 24 * 3600


def home(role: Role) -> str:
    """Where this role's work begins."""
    return next((url_for(page.endpoint) for page in staff_pages(role)), url_for("public.landing"))


def go_on(outcome: SignedIn | SecondFactorAsked, target: str | None) -> Response:
    """To the page that was wanted, or first to the one that asks for the second factor."""
    if isinstance(outcome, SecondFactorAsked):
        response = make_response(redirect(url_for("auth.second_step", next=target), code=303))
        security.ask_second_factor(response, outcome)
        return response
    return enter(outcome, target or home(outcome.viewer.role))


def enter(signed_in: SignedIn, path: str, *, is_new_browser: bool = True) -> Response:
    """Go to the page with a new session; whatever the browser carried before is left behind."""
    if is_new_browser:
        session.clear()
    response = make_response(redirect(path, code=303))
    security.begin_session(response, signed_in)
    if "lang" not in request.cookies:
        remember_language(response, signed_in.language)
    return response


def remember_language(response: Response, language: str) -> None:
    flags = security.cookie_flags()
    response.set_cookie("lang", language, max_age=LANGUAGE_COOKIE_SECONDS, **flags)


def wait_sentence(throttled: SignInThrottled) -> str:
    minutes = -(-throttled.retry_after // 60)
    return str(
        _(
            "Đã có nhiều lần đăng nhập không đúng với tên này. Xin thử lại sau %(minutes)s phút.",
            minutes=minutes,
        )
    )


def throttled_response(page: str, throttled: SignInThrottled) -> ResponseReturnValue:
    response = make_response(page, 429)
    response.headers["Retry-After"] = str(throttled.retry_after)
    return response


def weak_sentence(weak: WeakPassword) -> str:
    sentences = {
        "short": _("Mật khẩu mới cần ít nhất %(n)s ký tự.", n=MIN_LENGTH),
        "long": _("Mật khẩu mới dài quá %(n)s ký tự.", n=MAX_LENGTH),
        "common": _("Mật khẩu mới gồm những từ quá quen thuộc, dễ bị đoán. Xin chọn mật khẩu khác."),
        "like_name": _("Mật khẩu mới giống tên đăng nhập. Xin chọn mật khẩu khác."),
    }
    return str(sentences[weak.reason])
