"""A slip in a browser: made by the office, used once by a visitor, worth nothing to the next, never counted live."""

import csv
import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from survey_app.db import own_transaction
from survey_app.models import Response
from survey_app.services.accounts import Role, create_account
from survey_app.services.nightly import run_nightly
from tests.sites import apart, follow, serving

TIME_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MANAGER, PASSWORD = "lanh.dao", "ba chiếc ghế tre ngoài hiên"
PHONE = (360, 640)
ANONYMITY = "Mã trên phiếu chỉ để tránh trả lời hai lần, không gắn với câu trả lời."


@pytest.fixture
def office(app, world, clock):
    clock.at = datetime(2026, 7, 6, 8, 0, tzinfo=TIME_ZONE)
    account = {"name": MANAGER, "password": PASSWORD, "role": Role.MANAGER, "unit_id": world.units["Đông Hà"]}

    def create():
        with app.app_context(), own_transaction() as session:
            create_account(session, **account, now=clock.at)

    apart(create)
    return app


@pytest.fixture
def url(office):
    with serving(office) as address:
        yield address


@pytest.fixture
def manager(contexts, url):
    page = contexts((1280, 800)).new_page()
    page.goto(f"{url}/sign-in")
    page.fill("[name=name]", MANAGER)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/manager/units/*")
    page.goto(f"{url}/fieldwork/")
    follow(page.get_by_role("link", name="Mã trả lời một lần"))
    return page


@pytest.fixture
def slips(manager):
    """The links of a batch of twenty, from the file that the page hands out."""
    manager.get_by_label("Số mã").fill("20")
    manager.get_by_label("Loại phiếu in mã").select_option("submit")
    follow(manager.locator("main").get_by_role("button", name="Tạo đợt mã"))
    manager.get_by_role("status").get_by_text("Đã tạo 20 mã.").wait_for()
    with manager.expect_download() as download:
        manager.get_by_role("button", name="Tải đường dẫn (CSV)").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    return [row[1] for row in rows[1:]]


@pytest.fixture
def opens(contexts, url, clock):
    """A visitor scans a slip."""

    def opened(link, *, script=True):
        context = contexts(PHONE, java_script_enabled=script)
        if script:
            context.clock.set_system_time(clock.at)
        page = context.new_page()
        page.goto(url + link.removeprefix("http://localhost"))
        return page

    return opened


def answer(page):
    page.get_by_role("button", name="Hài lòng", exact=True).click()
    page.get_by_role("button", name="Xong", exact=True).click()
    page.get_by_text("Đã ghi nhận").wait_for()


def ticketed(office):
    """Whether each stored answer came with a ticket that counted, and its stage."""

    def read():
        with office.app_context(), own_transaction() as session:
            return sorted((row.is_ticketed, row.stage) for row in session.query(Response))

    return apart(read)


def used(manager):
    manager.reload()
    return manager.locator("#batches tbody td.number").nth(1).inner_text()


def test_a_slip_is_used_once_and_the_next_visitor_may_answer_too(office, slips, opens):
    page = opens(slips[0])
    assert page.get_by_text(ANONYMITY).is_visible()
    answer(page)
    assert ticketed(office) == [(True, 1)]
    again = opens(slips[0])
    assert again.get_by_text("Mã này đã được dùng.").is_visible()
    assert again.get_by_text(ANONYMITY).count() == 0
    answer(again)
    assert ticketed(office) == [(False, 1), (True, 1)]


def test_a_slip_works_without_a_script(office, slips, opens):
    page = opens(slips[1], script=False)
    follow(page.get_by_role("button", name="Hài lòng", exact=True))
    assert ticketed(office) == [(True, 1)]


def test_a_cut_off_link_says_so_and_takes_the_answer(office, slips, opens):
    page = opens(slips[2][:-3])
    assert page.get_by_text("Mã này không đúng.").is_visible()
    answer(page)
    assert ticketed(office) == [(False, 1)]


def test_the_office_sees_the_count_the_next_morning_and_not_a_visitor_earlier(
    office, slips, opens, manager, clock
):
    assert used(manager) == "dưới 5"
    for link in slips[:6]:
        answer(opens(link))
    assert used(manager) == "dưới 5"

    def night():
        with office.app_context():
            run_nightly(own_transaction, now=clock.at, time_zone=TIME_ZONE)

    clock.at += timedelta(minutes=20)
    apart(night)
    assert used(manager) == "6"


def test_a_batch_withdrawn_makes_its_slips_worthless_and_stops_nobody(office, slips, opens, manager):
    manager.get_by_text("Thu hồi", exact=True).click()
    follow(manager.get_by_role("button", name="Thu hồi đợt mã này"))
    assert manager.get_by_text("Đã thu hồi", exact=True).is_visible()
    page = opens(slips[0])
    assert page.get_by_text("Mã này đã bị thu hồi.").is_visible()
    answer(page)
    assert ticketed(office) == [(False, 1)]
