"""Sixteen copies of one post at once, many times over: stored once, one receipt, no error.

Run ``python -m bench.duplicates``. The last line drops the primary key first, and must find duplicates:
otherwise this would pass whatever the application did.
"""

import argparse
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from sqlalchemy import text

from bench.posting import STORED, post
from bench.scratch import Scratch, scratch
from bench.serving import free_port, serving
from survey_app.serve import web_command

COPIES, ROUNDS = 16, 200
_SPOILT = (
    "ALTER TABLE response DROP CONSTRAINT pk_response",
    # Without its key the table cannot take ON CONFLICT; a rule that never applies lets the statement run.
    "CREATE UNIQUE INDEX never ON response (id) WHERE false",
)


def send_copies(at: Scratch, *, rounds: int, is_quiet: bool) -> tuple[Counter[int], int]:
    """How often each status came, and how many rounds gave more than one receipt."""
    port = free_port()
    statuses: Counter[int] = Counter()
    n_mixed = 0
    with serving(web_command(port), port, at.environ, is_quiet=is_quiet), ThreadPoolExecutor(COPIES) as pool:
        for _ in range(rounds):
            body = at.body(str(uuid4()))
            answers = list(pool.map(lambda _, body=body: post(port, body), range(COPIES)))
            statuses.update(status for status, _ in answers)
            n_mixed += len({receipt for _, receipt in answers}) > 1
    return statuses, n_mixed


def measure(kind: str, *, rounds: int, is_spoilt: bool = False) -> int:
    """Print one line; how much went wrong: ids stored more than once, rounds with two receipts, refusals."""
    with scratch(kind) as at:
        if is_spoilt:
            _drop_key(at)
        statuses, n_mixed = send_copies(at, rounds=rounds, is_quiet=is_spoilt)
        stored = Counter(at.stored_ids())
    n_twice = sum(n > 1 for n in stored.values())
    n_refused = sum(n for status, n in statuses.items() if status not in STORED)
    name = f"{kind}, no key" if is_spoilt else kind
    print(
        f"{name:<20} {rounds} × {COPIES}: ids {len(stored)}, rows {stored.total()}, duplicated {n_twice}, "
        f"rounds with two receipts {n_mixed}, statuses {dict(sorted(statuses.items()))}",
        flush=True,
    )
    return n_twice if is_spoilt else n_twice + n_mixed + n_refused


def _drop_key(at: Scratch) -> None:
    with at.session() as session:
        for statement in _SPOILT:
            session.execute(text(statement))
        session.commit()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    wrong = [measure(kind, rounds=rounds) for kind in ("sqlite", "postgresql")]
    can_fail = measure("postgresql", rounds=rounds, is_spoilt=True) > 0
    return 0 if can_fail and not any(wrong) else 1


if __name__ == "__main__":
    sys.exit(main())
