"""Which changes need a second person, and what carries each of them out: the one table."""

from collections.abc import Mapping

from survey_app.services import exclusions
from survey_app.services.approvals import Kind

KINDS: Mapping[str, Kind] = {**exclusions.KINDS}
