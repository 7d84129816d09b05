"""Batches of reports, made by the worker: a report a unit, in the language asked for, all in one file."""

import re
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from flask import Flask, current_app
from huey import SqliteHuey

from config import Settings
from survey_app.clock import local_today
from survey_app.db import db, own_transaction
from survey_app.documents.report import Report
from survey_app.documents.report_docx import report_docx
from survey_app.documents.report_parts import Setting
from survey_app.documents.report_pdf import report_pdf
from survey_app.documents.report_province import province_report
from survey_app.documents.report_unit import unit_report
from survey_app.documents.report_xlsx import report_csv, report_xlsx
from survey_app.names import search_key
from survey_app.services import conversions, document_batches, letterheads, report_content
from survey_app.services.accounts import Viewer
from survey_app.services.document_batches import BatchRow
from survey_app.services.report_content import ReportContent

WRITERS: Mapping[str, Callable[[Report], bytes]] = {
    "pdf": report_pdf,
    "docx": report_docx,
    "xlsx": report_xlsx,
    "csv": report_csv,
}
TASK = "make_documents"
CHECK_PATH = "/par/reports/check"
# Progress is written now and then: each time others wait for the database.
EVERY_SECONDS = 1.0


def queue(settings: Settings) -> SqliteHuey:
    """The work queue, as the worker reads it and the web writes to it."""
    # The rollback journal: this queue is written by the standard library's SQLite, whose WAL may be unsafe.
    return SqliteHuey("survey", filename=str(settings.queue_path), journal_mode="delete", fsync=True)


def documents_folder(settings: Settings) -> Path:
    return settings.INSTANCE_DIR / "documents"


def tell_worker(settings: Settings, batch_id: int) -> None:
    """Have a batch that is stored made by the worker."""
    queue(settings).task(name=TASK)(make_documents)(batch_id)


def make_documents(batch_id: int) -> None:
    """What the worker runs, in the context of an application."""
    make_batch(current_app._get_current_object(), batch_id)  # type: ignore[attr-defined]


def make_batch(app: Flask, batch_id: int) -> None:
    """Make a batch that waits; a batch that is already made is left alone."""
    settings: Settings = app.extensions["settings"]
    with app.app_context(), own_transaction() as session:
        started = document_batches.start(session, batch_id=batch_id)
    if started is None:
        return
    batch, viewer = started
    is_whole = False
    try:
        with app.test_request_context(f"/?lang={batch.language}"):
            _write(settings, batch, viewer)
        is_whole = True
    finally:
        with app.app_context(), own_transaction() as session:
            document_batches.finish(session, batch_id=batch_id, is_whole=is_whole)


def forget_old(settings: Settings) -> int:
    """Delete the files whose days are over; how many they were. Needs an application context."""
    with db.sessionmaker() as session:
        kept = document_batches.kept_files(session, today=local_today(settings))
    gone = [path for path in documents_folder(settings).glob("*.zip") if path.name not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def setting_for(settings: Settings, *, viewer: Viewer, language: str, unit_id: int, basis: str) -> Setting:
    """Head, conversions and address of checks for the reports that a viewer makes about a unit."""
    today = local_today(settings)
    return Setting(
        language=language,
        head=letterheads.head_of(db.session, unit_id=viewer.unit_id, on=today),
        check_url=settings.PUBLIC_BASE_URL + CHECK_PATH,
        conversions=conversions.conversions_for(db.session, unit_id=unit_id, basis=basis, on=today),
    )


def _write(settings: Settings, batch: BatchRow, viewer: Viewer) -> None:
    today = local_today(settings)
    content = report_content.report_content(
        db.session, root_unit_id=batch.root_unit_id, basis=batch.basis, period_code=batch.period_code,
        viewer=viewer, today=today, language=batch.language,
    )  # fmt: skip
    setting = setting_for(
        settings, viewer=viewer, language=batch.language, unit_id=batch.root_unit_id, basis=batch.basis
    )
    # Nothing is read from here on; an open transaction would keep old pages of the database in use.
    db.session.rollback()
    folder = documents_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / batch.file_name
    draft = target.with_suffix(".making")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            _fill(archive, content, setting, batch)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _fill(archive: zipfile.ZipFile, content: ReportContent | None, setting: Setting, batch: BatchRow) -> None:
    makers = list(_makers(content, setting, batch.units)) if content is not None else []
    total, told_at = len(makers) * len(batch.formats), 0.0
    for number, (name, make) in enumerate(makers):
        report = make()
        for form in batch.formats:
            archive.writestr(f"{name}.{form}", WRITERS[form](report))
        if time.monotonic() - told_at > EVERY_SECONDS or number == len(makers) - 1:
            told_at = time.monotonic()
            n_done = (number + 1) * len(batch.formats)
            with own_transaction() as session:
                document_batches.note_progress(session, batch_id=batch.id, n_done=n_done, n_total=total)


def _makers(
    content: ReportContent, setting: Setting, units: str
) -> Iterator[tuple[str, Callable[[], Report]]]:
    """The name of every file with what makes its report, the province's first."""
    comparison = content.comparison
    if units in {"all", "province"}:
        yield (
            file_name(comparison.root.code, comparison.root.label),
            lambda: province_report(content, setting),
        )
    if units == "province":
        return
    for row in comparison.rows:
        card = content.card(row.unit.id)
        if card is None or units not in {"all", row.unit.kind}:
            continue
        yield (
            file_name(row.unit.code, row.unit.label),
            lambda card=card, row=row: unit_report(card, setting, row=row, comparison=comparison),
        )


def file_name(code: str, label: str) -> str:
    """A name that every system takes: "qt-18880-phuong-dong-ha"."""
    return re.sub(r"[^a-z0-9]+", "-", search_key(f"{code} {label}"))[:80].strip("-")
