"""Counts of files: what is known of each unit and month, and the three ways in which it comes."""

from dataclasses import dataclass
from datetime import date

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from survey_app.clock import utc_now
from survey_app.db import db, own_transaction, writes
from survey_app.errors import InvalidField, NotFound, UnreadableTable
from survey_app.i18n import current_language, in_page_language
from survey_app.months import month_of, months_later
from survey_app.names import search_key
from survey_app.services import transaction_import, transaction_overview
from survey_app.services.cell_values import period_in, read_count
from survey_app.services.known_tables import BadValue
from survey_app.services.transaction_import import CountTrial
from survey_app.vocabulary import FileOutcome, FilingMode, label
from survey_app.web.admin import uploads
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.uploads import Upload
from survey_app.web.bodies import read_staff_form
from survey_app.web.current import today
from survey_app.web.downloads import table_download
from survey_app.web.packing import MOST_BYTES
from survey_app.web.reasons import reason_words
from survey_app.web.security import Role, current_account, requires, takes_body

WRITERS = (Role.ADMIN, Role.PAR_OFFICE, Role.MANAGER)
READERS = (*WRITERS, Role.VIEWER, Role.INSPECTION_TEAM, Role.STATE_INSPECTOR)
N_MONTHS = 12


@dataclass(frozen=True, slots=True)
class ImportChoice:
    """What was chosen beside the file."""

    month: str = ""
    replaces: bool = False

    @property
    def period(self) -> tuple[date, date] | None:
        return period_in(self.month) if self.month else None


@bp.get("/transactions")
@requires(*READERS)
def transactions() -> ResponseReturnValue:
    overview = transaction_overview.overview(
        db.session,
        viewer=current_account(),
        today=today(),
        to=_month(request.args.get("to", "")),
        n_months=N_MONTHS,
    )
    query = search_key(request.args.get("q", "")[:80])
    rows = (
        [row for row in overview.rows if f" {query}" in f" {row.unit.search_key}"]
        if query
        else list(overview.rows)
    )
    return render_template(
        "admin/transactions.html",
        overview=overview,
        rows=rows,
        query=request.args.get("q", "")[:80],
        can_write=current_account().role in WRITERS,
        earlier=months_later(overview.months[-1], 1 - N_MONTHS),
        later=months_later(overview.months[-1], N_MONTHS - 1),
        mode_words=lambda code: label(FilingMode(code or 0), current_language()),
        outcome_words=lambda code: label(FileOutcome(code or 0), current_language()),
    )


@bp.get("/transactions/import")
@requires(*WRITERS)
def transaction_import_page() -> ResponseReturnValue:
    return _import_page(ImportChoice())


@bp.post("/transactions/import")
@requires(*WRITERS)
@takes_body(MOST_BYTES)
def try_transactions() -> ResponseReturnValue:
    """Nothing is written: the page shows what would be."""
    choice, upload = _choice(), uploads.chosen_file("file")
    if upload is None:
        return _import_page(choice, refusal=_("Xin chọn tệp.")), 422
    try:
        trial = _trial(choice, upload)
    except UnreadableTable as error:
        return _import_page(choice, refusal=uploads.unreadable_words(error)), 422
    return _import_page(choice, trial=trial, upload=upload), 422 if trial.errors else 200


# Reads the file before it takes the lock that citizens' answers need.
@bp.post("/transactions/import/apply")
@requires(*WRITERS)
@takes_body(MOST_BYTES)
def apply_transactions() -> ResponseReturnValue:
    choice, (upload,) = _choice(), uploads.carried_files()[:1]
    try:
        trial = _trial(choice, upload)
        db.session.rollback()
        with own_transaction() as session:
            trial = transaction_import.plan_count_file(session, trial.file, replaces=choice.replaces)
            transaction_import.store_count_file(
                session, trial, upload.content, name=upload.name, viewer=current_account(), now=utc_now()
            )
    except UnreadableTable as error:
        return _import_page(choice, refusal=uploads.unreadable_words(error)), 422
    except InvalidField as error:
        return _import_page(choice, refusal=reason_words(error.reason)), 422
    plan = trial.plan
    flash(_("Đã ghi: %(added)s số mới, %(changed)s số thay đổi, %(removed)s số bị thay.",
            added=len(plan.added), changed=len(plan.changed), removed=len(plan.removed)))  # fmt: skip
    return redirect(url_for("admin.transactions"), code=303)


@bp.post("/transactions/import/rejects")
@requires(*WRITERS)
@takes_body(MOST_BYTES)
def transaction_rejects() -> Response:
    choice, (upload,) = _choice(), uploads.carried_files()[:1]
    try:
        table = _trial(choice, upload).file.table
    except UnreadableTable as error:
        raise NotFound("rejects of an unreadable file") from error
    return uploads.reject_file(table, upload.name)


@bp.get("/transactions/template.xlsx")
@requires(*WRITERS)
def transaction_template() -> Response:
    """An empty table with the viewer's units, ready to be filled in."""
    heading, rows = transaction_overview.template_rows(db.session, viewer=current_account(), today=today())
    return table_download("xlsx", heading, rows, name="mau-so-ho-so", sheet="So ho so")


@bp.get("/transactions/counts.<kind>")
@requires(*READERS)
def transaction_counts(kind: str) -> Response:
    """The stored counts of the months shown, in columns that the import reads."""
    heading, rows = transaction_overview.count_rows(
        db.session,
        viewer=current_account(),
        today=today(),
        to=_month(request.args.get("to", "")),
        n_months=N_MONTHS,
    )
    return table_download(kind, heading, rows, name="so-ho-so", sheet="So ho so")


@bp.get("/transactions/units/<int(max=2147483647):unit_id>/<month>")
@requires(*WRITERS)
def transaction_month(unit_id: int, month: str) -> ResponseReturnValue:
    return _month_page(unit_id, _required_month(month))


@bp.post("/transactions/units/<int(max=2147483647):unit_id>/<month>")
@requires(*WRITERS)
@writes
def enter_transaction_month(unit_id: int, month: str) -> ResponseReturnValue:
    first = _required_month(month)
    form = read_staff_form(request)
    given = {name: text.strip() for name, text in form.items() if name.startswith("n-") and text.strip()}
    try:
        cells = {_cell_of(name): read_count(text) for name, text in given.items()}
        transaction_import.enter_month(
            db.session, cells, unit_id=unit_id, month=first, replaces=form.get("replaces") == "yes",
            viewer=current_account(), now=utc_now(), today=today(),
        )  # fmt: skip
    except BadValue as error:
        expected = in_page_language(error.expected.vi, error.expected.en)
        return _month_page(unit_id, first, given=given, refusal=_("Cần %(what)s.", what=expected)), 422
    except InvalidField as error:
        return _month_page(unit_id, first, given=given, refusal=reason_words(error.reason)), 422
    flash(_("Đã ghi số hồ sơ tháng %(month)s.", month=f"{first:%m/%Y}"))
    return redirect(url_for("admin.transaction_month", unit_id=unit_id, month=f"{first:%Y-%m}"), code=303)


def _cell_of(name: str) -> tuple[int, int]:
    """Way of filing and outcome of a field of the grid."""
    parts = name.split("-")
    if len(parts) != 3 or not all(part in "0123" and len(part) == 1 for part in parts[1:]):
        raise InvalidField("cells", "unknown_field")
    return int(parts[1]), int(parts[2])


def _month_page(unit_id: int, month: date, *, given: dict[str, str] | None = None, refusal: str = "") -> str:
    grid = transaction_import.month_grid(db.session, unit_id=unit_id, month=month, viewer=current_account())
    language = current_language()
    return render_template(
        "admin/transaction_month.html",
        unit=transaction_overview.unit(db.session, unit_id),
        grid=grid,
        is_over=month_of(month)[1] <= today(),
        given=given,
        refusal=refusal,
        modes=[(int(mode), label(mode, language)) for mode in (*list(FilingMode)[1:], FilingMode.UNKNOWN)],
        outcomes=[(int(each), label(each, language)) for each in (*list(FileOutcome)[1:], FileOutcome.UNKNOWN)],
        previous=months_later(month, -1),
        following=months_later(month, 1),
    )  # fmt: skip


def _import_page(
    choice: ImportChoice, *, refusal: str = "", trial: CountTrial | None = None, upload: Upload | None = None
) -> str:
    return render_template(
        "admin/transaction_import.html",
        choice=choice,
        refusal=refusal,
        trial=trial,
        name=upload.name if upload else "",
        carried=uploads.carried([upload]) if upload else [],
        language=current_language(),
        errors_shown=uploads.ERRORS_SHOWN,
        accepted=uploads.ACCEPTED,
        preview=transaction_overview.preview(db.session, trial.plan, limit=uploads.ERRORS_SHOWN)
        if trial
        else [],
        mode_words=lambda code: label(FilingMode(code), current_language()),
        outcome_words=lambda code: label(FileOutcome(code), current_language()),
    )


def _choice() -> ImportChoice:
    month = request.form.get("month", "")[:20]
    return ImportChoice(month if period_in(month) else "", request.form.get("replaces") == "yes")


def _trial(choice: ImportChoice, upload: Upload) -> CountTrial:
    return transaction_import.try_count_file(
        db.session, upload.content, viewer=current_account(), today=today(), period=choice.period,
        replaces=choice.replaces,
    )  # fmt: skip


def _month(text: str) -> date | None:
    period = period_in(text) if text else None
    return period[0] if period else None


def _required_month(text: str) -> date:
    found = _month(text)
    if found is None or text != f"{found:%Y-%m}":
        raise NotFound(f"month {text[:20]}")
    return found
