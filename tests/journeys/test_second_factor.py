"""An administrator's first day: the invitation, the second factor, a security key; and a session ended from afar."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from survey_app.db import db, write_transaction
from survey_app.models import Unit
from survey_app.services import people
from survey_app.services.accounts import Role, create_account
from survey_app.services.people import NewPerson
from tests.journeys.conftest import DEMO_TODAY
from tests.sites import PinnedClock, apart, build_site, dispose_engine, follow, serving

pytestmark = pytest.mark.browser
PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
DESKTOP = (1280, 800)


@dataclass(frozen=True, slots=True)
class Office:
    """A real instance, where administrators need a second factor, under the name that keys are bound to."""

    app: Flask
    url: str

    def invite(self, name: str, role: Role) -> str:
        """The path of a link for a new account."""

        def invited() -> str:
            with self.app.app_context(), write_transaction(db.session):
                unit_id = db.session.scalars(select(Unit.id).order_by(Unit.id)).first()
                new = NewPerson(name=name, full_name="Trần Thị Hoa", role=role, unit_id=unit_id)
                return f"/invitation/{people.invite_from_server(db.session, new, now=DEMO_TODAY).token}"

        return apart(invited)


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Iterator[Office]:
    site = apart(lambda: build_site(tmp_path_factory.mktemp("strict_office")))
    app = site.app
    with serving(app) as address:
        url = address.replace("127.0.0.1", "localhost")
        settings = replace(app.extensions["settings"], REQUIRES_SECOND_FACTOR=True, PUBLIC_BASE_URL=url)
        app.extensions["settings"] = settings
        yield Office(app, url)
    apart(lambda: dispose_engine(app))


@pytest.fixture
def page(contexts) -> Page:
    return contexts(DESKTOP).new_page()


def sign_in(page: Page, office: Office, name: str) -> None:
    page.goto(f"{office.url}/sign-in")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORD)
    follow(page.locator("form[action='/sign-in'] button"))


def set_up(page: Page, clock: PinnedClock) -> tuple[pyotp.TOTP, list[str]]:
    follow(page.get_by_role("button", name="Bắt đầu thiết lập"))
    generator = pyotp.TOTP("".join(page.inner_text(".key-letters").split()))
    page.fill("[name=code]", generator.at(clock.at))
    follow(page.get_by_role("button", name="Xác nhận và bật"))
    return generator, page.inner_text("#shown-once").split()


def test_an_invited_administrator_sets_a_password_and_a_second_factor_before_any_page_opens(
    office, page, clock
):
    page.goto(office.url + office.invite("quantri", Role.ADMIN))
    for field in page.locator("[type=password]").all():
        field.fill(PASSWORD)
    follow(page.get_by_role("button", name="Đặt mật khẩu"))
    expect(page.get_by_role("status")).to_contain_text("quantri")
    sign_in(page, office, "quantri")
    assert page.url == f"{office.url}/account/second-factor"
    page.goto(f"{office.url}/admin/people")
    assert page.url == f"{office.url}/account/second-factor"
    generator, codes = set_up(page, clock)
    assert len(codes) == 10
    page.goto(f"{office.url}/admin/people")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tài khoản cán bộ")

    clock.at += timedelta(minutes=2)
    follow(page.locator("form[action='/sign-out'] button").first)
    sign_in(page, office, "quantri")
    assert page.url.startswith(f"{office.url}/sign-in/second-step")
    page.goto(f"{office.url}/admin/people")
    assert "/sign-in?next=" in page.url, "the password alone opened a page"
    page.goto(f"{office.url}/sign-in/second-step?next=/admin/people/new")
    page.fill("[name=code]", generator.at(clock.at))
    follow(page.get_by_role("button", name="Xác nhận"))
    assert page.url == f"{office.url}/admin/people/new"


def test_a_security_key_stands_in_for_the_code_and_a_key_of_another_site_does_not(office, page, clock):
    page.goto(office.url + office.invite("sonoivu", Role.PAR_OFFICE))
    for field in page.locator("[type=password]").all():
        field.fill(PASSWORD)
    follow(page.get_by_role("button", name="Đặt mật khẩu"))
    sign_in(page, office, "sonoivu")
    set_up(page, clock)
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}
    key = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    page.goto(f"{office.url}/account/second-factor")
    page.fill("#password-key", PASSWORD)
    follow(page.get_by_role("button", name="Thêm khóa bảo mật"))
    page.fill("[name=name]", "Khóa ở cơ quan")
    follow(page.get_by_role("button", name="Dùng khóa"))
    expect(page.get_by_role("status")).to_contain_text("Khóa ở cơ quan")

    follow(page.locator("form[action='/sign-out'] button").first)
    sign_in(page, office, "sonoivu")
    follow(page.get_by_role("button", name="Dùng khóa bảo mật"))
    page.goto(f"{office.url}/account")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tài khoản của tôi")

    # The same key, but the instance is known under another name: what it signs is for another site.
    follow(page.locator("form[action='/sign-out'] button").first)
    sign_in(page, office, "sonoivu")
    known = office.app.extensions["settings"]
    office.app.extensions["settings"] = replace(known, PUBLIC_BASE_URL=f"{office.url}0")
    follow(page.get_by_role("button", name="Dùng khóa bảo mật"))
    office.app.extensions["settings"] = known
    expect(page.get_by_role("alert")).to_contain_text("không được nhận")
    # Without its key the browser says so, and the page stays.
    devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})
    page.goto(f"{office.url}/account")
    assert "/sign-in?next=" in page.url


def test_a_session_ended_from_afar_opens_nothing_at_its_next_request_within_a_second(office, page, clock):
    def make() -> tuple[int, int]:
        with office.app.app_context(), write_transaction(db.session):
            unit_id = db.session.scalars(select(Unit.id).order_by(Unit.id)).first()
            people_made = [
                create_account(
                    db.session, name=name, password=PASSWORD, role=role, unit_id=unit_id, now=DEMO_TODAY
                )
                for name, role in (("lanhdao", Role.VIEWER), ("trucban", Role.ADMIN))
            ]
        return people_made[0], people_made[1]

    viewer, admin = apart(make)
    sign_in(page, office, "lanhdao")
    page.goto(f"{office.url}/account")
    assert page.url == f"{office.url}/account"

    def disable() -> float:
        change = people.Change(full_name="", role=Role.VIEWER, unit_id=viewer.unit_id, is_active=False)
        with office.app.app_context(), write_transaction(db.session):
            people.change(db.session, viewer.account_id, change, by=admin, now=DEMO_TODAY)
        return time.monotonic()

    disabled_at = apart(disable)
    answer = page.request.get(f"{office.url}/account", max_redirects=0)
    assert answer.status == 303 and "/sign-in" in answer.headers["location"]
    assert time.monotonic() - disabled_at < 1
