"""Ten sheets keyed without a mouse: stored as they are keyed, keyed again, compared and booked."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import func, select

from survey_app.db import db, own_transaction
from survey_app.models import PaperRow, Response
from survey_app.queries import paper
from survey_app.services import forms
from survey_app.services.accounts import Role, Viewer, create_account
from survey_app.services.paper_openings import BoxCount, NewOpening, open_box
from survey_app.services.paper_pads import NewPad, add_pad
from tests.builders import World
from tests.journeys.axe import violations
from tests.sites import apart, serving, sign_in

DESK = (1280, 800)
PASSWORD = "một câu dài để thử nhập phiếu"
TODAY = date(2026, 9, 17)
NOW = datetime(2026, 9, 17, 2, 0, tzinfo=UTC)
N_SHEETS = 10


@dataclass(frozen=True, slots=True)
class Desk:
    """An office with one opened box, and a way to sit down at it as one of its people."""

    app: Flask
    url: str
    batch_id: int
    sit: Callable[..., Page]

    @property
    def grid(self) -> str:
        return f"{self.url}/fieldwork/paper/batches/{self.batch_id}/entry"

    @property
    def page(self) -> str:
        return f"{self.url}/fieldwork/paper/batches/{self.batch_id}"

    def ask(self, question: Callable[[], object]) -> object:
        def within() -> object:
            with self.app.app_context():
                return question()

        return apart(within)


def prepare(world: World) -> int:
    """Two people of the unit, a pad of ten sheets, a box with all of them."""
    with own_transaction() as session:
        unit_id = world.units["Đông Hà"]
        people = {}
        for name, role in (("hoa", Role.DESK_STAFF), ("minh", Role.MANAGER)):
            people[name] = create_account(
                session, name=name, password=PASSWORD, role=role, unit_id=unit_id, now=NOW
            )
        manager: Viewer = people["minh"]
        point_id = world.points["Đông Hà"]
        pad_id = add_pad(
            session,
            NewPad(point_id, world.waves["full"], "vi", N_SHEETS),
            viewer=manager,
            today=TODAY,
            now=NOW,
        )
        opening = NewOpening(point_id, TODAY, "Nguyễn Văn An", "Trần Thị Bình", {pad_id: BoxCount(N_SHEETS)})
        opening_id = open_box(session, opening, viewer=manager, today=TODAY, now=NOW)
        return paper.batches_of_opening(session, opening_id)[0].id


@pytest.fixture
def desk(app: Flask, world: World, contexts: Callable[..., BrowserContext]) -> Iterator[Desk]:
    def in_app() -> int:
        with app.app_context():
            return prepare(world)

    batch_id = apart(in_app)
    with serving(app) as url:

        def sit(name: str, size: tuple[int, int] = DESK, **options: object) -> Page:
            cookie = apart(
                lambda: sign_in(app.test_client(), name=name, password=PASSWORD).get_cookie(
                    app.config["STAFF_COOKIE_NAME"]
                )
            )
            context = contexts(size, **options)
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
            return context.new_page()

        yield Desk(app, url, batch_id, sit)


def key_sheet(page: Page, number: int) -> None:
    """Overall, two reasons, why one came, the field, all 22 criteria; the rest is blank, so Enter."""
    press = page.keyboard.press
    press(str(1 + number % 5))
    press("1"), press("3"), press("Tab"), press("Tab")
    press("3")
    press("1")
    for criterion in range(22):
        press(str(1 + (number + criterion) % 5))
    press("Enter")


def act(page: Page, name: str) -> None:
    """Press a button or follow a link from the keyboard, and be there."""
    control = page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name, exact=True)).first
    control.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def all_saved(page: Page) -> None:
    expect(page.locator("#entry-state")).to_have_attribute("data-unsaved", "0")


def test_ten_sheets_are_keyed_reloaded_keyed_twice_and_booked_without_a_mouse(desk):
    page = desk.sit("hoa")
    page.goto(desk.grid)
    for number in range(1, 6):
        key_sheet(page, number)
    page.keyboard.press("4")
    all_saved(page)
    page.reload()
    expect(page.locator(".asked-said")).to_contain_text("Phiếu 6")
    page.keyboard.press("Home")
    page.keyboard.press("Backspace")
    for number in range(6, N_SHEETS + 1):
        key_sheet(page, number)
    all_saved(page)
    expect(page.locator("#entry-progress")).to_have_text("Đã xong 10/10 phiếu.")
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    act(page, "Nhập xong, rút mẫu để nhập lần hai")

    manager = desk.sit("minh")
    manager.goto(desk.page)
    act(manager, "Nhập lần hai")
    drawn = [int(text.split()[0]) for text in manager.locator(".entry tbody th").all_inner_texts()]
    assert len(drawn) == 5
    assert manager.locator(".entry tbody td").all_inner_texts().count("") == 5 * 41, (
        "the first keying is not shown"
    )
    for number in drawn[:-1]:
        key_sheet(manager, number)
    key_sheet(manager, drawn[-1] + 1)
    all_saved(manager)
    manager.goto(desk.page)
    act(manager, "Đối chiếu hai lần nhập")
    expect(manager.locator("#check")).to_contain_text("1 trong 5 phiếu")
    for first_choice in manager.locator(".difference fieldset label:first-of-type input").all():
        first_choice.focus()
        manager.keyboard.press("Space")
    act(manager, f"Lưu phiếu thứ {drawn[-1]}")
    act(manager, "Ghi sổ 10 phiếu")
    expect(manager.locator("main")).to_contain_text("Đã ghi sổ 10 phiếu.")
    assert desk.ask(lambda: db.session.scalar(select(func.count()).select_from(Response))) == 10
    assert desk.ask(lambda: db.session.scalar(select(func.count()).select_from(PaperRow))) == 0

    def overall() -> list[str]:
        rows = db.session.scalars(select(Response)).all()
        form = forms.load_form(db.session, version_id=rows[0].version_id)
        return sorted(str(form.unpack(row.answers)["overall"]) for row in rows)

    scale = ["very_satisfied", "satisfied", "neutral", "dissatisfied", "very_dissatisfied"]
    assert desk.ask(overall) == sorted(scale[number % 5] for number in range(1, N_SHEETS + 1))


def stored_cells(desk: Desk) -> list[list[str]]:
    return desk.ask(lambda: list(db.session.scalars(select(PaperRow.cells).order_by(PaperRow.position))))


def test_sheet_keyed_while_the_line_is_down_survives_a_reload_and_is_stored_later(desk):
    """The server is really away: the browser is offline, and nothing is answered in its place."""
    page = desk.sit("hoa")
    page.goto(desk.grid)
    key_sheet(page, 1)
    all_saved(page)
    page.context.set_offline(True)
    key_sheet(page, 2)
    expect(page.locator("#entry-state")).to_contain_text("chưa lưu")
    assert len(stored_cells(desk)) == 1
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(desk.grid)
    all_saved(page)
    expect(page.locator("#entry-progress")).to_have_text("Đã xong 2/10 phiếu.")
    assert [cells[0] for cells in stored_cells(desk)] == ["2", "3"]
    assert page.evaluate("localStorage.length") == 0


def test_sheet_in_the_middle_of_which_the_page_dies_is_taken_up_again(desk):
    """The tab goes at the very key: nothing it could still do is waited for."""
    page = desk.sit("hoa")
    page.goto(desk.grid)
    key_sheet(page, 1)
    page.keyboard.press("4")
    page.keyboard.press("1")
    page.close(run_before_unload=False)
    again = page.context.new_page()
    again.goto(desk.grid)
    expect(again.locator(".asked-said")).to_contain_text("Phiếu 2")
    all_saved(again)
    assert [cells[:2] for cells in stored_cells(desk)] == [["2", "13"], ["4", "1"]]


def test_sheet_keyed_after_the_session_ended_waits_for_the_next_one(desk):
    page = desk.sit("hoa")
    page.goto(desk.grid)
    name = desk.app.config["STAFF_COOKIE_NAME"]
    (cookie,) = (each for each in page.context.cookies() if each["name"] == name)
    page.context.clear_cookies(name=name)
    key_sheet(page, 1)
    expect(page.locator("#entry-state")).to_contain_text("Phiên làm việc đã hết")
    assert stored_cells(desk) == []
    page.context.add_cookies([{"name": name, "value": cookie["value"], "url": desk.url}])
    all_saved(page)
    assert [cells[0] for cells in stored_cells(desk)] == ["2"]


def test_two_people_cannot_overwrite_each_other(desk):
    one, other = desk.sit("hoa"), desk.sit("minh")
    for page in (one, other):
        page.goto(desk.grid)
    key_sheet(one, 1)
    all_saved(one)
    key_sheet(other, 2)
    expect(other.locator("#entry-state")).to_contain_text("đã có người khác nhập")
    assert [cells[0] for cells in stored_cells(desk)] == ["2"]


def test_keys_of_the_grid(desk):
    page = desk.sit("hoa")
    page.goto(desk.grid)
    said, text = page.locator(".asked-said"), page.locator(".asked-text")
    page.keyboard.press("7")
    expect(said).to_have_text("Câu này không có số đó.")
    page.keyboard.press("2")
    expect(said).to_contain_text("vừa nhập câu 1: Hài lòng")
    expect(text).to_contain_text("2a.")
    page.keyboard.press("End")
    expect(text).to_contain_text("40.")
    page.keyboard.press("Home")
    page.keyboard.press("Backspace")
    expect(said).to_contain_text("để trống")
    page.keyboard.press("ArrowDown")
    expect(said).to_contain_text("Phiếu 2")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("3"), page.keyboard.press("1"), page.keyboard.press("3")
    expect(said).to_contain_text("Nhanh, đúng hẹn")
    page.keyboard.press("Shift+Tab")
    expect(text).to_contain_text("1.")
    page.keyboard.press("Escape")
    expect(page.locator("#entry-done")).to_be_focused()
    all_saved(page)
    assert [cells[1] for cells in stored_cells(desk)] == ["1"]


def test_plain_page_keys_a_sheet_without_a_script(desk):
    page = desk.sit("hoa", java_script_enabled=False)
    page.goto(desk.grid)
    page.get_by_role("link", name="Nhập từng phiếu một trang").first.click()
    page.locator("input[name=c0][value='2']").check()
    page.locator("input[name=c1][value='1']").check()
    page.locator("input[name=c1][value='4']").check()
    page.get_by_role("button", name="Lưu, sang phiếu sau").click()
    expect(page.locator("h1")).to_contain_text("Phiếu thứ 2")
    (cells,) = stored_cells(desk)
    assert cells[:3] == ["2", "14", ""]


@pytest.mark.parametrize("size", [DESK, (360, 640)])
def test_pages_of_paper_fit_and_are_accessible(desk, size):
    page = desk.sit("minh", size)
    for path in ("", "/pads/new", "/pads/1", "/openings/new", "/openings/1", f"/batches/{desk.batch_id}",
                 f"/batches/{desk.batch_id}/entry", f"/batches/{desk.batch_id}/entry?sheet=1"):  # fmt: skip
        page.goto(f"{desk.url}/fieldwork/paper{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path
        assert violations(page) == [], path
