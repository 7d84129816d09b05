"""An acknowledgement waits for the disk: counted from outside, where a setting cannot only be claimed."""

import shutil
import subprocess

import pytest

from bench.faults import syncs

N = 50


@pytest.fixture(autouse=True)
def strace() -> None:
    """Installed by tests/browser.sh; a machine may still forbid to watch processes."""
    path = shutil.which("strace")
    if path is None or subprocess.run([path, "-o", "/dev/null", "true"], capture_output=True).returncode:
        pytest.skip("strace is not installed or not permitted")


def test_every_acknowledged_answer_was_synced(instance):
    assert syncs(instance, n=N) >= N


def test_the_count_notices_a_database_that_does_not_wait(instance):
    assert syncs(instance, n=N, target="bench.apps:unsynced()") < N / 10
