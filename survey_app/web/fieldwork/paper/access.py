"""Who does what with paper: the desk keys, the unit and the office also count, open and print."""

from survey_app.web.security import Role

MANAGING = (Role.MANAGER, Role.PAR_OFFICE, Role.ADMIN)
KEYING = (Role.DESK_STAFF, *MANAGING)
