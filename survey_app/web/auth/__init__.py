"""Signing in and out, the language of the staff pages, and one's own account."""

from survey_app.web.auth import sign_on
from survey_app.web.auth.routes import bp

__all__ = ["bp", "sign_on"]
