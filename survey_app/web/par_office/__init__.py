"""All units of the province compared, for the office that answers for administrative reform."""

from survey_app.web.par_office import analyses, home, routes, trends  # noqa: F401 their views belong to the blueprint
from survey_app.web.par_office.blueprint import bp

__all__ = ["bp"]
