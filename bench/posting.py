"""Devices that keep an answer until the server has acknowledged it, as the real ones do."""

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any
from uuid import uuid4

from bench.scratch import CODE, Scratch

PATH = f"/q/{CODE}"
HEADERS = {"Content-Type": "application/json"}
STORED = frozenset({200, 201})
RETRY_SECONDS = 0.2
REPLAY_SHARE = 0.05


def post(port: int, body: bytes, *, timeout: float = 20.0) -> tuple[int, str]:
    """One post on a connection of its own: status and receipt."""
    status, _, content = post_answer(port, body, timeout=timeout)
    return status, content.get("receipt", "")


def post_answer(
    port: int, body: bytes, *, timeout: float = 20.0
) -> tuple[int, dict[str, str], dict[str, Any]]:
    """The whole answer: status, headers, content."""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("POST", PATH, body, HEADERS)
        answer = connection.getresponse()
        headers = {name.title(): value for name, value in answer.getheaders()}
        return answer.status, headers, json.loads(answer.read())
    finally:
        connection.close()


@dataclass
class Devices:
    """Threads that post one answer after another, each again and again until it is acknowledged."""

    at: Scratch
    port: int
    n_devices: int = 8
    receipts: dict[str, str] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    outcomes: Counter[str] = field(default_factory=Counter)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._threads = [threading.Thread(target=self._answer_on) for _ in range(self.n_devices)]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Let every device have its last answer acknowledged."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _answer_on(self) -> None:
        while not self._stop.is_set():
            key = str(uuid4())
            self.sent.add(key)
            body = self.at.body(key)
            self.receipts[key] = self._until_acknowledged(body)
            # A device that lost the acknowledgement sends what is already stored.
            if random.random() < REPLAY_SHARE and self._until_acknowledged(body) != self.receipts[key]:
                self.outcomes["another receipt"] += 1

    def _until_acknowledged(self, body: bytes) -> str:
        while True:
            try:
                status, receipt = post(self.port, body)
            except (OSError, HTTPException):
                status, receipt = 0, ""
            self.outcomes[str(status or "no answer")] += 1
            if status in STORED:
                return receipt
            time.sleep(RETRY_SECONDS)


@dataclass(frozen=True)
class Verdict:
    """What was acknowledged against what is stored."""

    n_acknowledged: int
    n_stored: int
    n_lost: int
    n_twice: int
    n_unknown: int
    n_other_receipt: int

    @property
    def is_clean(self) -> bool:
        return not (self.n_lost or self.n_twice or self.n_unknown or self.n_other_receipt)

    def __str__(self) -> str:
        return (
            f"acknowledged {self.n_acknowledged:,}, stored {self.n_stored:,}, lost {self.n_lost}, "
            f"stored twice {self.n_twice}, never sent {self.n_unknown}, "
            f"another receipt {self.n_other_receipt}"
        )


def judge(devices: Devices) -> Verdict:
    """Read back every stored id."""
    stored = Counter(devices.at.stored_ids())
    return Verdict(
        n_acknowledged=len(devices.receipts),
        n_stored=stored.total(),
        n_lost=len(devices.receipts.keys() - stored.keys()),
        n_twice=sum(n > 1 for n in stored.values()),
        n_unknown=len(stored.keys() - devices.sent),
        n_other_receipt=devices.outcomes["another receipt"],
    )
