"""One unit's own figures, for the people who run it."""

# Each module adds its routes to the one blueprint.
from survey_app.web.manager import comments, figures, hearings, numbers, remedy_plan, reports, weekly
from survey_app.web.manager.routes import bp

__all__ = ["bp", "comments", "figures", "hearings", "numbers", "remedy_plan", "reports", "weekly"]
