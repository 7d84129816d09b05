"""One response a transaction on SQLite: builds, journal modes, writers; and how often the disk is waited for.

Run ``python -m bench.commits``. Every setting is measured in turns, in one run; `strace` counts the syncs.
"""

import argparse
import re
import shutil
import sqlite3 as system_sqlite
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path
from statistics import median
from types import ModuleType
from uuid import uuid4

import pysqlite3.dbapi2 as bundled_sqlite

from bench.scratch import CODE, SECRET, scratch
from config import ROOT, Settings
from survey_app import create_app
from survey_app.db import SAFE_WAL_VERSION

BUILDS: dict[str, ModuleType] = {"system": system_sqlite, "bundled": bundled_sqlite}
SETTINGS = (("system", "DELETE"), ("bundled", "DELETE"), ("bundled", "WAL"))
WRITERS = (1, 8)
N_COMMITS, N_TRACED, REPEATS = 400, 200, 3
INSERT = """
INSERT INTO response (id, collected_on, received_on, answers, digest, wave_id, version_id, unit_id, point_id,
                      stratum, channel, stage, capacity, assisted_by, residence, language, is_test,
                      is_ticketed, is_late, flags, duration_bucket, gap_bucket)
SELECT ?, ?, ?, ?, ?, wave.id, wave.version_id, unit_id, 1, 0, 2, 0, 0, 0, 0, 'vi', 0, 0, 0, 0, 0, 0
FROM wave JOIN wave_unit ON wave_id = wave.id WHERE wave.code = 'full' LIMIT 1"""


def store(
    path: Path, build: str, journal: str, *, n: int, lock: AbstractContextManager[object] | None = None
) -> None:
    """`n` transactions of one response each."""
    connection = BUILDS[build].connect(path, timeout=30, isolation_level=None)
    for pragma in (f"journal_mode={journal}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    day = date(2026, 9, 15).isoformat()
    for _ in range(n):
        with lock or nullcontext():
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(INSERT, (uuid4().hex, day, day, bytes(72), bytes(16)))
            connection.execute("COMMIT")
    connection.close()


def commits_per_second(path: Path, build: str, journal: str, writers: int) -> float:
    lock = threading.Lock()
    each = N_COMMITS // writers
    threads = [
        threading.Thread(target=store, args=(path, build, journal), kwargs={"n": each, "lock": lock})
        for _ in range(writers)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return each * writers / (time.perf_counter() - started)


def post_through_application(n: int) -> None:
    """The whole way of an answer, in this process, for `strace` to watch."""
    with scratch("sqlite") as at:
        settings = Settings(SECRET_KEY=SECRET, DATABASE_URL=at.database_url, INSTANCE_DIR=at.directory,
                            PUBLIC_BASE_URL="http://localhost", COOKIES_SECURE=False)  # fmt: skip
        client = create_app(settings).test_client()
        for _ in range(n):
            client.post(f"/q/{CODE}", data=at.body(), content_type="application/json")


def traced_syncs(*arguments: str) -> int:
    """Calls of fsync and fdatasync in a process of its own, threads and all."""
    with tempfile.NamedTemporaryFile() as report:
        subprocess.run(
            ["strace", "-f", "-c", "-e", "trace=fsync,fdatasync", "-o", report.name,
             sys.executable, "-m", "bench.commits", *arguments], check=True, cwd=ROOT,
        )  # fmt: skip
        text = Path(report.name).read_text()
    calls = re.findall(r"^\s*\S+\s+\S+\s+\S+\s+(\d+)(?:\s+\d+)?\s+(?:fsync|fdatasync)$", text, re.MULTILINE)
    return sum(map(int, calls))


def measure() -> None:
    safe = ".".join(map(str, SAFE_WAL_VERSION))
    for build, module in BUILDS.items():
        verdict = "may" if module.sqlite_version_info >= SAFE_WAL_VERSION else "must not"
        print(f"{build}: SQLite {module.sqlite_version}, {verdict} use WAL (safe from {safe})")
    with scratch("sqlite") as at:
        found: dict[tuple[str, str, int], list[float]] = {}
        for repeat in range(REPEATS):
            for build, journal in SETTINGS:
                path = at.directory / f"{build}_{journal}_{repeat}.sqlite3"
                shutil.copy(at.directory / "survey.sqlite3", path)
                for writers in WRITERS:
                    rate = commits_per_second(path, build, journal, writers)
                    found.setdefault((build, journal, writers), []).append(rate)
        print(f"{'':<20} {'writers':>7} {'per s':>8} {'ratio':>6}")
        for (build, journal, writers), rates in found.items():
            ratio = median(rates) / median(found["system", "DELETE", writers])
            print(f"{build + ' ' + journal:<20} {writers:>7} {median(rates):8.0f} {ratio:6.2f}")
        _print_syncs(at.directory)


def _print_syncs(directory: Path) -> None:
    if shutil.which("strace") is None:
        print("strace is not installed: syncs are not counted")
        return
    for build, journal in SETTINGS:
        path = directory / f"{build}_{journal}_0.sqlite3"
        n = traced_syncs("--store", str(path), build, journal)
        print(f"{build} {journal}: {n / N_TRACED:.2f} syncs a commit")
    idle, busy = traced_syncs("--post", "0"), traced_syncs("--post", str(N_TRACED))
    print(f"application: {(busy - idle) / N_TRACED:.2f} syncs an acknowledgement")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", nargs=3, metavar=("FILE", "BUILD", "JOURNAL"))
    parser.add_argument("--post", type=int)
    arguments = parser.parse_args()
    if arguments.store:
        path, build, journal = arguments.store
        store(Path(path), build, journal, n=N_TRACED)
    elif arguments.post is not None:
        post_through_application(arguments.post)
    else:
        measure()


if __name__ == "__main__":
    main()
