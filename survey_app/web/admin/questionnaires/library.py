"""The library: every questionnaire and version, where it is used, and one version at a time."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, render_template, url_for

from survey_app.db import db
from survey_app.errors import NotFound
from survey_app.i18n import current_language
from survey_app.languages import NAMES, WRITTEN
from survey_app.queries import questionnaire_drafts as queries
from survey_app.queries import questionnaires as versions
from survey_app.queries import version_mappings
from survey_app.queries.questionnaire_drafts import UseRow
from survey_app.services import official_methods
from survey_app.services import questionnaire_drafts as drafts
from survey_app.services.definition_edit import placed_nodes
from survey_app.services.definition_texts import n_missing
from survey_app.services.definitions import Definition, is_counted, items_under
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.questionnaires import words
from survey_app.web.admin.questionnaires.source import MAY_EDIT, MAY_READ, named, read_source
from survey_app.web.current import today
from survey_app.web.security import current_account, requires

# Where a form is read from a file.
IMPORT_PAGE = "admin.questionnaire_import"


@dataclass(frozen=True, slots=True)
class VersionCard:
    """One version as the library lists it."""

    id: int
    name: str
    code: str
    version: int
    effective_from: date
    published_on: date | None
    legal_basis: str
    provenance: str
    n_items: int
    n_counted: int
    missing: tuple[tuple[str, int], ...]
    uses: tuple[UseRow, ...]
    is_example: bool

    def state(self, on: date) -> str:
        """In use, in force but unused, to come, or an example that is never used."""
        if self.is_example:
            return "example"
        if any(use.opens_on <= on and (use.closes_on is None or use.closes_on >= on) for use in self.uses):
            return "used"
        return "waiting" if self.effective_from > on else "free"


@bp.get("/questionnaires")
@requires(*MAY_READ)
def questionnaires() -> str:
    role = current_account().role
    may_edit = role in MAY_EDIT
    return render_template(
        "admin/questionnaires/library.html",
        cards=_cards(),
        drafts=drafts.open_drafts(db.session, viewer=current_account()) if may_edit else [],
        indicator_sets=queries.indicator_sets(db.session),
        methods=official_methods.methods(db.session),
        may_edit=may_edit,
        import_url=_other_page(IMPORT_PAGE),
        today=today(),
        language=current_language(),
        named=named,
        language_names=NAMES,
        words=words,
    )


@bp.get("/questionnaires/versions/<int(max=2147483647):version_id>")
@requires(*MAY_READ)
def questionnaire_version(version_id: int) -> str:
    source = read_source(f"v{version_id}")
    card = next(card for card in _cards() if card.id == version_id)
    mappings = version_mappings.newest_mappings(db.session)
    names = {row.id: f"{row.code} v{row.version}" for row in versions.list_versions(db.session)}
    return render_template(
        "admin/questionnaires/version.html",
        source=source,
        card=card,
        nodes=list(placed_nodes(source.definition)),
        older=[(row.old_id, names[row.old_id]) for row in mappings if row.new_id == version_id],
        newer=[(row.new_id, names[row.new_id]) for row in mappings if row.old_id == version_id],
        others=[(f"v{id_}", name) for id_, name in names.items() if id_ != version_id],
        method=official_methods.method_of(db.session, code=card.code, version=card.version),
        may_edit=current_account().role in MAY_EDIT,
        is_counted=is_counted,
        language_names=NAMES,
        today=today(),
        words=words,
    )


@bp.get("/questionnaires/indicators/<int(max=2147483647):set_id>")
@requires(*MAY_READ)
def indicator_set(set_id: int) -> str:
    row = next((each for each in queries.indicator_sets(db.session) if each.id == set_id), None)
    if row is None:
        raise NotFound(f"indicator set {set_id}")
    return render_template(
        "admin/questionnaires/indicators.html", row=row, definition=row.definition, said=_said
    )


def _cards() -> list[VersionCard]:
    definitions = queries.definitions(db.session)
    uses = queries.uses(db.session)
    examples = {
        (method.row.definition["questionnaire"]["code"], method.row.definition["questionnaire"]["version"])
        for method in official_methods.methods(db.session)
        if method.row.is_example
    }
    return [
        VersionCard(
            id=row.id,
            name=_title(definitions[row.id]),
            code=row.code,
            version=row.version,
            effective_from=row.effective_from,
            published_on=row.published_on,
            legal_basis=row.legal_basis,
            provenance=row.provenance,
            n_items=sum(1 for _ in items_under(definitions[row.id]["tree"])),
            n_counted=sum(is_counted(item) for item in items_under(definitions[row.id]["tree"])),
            missing=tuple((language, n_missing(definitions[row.id], language)) for language in WRITTEN),
            uses=tuple(use for use in uses if use.version_id == row.id),
            is_example=(row.code, row.version) in examples,
        )
        for row in versions.list_versions(db.session)
    ]


def _title(definition: Definition) -> str:
    title: dict[str, str] = definition["title"]
    return title.get(current_language()) or title["vi"]


def _said(text: Any) -> str:
    """A text of an indicator set in the reader's language."""
    return str(text.get(current_language()) or text["vi"]) if isinstance(text, dict) else str(text)


def _other_page(endpoint: str) -> str:
    return url_for(endpoint) if endpoint in current_app.view_functions else ""
