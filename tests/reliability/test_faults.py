"""A full disk, a database that restarts, a stop: refused honestly, nothing acknowledged is lost, no restart needed."""

import pytest

from bench.faults import fill_the_disk, integrity, restart_the_database, stop_under_load
from bench.scratch import postgres, scratch_on

EACH = 8


def test_a_full_disk_refuses_with_503_and_writes_go_on_when_there_is_space_again(instance):
    before, during, after = fill_the_disk(instance, each=EACH)
    assert before == after == {(201, ""): EACH}
    ((status, message),) = during
    assert (status, during.total()) == (503, EACH)
    assert "CHƯA được lưu" in message
    assert len(instance.stored_ids()) == 2 * EACH, "what was refused is not stored, what was acknowledged is"
    assert integrity(instance) == "ok"


@pytest.mark.both_databases
def test_a_polite_stop_answers_everything_that_was_sent(instance):
    clients, code = stop_under_load(instance, seconds=0.5)
    assert code == 0
    assert clients.n_refused == 0, clients.outcomes
    assert clients.unanswered() == set()
    assert clients.acknowledged
    assert clients.acknowledged == set(instance.stored_ids())


def test_postgresql_ending_at_once_under_load_loses_nothing_and_is_found_again_by_itself():
    with postgres() as database, scratch_on(database) as at:
        found = restart_the_database(database, at, n_restarts=2)
        assert found.clients.told_wrongly() == set(), "called not saved, and stored"
        assert found.clients.acknowledged <= set(at.stored_ids())
    assert found.verdict.is_clean, str(found.verdict)
    assert found.verdict.n_acknowledged >= 40
    assert set(found.devices.outcomes) <= {"200", "201", "503"}, found.devices.outcomes
    assert found.longest_wait <= 5
