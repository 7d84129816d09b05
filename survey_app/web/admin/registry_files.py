"""Files of the registry in the browser: tried with every change and fault, written whole or not at all, downloaded."""

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction
from survey_app.errors import InvalidBody, InvalidField, NotFound, UnreadableTable
from survey_app.i18n import current_language
from survey_app.services import registry_tables
from survey_app.services.registry_tables import RegistryTrial
from survey_app.web.admin import uploads
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.uploads import Upload
from survey_app.web.current import today
from survey_app.web.downloads import table_download
from survey_app.web.packing import MOST_BYTES
from survey_app.web.reasons import reason_words
from survey_app.web.security import Role, current_account, requires, takes_body

REGISTRARS = (Role.ADMIN, Role.PAR_OFFICE)
MOST_FILES = 6
CHANGES_SHOWN = 60


@bp.get("/registry/import")
@requires(*REGISTRARS)
def registry_import() -> ResponseReturnValue:
    registry_tables.require_registrar(db.session, viewer=current_account())
    return _page()


@bp.post("/registry/import")
@requires(*REGISTRARS)
@takes_body(MOST_BYTES)
def try_registry() -> ResponseReturnValue:
    """Nothing is written: the page shows what would be."""
    files = uploads.chosen_files("files", most=MOST_FILES)
    if not files:
        return _page(refusal=_("Xin chọn tệp.")), 422
    try:
        trial = _import(files)
    except UnreadableTable as error:
        return _page(refusal=uploads.unreadable_words(error)), 422
    return _page(trial=trial, files=files), 422 if trial.n_errors else 200


@bp.post("/registry/import/apply")
@requires(*REGISTRARS)
@takes_body(MOST_BYTES)
def apply_registry() -> ResponseReturnValue:
    files = uploads.carried_files()
    try:
        with own_transaction() as session:
            trial = registry_tables.import_files(
                session, files, apply=True, viewer=current_account(), now=utc_now(), today=today()
            )
            if not trial.can_write:
                raise InvalidField("files", "rejected_rows" if trial.n_errors else "nothing_new")
    except UnreadableTable as error:
        return _page(refusal=uploads.unreadable_words(error)), 422
    except InvalidField as error:
        return _page(refusal=reason_words(error.reason)), 422
    n_added = sum(not each.column for each in trial.differences)
    flash(_("Đã ghi danh mục: %(added)s dòng mới, %(changed)s ô thay đổi.", added=n_added,
            changed=len(trial.differences) - n_added))  # fmt: skip
    return redirect(url_for("admin.registry_import"), code=303)


@bp.post("/registry/import/rejects/<int(max=2147483647):place>")
@requires(*REGISTRARS)
@takes_body(MOST_BYTES)
def registry_rejects(place: int) -> Response:
    """The refused rows of one of the files."""
    try:
        trial = _import(uploads.carried_files())
    except UnreadableTable as error:
        raise InvalidBody("carried file") from error
    if place >= len(trial.files):
        raise NotFound(f"file {place}")
    return uploads.reject_file(trial.files[place].table, trial.files[place].name)


@bp.get("/registry/export/<kind>.<form>")
@requires(*REGISTRARS)
def registry_export(kind: str, form: str) -> Response:
    """One table of the registry, in columns that the import reads back unchanged."""
    registry_tables.require_registrar(db.session, viewer=current_account())
    if kind not in registry_tables.TITLES:
        raise NotFound(f"registry table {kind[:20]}")
    heading, rows = registry_tables.registry_rows(db.session, kind)
    return table_download(form, heading, rows, name=kind, sheet=kind)


def _import(files: list[Upload]) -> RegistryTrial:
    return registry_tables.import_files(
        db.session, files, apply=False, viewer=current_account(), now=utc_now(), today=today()
    )


def _page(*, refusal: str = "", trial: RegistryTrial | None = None, files: list[Upload] | None = None) -> str:
    language = current_language()
    return render_template(
        "admin/registry_import.html",
        refusal=refusal,
        trial=trial,
        carried=uploads.carried(files) if files else [],
        titles={kind: getattr(words, language) for kind, words in registry_tables.TITLES.items()},
        language=language,
        errors_shown=uploads.ERRORS_SHOWN,
        changes_shown=CHANGES_SHOWN,
        accepted=uploads.ACCEPTED,
        title_of=registry_tables.title_of,
        columns={kind: ", ".join(registry_tables.column_titles(kind)) for kind in registry_tables.FORMATS},
    )
