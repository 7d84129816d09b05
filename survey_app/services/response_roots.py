"""A root over stored responses: one digest that changes when any counted row is changed, added or taken away.

The rows carry no serial and no time, so they are taken in the order of their random ids. A row's hash covers what
figures are made of (its id, form, answers and flags) and nothing that is made coarser or purged later.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from survey_app.queries.roots import HashedRow

# RFC 6962, section 2.1: leaves and inner nodes are told apart, so that no row can pass for a subtree.
LEAF, NODE = b"\x00", b"\x01"


@dataclass(frozen=True, slots=True)
class Root:
    """How many rows a root covers, and the root itself (32 bytes)."""

    n: int
    digest: bytes


def hash_of(row: HashedRow) -> bytes:
    """The hash of one row: fixed-length fields first, so that two different rows never read the same."""
    head = row.id.bytes + row.version_id.to_bytes(8, "big") + row.flags.to_bytes(4, "big")
    return sha256(LEAF + head + row.answers).digest()


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
