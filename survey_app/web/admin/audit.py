"""The audit log: who did what and when, found by person, kind, object and day; and whether the log is whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from survey_app.anchors import read_anchors
from survey_app.clock import utc_now
from survey_app.db import db, own_transaction, writes
from survey_app.queries import accounts, units
from survey_app.queries.audit import Filter, NamedEntry
from survey_app.services import audit_checks, audit_log
from survey_app.services.audit_verification import Fault
from survey_app.services.cell_values import read_day
from survey_app.services.known_tables import BadValue
from survey_app.services.root_verification import BatchFault
from survey_app.web.admin import audit_words
from survey_app.web.admin.audit_words import Line, Named
from survey_app.web.admin.blueprint import bp
from survey_app.web.admin.moments import clock_words, day_begins, day_ends
from survey_app.web.bodies import id_in
from survey_app.web.current import settings, today
from survey_app.web.downloads import csv_download
from survey_app.web.security import ROLE_TITLES, Role, current_account, requires

READERS = (Role.ADMIN, Role.PAR_OFFICE, Role.STATE_INSPECTOR, Role.INSPECTION_TEAM)
FIELDS = ("person", "group", "target", "from", "to")
MOST_TYPED = 200


@dataclass(frozen=True, slots=True)
class _Asked:
    """The filter as it was typed, as it is understood, and what could not be."""

    typed: Mapping[str, str]
    wanted: Filter
    refusal: str


@bp.get("/audit")
@requires(*READERS)
def audit() -> ResponseReturnValue:
    viewer, asked = current_account(), _asked(request.args)
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < 2**31:
        before = None
    page = audit_log.log_page(db.session, asked.wanted, viewer=viewer, before_id=before)
    people = audit_log.people_in_log(db.session, viewer=viewer)
    return render_template(
        "admin/audit.html",
        asked=asked,
        page=page,
        is_first_page=before is None,
        people=people,
        groups=audit_words.GROUPS,
        **checked(),
        today=today(),
        may_check=viewer.role in {Role.ADMIN, Role.STATE_INSPECTOR},
        rows=entry_rows(page.entries),
    )


def checked() -> dict[str, Any]:
    """What the last check of the books found, for those who may read the log."""
    if current_account().role not in READERS:
        return {"check": None, "clock": clock_words}
    return {
        "check": audit_checks.last_check(db.session), "broken_words": broken_words, "batch_words": batch_words,
        "clock": clock_words,
    }  # fmt: skip


@bp.post("/audit/check")
@requires(Role.ADMIN, Role.STATE_INSPECTOR)
def audit_check() -> ResponseReturnValue:
    anchors = list(read_anchors(settings().anchors_path))
    audit_checks.check(
        own_transaction, anchors=anchors, by=current_account(), now=utc_now(), today=today()
    )  # fmt: skip
    flash(_("Đã kiểm tra nhật ký và phiếu đã nhận."))
    return redirect(url_for("admin.audit"), 303)


@bp.post("/audit/export")
@requires(*READERS)
@writes
def audit_export() -> ResponseReturnValue:
    """The entries asked for, as a table; that somebody took them is an entry too."""
    asked, names = _asked(request.form), _named()
    entries = audit_log.export(db.session, asked.wanted, viewer=current_account(), now=utc_now())
    header = [_("Số"), _("Thời điểm"), _("Ai"), _("Việc"), _("Mã việc"), _("Đối tượng"), _("Chi tiết")]
    rows = (_csv_row(entry, names) for entry in entries)
    return csv_download(header, rows, f"nhat-ky-{today().isoformat()}.csv")


def entry_rows(entries: Iterable[NamedEntry]) -> list[dict[str, Any]]:
    """Entries in words."""
    names = _named()
    return [_row(entry, names) for entry in entries]


def _named() -> Named:
    return Named(accounts.names(db.session), units.labels(db.session), units.point_names(db.session))


def _row(entry: NamedEntry, names: Named) -> dict[str, Any]:
    """An entry in words."""
    return {
        "number": entry.sequence,
        "at": clock_words(entry.at),
        "who": _who(entry),
        "title": audit_words.action_title(entry.action),
        "action": entry.action,
        "target": audit_words.target_words(entry.target, names),
        "lines": list(audit_words.detail_lines(entry.details, names)),
    }


def _csv_row(entry: NamedEntry, names: Named) -> list[object]:
    row = _row(entry, names)
    lines = [_csv_line(line) for line in row["lines"]]
    return [
        row["number"],
        row["at"],
        row["who"],
        row["title"],
        row["action"],
        row["target"],
        "; ".join(lines),
    ]


def _csv_line(line: Line) -> str:
    after = f"{line.after}: {line.rest}" if line.rest else line.after
    return f"{line.name}: {line.before} → {after}" if line.before else f"{line.name}: {after}"


def _who(entry: NamedEntry) -> str:
    if not entry.name:
        return _("Máy chủ")
    return f"{entry.name} ({ROLE_TITLES[Role(entry.role)]})"


def _asked(values: MultiDict[str, str]) -> _Asked:
    typed = {name: values.get(name, "").strip()[:MOST_TYPED] for name in FIELDS}
    since, until = _day(typed["from"]), _day(typed["to"])
    is_unclear = (since is None and typed["from"]) or (until is None and typed["to"])
    refusal = _("Xin nhập ngày đúng dạng.") if is_unclear else ""
    person = typed["person"]
    group = typed["group"]
    actions = [name for name in audit_words.TITLES if name.partition(".")[0] == group]
    wanted = Filter(
        account_id=id_in(person),
        actions=frozenset(actions) if group else None,
        target=typed["target"],
        since=day_begins(since) if since else None,
        until=day_ends(until) if until else None,
    )
    return _Asked(typed, wanted, refusal)


def _day(text: str) -> date | None:
    try:
        day = read_day(text)
    except BadValue:
        return None
    return day if 2000 <= day.year <= 2999 else None


def batch_words(fault: BatchFault) -> str:
    """What is wrong with the answers of the wave and day that are named beside it."""
    return {
        BatchFault.CHANGED: _("có phiếu bị sửa"),
        BatchFault.ADDED: _("có phiếu bị thêm"),
        BatchFault.REMOVED: _("có phiếu bị xóa"),
        BatchFault.ROOT_CHANGED: _("dấu niêm trong bảng bị sửa"),
    }[fault]


def broken_words(fault: Fault) -> str:
    """What is wrong with the entry that is named beside it."""
    return {
        Fault.CHANGED: _("mục này bị sửa"),
        Fault.MISSING: _("mục này bị xóa"),
        Fault.INSERTED: _("mục này bị chèn thêm"),
        Fault.REORDERED: _("mục này bị đổi chỗ"),
        Fault.CUT: _("từ mục này trở đi bị cắt bỏ"),
        Fault.OLDER_CHANGED: _("các mục có trước chuỗi bị sửa"),
        Fault.WRONG_KEY: _("chuỗi được niêm bằng khóa khác"),
        Fault.REWRITTEN: _("mục này khác với mốc đã giữ"),
    }[fault]
