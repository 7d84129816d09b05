"""Recordings of what is read aloud: which texts of a form have one in a language, and putting them there."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import NotFound, RecordingRefused
from survey_app.i18n import current_language
from survey_app.languages import NAMES
from survey_app.queries.questionnaires import VersionRow, list_versions
from survey_app.queries.recordings import RecordingRow, recordings_in
from survey_app.queries.units import service_fields
from survey_app.services import forms, recordings
from survey_app.services.recordings import GENERATED, OFFICE, Outcome, Upload
from survey_app.spoken import SpokenText, spoken_texts
from survey_app.web.current import settings, today
from survey_app.web.downloads import csv_download
from survey_app.web.fieldwork.blueprint import bp
from survey_app.web.fieldwork.recording_forms import KIND_WORDS, REFUSALS, OneForm, UploadForm
from survey_app.web.security import Role, current_account, requires, takes_body

STAFF = (Role.PAR_OFFICE, Role.ADMIN)
MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text with what is recorded of it."""

    text: SpokenText
    office: RecordingRow | None
    generated: RecordingRow | None

    @staticmethod
    def address_of(row: RecordingRow) -> str:
        return recordings.sound_address(row.digest, row.media_type)

    @staticmethod
    def seconds_of(row: RecordingRow) -> float:
        return row.duration_ms / 1000


@dataclass(frozen=True, slots=True)
class RecordingsPage:
    """The texts of one form in one language."""

    version: VersionRow
    versions: tuple[VersionRow, ...]
    titles: Mapping[int, str]
    language: str
    rows: tuple[TextRow, ...]
    show: str = ""

    @property
    def shown(self) -> tuple[TextRow, ...]:
        return tuple(row for row in self.rows if self.show != "missing" or row.office is None)

    @property
    def n_recorded(self) -> int:
        return sum(row.office is not None for row in self.rows)

    @property
    def n_generated(self) -> int:
        return sum(row.office is None and row.generated is not None for row in self.rows)

    @property
    def n_missing(self) -> int:
        return len(self.rows) - self.n_recorded

    def row(self, key: str) -> TextRow:
        found = next((row for row in self.rows if row.text.key == key), None)
        if found is None:
            raise NotFound(f"text {key}")
        return found


@bp.get("/recordings")
@requires(*STAFF)
def recording_list() -> ResponseReturnValue:
    version_id = request.args.get("version", type=int) or _newest().id
    return _list_page(_page(version_id, request.args.get("language", "vi")), UploadForm())


@bp.post("/recordings/<int:version_id>/<language>")
@requires(*STAFF)
@takes_body(MOST_BYTES)
@writes
def upload_recordings(version_id: int, language: str) -> ResponseReturnValue:
    """Store several recordings; each file is named after the key of its text."""
    page, form = _page(version_id, language), UploadForm()
    if not form.validate_on_submit():
        return _list_page(page, form), 422
    outcomes = recordings.store_uploads(
        db.session,
        [_upload(file) for file in form.files.data],
        keys=[row.text.key for row in page.rows],
        language=language,
        by=current_account(),
        today=today(),
        now=utc_now(),
    )
    refused = [outcome for outcome in outcomes if outcome.refusal]
    n_stored = len(outcomes) - len(refused)
    if n_stored:
        flash(_("Đã nhận %(n)s bản đọc.", n=n_stored))
    if not refused:
        return redirect(url_for("fieldwork.recording_list", version=version_id, language=language), 303)
    return _list_page(
        _page(version_id, language), UploadForm(formdata=None), refused
    ), 200 if n_stored else 422


@bp.get("/recordings/<int:version_id>/<language>/<key>")
@requires(*STAFF)
def recording(version_id: int, language: str, key: str) -> ResponseReturnValue:
    """One text: what is recorded of it, and the way to replace that."""
    return _one_page(_page(version_id, language), key, OneForm())


@bp.post("/recordings/<int:version_id>/<language>/<key>")
@requires(*STAFF)
@takes_body(MOST_BYTES)
@writes
def store_recording(version_id: int, language: str, key: str) -> ResponseReturnValue:
    page, form = _page(version_id, language), OneForm()
    page.row(key)
    if not form.validate_on_submit():
        return _one_page(page, key, form), 422
    try:
        recordings.store_recording(
            db.session, _upload(form.file.data).content, key=key, language=language,
            by=current_account(), today=today(), now=utc_now(),
        )  # fmt: skip
    except RecordingRefused as refused:
        return _one_page(page, key, form, str(REFUSALS[refused.reason])), 422
    flash(_("Đã nhận bản đọc."))
    return redirect(url_for("fieldwork.recording", version_id=version_id, language=language, key=key), 303)


@bp.post("/recordings/<int:version_id>/<language>/<key>/<any(office, generated):source>/delete")
@requires(*STAFF)
@writes
def delete_recording(version_id: int, language: str, key: str, source: str) -> ResponseReturnValue:
    recordings.delete_recording(
        db.session, key=key, language=language, source=source, by=current_account(), now=utc_now()
    )
    flash(_("Đã xóa bản đọc."))
    return redirect(url_for("fieldwork.recording", version_id=version_id, language=language, key=key), 303)


@bp.get("/recordings/<int:version_id>/<language>.csv")
@requires(*STAFF)
def recording_script(version_id: int, language: str) -> Response:
    """What a reader takes to the microphone: the name of each file and the words to say."""
    page = _page(version_id, language)
    heading = [_("Tên tệp"), _("Loại"), NAMES["vi"], NAMES[language], _("Đã có bản đọc")]
    rows = []
    for row in page.rows:
        text = row.text
        translated = text.shown if language in {"vi", "en"} else ""
        has_one = _("có") if row.office else ""
        rows.append([text.key, str(KIND_WORDS[text.kind]), text.vietnamese, translated, has_one])
    return csv_download(heading, rows, f"ban-doc-{language}.csv")


def _newest() -> VersionRow:
    """The fullest form of those in force; where none is yet, of all."""
    stored = list_versions(db.session)
    versions = [row for row in stored if row.effective_from <= today()] or stored
    if not versions:
        raise NotFound("questionnaire version")
    return max(versions, key=lambda row: (row.effective_from, row.n_slots, row.id))


def _page(version_id: int, language: str) -> RecordingsPage:
    versions = tuple(list_versions(db.session))
    version = next((row for row in versions if row.id == version_id), None)
    if version is None or language not in NAMES:
        raise NotFound(f"recordings of version {version_id} in {language}")
    titles = forms.form_titles(db.session, [row.id for row in versions], language=current_language())
    found = {(row.text_key, row.source): row for row in recordings_in(db.session, [language])}
    form = forms.load_form(db.session, version_id=version_id)
    texts = spoken_texts(form, service_fields(db.session), language=language)
    rows = tuple(
        TextRow(text, found.get((text.key, OFFICE)), found.get((text.key, GENERATED))) for text in texts
    )
    return RecordingsPage(version, versions, titles, language, rows, request.args.get("show", ""))


def _list_page(page: RecordingsPage, form: UploadForm, refused: list[Outcome] | None = None) -> str:
    return render_template(
        "fieldwork/recordings.html",
        page=page,
        form=form,
        refused=[(outcome.file_name, REFUSALS[outcome.refusal]) for outcome in refused or ()],
        languages=tuple(NAMES.items()),
        offered=settings().LANGUAGES,
        kinds=KIND_WORDS,
    )


def _one_page(page: RecordingsPage, key: str, form: OneForm, refusal: str = "") -> str:
    return render_template(
        "fieldwork/recording.html",
        page=page,
        row=page.row(key),
        form=form,
        refusal=refusal,
        name=NAMES[page.language],
        kinds=KIND_WORDS,
    )


def _upload(file: FileStorage) -> Upload:
    """No more is read than tells that a file is too large."""
    return Upload(file.filename or "", file.stream.read(recordings.MAX_BYTES + 1))
