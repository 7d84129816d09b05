"""Questionnaires: the library, drafts and their editor, what one version means for another, official methods."""

# Each module adds its routes to the one blueprint of this side.
from survey_app.web.admin.questionnaires import (
    comparing,
    conformance,
    drafts,
    editor,
    library,
    methods,
    preview,
    remapping,
    translations,
)

__all__ = [
    "comparing",
    "conformance",
    "drafts",
    "editor",
    "library",
    "methods",
    "preview",
    "remapping",
    "translations",
]
