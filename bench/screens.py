"""Every staff page as a picture at two widths, found by following links, with what is wrong of itself: pages that
fail, scroll sideways, or complain in the console.

Run ``python -m bench.screens FOLDER``; it builds the demo first. The folder gets one picture a page and width, named by
account and endpoint, and ``report.txt``. ``FOLDER en`` takes them in English; ``--of empty`` the staff pages of an
instance in which nothing has happened yet; ``--of citizens`` the citizens' pages of kiosk and phone in both languages.
"""

import argparse
import re
import secrets
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, sync_playwright
from werkzeug.exceptions import HTTPException

from config import read_settings
from survey_app import create_app
from survey_app.clock import utc_now
from survey_app.db import db, write_transaction
from survey_app.demo.build import build_demo_file, demo_home
from survey_app.queries import units
from survey_app.services.accounts import Role, create_account
from survey_app.signing import Signer
from tests.sites import serving

ACCOUNTS = ("quantri", "quantri2", "sonoivu", "dongha", "lanhdao", "phongvan", "doankiemtra", "tinhmau")
WIDTHS = {"desktop": (1280, 800), "phone": (390, 800)}
DOORS = (("k", (1280, 800)), ("k", (800, 1280)), ("q", (360, 640)))
# So many of one endpoint are looked at: the second may be in another state.
MOST_OF_ONE = 2
# Milliseconds to wait for a page and all that it loads, on a machine that may be busy.
PATIENCE = 60_000
STAFF = ("admin.", "fieldwork.", "manager.", "par_office.", "auth.", "public.")
# Where everybody's links begin.
ENTRANCES = frozenset({"public.landing", "auth.account", "admin.home", "fieldwork.home"})
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def endpoint_of(app: Flask, url: str) -> str | None:
    """What a path leads to, if it is a page of the staff side that a link may open."""
    path = urlsplit(url).path
    try:
        endpoint, _values = app.url_map.bind("localhost").match(path, method="GET")
    except HTTPException:
        return None
    is_page = str(endpoint).startswith(STAFF) and not re.search(
        r"\.(pdf|svg|csv|xlsx|docx|json|png|zip)$", path
    )
    return str(endpoint) if is_page else None


def signed_in(browser: Browser, base: str, name: str, password: str, language: str) -> BrowserContext:
    context = browser.new_context(accept_downloads=False)
    page = context.new_page()
    page.goto(f"{base}/sign-in?lang={language}")
    page.fill("[name=name]", name)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_load_state()
    context.add_cookies([{"name": "lang", "value": language, "url": base}])
    page.close()
    return context


def look(page: Page, url: str, picture: Path, *, whole: bool = True) -> list[str]:
    """Take the picture; what is wrong with the page."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    try:
        answer = page.goto(url, timeout=PATIENCE)
    except TimeoutError:
        return [f"nothing after {PATIENCE // 1000} s"]
    if answer is None or answer.status >= 400:
        complaints.append(f"status {answer.status if answer else '-'}")
    sideways = page.evaluate(SIDEWAYS)
    if sideways > 1:
        complaints.append(f"{sideways} px too wide")
    page.screenshot(path=picture, full_page=whole)
    return complaints


def crawl(
    app: Flask, context: BrowserContext, base: str, name: str, folder: Path, n_of: Counter[str]
) -> list[str]:
    """Every page that this account reaches by links from its own navigation and nobody before it has shown."""
    waiting, known = deque([f"{base}/account", f"{base}/"]), set()
    faults = []
    while waiting:
        url = waiting.popleft()
        endpoint = endpoint_of(app, url)
        if endpoint is None or url in known or (n_of[endpoint] >= MOST_OF_ONE and endpoint not in ENTRANCES):
            continue
        known.add(url)
        n_of[endpoint] += 1
        for width, (w, h) in WIDTHS.items():
            page = context.new_page()
            page.set_viewport_size({"width": w, "height": h})
            picture = folder / f"{name}.{endpoint}.{n_of[endpoint]}.{width}.png"
            faults += [f"{name} {endpoint} {width} {url}: {fault}" for fault in look(page, url, picture)]
            links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
            # The same page with more contrast is no other page.
            waiting.extend(
                link.partition("#")[0] for link in links if link.startswith(base) and "contrast=" not in link
            )
            page.close()
    return faults


@contextmanager
def demo_site() -> Iterator[tuple[Flask, dict[str, str], str]]:
    """The simulated province: the application, the passwords, and the code of a point."""
    with tempfile.TemporaryDirectory() as scratch:
        settings = read_settings({"INSTANCE_DIR": scratch, "DEMO": "1"})
        report = build_demo_file(
            Path(scratch) / "demo.sqlite3",
            audit_key=Signer(settings.audit_secret).audit_key(),
            n_responses=20_000,
            has_merger=True,
        )
        app = create_app(replace(settings, TESTING=True))
        with app.app_context():
            code = demo_home(db.session)["citizen"].removeprefix("/q/")
        yield app, {account.name: account.password for account in report.accounts}, code


@contextmanager
def empty_site() -> Iterator[tuple[Flask, dict[str, str], str]]:
    """What `flask init` leaves, with an administrator and the PAR office; no wave, no answer."""
    with tempfile.TemporaryDirectory() as scratch:
        settings = replace(
            read_settings({"INSTANCE_DIR": scratch}), TESTING=True, REQUIRES_SECOND_FACTOR=False
        )
        app = create_app(settings)
        made = app.test_cli_runner().invoke(args=["init", "--admin", "quantri"])
        if made.exit_code:
            raise RuntimeError(made.output)
        password = secrets.token_urlsafe(16)
        with app.app_context(), write_transaction(db.session):
            root = units.unit_by_code(db.session, "QT").id
            for name, role in (("quantri2", Role.ADMIN), ("sonoivu", Role.PAR_OFFICE)):
                create_account(
                    db.session, name=name, password=password, role=role, unit_id=root, now=utc_now()
                )
        yield app, {"quantri2": password, "sonoivu": password}, ""


def citizens(browser: Browser, base: str, code: str, folder: Path) -> list[str]:
    """The first screen and the one after a tap, of kiosk and phone, in both languages."""
    faults = []
    for language in ("vi", "en"):
        for door, (w, h) in DOORS:
            context = browser.new_context(viewport={"width": w, "height": h}, has_touch=True)
            page, name = context.new_page(), f"{door}.{w}x{h}.{language}"
            url = f"{base}/{door}/{code}?lang={language}"
            faults += [f"{name}: {fault}" for fault in look(page, url, folder / f"{name}.1.png", whole=False)]
            page.locator(".tile").nth(3).tap()
            page.wait_for_timeout(800)
            page.screenshot(path=folder / f"{name}.2.png")
            context.close()
    return faults


def main(folder: Path, *, which: str, language: str) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    faults: list[str] = []
    n_of: Counter[str] = Counter()
    site = empty_site if which == "empty" else demo_site
    with site() as (app, passwords, code), serving(app) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        if which == "citizens":
            faults += citizens(browser, base, code, folder)
        else:
            for name in ACCOUNTS:
                if name not in passwords:
                    continue
                context = signed_in(browser, base, name, passwords[name], language)
                faults += crawl(app, context, base, name, folder, n_of)
                context.close()
        browser.close()
    (folder / "report.txt").write_text("\n".join(faults) + "\n", encoding="utf-8")
    print("\n".join(faults) or "nothing wrong was found")
    return 1 if faults else 0


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("language", nargs="?", choices=("vi", "en"), default="vi")
    asked.add_argument("--of", choices=("staff", "empty", "citizens"), default="staff", dest="which")
    said = asked.parse_args()
    sys.exit(main(said.folder, which=said.which, language=said.language))
