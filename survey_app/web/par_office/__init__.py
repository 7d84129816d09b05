"""All units of the province compared, for the office that answers for administrative reform."""

from survey_app.web.par_office import publications
from survey_app.web.par_office.routes import bp

__all__ = ["bp", "publications"]
