"""Questionnaires as files: a foreign form shown with everything that is said of it, and any version handed out."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField

from survey_app.clock import utc_now
from survey_app.db import db, writes
from survey_app.errors import DefinitionError, InvalidBody, UnreadableTable
from survey_app.i18n import current_language
from survey_app.queries import questionnaires as versions
from survey_app.services.definition_json import MAX_BYTES, definition_json, read_definition_json
from survey_app.services.definition_outline import Outline, outline_of
from survey_app.services.forms import form_titles
from survey_app.services.questionnaire_drafts import save_draft
from survey_app.services.xlsform.findings import Decision
from survey_app.services.xlsform.reading import Fault, Reading, read_xlsform
from survey_app.services.xlsform.writing import xlsform_bytes
from survey_app.spreadsheets import MAX_FILE_BYTES
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.finding_words import KINDS, WORDS, finding_groups, place_words
from survey_app.web.admin.uploads import unreadable_words
from survey_app.web.current import today
from survey_app.web.downloads import JSON, XLSX, download
from survey_app.web.packing import MOST_BYTES, packed, unpacked
from survey_app.web.security import Role, current_account, requires, takes_body

STAFF = (Role.PAR_OFFICE, Role.ADMIN)
MOST_FILES = 3


class FileForm(FlaskForm):  # type: ignore[misc]
    files = MultipleFileField(_("Tệp phiếu hỏi"))
    drops_conditions = BooleanField(_("Bỏ điều kiện hỏi không đọc được (các câu đó sẽ hỏi mọi người)"))


@dataclass(frozen=True, slots=True)
class Trial:
    """What was read of the files, as the page shows it; nothing is stored."""

    name: str
    reading: Reading
    outline: Outline | None
    carried: str


@bp.get("/questionnaires/files")
@requires(*STAFF)
def questionnaire_import() -> ResponseReturnValue:
    return _page(FileForm())


@bp.post("/questionnaires/files")
@requires(*STAFF)
@takes_body(MOST_BYTES)
def questionnaire_try() -> ResponseReturnValue:
    """Read, shown and forgotten."""
    form = FileForm()
    files = _files(form) if form.validate_on_submit() else []
    if not files:
        return _page(form), 422
    try:
        reading = _read(files, drops_conditions=bool(form.drops_conditions.data))
    except UnreadableTable as error:
        return _page(form, refusal=unreadable_words(error)), 422
    except DefinitionError as error:
        return _page(form, refusal=_fault_words(Fault(error.path, error.problem, 0))), 422
    return _page(form, trial=_trial(files, reading)), 200 if reading.definition else 422


@bp.post("/questionnaires/files/json")
@requires(*STAFF)
@takes_body(MOST_BYTES)
def questionnaire_json() -> ResponseReturnValue:
    """What the trial read, as JSON to keep and to edit."""
    try:
        definition, _fault = read_definition_json(carried_definition())
    except DefinitionError as error:
        raise InvalidBody("definition") from error
    return download(definition_json(definition), JSON, f"{definition.get('code', 'phieu')}.json")


@bp.post("/questionnaires/files/draft")
@requires(*STAFF)
@takes_body(MOST_BYTES)
@writes
def questionnaire_keep() -> ResponseReturnValue:
    """What the trial read becomes a draft, to be mended in the editor."""
    definition, _fault = read_definition_json(carried_definition())
    draft_id = save_draft(db.session, definition, current_account(), now=utc_now())
    flash(gettext("Đã lưu thành bản thảo."))
    return redirect(url_for("admin.questionnaire_draft", draft_id=draft_id), code=303)


@bp.get("/questionnaires/<int(max=2147483647):version_id>.xlsx")
@requires(*STAFF)
def questionnaire_export(version_id: int) -> ResponseReturnValue:
    """A stored version as XLSForm."""
    definition = _stored(version_id)
    return download(xlsform_bytes(definition), XLSX, f"{_file_name(definition)}.xlsx")


@bp.get("/questionnaires/<int(max=2147483647):version_id>.json")
@requires(*STAFF)
def questionnaire_export_json(version_id: int) -> ResponseReturnValue:
    """The same as JSON."""
    definition = _stored(version_id)
    return download(definition_json(definition), JSON, f"{_file_name(definition)}.json")


def carried_definition() -> bytes:
    """The definition that the trial's page carries, for whoever keeps it."""
    return unpacked(request.form.get("definition", ""), most=MAX_BYTES)


def _stored(version_id: int) -> dict[str, Any]:
    versions.version_digest(db.session, version_id)
    return versions.version_definition(db.session, version_id)


def _file_name(definition: dict[str, Any]) -> str:
    return f"{definition['code']}-v{definition['version']}"


def _files(form: FileForm) -> list[tuple[str, bytes]]:
    """Names and bytes of what was chosen; none where nothing or too much was, which the form then says."""
    chosen = [file for file in form.files.data or [] if getattr(file, "filename", "")]
    if not chosen:
        form.files.errors = [gettext("Xin chọn tệp phiếu hỏi.")]
    elif len(chosen) > MOST_FILES:
        form.files.errors = [gettext("Chọn một tệp XLSX hoặc JSON, hoặc tối đa ba tệp CSV.")]
        return []
    return [(file.filename, file.read(MAX_FILE_BYTES + 1)) for file in chosen]


def _read(files: list[tuple[str, bytes]], *, drops_conditions: bool) -> Reading:
    """JSON by how it begins, whatever the file is called; anything else as XLSForm."""
    if len(files) == 1 and files[0][1].lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        definition, fault = read_definition_json(files[0][1])
        return Reading(definition, (), None if fault is None else Fault(fault.path, fault.problem, 0))
    return read_xlsform(files, today=today(), drops_conditions=drops_conditions)


def _trial(files: list[tuple[str, bytes]], reading: Reading) -> Trial:
    definition = reading.definition
    return Trial(
        name=", ".join(name for name, _content in files),
        reading=reading,
        outline=None if definition is None else outline_of(definition),
        carried="" if definition is None else packed(definition_json(definition)),
    )


def _page(form: FileForm, *, refusal: str = "", trial: Trial | None = None) -> str:
    reading = None if trial is None else trial.reading
    said = {} if reading is None else {each.value: finding_groups(reading.by(each)) for each in Decision}
    refused = () if reading is None else reading.by(Decision.REFUSED)
    stored = versions.list_versions(db.session)
    return render_template(
        "admin/questionnaire_import.html",
        form=form,
        refusal=refusal,
        trial=trial,
        said=said,
        errors=[(str(WORDS[each.what]), place_words(each), each.detail) for each in refused],
        has_bad_conditions=any(each.what.startswith("relevant_") for each in refused),
        fault="" if reading is None or reading.fault is None else _fault_words(reading.fault),
        kinds=KINDS,
        versions=stored,
        titles=form_titles(db.session, [version.id for version in stored], language=current_language()),
        language=current_language(),
    )


def _fault_words(fault: Fault) -> str:
    if fault.path == "index.headline":
        return gettext("Chưa có câu chung: cần chọn một câu hài lòng có tính điểm làm câu chung.")
    row = gettext(" (survey, dòng %(row)s)", row=fault.row) if fault.row else ""
    return gettext(
        "Chỗ cần sửa: %(path)s%(row)s: %(problem)s.", path=fault.path, row=row, problem=fault.problem
    )
