"""Web servers as the platform starts them, in a process group of their own that can be killed whole."""

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import IO

import psutil

from config import ROOT

READY_SECONDS = 30.0
THREADS = 16


class NotServing(Exception):
    """The server did not come up, or went away."""


@dataclass(frozen=True)
class Server:
    """A running server process."""

    process: subprocess.Popen[bytes]
    port: int

    def kill(self) -> None:
        """What a crash or a power cut does to processes: every one of them at once, with no warning."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def limit_files(self, size: int = resource.RLIM_INFINITY) -> None:
        """Let no process of it write to a file beyond this size: a full disk, until it is lifted again."""
        whole = psutil.Process(self.process.pid)
        for process in (whole, *whole.children(recursive=True)):
            process.rlimit(psutil.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def stop(self, timeout: float = 30.0) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def gunicorn(target: str, port: int) -> list[str]:
    """One worker with threads."""
    return [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
        "--workers", "1", "--threads", str(THREADS), "--log-level", "error", target,
    ]  # fmt: skip


def granian(target: str, port: int) -> list[str]:
    """One worker with blocking threads; connections are read outside Python."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1",
        "--port", str(port), "--workers", "1", "--blocking-threads", str(THREADS), "--log-level", "error",
        target.removesuffix("()"),
    ]  # fmt: skip


SERVERS = {"gunicorn": gunicorn, "granian": granian}


def platform() -> list[str]:
    """What `make serve` starts: the web server and the worker beside it."""
    return [sys.executable, "-m", "survey_app.serve"]


def start(
    command: list[str],
    port: int,
    environ: Mapping[str, str],
    *,
    ready: str = "/healthz",
    is_quiet: bool = False,
    log: IO[bytes] | None = None,
) -> Server:
    """Start a process group and wait until it answers; what it prints goes to `log` if there is one."""
    process = subprocess.Popen(
        command, cwd=ROOT, env={**environ, "PORT": str(port)}, start_new_session=True,
        stdout=log, stderr=log or (subprocess.DEVNULL if is_quiet else None),
    )  # fmt: skip
    server = Server(process, port)
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if answers(port, ready):
            return server
        time.sleep(0.02)
    if process.poll() is None:
        server.kill()
    raise NotServing(" ".join(command))


def answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def serving(
    command: list[str], port: int, environ: Mapping[str, str], *, is_quiet: bool = False
) -> Iterator[Server]:
    """A server for the length of the block."""
    server = start(command, port, environ, is_quiet=is_quiet)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()
