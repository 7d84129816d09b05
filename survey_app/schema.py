"""Bring a database to the newest revision, from a command or a test."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from config import ROOT


def upgrade_schema(engine: Engine, revision: str = "head") -> None:
    with engine.begin() as connection:
        command.upgrade(_config(connection), revision)


def _config(connection: object) -> Config:
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["connection"] = connection
    return config
