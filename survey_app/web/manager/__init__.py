"""One unit's own figures, for the people who run it."""

from survey_app.web.manager import hearings
from survey_app.web.manager.routes import bp

__all__ = ["bp", "hearings"]
