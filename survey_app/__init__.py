"""The application factory: the only place that wires anything."""

from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config import ROOT, Settings, SettingsError, read_settings

PUBLIC_BODY_BYTES = 64 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    # Imported here so that models, queries and services load without the web.
    from survey_app import cli, filters, i18n
    from survey_app.db import db, prepare_engine
    from survey_app.languages import NAMES
    from survey_app.services.open_releases import OpenReleases
    from survey_app.services.published_results import EXTENSION
    from survey_app.signing import Signer
    from survey_app.web import (
        admin,
        api,
        auth,
        citizen,
        compression,
        errors,
        fieldwork,
        headers,
        manager,
        par_office,
        public,
        security,
    )

    settings = settings or read_settings()
    if unknown := set(settings.LANGUAGES) - NAMES.keys():
        raise SettingsError(f"LANGUAGES: {sorted(unknown)} unknown; known are {', '.join(NAMES)}")
    app = Flask(
        __name__,
        instance_path=str(settings.INSTANCE_DIR),
        template_folder=str(ROOT / "templates"),
        static_folder=str(Path(__file__).parent / "static"),
    )
    app.config.update(_flask_config(settings))
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["settings"] = settings
    app.extensions["signer"] = Signer(settings.SECRET_KEY)
    app.extensions[EXTENSION] = OpenReleases()
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine, audit_key=Signer(settings.audit_secret).audit_key())
    for part in (i18n, filters, security, errors, headers, compression, citizen, auth.sign_on, cli):
        part.init_app(app)
    for audience in (citizen, auth, public, manager, par_office, fieldwork, admin, api):
        app.register_blueprint(audience.bp)
    if settings.TRUSTED_PROXIES:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.TRUSTED_PROXIES, x_proto=1)  # type: ignore[method-assign]
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    from survey_app.db import engine_options

    return {
        "SECRET_KEY": settings.SECRET_KEY,
        "SQLALCHEMY_ENGINES": {"default": engine_options(settings.DATABASE_URL)},
        "MAX_CONTENT_LENGTH": PUBLIC_BODY_BYTES,
        "MAX_FORM_MEMORY_SIZE": PUBLIC_BODY_BYTES,
        "MAX_FORM_PARTS": 200,
        "SESSION_COOKIE_SECURE": settings.COOKIES_SECURE,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "WTF_CSRF_TIME_LIMIT": None,
        "TESTING": settings.TESTING,
    }
