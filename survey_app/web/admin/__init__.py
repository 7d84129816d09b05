"""What an office sets up and changes: people, registry, questionnaires, waves, samples, and what is checked of it."""

# Each module adds its routes to the one blueprint.
from survey_app.web.admin import (
    approvals,
    audit,
    calendar,
    evidence,
    exclusions,
    home,
    letterhead,
    people,
    programs,
    public_results,
    questionnaire_files,
    questionnaires,
    registry,
    registry_files,
    samples,
    sign_on,
    transactions,
    waves,
)
from survey_app.web.admin.blueprint import bp

__all__ = [
    "approvals",
    "audit",
    "bp",
    "calendar",
    "evidence",
    "exclusions",
    "home",
    "letterhead",
    "people",
    "programs",
    "public_results",
    "questionnaire_files",
    "questionnaires",
    "registry",
    "registry_files",
    "samples",
    "sign_on",
    "transactions",
    "waves",
]
