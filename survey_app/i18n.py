"""Language of the request: asked for in the address, else the staff cookie (never a citizen's), else Vietnamese."""

from flask import Flask, has_request_context, request
from flask_babel import Babel

from config import ROOT
from survey_app.languages import WRITTEN

LANGUAGES = tuple(WRITTEN)


def current_language() -> str:
    """The two-letter code of the language in which this request is answered."""
    if not has_request_context():
        return "vi"
    cookie = None if request.blueprint == "citizen" else request.cookies.get("lang")
    asked = request.args.get("lang") or cookie
    return asked if asked in LANGUAGES else "vi"


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
