"""Which changes need a second person, and what carries each of them out: the one table."""

from collections.abc import Mapping

from survey_app.services import (
    exclusions,
    mapping_revisions,
    method_drafts,
    public_pages,
    publishing,
    questionnaire_drafts,
    sample_set_asides,
    wave_states,
)
from survey_app.services.approvals import Kind
from survey_app.services.registry_changes.operations import KIND as REGISTRY
from survey_app.services.registry_changes.operations import REGISTRY_CHANGE

KINDS: Mapping[str, Kind] = {
    **exclusions.KINDS,
    REGISTRY: REGISTRY_CHANGE,
    wave_states.REOPEN: wave_states.REOPENING,
    sample_set_asides.SET_ASIDE: sample_set_asides.SETTING_ASIDE,
    questionnaire_drafts.PUBLISH: questionnaire_drafts.PUBLISH_KIND,
    method_drafts.PUBLISH: method_drafts.PUBLISH_KIND,
    mapping_revisions.REVISE: mapping_revisions.REVISION_KIND,
    **publishing.KINDS,
    **public_pages.KINDS,
}
