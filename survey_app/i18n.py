"""Language of the request: asked for in the address, else the staff cookie or a program's header, else Vietnamese.

A citizen's page, and one that is the same for everyone, reads neither cookie nor header.
"""

from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel

from config import ROOT
from survey_app.languages import WRITTEN

LANGUAGES = tuple(WRITTEN)


def current_language() -> str:
    """The two-letter code of the language in which this request is answered."""
    if not has_request_context():
        return "vi"
    asked = request.args.get("lang") or _preferred()
    return asked if asked in LANGUAGES else "vi"


def in_page_language(vi: str, en: str) -> str:
    """Which of two stored texts this page shows."""
    return vi if current_language() == "vi" else en


def _preferred() -> str | None:
    if request.path.startswith("/api/"):
        return request.accept_languages.best_match(LANGUAGES)
    view = current_app.view_functions.get(request.endpoint or "")
    is_alike = request.blueprint == "citizen" or getattr(view, "is_shared", False)
    return None if is_alike else request.cookies.get("lang")


def init_app(app: Flask) -> None:
    Babel(
        app,
        default_locale="vi",
        default_timezone="Asia/Ho_Chi_Minh",
        default_translation_directories=str(ROOT / "translations"),
        locale_selector=current_language,
    )
    app.jinja_env.globals["current_language"] = current_language
    app.jinja_env.add_extension("jinja2.ext.i18n")
