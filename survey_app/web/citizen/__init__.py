"""The citizen's pages: a question, its reasons, the full form, and thanks, at a kiosk or behind a QR code."""

# Each module adds its routes to the one blueprint.
from survey_app.web.citizen import audio, kiosk, routes
from survey_app.web.citizen.blueprint import bp
from survey_app.web.citizen.guarding import init_app

__all__ = ["audio", "bp", "init_app", "kiosk", "routes"]
