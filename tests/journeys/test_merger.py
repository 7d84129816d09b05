"""Three communes merged in the browser by two people who have only the guide; taken back; merged for good."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from config import ROOT
from survey_app.db import own_transaction
from survey_app.models import Account
from survey_app.queries import units
from survey_app.services.accounts import Role, create_account
from tests.builders import World, make_response, release_everything
from tests.journeys.axe import violations
from tests.sites import apart, follow, serving, sign_in

DESK, PHONE = (1280, 800), (390, 800)
PASSWORD = "một câu dài để thử sáp nhập"
TODAY = date(2026, 9, 17)
NOW = datetime(2026, 9, 17, 2, 0, tzinfo=UTC)
GUIDE = ROOT / "docs" / "huong-dan" / "sap-nhap-don-vi.md"
OLD = ("Phường Đông Hà", "Xã Hòa Xuân", "Đặc khu Cồn Cỏ")
EMPHASIS = {"hai người", "sau ngày có phiếu gần nhất", "đến khi đơn vị mới có phiếu đầu tiên"}


@dataclass
class Office:
    """Two people at their desks, everything they have read, and a telephone in the street."""

    app: Flask
    url: str
    world: World
    first: Page
    second: Page
    street: Page
    read: list[str] = field(default_factory=list)

    def look(self, page: Page) -> None:
        self.read.append(page.locator("body").inner_text())

    def ask(self, question: Callable[[], object]) -> object:
        def within() -> object:
            with self.app.app_context():
                return question()

        return apart(within)


def prepare(world: World) -> None:
    """Answers of two months before, and two people of the office."""
    with own_transaction() as session:
        for place, (unit, n) in enumerate((("Đông Hà", 40), ("Hòa Xuân", 40), ("Cồn Cỏ", 40))):
            for number in range(2 * n):
                day = date(2026, 7, 1) if number % 2 else date(2026, 8, 3)
                said = "satisfied" if number % (5 + place) else "dissatisfied"
                make_response(session, world, unit=unit, on=day, answers={"overall": said})
        release_everything(session, world)
        first = create_account(
            session, name="lan", password=PASSWORD, role=Role.ADMIN, unit_id=world.province, now=NOW
        )
        shared = session.get_one(Account, first.account_id).password_hash
        session.add_all(
            Account(name=name, password_hash=shared, role=role.value, unit_id=unit_id, language="vi")
            for name, role, unit_id in (
                ("tuan", Role.PAR_OFFICE, world.province),
                ("hoaxuan", Role.MANAGER, world.units["Hòa Xuân"]),
            )
        )


@pytest.fixture
def office(app: Flask, world: World, contexts: Callable[..., BrowserContext]) -> Iterator[Office]:
    def in_app() -> None:
        with app.app_context():
            prepare(world)

    apart(in_app)
    with serving(app) as url:

        def sit(name: str | None) -> Page:
            context = contexts(DESK)
            if name:
                client = apart(lambda: sign_in(app.test_client(), name=name, password=PASSWORD))
                cookie = client.get_cookie(app.config["STAFF_COOKIE_NAME"])
                context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
            return context.new_page()

        yield Office(app, url, world, sit("lan"), sit("tuan"), sit(None))


def propose(office: Office) -> None:
    page = office.first
    page.goto(f"{office.url}/admin/")
    office.look(page)
    follow(page.get_by_role("link", name="Sáp nhập, chia, đổi tên, chuyển đơn vị"))
    office.look(page)
    for name in OLD:
        page.get_by_label(name).check()
    page.get_by_label("Ngày có hiệu lực").first.fill(TODAY.isoformat())
    follow(page.get_by_role("button", name="Tiếp tục").first)
    office.look(page)
    assert page.get_by_label("Dân số (người)").input_value() == "60000"
    page.get_by_label("Tên (không ghi loại)").fill("Nam Cửa Việt")
    page.get_by_label("Loại đơn vị").select_option("ward")
    page.get_by_label("Mã trong hệ thống").fill("QT.NCV")
    expect(page.get_by_label("hoaxuan")).to_have_value("0")
    follow(page.get_by_role("button", name="Xem trước"))
    office.look(page)
    follow(page.get_by_role("button", name="Sửa lại"))
    assert page.get_by_label("Tên (không ghi loại)").input_value() == "Nam Cửa Việt"
    follow(page.get_by_role("button", name="Xem trước"))
    for text in ("3", "phường Nam Cửa Việt", "chuyển từ xã Hòa Xuân", "kết thúc ngày 16/09/2026"):
        expect(page.locator("main")).to_contain_text(text)
    assert violations(page) == []
    page.get_by_label("Căn cứ, lý do").fill("Nghị quyết 12/NQ-HĐND ngày 01/09/2026")
    follow(page.get_by_role("button", name="Đề nghị duyệt"))
    expect(page.get_by_text("Đang chờ một người khác duyệt")).to_be_visible()
    assert page.get_by_role("button", name="Duyệt và thực hiện").count() == 0


def approve(office: Office) -> None:
    page = office.second
    page.goto(f"{office.url}/admin/")
    follow(page.get_by_role("link", name="Các thay đổi của danh mục đơn vị"))
    office.look(page)
    follow(page.locator("main section").get_by_role("link", name=re.compile("^(Sáp nhập|Hoàn tác)")))
    office.look(page)
    expect(page.locator("main")).to_contain_text("Người đề nghị")
    follow(page.get_by_role("button", name="Duyệt và thực hiện"))
    expect(page.get_by_text("Đã duyệt và thực hiện.")).to_be_visible()


def unit_on_the_form(office: Office, path: str) -> str:
    office.street.goto(office.url + path)
    return office.street.locator("body").inner_text()


def test_a_merger_of_three_by_two_people_with_the_guide(office):
    old_code = office.world.codes["Cồn Cỏ"]
    assert "Cồn Cỏ" in unit_on_the_form(office, f"/q/{old_code}")
    propose(office)
    approve(office)
    for path in (f"/q/{old_code}", f"/k/{old_code}"):
        shown = unit_on_the_form(office, path)
        assert "Phường Nam Cửa Việt" in shown
        assert "Cồn Cỏ" not in shown

    # Taken back while nobody has answered.
    page = office.first
    page.goto(f"{office.url}/admin/registry/operations")
    follow(page.get_by_role("link", name=re.compile("^Sáp nhập đặc khu Cồn Cỏ")))
    office.look(page)
    page.get_by_label("Lý do hoàn tác").fill("Sai ngày")
    follow(page.get_by_role("button", name="Đề nghị hoàn tác"))
    approve(office)
    assert "Cồn Cỏ" in unit_on_the_form(office, f"/q/{old_code}")

    # For good: people answer with the old codes, and the figures go on.
    propose(office)
    approve(office)
    office.street.goto(f"{office.url}/q/{old_code}")
    office.street.get_by_text("Rất hài lòng", exact=True).click()
    office.street.get_by_role("button", name="Xong").click()
    expect(office.street.get_by_text("Đã ghi nhận")).to_be_visible()
    made = office.ask(answer_after)
    page.goto(f"{office.url}/admin/units?q=con+co")
    office.look(page)
    expect(page.locator("main")).to_contain_text("tìm thấy qua tên: đặc khu Cồn Cỏ")
    assert violations(page) == []
    follow(page.get_by_role("link", name="Phường Nam Cửa Việt"))
    office.look(page)
    for name in OLD:
        expect(page.locator("main")).to_contain_text(name)
    assert violations(page) == []
    follow(page.get_by_role("link", name="Kết quả trước và sau thay đổi"))
    expect(page.locator("main")).to_contain_text("240 phiếu")
    expect(page.locator(".chart-wide")).to_contain_text("đơn vị thay đổi")
    assert violations(page) == []
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(f"{office.url}/admin/registry/operations")
    follow(page.locator("tbody tr").filter(has_not_text="đã hoàn tác").get_by_role("link"))
    expect(page.get_by_text("Không hoàn tác được: đơn vị mới đã có phiếu")).to_be_visible()
    assert made

    # Whatever the guide names in bold is a word that the two have met.
    named = (
        set(re.findall(r"\*\*([^*]+)\*\*", GUIDE.read_text(encoding="utf-8").replace("\n", " "))) - EMPHASIS
    )
    seen = " ".join(" ".join(office.read).split())
    assert {words for words in named if words not in seen} == set()
    assert len(named) >= 12


def answer_after() -> int:
    """Forty more on the first days of the new unit, counted at once."""
    with own_transaction() as session:
        world = World.read(session)
        made = units.unit_by_code(session, "QT.NCV").id
        for number in range(40):
            said = "satisfied" if number % 8 else "dissatisfied"
            make_response(session, world, unit="Cồn Cỏ", on=TODAY, unit_id=made, answers={"overall": said})
        release_everything(session, World.read(session))
    return made
