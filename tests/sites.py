"""Sites to open in a browser: one small office, a whole simulated province, and the server of both."""

import csv
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TypeVar
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Locator
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

from config import ROOT, read_settings
from survey_app import create_app
from survey_app.db import db
from survey_app.demo.build import build_demo_file, demo_home
from survey_app.demo.fieldwork import DemoAccount
from survey_app.demo.paper import paper_home
from survey_app.models import Device, Point, PointCode, PointUnit, ServiceField, Unit, Wave, WaveUnit
from survey_app.models.base import Base
from survey_app.services import questionnaires
from survey_app.signing import Signer

T = TypeVar("T")

CODE = "K7M2P9QX"
ONE_TAP_CODE = "W3N8R4TZ"
PLACE_NAME = "Đông Hà"
UNIT_NAME = f"Phường {PLACE_NAME}"
OPENED = date(2025, 7, 1)
# Large enough for a sample of 30 answers in many units, small enough to be built in seconds.
DEMO_RESPONSES = 20_000
DEMO_SECRET = "a key for tests only"


class PinnedClock:
    """Stands where `survey_app.clock` asks for the time; moves only when a test moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self, tz: tzinfo) -> datetime:
        return self.at.astimezone(tz)


def apart(work: Callable[[], T]) -> T:
    """Run in a thread of its own: the browser's event loop owns the thread of the tests."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing: a failing test shows its page, not two hundred lines of requests."""


def _whole(app: WSGIApplication) -> WSGIApplication:
    """Read each body before it is sent: a browser that is closed in the middle must not leave a file open."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        with closing(ClosingIterator(app(environ, start_response))) as body:
            return [b"".join(body)]

    return answer


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """A real server in front of the application; gives its address."""
    server = make_server("127.0.0.1", 0, _whole(app), threaded=True, request_handler=_QuietHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def dispose_engine(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


def follow(link: Locator) -> None:
    """Click what leads to another page, and be there."""
    with link.page.expect_navigation():
        link.click()


def csrf_token(html: str) -> str:
    """The token of a staff form."""
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', html)
    assert found is not None, "a page without a form of the staff side"
    return found.group(1)


def sign_in(client: FlaskClient, *, name: str, password: str) -> FlaskClient:
    """Sign in as a person would, by the form."""
    token = csrf_token(client.get("/sign-in").text)
    fields = {"name": name, "password": password, "csrf_token": token}
    assert client.post("/sign-in", data=fields).status_code == 303, name
    return client


@dataclass(frozen=True, slots=True)
class DemoSite:
    """The simulated province: accounts by name, paths by what they show, names of units and points."""

    app: Flask
    database: Path
    accounts: Mapping[str, DemoAccount]
    paths: Mapping[str, str]
    names: tuple[str, ...]

    def client(self, account: str | None) -> FlaskClient:
        """A client signed in as this account; None is anyone."""
        client = self.app.test_client()
        return sign_in(client, name=account, password=self.accounts[account].password) if account else client


def build_demo_site(folder: Path) -> DemoSite:
    """The demo in a folder of its own, with the application in front of it."""
    database = folder / "demo.sqlite3"
    report = build_demo_file(database, audit_key=Signer(DEMO_SECRET).audit_key(), n_responses=DEMO_RESPONSES)
    settings = read_settings({"INSTANCE_DIR": str(folder), "SECRET_KEY": DEMO_SECRET, "DEMO": "1"})
    app = create_app(replace(settings, TESTING=True))
    with app.app_context():
        names = tuple(
            name
            for column in (Unit.name, Point.name, Device.name)
            for name in db.session.scalars(select(column))
        )
        paths = demo_home(db.session)
        paths |= _print_paths(paths["citizen"].removeprefix("/q/")) | paper_home(db.session)
    return DemoSite(app, database, {account.name: account for account in report.accounts}, paths, names)


def _print_paths(code: str) -> dict[str, str]:
    """Where the print kit of the point with this code is."""
    point_id = db.session.get_one(PointCode, code).point_id
    return {
        "print_point": f"/fieldwork/print/points/{point_id}",
        "printed_code": f"/fieldwork/print/codes/{code}",
    }


@dataclass(frozen=True, slots=True)
class Site:
    """The small office."""

    app: Flask
    code: str = CODE
    one_tap_code: str = ONE_TAP_CODE


def build_site(folder: Path, *, is_simulated: bool = False) -> Site:
    """The application on an empty database with the one office."""
    settings = read_settings({"INSTANCE_DIR": str(folder), "SECRET_KEY": "a key for tests only"})
    app = create_app(replace(settings, TESTING=True, REQUIRES_SECOND_FACTOR=False))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        full, one_tap = (_version(name) for name in ("full_form_v1", "one_tap_v1"))
        add_office(CODE, full, is_simulated=is_simulated)
        add_office(ONE_TAP_CODE, one_tap, is_simulated=is_simulated)
        _add_service_fields()
        _add_closed_wave(full)
        db.session.commit()
    return Site(app)


def _version(name: str) -> int:
    seeds = ROOT / "seeds"
    definition = json.loads((seeds / "questionnaires" / f"{name}.json").read_text(encoding="utf-8"))
    library = json.loads((seeds / "scales.json").read_text(encoding="utf-8"))
    library = library.get("scales", library)
    complete = questionnaires.with_library_scales(definition, library)
    return questionnaires.publish(db.session, complete, OPENED).id


def add_office(code: str, version_id: int, *, is_simulated: bool) -> None:
    unit = Unit(
        code=f"U.{code}",
        name=PLACE_NAME,
        kind="ward",
        level=2,
        valid_from=OPENED,
        search_key=code,
        sort_key=code,
    )
    point = Point(code=f"P.{code}", name=f"Trung tâm Phục vụ hành chính công phường {PLACE_NAME}")
    wave = Wave(
        code=f"W.{code}", title_vi="Phản hồi tại Một cửa", title_en="One-stop feedback", basis="continuous",
        version_id=version_id, opens_on=OPENED, closes_on=None, is_simulated=is_simulated,
    )  # fmt: skip
    db.session.add_all([unit, point])
    db.session.flush()
    wave.root_unit_id = unit.id
    db.session.add_all(
        [
            wave,
            PointUnit(point_id=point.id, valid_from=OPENED, unit_id=unit.id),
            PointCode(code=code, point_id=point.id, created_on=OPENED),
        ]
    )
    db.session.flush()
    db.session.add(WaveUnit(wave_id=wave.id, unit_id=unit.id))
    db.session.flush()


def _add_service_fields() -> None:
    with (ROOT / "seeds" / "quang_tri" / "service_fields.csv").open(encoding="utf-8") as file:
        db.session.add_all(
            ServiceField(**row | {"position": int(row["position"])}) for row in csv.DictReader(file)
        )


def _add_closed_wave(version_id: int) -> None:
    unit = db.session.query(Unit).first()
    db.session.add(
        Wave(
            code="closed-wave",
            title_vi="Đợt đã kết thúc",
            title_en="Ended",
            basis="sample",
            root_unit_id=unit.id,
            version_id=version_id,
            opens_on=OPENED,
            closes_on=OPENED + timedelta(days=91),
        )
    )
