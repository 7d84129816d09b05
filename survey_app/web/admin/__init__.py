"""What an office sets up and changes: people, registry, questionnaires, waves, samples, and what is checked of it."""

# Each module adds its routes to the one blueprint.
from survey_app.web.admin import calendar, home, registry_files, transactions
from survey_app.web.admin.blueprint import bp

__all__ = ["bp", "calendar", "home", "registry_files", "transactions"]
