"""Copies of the small world in PostgreSQL, made once and put back as they were after each test.

Making a database costs more than most tests: its seven hundred files are written one by one. A copy is handed
out again when its schema is untouched, with the rows and sequences that a test has changed put back; otherwise
it is thrown away.
"""

from dataclasses import dataclass, field
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy import make_url

Marks = dict[str, tuple[int, int | None]]
# A row that is written has a younger transaction than any before it, and one that is gone is missing in the count.
_SCHEMA = " UNION ALL ".join(
    f"SELECT '{name}', count(*), max(xmin::text::bigint) FROM {name}"
    for name in (
        "pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_proc", "pg_type",
        "pg_namespace", "pg_rewrite", "pg_policy", "pg_largeobject_metadata", "pg_db_role_setting",
    )
)  # fmt: skip


@dataclass(slots=True)
class _World:
    """What a fresh copy holds."""

    schema: Marks
    rows: dict[str, bytes]
    sequences: dict[str, tuple[int, bool]]


@dataclass(slots=True)
class PostgresCopies:
    """The databases of one server; none is in two hands."""

    url: str
    template: str
    _world: _World | None = None
    _free: dict[str, Marks] = field(default_factory=dict)
    _taken: dict[str, Marks] = field(default_factory=dict)

    def take(self) -> str:
        """The name of a database that is as the template is."""
        if self._free:
            name, marks = self._free.popitem()
        else:
            name = f"test_{uuid4().hex}"
            with self._connect("postgres") as connection:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                        sql.Identifier(name), sql.Identifier(self.template)
                    )
                )
            with self._connect(name) as connection:
                if self._world is None:
                    self._world = _read(connection)
                marks = _marks_of_tables(connection, self._world)
        self._taken[name] = marks
        return name

    def give_back(self, name: str) -> None:
        marks = self._taken.pop(name)
        assert self._world is not None
        with self._connect(name) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            is_whole = _marks(connection, _SCHEMA) == self._world.schema
            if is_whole:
                self._free[name] = _put_back(connection, self._world, marks)
        if not is_whole:
            with self._connect("postgres") as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _connect(self, database: str) -> psycopg.Connection:
        url = make_url(self.url).set(drivername="postgresql", database=database)
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def _marks(connection: psycopg.Connection, query: str | sql.Composed) -> Marks:
    return {name: (count, youngest) for name, count, youngest in connection.execute(query)}


def _marks_of_tables(connection: psycopg.Connection, world: _World) -> Marks:
    """How many rows each table has, and which transaction wrote last."""
    one = sql.SQL("SELECT {}, count(*), max(xmin::text::bigint) FROM {}")
    each = [one.format(sql.Literal(name), sql.Identifier(name)) for name in world.rows]
    return _marks(connection, sql.SQL(" UNION ALL ").join(each))


def _sequences(connection: psycopg.Connection) -> dict[str, tuple[int, bool]]:
    query = """SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL
               FROM pg_sequences WHERE schemaname = 'public'"""
    return {name: (value, is_called) for name, value, is_called in connection.execute(query)}


def _read(connection: psycopg.Connection) -> _World:
    names = [
        name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ]
    rows = {}
    for name in names:
        with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))) as copy:
            rows[name] = b"".join(bytes(part) for part in copy)
    return _World(_marks(connection, _SCHEMA), rows, _sequences(connection))


def _put_back(connection: psycopg.Connection, world: _World, before: Marks) -> Marks:
    """The marks of the tables, after those that differ hold again what they held."""
    after = _marks_of_tables(connection, world)
    changed = [name for name in after if after[name] != before[name]]
    with connection.transaction():
        # No trigger and no foreign key: what was there before is whole.
        connection.execute("SET LOCAL session_replication_role = replica")
        for name in changed:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
            if world.rows[name]:
                with connection.cursor().copy(
                    sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))
                ) as copy:
                    copy.write(world.rows[name])
        for name, (value, is_called) in _sequences(connection).items():
            if world.sequences[name] != (value, is_called):
                first, was_called = world.sequences[name]
                connection.execute(
                    "SELECT setval(quote_ident(%s)::regclass, %s, %s)", (name, first, was_called)
                )
    return _marks_of_tables(connection, world) if changed else after
