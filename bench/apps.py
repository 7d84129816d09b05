"""What the platform is measured against: the least that Flask can do, and the platform without its lock."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from threading import local
from uuid import UUID

import psycopg
import pysqlite3.dbapi2 as sqlite
from flask import Flask, request

from config import read_settings
from survey_app import create_app, db

BARE_INSERT = "INSERT INTO bare_answer (id, answers) VALUES"
_of_thread = local()


def bare() -> Flask:
    """A Flask view that stores the posted text under its id: no checks, no token, no reply twice.

    Each thread keeps its connection open, as those of the platform do.
    """
    settings = read_settings()
    store = _bare_sqlite(settings.INSTANCE_DIR / "bare.sqlite3") if settings.is_sqlite else _bare_postgres()
    app = Flask(__name__)

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/q/<code>")
    def submit(code: str) -> tuple[dict[str, str], int]:
        body = request.get_json()
        store(UUID(body["id"]), str(body["answers"]))
        return {"status": "stored"}, 201

    return app


def _bare_sqlite(path: Path) -> Callable[[UUID, str], None]:
    with sqlite.connect(path) as setup:
        setup.execute("PRAGMA journal_mode=WAL")
        setup.execute(
            "CREATE TABLE IF NOT EXISTS bare_answer (id BLOB PRIMARY KEY, answers TEXT) WITHOUT ROWID"
        )

    def store(key: UUID, answers: str) -> None:
        if not hasattr(_of_thread, "connection"):
            _of_thread.connection = sqlite.connect(path, timeout=15)
            _of_thread.connection.execute("PRAGMA synchronous=FULL")
        with _of_thread.connection as connection:
            connection.execute(f"{BARE_INSERT} (?, ?)", (key.bytes, answers))

    return store


def _bare_postgres() -> Callable[[UUID, str], None]:
    address = read_settings().DATABASE_URL.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(address, autocommit=True) as setup:
        setup.execute("CREATE TABLE IF NOT EXISTS bare_answer (id uuid PRIMARY KEY, answers text)")

    def store(key: UUID, answers: str) -> None:
        if not hasattr(_of_thread, "connection"):
            _of_thread.connection = psycopg.connect(address, autocommit=True)
        _of_thread.connection.execute(f"{BARE_INSERT} (%s, %s)", (key, answers))

    return store


def unsynced() -> Flask:
    """The platform on a SQLite that does not wait for the disk, for the check that counts its waiting."""
    careful = db._set_pragmas

    def careless(connection: sqlite.Connection, record: object) -> None:
        careful(connection, record)
        connection.execute("PRAGMA synchronous=OFF")

    db._set_pragmas = careless  # type: ignore[assignment]
    return create_app()


def unlocked() -> Flask:
    """The platform, its writers left to queue at the database instead of in the process."""
    db._write_lock = nullcontext()  # type: ignore[assignment]
    return create_app()
