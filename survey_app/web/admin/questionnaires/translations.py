"""Every text of a form side by side in two languages, with what is missing and which texts have a recording."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import NotFound
from survey_app.languages import AUTHORITATIVE, NAMES
from survey_app.queries.recordings import recordings_in
from survey_app.services import questionnaire_drafts as drafts
from survey_app.services.definition_texts import TextPlace, texts_of, with_texts
from survey_app.services.recordings import OFFICE, text_key
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.questionnaires import words
from survey_app.web.admin.questionnaires.drafts import revision_of
from survey_app.web.admin.questionnaires.source import MAY_EDIT, Source, read_source
from survey_app.web.bodies import read_staff_form
from survey_app.web.security import current_account, requires, takes_body

MOST_BYTES = 256 * 1024
A_PAGE = 50


@bp.get("/questionnaires/words/<source>")
@requires(*MAY_EDIT)
def questionnaire_words(source: str) -> str:
    """A draft's texts to be filled in, a version's to be read."""
    found = read_source(source)
    language = request.args.get("language", "en")
    if language not in NAMES:
        raise NotFound(f"language {language}")
    places = list(texts_of(found.definition))
    sounds = _sounds(language)
    missing = [place for place in places if not place.said(language).strip()]
    unheard = [place for place in places if _sound_of(place, sounds) != OFFICE]
    show = request.args.get("show", "")
    shown = {"missing": missing, "unheard": unheard}.get(show, places)
    first = min(max(request.args.get("from", 0, type=int), 0), max(len(shown) - 1, 0)) // A_PAGE * A_PAGE
    return render_template(
        "admin/questionnaires/words.html",
        source=found,
        language=language,
        languages=tuple(NAMES.items()),
        rows=[(place, _sound_of(place, sounds)) for place in shown[first : first + A_PAGE]],
        n_all=len(places),
        n_shown=len(shown),
        n_missing=len(missing),
        n_unheard=len(unheard),
        first=first,
        a_page=A_PAGE,
        show=show,
        revision=_revision(found),
        is_authoritative=language == AUTHORITATIVE,
        words=words,
    )


@bp.post("/questionnaires/drafts/<int(max=2147483647):draft_id>/words")
@requires(*MAY_EDIT)
@takes_body(MOST_BYTES)
@writes
def save_questionnaire_words(draft_id: int) -> ResponseReturnValue:
    fields = read_staff_form(request)
    language = fields.get("language", "")
    if language not in NAMES:
        raise NotFound(f"language {language}")
    said = {name.removeprefix("text."): text for name, text in fields.items() if name.startswith("text.")}
    before = drafts.load_draft(db.session, draft_id=draft_id, viewer=current_account()).row.definition
    drafts.save_draft(
        db.session, with_texts(before, language, said), current_account(), now=utc_now(), draft_id=draft_id,
        revision=revision_of(fields.get("revision", "")),
    )  # fmt: skip
    flash(_("Đã lưu."))
    kept = {"language": language, "show": fields.get("show", ""), "from": fields.get("from", "0")}
    return redirect(url_for("admin.questionnaire_words", source=f"d{draft_id}", **kept), 303)


def _revision(source: Source) -> int | None:
    """Of a draft that may be written in; None for whatever is only read."""
    if not source.is_draft:
        return None
    row = drafts.load_draft(db.session, draft_id=source.id, viewer=current_account()).row
    return row.revision if row.state == "editing" else None


def _sounds(language: str) -> dict[str, str]:
    """The text keys that have a recording: the office's own before what a program read."""
    found: dict[str, str] = {}
    for row in recordings_in(db.session, [language]):
        if found.get(row.text_key) != OFFICE:
            found[row.text_key] = row.source
    return found


def _sound_of(place: TextPlace, sounds: dict[str, str]) -> str:
    return sounds.get(text_key(place.said(AUTHORITATIVE)), "")
