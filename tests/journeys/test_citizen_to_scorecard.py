"""The whole product in one test: citizens answer, and the manager sees what may be seen, when it may be seen.

A good place to start reading. One ward, one QR code, one manager; days of July pass under a pinned clock.
"""

import re
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from survey_app.db import own_transaction
from survey_app.services.accounts import Role, create_account
from survey_app.services.nightly import run_nightly
from tests.sites import apart, serving

TIME_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MANAGER, PASSWORD = "lanh.dao", "ba chiếc ghế tre ngoài hiên"
PHONE = (390, 844)


@pytest.fixture
def office(app, world, clock):
    """The small world of the tests on a Monday morning, with an account for the ward's manager."""
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
    """The manager's browser, signed in through the form, on the unit's own page."""
    page = contexts((1280, 800)).new_page()
    page.goto(f"{url}/sign-in")
    page.fill("[name=name]", MANAGER)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/manager/units/*")
    return page


@pytest.fixture
def citizen_answers(contexts, url, world, clock):
    """One person scans the code on the desk, taps a level, is done, and reads that it was recorded."""

    def answers(level):
        context = contexts(PHONE)
        context.clock.set_system_time(clock.at)
        page = context.new_page()
        page.goto(f"{url}/q/{world.codes['Đông Hà']}")
        page.get_by_role("button", name=level, exact=True).click()
        page.get_by_role("button", name="Xong", exact=True).click()
        page.get_by_text("Đã ghi nhận").wait_for()

    return answers


@pytest.fixture
def others_answer(contexts, url, world):
    """More people at the same desk, sent as the phone sends them but without drawing each screen."""
    phone = contexts(PHONE).request
    address = f"{url}/q/{world.codes['Đông Hà']}"

    def answer(n, level):
        token = re.search(r'name="token" value="([^"]+)"', phone.get(address).text()).group(1)
        for _person in range(n):
            body = {"id": str(uuid4()), "token": token, "answers": {"overall": level}, "parts": [1, 2]}
            assert phone.post(address, data=body | {"reached": ["overall"]}).status == 201

    return answer


@pytest.fixture
def night_passes(office, clock):
    """The nightly job of the worker, at two in the morning of the next day."""

    def run():
        clock.at = (clock.at + timedelta(days=1)).replace(hour=2)
        with office.app_context():
            run_nightly(own_transaction, now=clock.at, time_zone=TIME_ZONE)
        clock.at = clock.at.replace(hour=8)

    return lambda: apart(run)


def read(manager):
    """The whole page as the manager sees it now, markup included."""
    # The session has ended overnight; a new day begins with a visit of its own.
    manager.reload()
    if "sign-in" in manager.url:
        manager.fill("[name=name]", MANAGER)
        manager.fill("[name=password]", PASSWORD)
        manager.click("main button")
        manager.wait_for_url("**/manager/units/*")
    return manager.locator("main").inner_html()


def words(manager, block):
    """What a block says, as it is written and not as it is styled."""
    return " ".join(str(manager.locator(block).text_content()).split())


@pytest.mark.both_databases
def test_citizens_answer_and_the_manager_sees_an_honest_score(
    manager, citizen_answers, others_answer, night_passes
):
    # Nobody has answered: not a zero, not an empty page.
    empty = read(manager)
    assert "dưới 5 phiếu" in words(manager, "#now")

    # One person answers. The manager, watching, cannot find it: not at once, and not the next morning.
    citizen_answers("Rất không hài lòng")
    assert read(manager) == empty
    night_passes()
    assert read(manager) == empty

    # Eleven more: a count, but no share yet.
    others_answer(11, "satisfied")
    assert read(manager) == empty
    night_passes()
    read(manager)
    assert "chưa đủ dữ liệu" in words(manager, "#now")
    assert "Mới có 12 phiếu; cần ít nhất 30 phiếu để công bố tỷ lệ." in words(manager, "#now")
    assert "%" not in words(manager, "#now")

    # Twenty-eight more: a share with its interval, its count and the levels behind it.
    others_answer(28, "satisfied")
    night_passes()
    released = read(manager)
    assert "97,5%" in words(manager, "#now .headline-value")
    assert "Trong 40 phiếu hợp lệ, 97,5% hài lòng hoặc rất hài lòng" in words(manager, "#now")
    assert "Bình thường không tính là hài lòng" in words(manager, "#now")
    manager.click("#now .headline summary")
    assert "39/40 = 97,5%" in words(manager, "#now .trail")

    # One more person, by the phone in the hand: again nothing moves, today or tomorrow.
    citizen_answers("Không hài lòng")
    assert read(manager) == released
    night_passes()
    assert read(manager) == released

    # With nine others the answer counts, as one of fifty.
    others_answer(9, "dissatisfied")
    night_passes()
    read(manager)
    assert "78,0%" in words(manager, "#now .headline-value")
    assert "Trong 50 phiếu hợp lệ" in words(manager, "#now")
