"""A database that is handed out again holds what a fresh one holds."""

import psycopg
import pytest

from tests.postgres_copies import PostgresCopies

WRITTEN = {
    "rows and sequences": "INSERT INTO point (code, name) VALUES ('P-x', 'x'); UPDATE unit SET name = 'x';"
    " SET session_replication_role = replica; DELETE FROM wave",
    "another schema": "ALTER TABLE point ADD COLUMN extra integer",
    "a trigger less": "ALTER TABLE unit DISABLE TRIGGER ALL",
}


def content(copies: PostgresCopies, name: str) -> dict[str, list[str]]:
    with copies._connect(name) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = {table: connection.execute(f'SELECT * FROM "{table}"').fetchall() for (table,) in tables}
        sequences = "SELECT sequencename, last_value FROM pg_sequences"
        triggers = "SELECT tgname, tgenabled FROM pg_trigger"
        rows |= {query: connection.execute(query).fetchall() for query in (sequences, triggers)}
    return {table: sorted(map(repr, of_table)) for table, of_table in rows.items()}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_what_a_test_leaves_behind_is_gone(postgres_copies, written):
    fresh = content(postgres_copies, postgres_copies.template)
    name = postgres_copies.take()
    with postgres_copies._connect(name) as left_open:
        left_open.execute(written)
        assert content(postgres_copies, name) != fresh
        postgres_copies.give_back(name)
        with pytest.raises(psycopg.OperationalError):
            left_open.execute("SELECT 1")
    again = postgres_copies.take()
    assert content(postgres_copies, again) == fresh
    postgres_copies.give_back(again)
