"""All units of the province compared, for the office that answers for administrative reform."""

# Each module adds its routes to the one blueprint.
from survey_app.web.par_office import datasets, publications, reports, templates
from survey_app.web.par_office.routes import bp

__all__ = ["bp", "datasets", "publications", "reports", "templates"]
