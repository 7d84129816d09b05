"""All units of the province compared, for the office that answers for administrative reform."""

# The routes add themselves to the one blueprint.
from survey_app.web.par_office import datasets
from survey_app.web.par_office.routes import bp

__all__ = ["bp", "datasets"]
