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
    refused: set[str] = field(default_factory=set)
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
        return sum(n for outcome, n in self.outcomes.items() if outcome[0].isdigit() and outcome != "201")

    def told_wrongly(self) -> set[str]:
        """Answers that were called not saved and are stored all the same."""
        return set(self.at.stored_ids()) & self.refused

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
            elif outcome == "503 unavailable":
                self.refused.add(key)
            elif outcome == "not connected":
                time.sleep(0.01)

    def _outcome(self, body: bytes) -> str:
        try:
            status, _, content = post_answer(self.port, body)
            return str(status) if status == 201 else f"{status} {content.get('status')}"
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


@dataclass(frozen=True)
class Restarts:
    """What immediate restarts of the database did to devices that keep trying, and to clients that do not."""

    verdict: Verdict
    devices: Devices
    clients: Impatient
    longest_wait: float


def restart_the_database(server: Postgres, at: Scratch, *, n_restarts: int) -> Restarts:
    """PostgreSQL ends at once under load, again and again; the longest wait for an acknowledgement afterwards."""
    port = free_port()
    web = start(web_command(port), port, at.environ)
    devices, clients = Devices(at, port, n_devices=4), Impatient(at, port)
    waits = []
    devices.start()
    try:
        with clients.posting():
            for _ in range(n_restarts):
                _until_acknowledged(devices, more=20)
                server.restart_at_once()
                waits.append(_until_acknowledged(devices, more=1))
    finally:
        devices.finish()
        web.kill()
    # The clients' answers are none that a device sent.
    devices.sent |= clients.sent
    return Restarts(judge(devices), devices, clients, max(waits))


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


def report_stops(kind: str, *, n_stops: int) -> bool:
    with scratch(kind) as at:
        stops = [stop_under_load(at, seconds=1.0) for _ in range(n_stops)]
        outcomes = sum((clients.outcomes for clients, _ in stops), Counter[str]())
        stored = set(at.stored_ids())
        n_lost = sum(len(clients.acknowledged - stored) for clients, _ in stops)
        n_untold = sum(len(clients.unanswered()) for clients, _ in stops)
    print(
        f"{kind}: {n_stops} stops under load, {dict(outcomes)}, lost {n_lost}, "
        f"stored without an answer {n_untold}",
        flush=True,
    )
    return not (n_lost or n_untold or any(clients.n_refused or code for clients, code in stops))


def report_full_disk(*, each: int) -> bool:
    with scratch("sqlite") as at:
        before, during, after = fill_the_disk(at, each=each)
        n_stored, found = len(at.stored_ids()), integrity(at)
    print(
        f"sqlite, full disk: {dict(before)}, then {dict(during)}, then {dict(after)}; "
        f"stored {n_stored}, integrity {found}",
        flush=True,
    )
    is_refused = {status for status, _ in during} == {503}
    return is_refused and {status for status, _ in before + after} == {201} and n_stored == 2 * each


def report_restarts(*, n_restarts: int) -> bool:
    with postgres() as server, scratch_on(server) as at:
        found = restart_the_database(server, at, n_restarts=n_restarts)
        n_wrong = len(found.clients.told_wrongly())
    print(
        f"postgresql: {n_restarts} immediate restarts, {found.verdict}, {dict(found.devices.outcomes)}, "
        f"first acknowledgement after at most {found.longest_wait:.2f} s; "
        f"without retry {dict(found.clients.outcomes)}, called not saved but stored {n_wrong}",
        flush=True,
    )
    return found.verdict.is_clean and found.longest_wait <= 5 and not n_wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--restarts", type=int, default=10)
    parser.add_argument("--stops", type=int, default=10)
    arguments = parser.parse_args()
    results = [report_stops(kind, n_stops=arguments.stops) for kind in ("sqlite", "postgresql")]
    results.append(report_full_disk(each=50))
    results.append(report_restarts(n_restarts=arguments.restarts))
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
