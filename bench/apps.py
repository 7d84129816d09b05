"""What the platform is measured against: the least that Flask can do, and the platform without its lock."""

from contextlib import nullcontext
from uuid import UUID

import pysqlite3.dbapi2 as sqlite
from flask import Flask, request

from config import read_settings
from survey_app import create_app, db

BARE_TABLE = "CREATE TABLE IF NOT EXISTS bare_answer (id BLOB PRIMARY KEY, answers TEXT) WITHOUT ROWID"
BARE_INSERT = "INSERT INTO bare_answer (id, answers) VALUES (?, ?)"


def bare() -> Flask:
    """A Flask view that stores the posted text under its id: no checks, no token, no reply twice."""
    path = read_settings().INSTANCE_DIR / "bare.sqlite3"
    with sqlite.connect(path) as setup:
        setup.execute("PRAGMA journal_mode=WAL")
        setup.execute(BARE_TABLE)
    app = Flask(__name__)

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/q/<code>")
    def submit(code: str) -> tuple[dict[str, str], int]:
        body = request.get_json()
        connection = sqlite.connect(path, timeout=15)
        connection.execute("PRAGMA synchronous=FULL")
        with connection:
            connection.execute(BARE_INSERT, (UUID(body["id"]).bytes, str(body["answers"])))
        connection.close()
        return {"status": "stored"}, 201

    return app


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
