"""What the first page of a citizen weighs in a real browser, and how long the staff's pages take to make.

Run ``python -m bench.pages``; it builds the demo of 60,000 simulated responses first.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from bench.serving import free_port, serving
from config import ROOT
from survey_app.serve import web_command

BUDGET_BYTES, BUDGET_REQUESTS = 30_000, 3
REPEATS = 7
ACCOUNT = re.compile(r"^\s+(\S+)\s+(\S+)\s+(par_office|manager)\s", re.MULTILINE)
HOME = re.compile(r"(/q/\w+|/k/\w+|/manager/units/\d+|/par/comparison)\s*$", re.MULTILINE)
Printed = dict[str, tuple[str, str]]


def build_demo(directory: Path) -> tuple[Printed, list[str]]:
    """Accounts by role, and the paths that the demo recommends."""
    printed = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "survey_app", "demo", "build"],
        check=True, cwd=ROOT, env=_environ(directory), capture_output=True, text=True,
    ).stdout  # fmt: skip
    accounts: Printed = {}
    for name, password, role in ACCOUNT.findall(printed):
        accounts.setdefault(role, (name, password))
    return accounts, HOME.findall(printed)


def weigh(port: int, path: str) -> tuple[int, list[tuple[str, int]]]:
    """Every request of a first visit in Chromium with its bytes on the wire, as the browser counted them."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 360, "height": 640})
        loaded = []
        page.on("requestfinished", lambda request: loaded.append(request))
        page.goto(f"http://127.0.0.1:{port}{path}", wait_until="networkidle")
        sizes = [(request.url.split("/", 3)[3], request.sizes()["responseBodySize"]) for request in loaded]
        browser.close()
    return sum(size for _, size in sizes), sizes


class Visitor:
    """Signs in and fetches pages, one connection for all."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}

    def fetch(self, path: str, *, form: str | None = None) -> tuple[int, str, float]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        self._connection.request("GET" if form is None else "POST", path, form, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, text, time.perf_counter() - started

    def sign_in(self, name: str, password: str) -> None:
        from urllib.parse import urlencode

        _, page, _ = self.fetch("/sign-in")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
        fields = {"name": name, "password": password, "csrf_token": token.group(1) if token else ""}
        status, _, _ = self.fetch("/sign-in", form=urlencode(fields))
        if status != 303 and status != 302:
            raise SystemExit(f"signing in as {name} answered {status}")

    def median_seconds(self, path: str) -> tuple[float, int]:
        status, text, _ = self.fetch(path)
        if status != 200:
            raise SystemExit(f"{path} answered {status}")
        return median(self.fetch(path)[2] for _ in range(REPEATS)), len(text.encode())


def _environ(directory: Path) -> dict[str, str]:
    settings = {"INSTANCE_DIR": str(directory), "DEMO": "1"}
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | settings


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        directory, port = Path(name), free_port()
        accounts, paths = build_demo(directory)
        with serving(web_command(port), port, _environ(directory)):
            citizen = next(path for path in paths if path.startswith("/q/"))
            for path in (citizen, citizen.replace("/q/", "/k/")):
                total, sizes = weigh(port, path)
                print(
                    f"{path}: {total:,} bytes in {len(sizes)} requests (budget of /q/: {BUDGET_BYTES:,} in "
                    f"{BUDGET_REQUESTS}): "
                    + ", ".join(f"{url.split('?')[0]} {size:,}" for url, size in sizes)
                )
            _time_staff_pages(port, accounts, paths, citizen)


def _time_staff_pages(port: int, accounts: Printed, paths: list[str], citizen: str) -> None:
    """Each page beside `/healthz`, the least that a request costs here."""
    visitor = Visitor(port)
    floor, _ = visitor.median_seconds("/healthz")
    rows = [("/healthz", "", None), (citizen, "", None)]
    rows += [(path, "manager", accounts["manager"]) for path in paths if path.startswith("/manager/units/")][
        :1
    ]
    rows += [(path, "par_office", accounts["par_office"]) for path in paths if path == "/par/comparison"]
    for path, role, account in rows:
        if account:
            visitor = Visitor(port)
            visitor.sign_in(*account)
        taken, size = visitor.median_seconds(path)
        print(f"{path:<24} {role:<10} {taken * 1000:8.1f} ms {taken / floor:6.1f} × healthz {size:>9,} bytes")


if __name__ == "__main__":
    main()
