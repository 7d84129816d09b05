"""The line that says who of the staff changed what, written in the transaction of the change itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from survey_app.models import AuditEntry


class Actor(Protocol):
    """Whoever acts; a `Viewer` is one."""

    @property
    def account_id(self) -> int: ...


def record(
    session: Session,
    action: str,
    *,
    target: str,
    by: Actor | None,
    at: datetime,
    details: Mapping[str, object] | None = None,
) -> None:
    """Add one entry. `by` is None for a command on the server and for somebody not signed in yet."""
    account_id = None if by is None else by.account_id
    session.add(
        AuditEntry(at=at, account_id=account_id, action=action, target=target, details=dict(details or {}))
    )
