"""Pages open to everyone: the start page, who may see what, and whether the system is well."""

# Each module adds its routes to the one blueprint.
from survey_app.web.public import help, methods, open_data, results
from survey_app.web.public.routes import bp

__all__ = ["bp", "help", "methods", "open_data", "results"]
