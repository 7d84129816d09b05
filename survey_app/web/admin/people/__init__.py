"""People and access: who has an account, with which role and where; inviting, changing, ending."""

# Each module adds its routes to the blueprint of setting up.
from survey_app.web.admin.people import acts, listing, person

__all__ = ["acts", "listing", "person"]
