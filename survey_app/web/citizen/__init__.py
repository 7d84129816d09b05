"""The citizen's pages: a question, its reasons, the full form, and thanks, at a kiosk or behind a QR code."""

from survey_app.web.citizen.guarding import init_app
from survey_app.web.citizen.routes import bp

__all__ = ["bp", "init_app"]
