"""A citizen answers at a kiosk, on a phone and without a script; what is on the screen and what is stored."""

import gzip
import itertools
import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page
from sqlalchemy import Select, select

from survey_app.db import db
from survey_app.models import Comment, Response
from tests.journeys.axe import SIGHTS, TWO_SIGHTS, has_sideways_scroll, violations
from tests.sites import CODE, UNIT_NAME, Site, apart, follow

PHONE, PORTRAIT, LANDSCAPE = (360, 640), (800, 1280), (1280, 800)
SHOWN = "[data-screen]:not([hidden])"
# Letters that Vietnamese writes and English does not.
VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
ENGLISH_WORDS = re.compile(
    r"\b(the|you|your|is|are|and|not|answer|send|done|back|question|very)\b", re.IGNORECASE
)
THANKS_MS, IDLE_MS, GRACE_MS = 6_000, 30_000, 20_000
# How long an answer stays in sight before the next screen comes.
TURN_MS = 200


def shown(page: Page) -> str:
    return str(page.locator(SHOWN).get_attribute("data-screen"))


def box(page: Page, selector: str) -> dict[str, float]:
    found = page.locator(selector).first.bounding_box()
    assert found is not None, selector
    return found


def stored(site: Site) -> int:
    return len(rows(site, select(Response.id)))


def rows(site: Site, statement: Select[Any]) -> list[Any]:
    def read() -> list[Any]:
        with site.app.app_context():
            return list(db.session.execute(statement).all())

    return list(apart(read))


def finish_form(page: Page) -> list[str]:
    """Answer every screen of the full form with its first choice; the codes of the screens passed."""
    passed: list[str] = []
    while shown(page) != "thanks":
        code = shown(page)
        passed.append(code)
        screen = page.locator(f'[data-screen="{code}"]')
        if screen.locator(".chip").count():
            screen.locator(".chip").first.click()
            screen.locator(".main").click()
        else:
            screen.locator(".tile").first.click()
            page.clock.fast_forward(TURN_MS)
        screen.wait_for(state="hidden")
    return passed


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_phone_question_fits_under_the_browser_bar(open_page, lang):
    page = open_page(f"/q/{CODE}?lang={lang}")
    last = box(page, ".question .none")
    assert last["y"] + last["height"] <= 520
    assert box(page, ".bar")["height"] == 40
    rows = [tile.bounding_box() for tile in page.locator(".question .tile").all()]
    assert [(row["width"], row["height"]) for row in rows] == [(328, 56)] * 5
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator(".tag").is_visible()


@pytest.mark.parametrize("choice", ["dissatisfied", "neutral", "satisfied"])
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_way_on_from_the_reasons_is_in_sight_on_a_phone(open_page, lang, choice):
    page = open_page(f"/q/{CODE}?lang={lang}")
    page.click(f".question button[value={choice}]")
    for chip in page.locator("[data-screen=reasons] .chip:visible").all():
        assert chip.bounding_box()["height"] >= 56
    for way in ("done", "comment", "full", "back"):
        button = box(page, f"[data-screen=reasons] [data-do={way}]")
        assert button["y"] + button["height"] <= 640, way
        assert button["height"] >= 44


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_kiosk_sizes_in_both_orientations(open_page, lang):
    page = open_page(f"/k/{CODE}?lang={lang}", PORTRAIT)
    assert (box(page, ".bar")["height"], box(page, ".anonymity")["height"]) == (88, 64)
    tiles = [tile.bounding_box() for tile in page.locator(".question .tile").all()]
    assert [(tile["width"], tile["height"]) for tile in tiles] == [(736, 136)] * 5
    assert {round(low["y"] - high["y"] - 136) for high, low in itertools.pairwise(tiles)} == {16}
    assert box(page, ".face")["width"] == 88
    assert (box(page, ".question .none")["height"], box(page, ".question .foot")["height"]) == (72, 64)
    assert page.evaluate("document.documentElement.scrollHeight") == 1280
    page.set_viewport_size({"width": 1280, "height": 800})
    tiles = [tile.bounding_box() for tile in page.locator(".question .tile").all()]
    assert [(tile["width"], tile["height"]) for tile in tiles] == [(230, 340)] * 5
    assert page.evaluate("document.documentElement.scrollHeight") == 800
    assert page.get_by_text(UNIT_NAME).first.is_visible()


@pytest.mark.parametrize("size", [PHONE, PORTRAIT, LANDSCAPE])
def test_twice_the_text_hides_no_answer(open_page, size):
    door = "q" if size is PHONE else "k"
    page = open_page(f"/{door}/{CODE}?size=3", size)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    for button in page.locator(".question button[name=overall]").all():
        place = button.bounding_box()
        assert place["x"] >= 0
        assert place["x"] + place["width"] <= size[0]
        assert button.evaluate("button => button.scrollWidth <= button.clientWidth + 1")


def test_first_load_is_three_requests_and_under_thirty_kilobytes(browser, url):
    page = browser.new_page()
    bodies: list[bytes] = []
    page.on("response", lambda response: bodies.append(response.body()))
    page.goto(f"{url}/q/{CODE}", wait_until="networkidle")
    page.close()
    assert len(bodies) == 3
    assert sum(len(gzip.compress(body)) for body in bodies) <= 30_000


@pytest.mark.parametrize("choice", ["very_satisfied", "very_dissatisfied", "neutral", "dont_know"])
def test_good_and_bad_answers_take_the_same_two_taps(open_page, site, choice):
    before = stored(site)
    page = open_page(f"/q/{CODE}")
    page.click(f".question [value={choice}]")
    tabs = page.locator(".tab:visible").all_inner_texts()
    assert tabs[-2:] == ["Điều hài lòng", "Điều chưa hài lòng"]
    page.click("[data-screen=reasons] [data-do=done]")
    page.wait_for_selector("[data-screen=thanks]:not([hidden])")
    assert stored(site) == before + 1


def test_full_form_on_a_phone_ends_with_a_receipt(open_page, site):
    page = open_page(f"/q/{CODE}?s=collect_result", is_hurried=True)
    page.click(".question [value=satisfied]")
    page.click("[data-do=full]")
    page.wait_for_selector("[data-screen=stage]:not([hidden])")
    page.click("[data-screen=stage] [value=collect_result]")
    page.locator("[data-screen=stage]").wait_for(state="hidden")
    page.click("[data-screen=field] [value=land]")
    page.locator("[data-screen=field]").wait_for(state="hidden")
    assert "Câu 1/22" in page.locator(SHOWN).inner_text()
    assert page.locator(SHOWN).get_by_text("Xong, gửi ngay").is_visible()
    passed = finish_form(page)
    assert "F4.1" in passed
    assert "confidential" in passed
    page.click("text=Xem mã biên nhận")
    assert re.fullmatch(r"[0-9A-F]{4}(-[0-9A-F]{4}){2}", page.locator("[data-receipt]").inner_text())


def test_someone_who_only_submitted_is_not_asked_about_the_result_nor_at_a_kiosk_about_money(open_page):
    page = open_page(f"/k/{CODE}", PORTRAIT, is_hurried=True)
    page.click(".question [value=satisfied]")
    page.click("[data-do=full]")
    page.wait_for_selector("[data-screen=stage]:not([hidden])")
    passed = finish_form(page)
    assert not {"F4.1", "F4.2", "F4.3", "confidential"} & set(passed)
    assert len([code for code in passed if code.startswith("F")]) == 19


def test_at_most_three_expectations(open_page):
    page = open_page(f"/q/{CODE}", is_hurried=True)
    page.click(".question [value=satisfied]")
    page.click("[data-do=full]")
    page.wait_for_selector("[data-screen=stage]:not([hidden])")
    while shown(page) != "expectations":
        screen = page.locator(f'[data-screen="{shown(page)}"]')
        screen.locator(".tile").first.click()
        page.clock.fast_forward(TURN_MS)
        screen.wait_for(state="hidden")
    for chip in page.locator("[data-screen=expectations] .chip").all()[:3]:
        chip.click()
    assert page.locator("[data-screen=expectations] input:disabled").count() == 7


def test_kiosk_thanks_for_six_seconds_then_forgets_the_person(open_page, url):
    page = open_page(f"/k/{CODE}", PORTRAIT)
    page.clock.install()
    page.goto(f"{url}/k/{CODE}")
    page.click("[data-size='2']")
    page.click(".question [value=dissatisfied]")
    page.click(".panel-bad .chip >> nth=0")
    page.click("[data-screen=reasons] [data-do=done]")
    page.wait_for_selector("[data-screen=thanks]:not([hidden])")
    assert page.locator("text=Xem mã biên nhận").count() == 0
    page.clock.run_for(THANKS_MS + 200)
    assert shown(page) == "question"
    assert page.locator("input:checked:not([name=polarity])").count() == 0
    assert page.locator("main [aria-pressed=true]").count() == 0
    assert "size-1" in page.evaluate("document.documentElement.className")


def test_kiosk_warns_when_idle_and_then_stores_what_was_answered(open_page, url, site):
    before = stored(site)
    page = open_page(f"/k/{CODE}", PORTRAIT)
    page.clock.install()
    page.goto(f"{url}/k/{CODE}")
    page.click(".question [value=neutral]")
    page.clock.run_for(IDLE_MS + 500)
    assert page.locator("dialog").is_visible()
    page.click("dialog [data-do=stay]")
    assert not page.locator("dialog").is_visible()
    assert shown(page) == "reasons"
    page.clock.run_for(IDLE_MS + 500)
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.clock.run_for(GRACE_MS + 500)
    assert shown(page) == "question"
    assert stored(site) == before + 1


def test_leaving_after_the_first_tap_still_stores_it(open_page, site, url):
    before = stored(site)
    page = open_page(f"/q/{CODE}")
    page.click(".question [value=satisfied]")
    page.goto("about:blank")
    for _wait in range(20):
        if stored(site) == before + 1:
            break
        page.wait_for_timeout(100)
    assert stored(site) == before + 1


def test_a_retry_after_a_lost_connection_sends_the_same_record_once(open_page, site):
    before = stored(site)
    page = open_page(f"/q/{CODE}")
    bodies: list[str] = []

    def cut(route, request):
        if request.method == "POST":
            bodies.append(request.post_data)
            route.abort() if len(bodies) == 1 else route.continue_()
        else:
            route.continue_()

    page.route("**/q/*", cut)
    page.click(".question [value=satisfied]")
    page.click("[data-screen=reasons] [data-do=done]")
    page.wait_for_selector("[data-screen=unsaved]:not([hidden])")
    assert "Chưa lưu được câu trả lời." in page.locator(SHOWN).inner_text()
    page.click("[data-screen=unsaved] [data-do=retry]")
    page.wait_for_selector("[data-screen=thanks]:not([hidden])")
    assert bodies[0] == bodies[1]
    assert stored(site) == before + 1


def test_an_outcome_that_nobody_knows_is_found_out_by_sending_again(open_page, site):
    """The database went away while it committed, and had stored the answer: it is neither lost nor doubled."""
    before = stored(site)
    page = open_page(f"/q/{CODE}")
    bodies: list[str] = []

    def stored_but_untold(route, request):
        if request.method != "POST":
            return route.continue_()
        bodies.append(request.post_data)
        if len(bodies) > 1:
            return route.continue_()
        assert route.fetch().status == 201
        return route.fulfill(status=503, json={"status": "outcome_unknown", "message": ""})

    page.route("**/q/*", stored_but_untold)
    page.click(".question [value=satisfied]")
    page.click("[data-screen=reasons] [data-do=done]")
    page.wait_for_selector("[data-screen=thanks]:not([hidden])")
    assert bodies[0] == bodies[1]
    assert stored(site) == before + 1


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (409, "Phiếu này đã được ghi nhận trước đó."),
        (422, "Câu trả lời chưa được lưu."),
        (413, "Câu trả lời chưa được lưu."),
        (503, "Hệ thống bận. Câu trả lời CHƯA được lưu."),
        (404, "Máy tạm ngừng nhận ý kiến."),
    ],
)
def test_every_refusal_says_whether_the_answer_was_saved(open_page, status, words):
    page = open_page(f"/q/{CODE}")
    body = json.dumps({"message": "Nội dung gửi đến không hợp lệ."})
    page.route("**/q/*", lambda route: route.fulfill(status=status, body=body)
               if route.request.method == "POST" else route.continue_())  # fmt: skip
    page.click(".question [value=satisfied]")
    page.click("[data-screen=reasons] [data-do=done]")
    page.locator("[role=alert]:not([hidden])").wait_for()
    assert words in page.locator(SHOWN).inner_text()


def test_answers_survive_a_change_of_language(open_page):
    page = open_page(f"/q/{CODE}")
    page.click(".question [value=dissatisfied]")
    page.click(".panel-bad .chip >> nth=1")
    page.click(".menu summary")
    page.click("[data-lang=en]")
    page.wait_for_selector("html[lang=en]")
    page.locator(SHOWN).wait_for()
    assert shown(page) == "reasons"
    assert page.locator(".panel-bad input:checked").count() == 1


def test_whole_flow_by_keyboard(open_page):
    page = open_page(f"/q/{CODE}")
    page.locator(".question .tile").first.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert shown(page) == "reasons"
    assert page.evaluate("document.activeElement.id") == "q-reasons"
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator(".panel:visible input:checked").count() == 1
    page.locator("[data-screen=reasons] [data-do=done]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-screen=thanks]:not([hidden])")


def test_second_half_of_a_double_tap_chooses_nothing(open_page):
    page = open_page(f"/q/{CODE}")
    page.dblclick(".question .tile >> nth=4")
    assert shown(page) == "reasons"
    assert page.locator("input[type=checkbox]:checked").count() == 0


@pytest.mark.parametrize(("lang", "size", "contrast"), SIGHTS)
@pytest.mark.parametrize("path", [f"/q/{CODE}?w=closed-wave", "/q/NOSUCHXX?x=", f"/k/{CODE}/thanks?s=x"])
def test_axe_finds_no_violation_where_there_is_no_question(open_page, path, lang, size, contrast):
    page = open_page(f"{path}&lang={lang}&contrast={1 if contrast else 0}", size)
    assert violations(page) == []
    assert not has_sideways_scroll(page)


@pytest.mark.parametrize(("lang", "size", "contrast"), TWO_SIGHTS)
def test_axe_finds_no_violation_on_the_pages_for_browsers_without_a_script(
    open_page, url, lang, size, contrast
):
    look = f"lang={lang}&contrast={1 if contrast else 0}"
    page = open_page("/static/citizen.css", size)
    question = page.request.get(f"{url}/q/{CODE}?{look}").text()
    hidden = dict(re.findall(r'type="hidden" name="(id|token)" value="([^"]+)"', question))
    first = page.request.post(
        f"{url}/q/{CODE}?{look}", form=hidden | {"lang": lang, "overall": "neutral"}, max_redirects=0
    )
    page.goto(url + first.headers["location"])
    found = violations(page)
    follow(page.locator("button[name=go]"))
    while page.locator("fieldset").count() and "thanks" not in page.url:
        found += violations(page)
        assert not has_sideways_scroll(page)
        follow(page.locator(".main"))
    assert "thanks" in page.url
    assert found + violations(page) == []


def test_without_a_script_the_answer_the_reasons_and_the_full_form_are_stored(open_page, site):
    before = stored(site)
    page = open_page(f"/q/{CODE}?s=collect_result", script=False)
    follow(page.locator(".question [value=dissatisfied]"))
    assert stored(site) == before + 1
    page.locator(".panel-bad .chip").first.click()
    page.fill("#comment", "Chờ lâu quá")
    follow(page.locator("text=Trả lời phiếu đầy đủ"))
    n_pages = 0
    while page.locator(".main").count() and "thanks" not in page.url:
        n_pages += 1
        for group in page.locator("fieldset").all():
            choices = group.locator("input[type=radio]")
            if choices.count() and not group.locator("input:checked").count():
                choices.nth(1).check()
        follow(page.locator(".main"))
    assert n_pages == 11
    assert "Đã ghi nhận." in page.locator("h1").inner_text()
    assert stored(site) == before + 1
    assert rows(site, select(Comment.text)) == [("Chờ lâu quá",)]


@pytest.mark.parametrize("script", [True, False])
def test_vietnamese_pages_have_no_english(open_page, script):
    page = open_page(f"/q/{CODE}?lang=vi", script=script)
    texts = [
        page.locator("#app").evaluate("app => app.textContent")
        if script
        else page.locator("#app").inner_text()
    ]
    page.goto(page.url.replace(CODE, "NOSUCHXX"))
    texts.append(page.locator("#app").inner_text())
    assert [word for text in texts for word in ENGLISH_WORDS.findall(text)] == []


def test_english_pages_have_no_vietnamese(open_page, url):
    page = open_page(f"/q/{CODE}?lang=en")
    page.click(".question [value=satisfied]")
    page.click("[data-do=full]")
    page.wait_for_selector("[data-screen=stage]:not([hidden])")
    texts = [page.locator("#app").evaluate("app => app.textContent")]
    for path in (f"/k/{CODE}?lang=en", f"/q/{CODE}?w=closed-wave&lang=en", "/q/NOSUCHXX?lang=en"):
        page.goto(url + path)
        texts.append(page.locator("#app").evaluate("app => app.textContent"))
    for text in texts:
        ours = text.replace(UNIT_NAME, "").replace("Tiếng Việt", "")
        assert VIETNAMESE.findall(ours) == [], ours
