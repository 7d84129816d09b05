"""Many people posting at once from one address, in an event loop, so that measuring costs little."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Body = Callable[[], bytes]
NO_ANSWER = 0
TIMEOUT = 60.0


@dataclass(frozen=True)
class Load:
    """What came back: seconds of each request, how often each status, and how long it all took."""

    seconds: np.ndarray
    statuses: Counter[int]
    total: float

    @property
    def per_second(self) -> float:
        return len(self.seconds) / self.total

    def percentile(self, q: float) -> float:
        """In milliseconds."""
        return float(np.percentile(self.seconds, q) * 1000)

    @property
    def n_stored(self) -> int:
        return self.statuses[201] + self.statuses[200]


def post_load(port: int, path: str, body: Body, *, clients: int, each: int) -> Load:
    """Clients that keep their connection and post one answer after another."""
    return asyncio.run(_together(clients, lambda: _steady(port, path, body, each)))


def post_burst(port: int, path: str, body: Body, *, n: int) -> Load:
    """Everyone connects and posts at the same moment, once."""
    return asyncio.run(_together(n, lambda: _steady(port, path, body, 1)))


async def _together(n: int, client: Callable[[], object]) -> Load:
    started = time.perf_counter()
    results = await asyncio.gather(*(client() for _ in range(n)))  # type: ignore[arg-type]
    answered = [answer for part in results for answer in part]
    seconds = np.array([taken for _, taken in answered])
    return Load(seconds, Counter(status for status, _ in answered), time.perf_counter() - started)


async def _steady(port: int, path: str, body: Body, each: int) -> list[tuple[int, float]]:
    answered, connection = [], None
    for _ in range(each):
        started = time.perf_counter()
        try:
            async with asyncio.timeout(TIMEOUT):
                connection = connection or await asyncio.open_connection("127.0.0.1", port)
                status, keeps = await _post(*connection, path, body())
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            status, keeps = NO_ANSWER, False
        answered.append((status, time.perf_counter() - started))
        if not keeps and connection is not None:
            connection[1].close()
            connection = None
    if connection is not None:
        connection[1].close()
    return answered


async def _post(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, body: bytes
) -> tuple[int, bool]:
    """The status, and whether the connection stays open."""
    writer.write(request_head(path, len(body)) + body)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1]), b"connection: close" not in head


def request_head(path: str, length: int) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


@dataclass
class HalfOpen:
    """People on a bad line: connections that have sent a part of a request and then nothing."""

    writers: list[asyncio.StreamWriter]

    @classmethod
    async def open(cls, port: int, part: bytes, n: int) -> "HalfOpen":
        connections = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(n)))
        for _, writer in connections:
            writer.write(part)
            await writer.drain()
        return cls([writer for _, writer in connections])

    def close(self) -> None:
        for writer in self.writers:
            writer.close()


def post_beside_half_open(port: int, path: str, body: Body, *, part: bytes, half_open: int, n: int) -> Load:
    """Eight honest clients while many half-sent requests hold their connections."""

    async def measure() -> Load:
        slow = await HalfOpen.open(port, part, half_open)
        await asyncio.sleep(0.5)
        try:
            return await _together(8, lambda: _steady(port, path, body, n // 8))
        finally:
            slow.close()

    return asyncio.run(measure())
