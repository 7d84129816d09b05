"""Import of responses from a page: tried first, whole or nothing, and only for units of whoever asks."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_app.errors import InvalidField
from survey_app.queries import imports
from survey_app.services import accounts
from survey_app.services.accounts import Role, Viewer
from survey_app.services.import_mapping import ImportMapping
from survey_app.services.import_places import plan_places
from survey_app.services.response_import import ImportReport, PlannedImport, apply_import, plan_import
from survey_app.signing import Signer

# Storing so many takes about a second, during which answers of citizens wait; more go by command at night.
MAX_ROWS = 5_000


def try_import(
    session: Session, mapping: ImportMapping, content: bytes, *, viewer: Viewer, signer: Signer
) -> PlannedImport:
    """Read the file and compare it with the store; nothing is written."""
    planned = plan_import(session, mapping=mapping, content=content, signer=signer)
    if planned.report.n_rows > MAX_ROWS:
        raise InvalidField("file", "too_many")
    _require_units(session, planned, viewer)
    return planned


def why_not_applied(report: ImportReport, *, adds: bool) -> str | None:
    """The reason for which the file as a whole may not be written; None if it may."""
    if report.n_rejected:
        return "rejected_rows"
    if report.n_different:
        return "different_rows"
    if report.n_of_other_files and report.n_new and not adds:
        return "other_files"
    return None if report.n_new else "nothing_new"


def write_import(
    session: Session, planned: PlannedImport, *, viewer: Viewer, adds: bool, now: datetime, today: date
) -> ImportReport:
    """Write all of it. The caller has tried it, and commits."""
    reason = why_not_applied(planned.report, adds=adds)
    if reason is not None:
        raise InvalidField("file", reason)
    return apply_import(session, planned, now=now, today=today, by=viewer)


def _require_units(session: Session, planned: PlannedImport, viewer: Viewer) -> None:
    """An office writes into its own units; a root of its own, for foreign data, is the administrator's to make."""
    if viewer.role is Role.ADMIN:
        return
    codes = {planned.mapping.root.code, *plan_places(session, planned.mapping, planned.new).units.values()}
    stored = imports.unit_places(session, sorted(codes))
    visible = accounts.visible_unit_ids(session, viewer=viewer)
    if planned.mapping.root.code not in stored or not {place[0] for place in stored.values()} <= visible:
        raise InvalidField("mapping", "unknown")
