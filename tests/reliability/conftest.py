"""Real servers, as `make serve` starts them, on a fresh copy of the small world in either database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.scratch import Scratch, opened
from bench.serving import Server, free_port, start
from survey_app.serve import web_command


@pytest.fixture
def instance(database_url: str, tmp_path: Path) -> Scratch:
    return opened(tmp_path, database_url)


@pytest.fixture
def server(instance: Scratch) -> Iterator[Server]:
    port = free_port()
    running = start(web_command(port), port, instance.environ)
    yield running
    if running.process.poll() is None:
        running.kill()
