"""What goes wrong in a server room, made on purpose: a full disk, a database that restarts, a stop, a lazy disk.

Run ``python -m bench.faults``; the test suite holds a small version of each.
"""

import argparse
import contextlib
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from uuid import uuid4

import psutil
from sqlalchemy import text

from bench.posting import Devices, Verdict, judge, post, post_answer
from bench.scratch import Postgres, Scratch, postgres, scratch, scratch_on
from bench.serving import Server, free_port, granian, start
from survey_app.serve import web_command

SYNC = re.compile(r"(?:fsync|fdatasync)\(")


@dataclass
class Impatient:
    """Clients that send each answer once and never again; who is not connected, or not listened to, was not served."""

    at: Scratch
    port: int
    n_clients: int = 4
    outcomes: Counter[str] = field(default_factory=Counter)
    sent: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def posting(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._post_on) for _ in range(self.n_clients)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    @property
    def n_refused(self) -> int:
        """Answers that got a reply other than an acknowledgement."""
        return sum(n for outcome, n in self.outcomes.items() if outcome.isdigit() and outcome != "201")

    def unanswered(self) -> set[str]:
        """Answers that the server took and stored without telling."""
        return set(self.at.stored_ids()) & self.sent - self.acknowledged

    def _post_on(self) -> None:
        while not self._stop.is_set():
            key = str(uuid4())
            self.sent.add(key)
            outcome = self._outcome(self.at.body(key))
            self.outcomes[outcome] += 1
            if outcome == "201":
                self.acknowledged.add(key)
            elif outcome == "not connected":
                time.sleep(0.01)

    def _outcome(self, body: bytes) -> str:
        try:
            return str(post(self.port, body)[0])
        except ConnectionRefusedError:
            return "not connected"
        except (OSError, HTTPException) as error:
            return type(error).__name__


def stop_under_load(at: Scratch, *, seconds: float) -> tuple[Impatient, int]:
    """The polite stop while answers stream in; the exit code."""
    port = free_port()
    server = start(web_command(port), port, at.environ)
    clients = Impatient(at, port)
    with clients.posting():
        time.sleep(seconds)
        code = server.stop()
    return clients, code


Answered = Counter[tuple[int, str]]


def fill_the_disk(at: Scratch, *, each: int) -> tuple[Answered, Answered, Answered]:
    """Statuses and words before, during and after a time in which no file of the server may grow."""
    port = free_port()
    server = start(web_command(port), port, at.environ)

    def some() -> Answered:
        answers = [post_answer(port, at.body()) for _ in range(each)]
        return Counter((status, content.get("message", "")) for status, _, content in answers)

    try:
        before = some()
        server.limit_files(0)
        during = some()
        server.limit_files()
        return before, during, some()
    finally:
        server.kill()


def restart_the_database(server: Postgres, at: Scratch, *, n_restarts: int) -> tuple[Verdict, Devices, float]:
    """PostgreSQL ends at once under load, again and again; the longest wait for an acknowledgement afterwards."""
    port = free_port()
    web = start(web_command(port), port, at.environ)
    devices = Devices(at, port)
    waits = []
    devices.start()
    try:
        for _ in range(n_restarts):
            _until_acknowledged(devices, more=20)
            server.restart_at_once()
            waits.append(_until_acknowledged(devices, more=1))
    finally:
        devices.finish()
        web.kill()
    return judge(devices), devices, max(waits)


def _until_acknowledged(devices: Devices, *, more: int) -> float:
    started, n = time.monotonic(), len(devices.receipts)
    while len(devices.receipts) < n + more:
        if time.monotonic() - started > 60:
            raise TimeoutError("no acknowledgement for a minute")
        time.sleep(0.01)
    return time.monotonic() - started


def syncs(at: Scratch, *, n: int, target: str = "survey_app:create_app()") -> int:
    """How often the server waits for the disk while it acknowledges `n` answers, as `strace` sees it."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "strace"
        watched = [
            "strace",
            "-f",
            "-q",
            "-e",
            "trace=fsync,fdatasync",
            "-o",
            str(report),
            *granian(target, port),
        ]
        server = start(watched, port, at.environ)
        try:
            post(port, at.body())
            before = _count(report)
            statuses = {post(port, at.body())[0] for _ in range(n)}
            if statuses != {201}:
                raise AssertionError(f"not acknowledged: {statuses}")
            return _count(report) - before
        finally:
            _kill_all(server)


def _count(report: Path) -> int:
    return len(SYNC.findall(report.read_text()))


def _kill_all(server: Server) -> None:
    """`strace` and what it watches."""
    for process in psutil.Process(server.process.pid).children(recursive=True):
        process.kill()
    server.kill()


def integrity(at: Scratch) -> str:
    with at.session() as session:
        return str(session.execute(text("PRAGMA integrity_check")).scalar_one())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--restarts", type=int, default=10)
    parser.add_argument("--stops", type=int, default=10)
    arguments = parser.parse_args()
    is_clean = True
    for kind in ("sqlite", "postgresql"):
        with scratch(kind) as at:
            stops = [stop_under_load(at, seconds=1.0) for _ in range(arguments.stops)]
            outcomes = sum((clients.outcomes for clients, _ in stops), Counter[str]())
            lost = set().union(*(clients.acknowledged for clients, _ in stops)) - set(at.stored_ids())
            print(
                f"{kind}: {arguments.stops} stops under load, {dict(outcomes)}, lost {len(lost)}", flush=True
            )
            is_clean &= not lost and not any(clients.n_failed or code for clients, code in stops)
    with scratch("sqlite") as at:
        before, during, after = fill_the_disk(at, each=50)
        print(
            f"sqlite, full disk: {dict(before)}, then {dict(during)}, then {dict(after)}; "
            f"integrity {integrity(at)}, stored {len(at.stored_ids())}",
            flush=True,
        )
        is_clean &= {status for status, _ in before + after} == {201}
        is_clean &= {status for status, _ in during} == {503}
    with postgres() as server, scratch_on(server) as at:
        verdict, devices, wait = restart_the_database(server, at, n_restarts=arguments.restarts)
        print(
            f"postgresql: {arguments.restarts} immediate restarts, {verdict}, {dict(devices.outcomes)}, "
            f"first acknowledgement after at most {wait:.2f} s"
        )
        is_clean &= verdict.is_clean and wait <= 5
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
