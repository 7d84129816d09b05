"""Start the web server and the worker beside it; in the demo, build the demo data first."""

import signal
import subprocess
import sys
import time

from config import ROOT, read_settings

# One process, so that writers queue on one lock; its threads wait for the database.
THREADS = 16
# What a request in flight may still take after a stop is asked for.
STOP_SECONDS = 20
BACKLOG = 2048
# How long somebody who asked for a document waits at most until the worker looks.
WORKER_LOOKS_SECONDS = "2"


def main() -> int:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _raise_stop)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        settings = read_settings()
        if settings.IS_DEMO:
            subprocess.run(_demo_command(), check=True, cwd=ROOT)
        print(f"Mở / Open {settings.PUBLIC_BASE_URL}", flush=True)
        for command in (web_command(settings.PORT, host=settings.HOST), worker_command()):
            processes.append(subprocess.Popen(command, cwd=ROOT))
        return _first_to_end(processes)
    except _Stop:
        return 0
    finally:
        _stop_all(processes)


class _Stop(Exception):
    """Somebody asked this process to stop."""


def _raise_stop(_signal: int, _frame: object) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    raise _Stop


def _first_to_end(processes: list[subprocess.Popen[bytes]]) -> int:
    """Neither process ends by itself: when one does, its exit code is ours and the other is stopped."""
    while True:
        for process in processes:
            code = process.poll()
            if code is not None:
                return code or 1
        time.sleep(0.5)


def _stop_all(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(STOP_SECONDS + 5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def web_command(port: int, *, host: str = "127.0.0.1") -> list[str]:
    """The web server; it writes no access log."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "--host", host,
        "--port", str(port), "--workers", "1", "--blocking-threads", str(THREADS), "--backlog", str(BACKLOG),
        "--http", "1", "--no-ws", "--workers-kill-timeout", str(STOP_SECONDS),
        "--log-level", "error", "--no-access-log", "survey_app.web_process:application",
    ]  # fmt: skip


def _demo_command() -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "survey_app", "demo", "build", "--if-missing"]


def worker_command() -> list[str]:
    return [
        sys.executable, "-m", "huey.bin.huey_consumer", "survey_app.worker.huey", "--quiet",
        "--max-delay", WORKER_LOOKS_SECONDS,
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
