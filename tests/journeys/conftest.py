"""One browser, one small office and one simulated province for all journeys of a test process."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from config import Settings
from survey_app import create_app
from tests.sites import (
    DemoSite,
    PinnedClock,
    Site,
    apart,
    build_demo_site,
    build_site,
    dispose_engine,
    serving,
)

PHONE = (360, 640)
OFFICE_TIME = "Asia/Ho_Chi_Minh"
# The day on which the demo's figures were released.
DEMO_TODAY = datetime(2026, 9, 17, 9, 0, tzinfo=ZoneInfo(OFFICE_TIME))
# A refused request is what some journeys are about; everything else in the console is a fault.
EXPECTED_COMPLAINT = "Failed to load resource"


@pytest.fixture(scope="package", autouse=True)
def _clock_between_tests() -> Iterator[None]:
    """The same time for what is made once for many tests, and for a page that asks after its test is over."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("survey_app.clock.datetime", PinnedClock(DEMO_TODAY))
        yield


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> PinnedClock:
    """The time of the application, the same on every run."""
    pinned = PinnedClock(DEMO_TODAY)
    monkeypatch.setattr("survey_app.clock.datetime", pinned)
    return pinned


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real Chromium, one for all journeys of a test process.

    While it is open its event loop owns this thread, in which Flask then refuses to end a request: servers
    run in threads of their own, tests ask them over HTTP, and other packages find the browser closed.
    """
    path = shutil.which("chromium")
    if path is None:
        assert not os.environ.get("CI"), "chromium is not installed"
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application on the small world of the tests."""
    app = apart(lambda: create_app(settings))
    yield app
    apart(lambda: dispose_engine(app))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The small office."""
    folder = tmp_path_factory.mktemp("small_office")
    return apart(lambda: build_site(folder, is_simulated=True))


@pytest.fixture(scope="session")
def url(site: Site) -> Iterator[str]:
    with serving(site.app) as address:
        yield address


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSite:
    """The simulated province; nothing writes answers into it."""
    folder = tmp_path_factory.mktemp("demo_site")
    return apart(lambda: build_demo_site(folder))


@pytest.fixture(scope="session")
def demo_url(demo: DemoSite) -> Iterator[str]:
    with serving(demo.app) as address:
        yield address


@pytest.fixture
def contexts(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Browsers without any history; anything their console complains of fails the test."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def opening(size: tuple[int, int], **options: object) -> BrowserContext:
        # The office's own, so that a page means the same day as the application at any hour of the machine.
        options = {"timezone_id": OFFICE_TIME} | options
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        opened.append(context)
        return context

    yield opening
    for context in opened:
        # A page that is closed sends what was answered; it must not arrive during the next test.
        context.set_offline(True)
        context.close()
    assert [text for text in complaints if EXPECTED_COMPLAINT not in text] == []


@pytest.fixture
def open_page(contexts: Callable[..., BrowserContext], url: str) -> Callable[..., Page]:
    """Opens a page of the small office; hurried, its timers run when the test says so."""

    def opened(
        path: str, size: tuple[int, int] = PHONE, *, script: bool = True, is_hurried: bool = False
    ) -> Page:
        page = contexts(size, java_script_enabled=script).new_page()
        if is_hurried:
            page.clock.install()
        page.goto(url + path)
        return page

    return opened


@pytest.fixture(scope="session")
def staff_cookie(demo: DemoSite, demo_url: str) -> Callable[[str], dict[str, str]]:
    """The session of an account that has signed in by the form, once; signing in has its own journey."""

    @cache
    def cookie(account: str) -> dict[str, str]:
        name = demo.app.config["STAFF_COOKIE_NAME"]
        found = apart(lambda: demo.client(account)).get_cookie(name)
        assert found is not None
        return {"name": name, "value": found.value, "url": demo_url}

    return cookie


@pytest.fixture
def open_as(
    contexts: Callable[..., BrowserContext], staff_cookie: Callable[[str], dict[str, str]], demo_url: str
) -> Callable[..., Page]:
    """Opens a page of the province as one of its accounts; None is anyone."""

    def opened(account: str | None, path: str, size: tuple[int, int] = (1280, 800)) -> Page:
        context = contexts(size)
        if account is not None:
            context.add_cookies([staff_cookie(account)])
        page = context.new_page()
        page.goto(demo_url + path)
        return page

    return opened
