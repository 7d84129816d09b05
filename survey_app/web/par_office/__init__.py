"""All units of the province compared, for the office that answers for administrative reform."""

# Each module adds its routes to the one blueprint.
from survey_app.web.par_office import (
    analyses,
    datasets,
    home,
    publications,
    reports,
    routes,
    templates,
    trends,
)
from survey_app.web.par_office.blueprint import bp

__all__ = [
    "analyses", "bp", "datasets", "home", "publications", "reports", "routes", "templates", "trends",
]  # fmt: skip
