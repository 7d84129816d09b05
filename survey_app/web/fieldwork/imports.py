"""Responses of another system as a file: tried first with every fault by its row, then written whole or not at all."""

import json
from pathlib import Path
from typing import NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction
from survey_app.errors import InvalidField
from survey_app.i18n import current_language, in_page_language
from survey_app.services import browser_import
from survey_app.services.import_rows import MAX_FILE_BYTES, UnreadableFile
from survey_app.services.json_fields import MappingError
from survey_app.services.mapping_reader import MAX_MAPPING_BYTES, read_mapping
from survey_app.services.questionnaires import SEEDS
from survey_app.services.response_import import PlannedImport
from survey_app.web.current import signer, today
from survey_app.web.fieldwork.blueprint import bp
from survey_app.web.form_fields import ChoiceField
from survey_app.web.packing import MOST_BYTES, packed, unpacked
from survey_app.web.reasons import reason_words
from survey_app.web.security import Role, current_account, requires, takes_body

STAFF = (Role.PAR_OFFICE, Role.ADMIN)
ERRORS_SHOWN = 30


class ImportForm(FlaskForm):  # type: ignore[misc]
    mapping = ChoiceField(_("Tệp ánh xạ có sẵn"))
    mapping_file = FileField(_("Hoặc tệp ánh xạ khác (JSON)"))
    file = FileField(_("Tệp phiếu (CSV, UTF-8)"))


class Upload(NamedTuple):
    """What was chosen, as it travels from the trial to the writing; nothing is kept on the server between them."""

    mapping: bytes
    content: bytes


@bp.get("/import", endpoint="import_responses")
@requires(*STAFF)
def import_page() -> ResponseReturnValue:
    return _page(_form())


@bp.post("/import")
@requires(*STAFF)
@takes_body(MOST_BYTES)
def try_import() -> ResponseReturnValue:
    """Nothing is written: the page shows what would be."""
    form = _form()
    upload = _chosen(form) if form.validate_on_submit() else None
    if upload is None:
        return _page(form), 422
    try:
        planned = _plan(upload)
    except (MappingError, UnreadableFile, InvalidField) as error:
        return _page(form, refusal=_words(error)), 422
    carried = {name: packed(content) for name, content in upload._asdict().items()}
    return _page(form, planned=planned, carried=carried)


# Reads the file before it takes the lock that citizens' answers need.
@bp.post("/import/apply")
@requires(*STAFF)
@takes_body(MOST_BYTES)
def apply_import() -> ResponseReturnValue:
    upload = Upload(
        mapping=unpacked(request.form.get("mapping", ""), most=MAX_MAPPING_BYTES),
        content=unpacked(request.form.get("content", ""), most=MAX_FILE_BYTES),
    )
    try:
        planned = _plan(upload)
        db.session.rollback()
        with own_transaction() as session:
            report = browser_import.write_import(
                session,
                planned,
                viewer=current_account(),
                adds=request.form.get("adds") == "yes",
                now=utc_now(),
                today=today(),
            )
    except (MappingError, UnreadableFile, InvalidField) as error:
        return _page(_form(), refusal=_words(error)), 422
    flash(gettext("Đã ghi %(n)s phiếu vào đợt %(wave)s.", n=report.n_new, wave=planned.mapping.wave.code))
    return redirect(url_for("fieldwork.import_responses"), code=303)


def _plan(upload: Upload) -> PlannedImport:
    mapping = read_mapping(upload.mapping)
    return browser_import.try_import(
        db.session, mapping, upload.content, viewer=current_account(), signer=signer()
    )


def _form() -> ImportForm:
    form = ImportForm()
    form.mapping.choices = [
        ("", gettext("Không dùng tệp có sẵn")),
        *((name, _title(path)) for name, path in _mappings().items()),
    ]
    return form


def _mappings() -> dict[str, Path]:
    """The mappings that come with the product, by name."""
    return {path.stem: path for path in sorted((SEEDS / "mappings").glob("*.json"))}


def _title(path: Path) -> str:
    """What the mapping says it reads, or its name."""
    source = json.loads(path.read_text(encoding="utf-8")).get("source") or {}
    return str(source.get("title") or path.stem)


def _chosen(form: ImportForm) -> Upload | None:
    """The bytes of both files; None when one is missing, which the form then says."""
    if form.mapping.data:
        mapping = _mappings()[form.mapping.data].read_bytes()
    else:
        mapping = form.mapping_file.data.read(MAX_MAPPING_BYTES + 1) if form.mapping_file.data else b""
        if not mapping:
            form.mapping_file.errors = [gettext("Xin chọn một tệp ánh xạ.")]
    content = form.file.data.read(MAX_FILE_BYTES + 1) if form.file.data else b""
    if not content:
        form.file.errors = [gettext("Xin chọn tệp phiếu.")]
    return Upload(mapping, content) if mapping and content else None


def _page(
    form: ImportForm,
    *,
    refusal: str = "",
    planned: PlannedImport | None = None,
    carried: dict[str, str] | None = None,
) -> str:
    report = None if planned is None else planned.report
    reason = None if report is None else browser_import.why_not_applied(report, adds=True)
    return render_template(
        "fieldwork/import_responses.html",
        form=form,
        refusal=refusal,
        report=report,
        wave=None if planned is None else planned.mapping.wave.code,
        carried=carried,
        reason=reason and reason_words(reason),
        language=current_language(),
        errors_shown=ERRORS_SHOWN,
        most_rows=browser_import.MAX_ROWS,
    )


def _words(error: MappingError | UnreadableFile | InvalidField) -> str:
    if isinstance(error, MappingError):
        return gettext(
            "Tệp ánh xạ không dùng được. Chỗ lỗi: %(path)s (%(problem)s).",
            path=error.path,
            problem=error.problem,
        )
    if isinstance(error, UnreadableFile):
        expected = in_page_language(error.expected.vi, error.expected.en)
        return gettext(
            "Không đọc được tệp phiếu, chưa ghi gì. Dòng %(row)s: cần %(expected)s.",
            row=error.row,
            expected=expected,
        )
    if error.reason == "too_many":
        return gettext(
            "Tệp có hơn %(n)s dòng. Xin tách tệp, hoặc nhờ người quản trị nhập bằng lệnh.",
            n=browser_import.MAX_ROWS,
        )
    return reason_words(error.reason)
