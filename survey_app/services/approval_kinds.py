"""Which changes need a second person, and what carries each of them out: the one table."""

from collections.abc import Mapping

from survey_app.services import questionnaire_drafts
from survey_app.services.approvals import Kind

KINDS: Mapping[str, Kind] = {
    questionnaire_drafts.PUBLISH: questionnaire_drafts.PUBLISH_KIND,
}
