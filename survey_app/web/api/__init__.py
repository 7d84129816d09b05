"""The API for programs of other systems: responses and counts in, tickets and published results out."""

# The routes add themselves to the one blueprint.
from survey_app.web.api import reading, routes, transactions
from survey_app.web.api.blueprint import bp

__all__ = ["bp", "reading", "routes", "transactions"]
