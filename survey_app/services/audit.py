"""The line that says who of the staff changed what, written in the transaction of the change itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from survey_app.services import audit_chain


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
    """Add one entry to the chain. `by` is None for a command on the server and for somebody not signed in yet.

    Others who write an entry wait from here until the transaction ends: do long work before.
    """
    account_id = None if by is None else by.account_id
    audit_chain.append(session, audit_chain.Draft(at, account_id, action, target, details or {}))


def change(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, object]:
    """Details of a change: what differs, as it was and as it is."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {
        "before": {name: before.get(name) for name in names},
        "after": {name: after.get(name) for name in names},
    }
