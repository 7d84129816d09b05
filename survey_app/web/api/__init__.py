"""The API for programs of other systems: responses and counts of files in, tickets out, and its own description."""

# The routes add themselves to the one blueprint.
from survey_app.web.api import routes, transactions
from survey_app.web.api.blueprint import bp

__all__ = ["bp", "routes", "transactions"]
