"""One demo of each size for all tests of this folder; nothing writes into them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from survey_app.db import engine_options, prepare_engine
from survey_app.demo.build import DemoReport, build_demo_file
from tests.builders import AUDIT_KEY


@dataclass(frozen=True)
class BuiltDemo:
    path: Path
    report: DemoReport
    session: Session


def _opened(path: Path, n_responses: int) -> Iterator[BuiltDemo]:
    report = build_demo_file(path, audit_key=AUDIT_KEY, n_responses=n_responses, seed=2026)
    engine = prepare_engine(create_engine(**engine_options(f"sqlite:///{path}")))
    with Session(engine) as session:
        yield BuiltDemo(path, report, session)
    engine.dispose()


@pytest.fixture(scope="session")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltDemo]:
    yield from _opened(tmp_path_factory.mktemp("small_demo") / "demo.sqlite3", 3_000)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltDemo]:
    yield from _opened(tmp_path_factory.mktemp("demo") / "demo.sqlite3", 20_000)
