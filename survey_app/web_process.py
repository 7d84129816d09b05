"""What the web server loads: the application, and an ear that misses no request to stop.

Python runs a signal's handler in the main thread between two steps of it. A signal that comes just before that
thread goes to sleep for good (the server's main thread does, while other threads serve) is looked at only when it
wakes up: never. Such a server would go on serving until it is killed in the middle of requests. So a signal is sent
to the main thread again until the process has ended.
"""

import os
import signal
import threading
import time

from flask import Flask

from survey_app import create_app

AGAIN_SECONDS = 0.5
_STOPS = frozenset({signal.SIGTERM, signal.SIGINT})


def application() -> Flask:
    """Called once, in the main thread of the web server's process."""
    app = create_app()
    insist_on_stops()
    return app


def insist_on_stops() -> None:
    """Have a thread that hears every signal, and reminds the main thread of a stop that was asked for."""
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    threading.Thread(target=_insist, args=(heard,), daemon=True).start()


def _insist(heard: int) -> None:
    while not (asked := _STOPS & set(os.read(heard, 64))):
        pass
    while True:
        time.sleep(AGAIN_SECONDS)
        signal.pthread_kill(threading.main_thread().ident or 0, min(asked))
