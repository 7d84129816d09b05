"""Runs revisions against the database named in the settings, or against a connection handed over by the caller."""

from alembic import context
from sqlalchemy import Connection, create_engine

from config import read_settings
from survey_app.db import engine_options, prepare_engine
from survey_app.models import Base
from survey_app.models.base import UtcDateTime


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write our column types as plain SQL types, so that a revision imports nothing of ours."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    options = engine_options(read_settings().DATABASE_URL)
    engine = prepare_engine(create_engine(**options))
    with engine.connect() as own:
        run(own)
    engine.dispose()
