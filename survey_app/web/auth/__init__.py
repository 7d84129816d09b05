"""Signing in and out in one or two steps, the language of the staff pages, invitations, and one's own account."""

# Each module adds its routes to the one blueprint.
from survey_app.web.auth import (
    account,
    invitation,
    routes,
    second_factor,
    second_step,
    security_keys,
    sign_on,
)
from survey_app.web.auth.blueprint import bp

__all__ = [
    "account",
    "bp",
    "invitation",
    "routes",
    "second_factor",
    "second_step",
    "security_keys",
    "sign_on",
]
