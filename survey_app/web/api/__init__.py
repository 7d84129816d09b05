"""The API for programs of other systems: responses in, tickets out, and its own description."""

# The routes add themselves to the one blueprint.
from survey_app.web.api import routes
from survey_app.web.api.blueprint import bp

__all__ = ["bp", "routes"]
