"""Pages open to everyone: the start page, who may see what, and whether the system is well."""

from survey_app.web.public import results
from survey_app.web.public.routes import bp

__all__ = ["bp", "results"]
