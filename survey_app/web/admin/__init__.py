"""What an office sets up and changes: people, registry, questionnaires, waves, samples, and what is checked of it."""

# Each module adds its routes to the one blueprint.
from survey_app.web.admin import (
    approvals,
    audit,
    evidence,
    exclusions,
    home,
    people,
    programs,
    questionnaire_files,
    questionnaires,
    registry,
    samples,
    sign_on,
    waves,
)
from survey_app.web.admin.blueprint import bp

__all__ = [
    "approvals",
    "audit",
    "bp",
    "evidence",
    "exclusions",
    "home",
    "people",
    "programs",
    "questionnaire_files",
    "questionnaires",
    "registry",
    "samples",
    "sign_on",
    "waves",
]
