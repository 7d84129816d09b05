"""A small run of `make soak`: kills under load, and what was acknowledged is stored exactly once."""

import pytest

from bench.posting import judge
from bench.scratch import scratch
from bench.soak import kill_and_count

N_KILLS, N_ACKNOWLEDGED = 3, 120


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_acknowledged_is_stored_once_after_kills(kind):
    with scratch(kind) as at:
        verdict, devices = kill_and_count(at, n_kills=N_KILLS, n_acknowledged=N_ACKNOWLEDGED)
        assert verdict.is_clean, str(verdict)
        assert verdict.n_stored == verdict.n_acknowledged >= N_ACKNOWLEDGED
        assert devices.outcomes["500"] == 0


def test_the_count_notices_a_lost_and_a_strange_answer():
    with scratch("sqlite") as at:
        _, devices = kill_and_count(at, n_kills=0, n_acknowledged=5)
        lost, strange = str(devices.at.stored_ids()[0]), "00000000-0000-4000-8000-000000000000"
        devices.receipts[strange] = "AAAA-AAAA-AAAA"
        devices.sent.discard(lost)
        verdict = judge(devices)
        assert (verdict.n_lost, verdict.n_unknown, verdict.is_clean) == (1, 1, False)
