"""One unit's own figures, for the people who run it."""

# Each module adds its routes to the one blueprint.
from survey_app.web.manager import remedy_plan, reports
from survey_app.web.manager.routes import bp

__all__ = ["bp", "remedy_plan", "reports"]
