"""Whether everyone may read what an office has published: off until two people switch it on, off again by one."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_app.errors import AlreadyExists, NotAllowed
from survey_app.models import PublicPages
from survey_app.queries import publications as queries
from survey_app.queries import units
from survey_app.services import accounts, approvals, audit
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approvals import Kind, Moment, Payload

OPEN = "results.open"
ROLES = frozenset({Role.ADMIN, Role.PAR_OFFICE})


def is_open(session: Session, root_unit_id: int) -> bool:
    return root_unit_id in queries.open_roots(session)


def propose_opening(
    session: Session, *, root_unit_id: int, reason: str, kinds: Mapping[str, Kind], by: Viewer, now: datetime
) -> int:
    """Ask a second person to let everyone read the published results."""
    if by.role not in ROLES:
        raise NotAllowed
    waiting = approvals.visible_approvals(session, viewer=by, kinds=kinds, is_pending=True)
    if any(row.kind == OPEN and row.unit_id == root_unit_id for row in waiting):
        raise AlreadyExists(OPEN)
    subject = units.unit_by_id(session, root_unit_id).label
    return approvals.propose(
        session, kind=OPEN, kinds=kinds, unit_id=root_unit_id, subject=subject,
        payload={"root_unit_id": root_unit_id}, reason=reason, by=by, now=now,
    )  # fmt: skip


def close(session: Session, *, root_unit_id: int, by: Viewer, now: datetime, today: date) -> None:
    """Let nobody read them any more; a step back needs no second person."""
    if by.role not in ROLES:
        raise NotAllowed
    accounts.require_unit(session, unit_id=root_unit_id, viewer=by)
    _set(session, root_unit_id, is_open=False, on=today)
    audit.record(session, "publication.pages_closed", target=f"unit:{root_unit_id}", by=by, at=now)


def _open(session: Session, payload: Payload, by: Viewer, at: Moment) -> None:
    root_unit_id = payload["root_unit_id"]
    accounts.require_unit(session, unit_id=root_unit_id, viewer=by)
    _set(session, root_unit_id, is_open=True, on=at.today)
    audit.record(session, "publication.pages_opened", target=f"unit:{root_unit_id}", by=by, at=at.now)


def _set(session: Session, root_unit_id: int, *, is_open: bool, on: date) -> None:
    session.merge(PublicPages(root_unit_id=root_unit_id, is_open=is_open, changed_on=on))
    session.flush()


KINDS: Mapping[str, Kind] = {OPEN: Kind(ROLES, _open)}
