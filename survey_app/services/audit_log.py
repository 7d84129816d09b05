"""What of the audit log a member of staff may read, page by page, and as a file."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.queries import audit as queries
from survey_app.queries import units
from survey_app.queries.audit import Filter, NamedEntry
from survey_app.services import audit
from survey_app.services.accounts import Viewer, visible_unit_ids

ENTRIES_A_PAGE = 50
MOST_EXPORTED = 20_000
EXPORTED = "audit.exported"


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some entries, the newest first, and below which one the next page begins; None on the last."""

    entries: tuple[NamedEntry, ...]
    next_before: int | None


def log_page(session: Session, wanted: Filter, *, viewer: Viewer, before_id: int | None) -> LogPage:
    """The entries that are asked for and that this reader may see."""
    found = queries.named_entries(
        session, wanted, unit_ids=_scope(session, viewer), before_id=before_id, limit=ENTRIES_A_PAGE + 1
    )
    shown = tuple(found[:ENTRIES_A_PAGE])
    return LogPage(shown, shown[-1].id if len(found) > ENTRIES_A_PAGE else None)


def export(session: Session, wanted: Filter, *, viewer: Viewer, now: datetime) -> list[NamedEntry]:
    """The same without pages, the newest so many; taking them away is an entry itself."""
    scope = _scope(session, viewer)
    found = queries.named_entries(session, wanted, unit_ids=scope, before_id=None, limit=MOST_EXPORTED)
    asked = {
        "account_id": wanted.account_id,
        "target": wanted.target,
        "since": wanted.since and wanted.since.isoformat(),
        "until": wanted.until and wanted.until.isoformat(),
    }
    details = {name: value for name, value in asked.items() if value} | {"n": len(found)}
    audit.record(session, EXPORTED, target="audit", by=viewer, at=now, details=details)
    return found


def people_in_log(session: Session, *, viewer: Viewer) -> list[tuple[int, str]]:
    """Whose entries this reader may ask for."""
    return queries.people(session, _scope(session, viewer))


def _scope(session: Session, viewer: Viewer) -> Collection[int] | None:
    """Everything for whoever stands at the top of a province, otherwise what concerns their subtree."""
    if units.unit_by_id(session, viewer.unit_id).parent_id is None:
        return None
    return visible_unit_ids(session, viewer=viewer)
