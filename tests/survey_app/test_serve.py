"""What `make serve` starts: it answers, stops cleanly, and no slow sender holds up the others."""

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.clients import request_head
from bench.posting import PATH, post
from bench.scratch import Scratch, scratch
from bench.serving import Server, answers, free_port, platform, start

STOP_SECONDS = 12


@pytest.fixture(scope="module")
def instance() -> Iterator[Scratch]:
    with scratch("sqlite") as at:
        yield at


@pytest.fixture
def server(instance: Scratch) -> Iterator[Server]:
    port = free_port()
    running = start(platform(), port, instance.environ, ready="/readyz")
    yield running
    if running.process.poll() is None:
        running.kill()


def half_sent(server: Server, body: bytes) -> socket.socket:
    """A request of which only the first half of the body has arrived."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=STOP_SECONDS)
    connection.sendall(request_head(PATH, len(body)) + body[: len(body) // 2])
    time.sleep(0.3)
    return connection


def test_stop_ends_both_processes_in_seconds_after_a_submit_in_flight_is_answered(instance, server):
    started = psutil.Process(server.process.pid).children(recursive=True)
    assert len(started) >= 2
    body = instance.body()
    with half_sent(server, body) as connection:
        asked = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(body[len(body) // 2 :])
        assert b" 201 " in connection.recv(4096).split(b"\r\n")[0]
    assert server.process.wait(STOP_SECONDS) == 0
    assert time.monotonic() - asked < STOP_SECONDS
    assert psutil.wait_procs(started, timeout=1)[1] == []
    assert len(instance.stored_ids()) == 1


def test_senders_on_slow_lines_do_not_hold_up_the_others(instance, server):
    slow = [half_sent(server, instance.body()) for _ in range(4)]
    started = time.monotonic()
    assert post(server.port, instance.body(), timeout=10)[0] == 201
    assert time.monotonic() - started < 5
    for connection in slow:
        connection.close()


def test_nothing_written_down_tells_of_an_answer(instance: Scratch, tmp_path: Path, capfd):
    port = free_port()
    server = start(platform(), port, instance.environ, ready="/readyz")
    assert answers(port, PATH)
    assert post(port, instance.body())[0] == 201
    assert server.stop() == 0
    written = capfd.readouterr()
    assert PATH not in written.out + written.err
    assert "POST" not in written.out + written.err
