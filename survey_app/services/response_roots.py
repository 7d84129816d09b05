"""A root over stored responses: one digest that changes when any counted row is changed, added or taken away.

The rows carry no serial and no time, so they are taken in the order of their random ids. A row's hash covers what
figures are made of (its id, form, answers and flags) and nothing that is made coarser or purged later.
"""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from survey_app.queries import roots
from survey_app.queries.roots import HashedRow

# RFC 6962, section 2.1: leaves and inner nodes are told apart, so that no row can pass for a subtree.
LEAF, NODE = b"\x00", b"\x01"


@dataclass(frozen=True, slots=True)
class Root:
    """How many rows a root covers, and the root itself (32 bytes)."""

    n: int
    digest: bytes


def received_root(session: Session, *, wave_id: int, after: date | None, through: date) -> Root:
    """The root over the responses of a wave received after one day (None: ever) and up to another."""
    rows = roots.received_rows(session, wave_id=wave_id, after=after, through=through)
    with closing(rows):
        return merkle_root(hash_of(row) for row in rows)


def hash_of(row: HashedRow) -> bytes:
    return row_hash(row.id, row.version_id, row.answers, row.flags)


def row_hash(id_: UUID, version_id: int, answers: bytes, flags: int) -> bytes:
    """The hash of one row: fixed-length fields first, so that two different rows never read the same."""
    head = id_.bytes + version_id.to_bytes(8, "big") + flags.to_bytes(4, "big")
    return sha256(LEAF + head + answers).digest()


def merkle_root(leaves: Iterable[bytes]) -> Root:
    """Leaves in their order, hashed pairwise level by level; of none it is the hash of nothing (RFC 6962)."""
    subtrees: list[tuple[int, bytes]] = []
    n = 0
    for leaf in leaves:
        n += 1
        height, node = 0, leaf
        while subtrees and subtrees[-1][0] == height:
            node = sha256(NODE + subtrees.pop()[1] + node).digest()
            height += 1
        subtrees.append((height, node))
    if not subtrees:
        return Root(0, sha256(b"").digest())
    digest = subtrees.pop()[1]
    while subtrees:
        digest = sha256(NODE + subtrees.pop()[1] + digest).digest()
    return Root(n, digest)
