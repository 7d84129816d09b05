"""The chain of the audit log: each entry is sealed over all of itself and over the entry before it.

The key lies outside the database. Whoever can write to the tables but has no key can neither change, remove, insert
nor reorder an entry without breaking a seal; that the newest entries were cut off shows against an anchor kept
elsewhere.
"""

import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from survey_app.errors import AuditKeyMissing
from survey_app.models import AuditEntry, AuditHead
from survey_app.queries import audit as queries
from survey_app.queries.audit import EntryRow, HeadRow
from survey_app.queries.upserts import insert_each_once
from survey_app.signing import AUDIT_KEY_OPTION


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that is about to be written."""

    at: datetime
    account_id: int | None
    action: str
    target: str
    details: Mapping[str, Any]


def append(session: Session, draft: Draft) -> None:
    """Write an entry as the newest of the chain; whoever else writes one waits until this transaction ends."""
    key = audit_key(session)
    # What the entry refers to must be stored first, or its account may not exist yet.
    session.flush()
    head = _locked_head(session, key)
    # What is sealed is what will be read back: numbers as keys become text, tuples become lists.
    draft = replace(draft, details=json.loads(json.dumps(dict(draft.details), allow_nan=False)))
    sequence = head.sequence + 1
    seal = seal_of(key, head.seal, sequence, draft)
    session.add(AuditEntry(**asdict(draft), sequence=sequence, previous=head.seal, seal=seal))
    session.execute(update(AuditHead).where(AuditHead.id == 1).values(sequence=sequence, seal=seal))
    session.flush()


def seal_of(key: bytes, previous: bytes, sequence: int, draft: Draft) -> bytes:
    """HMAC-SHA-256 over the seal before and one spelling of every field."""
    content = [sequence, draft.at, draft.account_id, draft.action, draft.target, draft.details]
    return hmac.digest(key, previous + _spelled(content), "sha256")


def entry_seal(key: bytes, row: EntryRow, *, sequence: int) -> bytes:
    """The seal that a stored entry must have at this place of the chain."""
    draft = Draft(row.at, row.account_id, row.action, row.target, row.details)
    return seal_of(key, row.previous or b"", sequence, draft)


def beginning(key: bytes, older: Iterable[EntryRow]) -> bytes:
    """What the first entry follows: one seal over all entries that were made before there was a chain."""
    digest, n = sha256(), 0
    for row in older:
        n += 1
        digest.update(_spelled([row.id, row.at, row.account_id, row.action, row.target, row.details]) + b"\n")
    return hmac.digest(key, b"begin\n" + _spelled([n]) + digest.digest(), "sha256")


def audit_key(session: Session) -> bytes:
    """The key that the session's engine carries."""
    key = session.get_bind().get_execution_options().get(AUDIT_KEY_OPTION)
    if not isinstance(key, bytes):
        raise AuditKeyMissing
    return key


def _locked_head(session: Session, key: bytes) -> HeadRow:
    """The head of the chain, held until the transaction ends; the first entry begins the chain."""
    while (head := queries.head(session, lock=True)) is None:
        first = {"id": 1, "sequence": 0, "seal": beginning(key, queries.older_entries(session))}
        insert_each_once(session, AuditHead, [first])
    return head


def _spelled(values: list[Any]) -> bytes:
    """One spelling of values, the same before they are stored and after they are read from either database."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), default=_instant)
    return text.encode("ascii")


def _instant(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"no spelling of {type(value).__name__}")
    return value.astimezone(UTC).isoformat(timespec="microseconds")
