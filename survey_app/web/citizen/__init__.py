"""The citizen's pages: a question, its reasons, the full form, and thanks, at a kiosk or behind a QR code."""

# Each module adds its routes to the one blueprint.
from survey_app.web.citizen import audio
from survey_app.web.citizen.routes import bp

__all__ = ["audio", "bp"]
