"""The line between a browser and a real server, in the hands of a test: it can be cut, and it can lie."""

import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

POST = re.compile(rb"POST (/k/[0-9A-Z]{8}) HTTP")
FALSE_ANSWER = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class Line:
    """Forwards each connection to the server as one request and its answer.

    `after_answer` is called with the server's whole answer to an answer of a kiosk; what it returns goes on to the
    browser, and None cuts the connection. `n_to_swallow` answers are thanked for and thrown away.
    """

    server_port: int
    after_answer: Callable[[bytes], bytes | None] = lambda answer: answer
    rewrite: Callable[[bytes, bytes], bytes] = lambda request, answer: answer
    n_to_swallow: int = 0
    n_swallowed: int = 0
    is_cut: bool = False
    is_mute: bool = False
    _listener: socket.socket = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                browser, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(browser,), daemon=True).start()

    def _serve(self, browser: socket.socket) -> None:
        with browser:
            try:
                browser.settimeout(30)
                request = _whole_request(browser)
                if not request or self.is_cut:
                    return
                if self.is_mute:
                    # Nobody answers and nobody hangs up, until the browser loses patience.
                    browser.recv(1)
                    return
                answer = self._answer(request)
                if answer is not None:
                    browser.sendall(answer)
            except OSError:
                return

    def _answer(self, request: bytes) -> bytes | None:
        is_kiosk_answer = POST.match(request) is not None
        if is_kiosk_answer:
            with self._lock:
                if self.n_to_swallow:
                    self.n_to_swallow -= 1
                    self.n_swallowed += 1
                    return FALSE_ANSWER
        closing = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", request, count=1)
        closing = closing.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
        with socket.create_connection(("127.0.0.1", self.server_port), timeout=30) as server:
            server.sendall(closing)
            parts = []
            while part := server.recv(65536):
                parts.append(part)
        answer = b"".join(parts)
        return self.after_answer(answer) if is_kiosk_answer else self.rewrite(request, answer)


def _whole_request(browser: socket.socket) -> bytes:
    """The head and as much of a body as it announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = browser.recv(65536)
        if not part:
            return b""
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    wanted = int(length[1]) if length else 0
    while len(body) < wanted:
        part = browser.recv(65536)
        if not part:
            return b""
        body += part
    return head + b"\r\n\r\n" + body
