"""The citizen's pages: a question, its reasons, the full form, and thanks, at a kiosk or behind a QR code."""

# Each module adds its routes to the one blueprint.
from survey_app.web.citizen import audio, kiosk, routes
from survey_app.web.citizen.blueprint import bp

__all__ = ["audio", "bp", "kiosk", "routes"]
