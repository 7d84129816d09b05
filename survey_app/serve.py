"""Start the web server and the worker beside it; in the demo, build the demo data first."""

import os
import signal
import subprocess
import sys

from config import ROOT, read_settings

THREADS = 16


def main() -> int:
    settings = read_settings()
    if settings.IS_DEMO:
        subprocess.run([sys.executable, "-m", "flask", "--app", "survey_app", "demo", "build", "--if-missing"],
                       check=True, cwd=ROOT)  # fmt: skip
    processes = [subprocess.Popen(command, cwd=ROOT) for command in (_web(), _worker())]

    def stop(_signal: int, _frame: object) -> None:
        for process in processes:
            process.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    first_pid, status = os.wait()
    stop(0, None)
    for process in processes:
        if process.pid != first_pid:
            process.wait()
    return os.waitstatus_to_exitcode(status)


def _web() -> list[str]:
    address = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
    return [
        sys.executable, "-m", "gunicorn", "--bind", address, "--worker-class", "gthread", "--workers", "1",
        "--threads", str(THREADS), "--graceful-timeout", "30", "--keep-alive", "5", "--log-level", "warning",
        "survey_app:create_app()",
    ]  # fmt: skip


def _worker() -> list[str]:
    return [sys.executable, "-m", "huey.bin.huey_consumer", "survey_app.worker.huey", "--quiet"]


if __name__ == "__main__":
    sys.exit(main())
