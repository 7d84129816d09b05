"""What a page of questionnaires is about: a published version or a draft, told apart by one letter in the address."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from survey_app.db import db
from survey_app.errors import NotFound
from survey_app.i18n import current_language
from survey_app.queries import questionnaires as versions
from survey_app.services import questionnaire_drafts as drafts
from survey_app.services.definitions import Definition
from survey_app.web.security import Role, current_account

MAY_EDIT = (Role.ADMIN, Role.PAR_OFFICE)
MAY_READ = (Role.ADMIN, Role.PAR_OFFICE, Role.VIEWER, Role.INSPECTION_TEAM, Role.STATE_INSPECTOR)


@dataclass(frozen=True, slots=True)
class Source:
    """A definition, and where it comes from: ``v12`` is version row 12, ``d3`` is draft 3."""

    key: str
    id: int
    is_draft: bool
    definition: dict[str, Any]

    @property
    def name(self) -> str:
        return named(self.definition)

    @property
    def address(self) -> str:
        if self.is_draft:
            return url_for("admin.questionnaire_draft", draft_id=self.id)
        return url_for("admin.questionnaire_version", version_id=self.id)


def named(definition: Definition) -> str:
    """A questionnaire by its title and version, its code where it has no title yet."""
    title = definition["title"].get(current_language()) or definition["title"].get("vi") or definition["code"]
    return f"{title} – v{definition['version']}"


def read_source(key: str) -> Source:
    """The source of an address; anything else, and a draft of another office, does not exist."""
    kind, digits = key[:1], key[1:]
    if kind not in {"v", "d"} or not digits.isascii() or not digits.isdecimal() or len(digits) > 9:
        raise NotFound(f"questionnaire {key}")
    if kind == "d":
        row = drafts.own_draft(db.session, draft_id=int(digits), viewer=current_account())
        return Source(key, row.id, True, row.definition)
    versions.version_digest(db.session, int(digits))
    return Source(key, int(digits), False, versions.version_definition(db.session, int(digits)))
