"""The write path: careful settings, whole transactions, and writers that wait instead of failing."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from survey_app import db as database
from survey_app.db import UnsafeDatabase, begin_write, can_write, engine_options, write_transaction, writes
from survey_app.errors import OutcomeUnknown
from survey_app.models import Point

pytestmark = pytest.mark.both_databases


def points(engine: Engine) -> int:
    with Session(engine) as session:
        return len(session.scalars(select(Point.id)).all())


@pytest.mark.only_database("sqlite")
@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 15_000),
        ("mmap_size", 0),
    ],
)
def test_sqlite_is_told_to_be_careful(session, pragma, value):
    assert session.scalar(text(f"PRAGMA {pragma}")) in (value, None if value == 0 else value)


@pytest.mark.only_database("postgresql")
@pytest.mark.parametrize("setting", ["synchronous_commit", "fsync", "full_page_writes"])
def test_postgresql_acknowledges_what_is_on_disk(session, setting):
    assert session.scalar(text(f"SHOW {setting}")) == "on"


def test_sqlite_with_the_wal_bug_is_refused(monkeypatch):
    monkeypatch.setattr(database.sqlite, "sqlite_version_info", (3, 51, 2))
    with pytest.raises(UnsafeDatabase):
        engine_options("sqlite:///x.sqlite3")


def test_an_error_carries_no_value(session):
    with pytest.raises(DBAPIError, match="SQL parameters hidden") as caught:
        session.execute(text("SELECT no_such FROM point WHERE name = :name"), {"name": "bí mật của dân"})
    assert "bí mật" not in str(caught.value)


def _write_and_fail(engine: Engine) -> None:
    with Session(engine) as session, write_transaction(session):
        session.add(Point(code="P-x", name="x"))
        session.flush()
        raise ZeroDivisionError


def test_a_transaction_that_fails_leaves_nothing(engine):
    before = points(engine)
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(engine)
    assert points(engine) == before


def _lose_connection_while_committing(engine: Engine) -> None:
    with Session(engine) as session, write_transaction(session):
        session.add(Point(code="P-z", name="z"))
        session.flush()
        lost = session.scalar(text("SELECT pg_backend_pid()"))
        with engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": lost})


@pytest.mark.only_database("postgresql")
def test_a_connection_lost_while_committing_leaves_the_outcome_unknown(engine):
    """Neither "saved" nor "not saved" would be honest; sending again finds out."""
    with pytest.raises(OutcomeUnknown):
        _lose_connection_while_committing(engine)


def test_a_write_reads_again_what_was_read_before(engine, session):
    before = len(session.scalars(select(Point.id)).all())
    with Session(engine) as other, write_transaction(other):
        other.add(Point(code="P-y", name="y"))
    begin_write(session)
    assert len(session.scalars(select(Point.id)).all()) == before + 1


def test_writers_at_once_wait_for_each_other(engine):
    before = points(engine)

    def write(place: int) -> None:
        with Session(engine) as session, write_transaction(session):
            session.scalars(select(Point.id)).all()
            session.add(Point(code=f"P-{place}", name="z"))

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(write, range(48)))
    assert points(engine) == before + 48


def test_looking_whether_it_can_write_leaves_nothing(engine, session):
    assert can_write(session) is True
    assert not session.in_transaction()


def test_a_view_that_writes_is_marked_and_commits(app, engine):
    before = points(engine)

    @writes
    def view() -> str:
        database.db.session.add(Point(code="P-v", name="v"))
        return "done"

    with app.test_request_context():
        assert view() == "done"
    assert view.is_writing
    assert points(engine) == before + 1
