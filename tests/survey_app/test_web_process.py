"""A request to stop reaches a main thread that sleeps for good, whenever it comes."""

import subprocess
import sys

import pytest

from config import ROOT

# The signal is taken by another thread, as one that comes in an unlucky moment: nothing wakes the main thread.
SLEEPER = """
import signal, sys, threading, time
from survey_app.web_process import insist_on_stops

asleep = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
if sys.argv[1] == "insists":
    insist_on_stops()

def unlucky():
    time.sleep(0.2)
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    time.sleep(30)

threading.Thread(target=unlucky, daemon=True).start()
asleep.wait()
"""


def exit_code(mode: str, *, within: float) -> int:
    return subprocess.run([sys.executable, "-c", SLEEPER, mode], cwd=ROOT, timeout=within).returncode


def test_a_stop_that_the_main_thread_missed_is_asked_for_again():
    assert exit_code("insists", within=30) == 7


def test_without_insisting_it_would_sleep_on():
    with pytest.raises(subprocess.TimeoutExpired):
        exit_code("does not", within=3)
