"""An interviewer at work on a phone: signs in, asks, sends twice, and the office calls back."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from sqlalchemy import func, select

from survey_app.db import db, write_transaction
from survey_app.models import Response, Unit, Wave
from survey_app.services import call_backs
from survey_app.services.accounts import Role, create_account
from survey_app.services.assignments import NewCases, give_cases
from survey_app.services.policy import load_policy
from tests.journeys.axe import has_sideways_scroll, violations
from tests.sites import CODE, OPENED, apart, build_site, dispose_engine, follow, serving

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
AT = datetime(2026, 9, 17, 2, 0, tzinfo=UTC)
PHONE, DESK = (360, 640), (1280, 800)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """The small office below a province, an interviewer of the province with eight cases, all to be called back."""
    folder = tmp_path_factory.mktemp("interviews")
    site = apart(lambda: build_site(folder))
    apart(lambda: _give_cases(site.app))
    with serving(site.app) as address:
        yield site.app, address
    apart(lambda: dispose_engine(site.app))


def _give_cases(app):
    with app.app_context(), write_transaction(db.session):
        load_policy(db.session)
        province = Unit(code="QT", name="Quảng Trị", kind="province", level=1, valid_from=OPENED,
                        search_key="quang tri", sort_key="quang tri")  # fmt: skip
        db.session.add(province)
        db.session.flush()
        unit = db.session.scalars(select(Unit).where(Unit.code == f"U.{CODE}")).one()
        unit.parent_id = province.id
        wave = db.session.scalars(select(Wave).where(Wave.code == f"W.{CODE}")).one()
        made = {
            name: create_account(
                db.session, name=name, password=PASSWORD, role=role, unit_id=province.id, now=AT
            )
            for name, role in (("mai", Role.INTERVIEWER), ("sonoivu", Role.PAR_OFFICE))
        }
        new = NewCases(
            wave_id=wave.id, unit_id=unit.id, account_id=made["mai"].account_id, mode="interview", n=8
        )
        whole = replace(call_backs.rule(), share=1.0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(call_backs, "rule", lambda: whole)
            give_cases(db.session, new, viewer=made["sonoivu"], today=AT.date(), now=AT, rng=Random(1))


@pytest.fixture
def enter(contexts, office):
    """Signs in through the page; with or without a script."""
    _app, address = office

    def entered(name, size=PHONE, *, script=False):
        page = contexts(size, java_script_enabled=script).new_page()
        page.goto(f"{address}/sign-in")
        page.get_by_label("Tên đăng nhập").fill(name)
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        follow(page.locator("main").get_by_role("button", name="Đăng nhập"))
        return page

    return entered


def n_responses(app):
    def counted():
        with app.app_context():
            return db.session.scalar(select(func.count()).select_from(Response))

    return apart(counted)


def test_an_interview_on_a_small_phone_is_stored_once_though_it_is_sent_twice(enter, office):
    app, _address = office
    before = n_responses(app)
    page = enter("mai")
    follow(page.get_by_role("link", name="Phiếu phỏng vấn của tôi"))
    follow(page.get_by_role("link", name="Phiếu số 001"))
    assert "không ghi tên Ông/Bà trong kết quả" in page.locator("main").inner_text()
    page.locator("#ask-overall").get_by_text("Hài lòng", exact=True).click()
    page.locator("#ask-stage").get_by_text("Nhận kết quả").click()
    page.locator("#ask-visits").get_by_text("2 lần").click()
    fields = page.locator("form.questions").evaluate(
        "form => new URLSearchParams(new FormData(form)).toString()"
    )
    follow(page.get_by_role("button", name="Gửi phiếu"))
    assert "Đã ghi nhận phiếu phỏng vấn" in page.get_by_role("status").inner_text()
    assert page.get_by_role("link", name="Phiếu số 001").count() == 0
    # The same page sent again, as after a lost answer of the server.
    path = page.evaluate("() => document.referrer")
    again = page.request.post(path, data=fields, headers={
        "Content-Type": "application/x-www-form-urlencoded", "Referer": path,
    }, max_redirects=0)  # fmt: skip
    assert again.status == 303
    assert n_responses(app) == before + 1
    page.go_back()
    assert n_responses(app) == before + 1


def test_two_quick_clicks_store_one_interview(enter, office):
    app, _address = office
    before = n_responses(app)
    page = enter("mai", script=True)
    page.get_by_role("link", name="Phiếu phỏng vấn của tôi").click()
    page.get_by_role("link", name="Phiếu số 002").click()
    page.locator("#ask-overall").get_by_text("Bình thường").click()
    page.get_by_role("button", name="Gửi phiếu").dblclick()
    page.wait_for_url("**/fieldwork/interviews*")
    page.get_by_role("status").wait_for()
    assert n_responses(app) == before + 1


def test_answers_stay_on_the_page_when_the_first_question_was_forgotten(enter, office):
    page = enter("mai")
    follow(page.get_by_role("link", name="Phiếu phỏng vấn của tôi"))
    follow(page.get_by_role("link", name="Phiếu số 003"))
    page.locator("#ask-visits").get_by_text("2 lần").click()
    follow(page.get_by_role("button", name="Gửi phiếu"))
    assert "Chưa lưu" in page.get_by_role("alert").inner_text()
    assert page.locator("#ask-visits").get_by_label("2 lần").is_checked()
    assert page.locator("#ask-overall.ask-wrong").count() == 1


def test_the_whole_form_is_answered_by_keyboard(enter, office):
    app, _address = office
    before = n_responses(app)
    page = enter("mai", DESK, script=True)
    page.get_by_role("link", name="Phiếu phỏng vấn của tôi").click()
    page.get_by_role("link", name="Phiếu số 004").click()
    page.locator("#ask-overall input").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("#ask-overall").get_by_label("Hài lòng", exact=True).is_checked()
    for _press in range(120):
        page.keyboard.press("Tab")
        focused = page.evaluate("() => [document.activeElement.type, document.activeElement.tagName]")
        if focused == ["radio", "INPUT"]:
            page.keyboard.press("Space")
        if focused == ["submit", "BUTTON"]:
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert n_responses(app) == before + 1


@pytest.mark.parametrize(("lang", "size"), [("vi", PHONE), ("en", DESK)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(enter, office, lang, size):
    _app, address = office
    page = enter("mai", size, script=True)
    page.goto(f"{address}/fieldwork/interviews?lang={lang}")
    assert violations(page, only_serious=True) == []
    page.locator(".case").first.click()
    page.locator("form.questions").wait_for()
    assert violations(page, only_serious=True) == []
    assert not has_sideways_scroll(page)
    small = page.locator(".pick").evaluate_all(
        "all => all.filter(each => each.getBoundingClientRect().height < 48).length"
    )
    assert small == 0, "every choice is large enough for a thumb"
    office_page = enter("sonoivu", size, script=True)
    for path in ("assignments", "call-backs", "interviewers"):
        office_page.goto(f"{address}/fieldwork/{path}?lang={lang}")
        assert violations(office_page, only_serious=True) == []
        assert not has_sideways_scroll(office_page), path


def test_the_office_calls_back_and_reads_whether_it_agrees(enter, office):
    page = enter("mai")
    follow(page.get_by_role("link", name="Phiếu phỏng vấn của tôi"))
    follow(page.get_by_role("link", name="Phiếu số 008"))
    for code, words in (("overall", "Không hài lòng"), ("stage", "Nhận kết quả"), ("visits", "2 lần")):
        page.locator(f"#ask-{code}").get_by_text(words, exact=True).click()
    follow(page.get_by_role("button", name="Gửi phiếu"))
    page = enter("sonoivu", DESK)
    follow(page.get_by_role("link", name="Thu thập ý kiến"))
    follow(page.get_by_role("link", name="Hỏi lại một phần phiếu"))
    follow(page.get_by_role("link", name="Ghi kết quả phiếu số 008"))
    assert "Không hài lòng" not in page.locator("main").inner_text(), "satisfaction is never asked again"
    page.get_by_text("Có, đã được hỏi").click()
    page.locator("#ask-stage").get_by_text("Nhận kết quả").click()
    page.locator("#ask-visits").get_by_text("3 lần trở lên").click()
    follow(page.get_by_role("button", name="Lưu kết quả phúc tra"))
    assert "Đã ghi kết quả phúc tra" in page.get_by_role("status").inner_text()
    follow(page.get_by_role("link", name="Kết quả phỏng vấn và phúc tra"))
    visits = page.locator("#items tr", has_text="Ông/Bà phải đến mấy lần?").inner_text()
    assert "1/1" in visits and "quá ít để kết luận" in visits
    stage = page.locator("#items tr", has_text="Đến để làm gì").inner_text()
    assert "0/1" in stage
    assert "gian lận" not in page.content().lower()


def test_entering_answers_keeps_the_session_alive_and_resting_does_not(enter, office):
    page = enter("mai", script=True)
    page.clock.install()
    page.get_by_role("link", name="Phiếu phỏng vấn của tôi").click()
    page.get_by_role("link", name="Phiếu số 005").click()
    asked = []
    page.on("request", lambda request: request.method == "HEAD" and asked.append(request.url))
    page.clock.run_for("21:00")
    assert asked == [], "nobody entered anything"
    page.locator("#ask-overall").get_by_text("Bình thường").click()
    with page.expect_response(lambda response: response.request.method == "HEAD") as answered:
        page.clock.run_for("10:00")
    assert answered.value.status == 200
    page.clock.run_for("20:00")
    assert len(asked) == 1, "one request for each ten minutes in which something was entered"


def test_a_form_that_is_half_filled_is_not_left_without_asking(enter, office):
    page = enter("mai", script=True)
    page.get_by_role("link", name="Phiếu phỏng vấn của tôi").click()
    page.get_by_role("link", name="Phiếu số 006").click()
    page.locator("#ask-overall").get_by_text("Bình thường").click()
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_role("link", name="Quay lại danh sách, không lưu").click(no_wait_after=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert page.locator("#ask-overall").get_by_label("Bình thường").is_checked()
