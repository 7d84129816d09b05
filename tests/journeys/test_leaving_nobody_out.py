"""For people who cannot read, see, reach or hold still: voice, pictures, keys, and somebody who helps."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from survey_app.db import db
from survey_app.models import Response
from survey_app.services import recordings
from survey_app.vocabulary import AssistedBy
from tests.journeys.axe import has_sideways_scroll
from tests.sites import CODE, Site, apart, build_site, serving

AUDIO = Path(__file__).resolve().parents[1] / "data" / "audio"
PHONE, PORTRAIT, LANDSCAPE = (360, 640), (800, 1280), (1280, 800)
SHOWN = "[data-screen]:not([hidden])"
FIRST_SCREEN = [
    "Ông/Bà hài lòng ở mức nào về việc phục vụ hôm nay?", "Rất hài lòng", "Hài lòng", "Bình thường",
    "Không hài lòng", "Rất không hài lòng", "Không có ý kiến",
]  # fmt: skip
TAPPED = f"{SHOWN} button:visible, {SHOWN} label:visible, .tools > .tool:visible, .size, summary:visible"
LISTEN = ".tool[data-listen]"
# Voices of a browser, and a player that notes what it was given: sound itself cannot be seen by a test.
NOTED = """
window.heard = [];
const one = { lang: "%s", name: "a voice" };
Object.defineProperty(window, "speechSynthesis", { value: {
  getVoices: () => one.lang ? [one] : [], cancel() {}, addEventListener() {},
  speak(speech) { heard.push("voice " + speech.lang + ": " + speech.text); setTimeout(() => speech.onend(), 20); }
} });
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Site:
    """An office that offers Bru and Chut, with a few recordings."""

    def build() -> Site:
        site = build_site(tmp_path_factory.mktemp("nobody_left_out"))
        settings = site.app.extensions["settings"]
        site.app.extensions["settings"] = replace(settings, LANGUAGES=("vi", "en", "bru", "scb"))
        with site.app.app_context():
            for words, language, file in (
                ("Rất hài lòng", "bru", "opus.ogg"), ("Hài lòng", "bru", "vorbis.ogg"), ("Hài lòng", "vi", "mp3"),
                ("Bình thường", "vi", "mp3"),
            ):  # fmt: skip
                recordings.store_generated(
                    db.session, (AUDIO / f"very_satisfied.{file}").read_bytes(),
                    key=recordings.text_key(words), language=language, today=date(2026, 9, 15),
                )  # fmt: skip
            db.session.commit()
        return site

    return apart(build)


@pytest.fixture(scope="module")
def url(site):
    with serving(site.app) as address:
        yield address


@pytest.fixture
def listening(contexts, url):
    """A page whose browser has a voice for one language, or for none."""

    def opened(path: str, size=PHONE, *, voice: str = ""):
        context = contexts(size)
        context.add_init_script(NOTED % voice)
        page = context.new_page()
        page.goto(url + path)
        return page

    return opened


def rest(page) -> None:
    """Until nothing is read any more."""
    page.wait_for_selector(f'{LISTEN}[aria-pressed="false"]')


def helpers(site: Site) -> set[int]:
    """Who handled the screen, of all answers given for another."""

    def read() -> set[int]:
        with site.app.app_context():
            return set(db.session.scalars(select(Response.assisted_by).where(Response.is_proxy == 1)))

    return apart(read)


# ---- voice ----


def test_the_reader_comes_only_when_asked_and_reads_question_answers_and_buttons(listening):
    page = listening(f"/q/{CODE}", voice="vi-VN")
    assert page.locator("script[src*=listen]").count() == 0
    page.click(LISTEN)
    page.wait_for_selector(".reading")
    rest(page)
    heard = [text.removeprefix("voice vi-VN: ") for text in page.evaluate("heard")]
    assert heard[: len(FIRST_SCREEN)] == FIRST_SCREEN
    assert heard[-1].startswith("Không hỏi họ tên")
    assert page.locator(".reading").count() == 0


def test_the_part_that_is_read_is_marked_and_in_sight_and_a_second_tap_stops(listening):
    page = listening(f"/k/{CODE}?size=3", voice="vi-VN")
    page.evaluate("() => { speechSynthesis.speak = speech => heard.push(speech.text); }")
    page.click(LISTEN)
    page.wait_for_selector(".ask.reading")
    assert page.locator(".reading").count() == 1
    page.click(LISTEN)
    rest(page)
    assert page.locator(".reading").count() == 0
    assert page.evaluate("heard.length") == 1


def test_real_recordings_play_to_their_end_one_after_the_other(contexts, url):
    page = contexts(PHONE).new_page()
    page.goto(f"{url}/q/{CODE}")
    played: list[str] = []
    page.on(
        "response", lambda answer: "/audio/" in answer.url and played.append(answer.headers["content-type"])
    )
    page.click(LISTEN)
    page.wait_for_selector(".tile.reading >> nth=0")
    page.locator(".reading", has_text="Bình thường").wait_for()
    rest(page)
    assert played == ["audio/mpeg"]  # both texts share one file, and the browser keeps it
    assert page.locator("[data-voice]").inner_text() == ""


def test_a_language_that_is_only_spoken_plays_its_recordings_then_vietnamese_and_says_so(listening, site):
    page = listening(f"/q/{CODE}")
    page.click(".menu summary")
    played: list[str] = []
    page.on(
        "response", lambda answer: "/audio/" in answer.url and played.append(answer.headers["content-type"])
    )
    page.click("[data-lang=bru]")
    # Who cannot read need not look for the button.
    page.wait_for_selector(".reading")
    page.locator("[data-voice]:not(:empty)").wait_for()
    assert (
        page.locator("[data-voice]").inner_text() == "Bru – Vân Kiều chưa có bản đọc; đang dùng tiếng Việt."
    )
    rest(page)
    assert played == ["audio/ogg", "audio/ogg", "audio/mpeg"]
    assert page.locator("html").get_attribute("lang") == "vi"
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.click(".question [value=neutral]")
        page.click("[data-screen=reasons] [data-do=done]")
    assert sent.value.post_data_json["lang"] == "bru"


def test_a_voice_of_the_browser_comes_before_a_recording_made_by_a_program(listening):
    page = listening(f"/q/{CODE}?lang=vi", voice="vi-VN")
    page.click(LISTEN)
    page.wait_for_selector(".reading")
    rest(page)
    assert "voice vi-VN: Hài lòng" in page.evaluate("heard")


def test_without_any_voice_or_recording_there_is_no_button(listening):
    page = listening(f"/q/{CODE}?lang=en")
    assert page.locator(LISTEN).is_hidden()
    page = listening(f"/q/{CODE}?lang=en", voice="en-GB")
    assert page.locator(LISTEN).is_visible()


def test_a_screen_with_nothing_to_hear_says_so(listening):
    page = listening(f"/q/{CODE}")
    page.click(".question [value=neutral]")
    page.click(LISTEN)
    page.locator("[data-voice]:not(:empty)").wait_for()
    assert page.locator("[data-voice]").inner_text() == "Chưa đọc được màn hình này."


def test_another_screen_ends_the_reading(listening):
    page = listening(f"/q/{CODE}", voice="vi-VN")
    page.evaluate("() => { speechSynthesis.speak = speech => heard.push(speech.text); }")
    page.click(LISTEN)
    page.wait_for_selector(".reading")
    page.click(".question [value=satisfied]")
    assert page.locator(".reading").count() == 0
    assert page.locator(LISTEN).get_attribute("aria-pressed") == "false"


def test_the_next_person_at_a_kiosk_finds_the_first_language_and_words(listening):
    page = listening(f"/k/{CODE}", PORTRAIT)
    page.click(".menu summary")
    page.click("[data-pictures]")
    page.wait_for_selector("html.pictures-only")
    page.click(".menu summary")
    page.click("[data-lang=scb]")
    page.wait_for_selector("#app[data-lang=scb]")
    assert page.locator("html.pictures-only").count() == 1
    page.click("[data-restart]")
    page.wait_for_selector("#app[data-lang=vi]")
    page.wait_for_selector("html:not(.pictures-only)")
    assert page.locator("[data-pictures]").get_attribute("aria-pressed") == "false"


# ---- pictures ----


@pytest.mark.parametrize(("door", "size"), [("q", PHONE), ("k", PORTRAIT), ("k", LANDSCAPE)])
def test_pictures_only_hides_words_from_the_eye_and_not_from_the_ear(listening, door, size):
    page = listening(f"/{door}/{CODE}", size)
    page.click(".menu summary")
    page.click("[data-pictures]")
    page.wait_for_selector("html.pictures-only")
    tile = page.get_by_role("button", name="Rất hài lòng", exact=True)
    assert tile.locator(".word").bounding_box()["width"] <= 1
    assert tile.locator(".face").bounding_box()["width"] >= 48
    tile.click()
    chip = page.get_by_role("checkbox", name="Nhanh, đúng hẹn")
    chip.check(force=True)
    assert page.locator(".panel-good .glyph:visible").count() == 10
    page.click("[data-screen=reasons] [data-do=done]")
    page.wait_for_selector("[data-screen=thanks]:not([hidden])")


# ---- somebody who helps ----


def test_one_tap_says_that_one_answers_for_another_and_a_second_who_helps(listening, site):
    page = listening(f"/q/{CODE}")
    page.click(".question [value=satisfied]")
    page.click("[data-do=proxy]")
    assert page.locator(SHOWN).locator("h2").inner_text() == "Ai giúp thao tác?"
    page.click("[data-screen=helper] [value=volunteer]")
    page.wait_for_selector("[data-screen=reasons]:not([hidden])")
    assert page.locator("[data-do=proxy]").get_attribute("aria-pressed") == "true"
    page.click("[data-screen=reasons] [data-do=done]")
    page.wait_for_selector("[data-screen=thanks]:not([hidden])")
    assert AssistedBy.VOLUNTEER in helpers(site)


def test_it_can_be_taken_back(listening):
    page = listening(f"/q/{CODE}")
    page.click(".question [value=satisfied]")
    page.click("[data-do=proxy]")
    page.click("[data-do=myself]")
    assert page.locator("[data-do=proxy]").get_attribute("aria-pressed") == "false"
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.click("[data-screen=reasons] [data-do=done]")
    assert "is_proxy" not in sent.value.post_data_json["dimensions"]


# ---- fingers and keys ----


@pytest.mark.parametrize(
    ("door", "size", "least"), [("q", PHONE, 44), ("k", PORTRAIT, 60), ("k", LANDSCAPE, 60)]
)
@pytest.mark.parametrize("look", ["", "&pictures=1", "&size=3", "&seat=1&lang=en"])
def test_everything_that_is_tapped_is_large_enough(listening, door, size, least, look):
    """The bar of a phone is lower: 38 px with 24 px and more around each centre, as the brief for it says."""
    page = listening(f"/{door}/{CODE}?x={look}", size, voice="vi-VN")
    too_small: list[str] = []
    for tap in (None, ".question [value=dissatisfied]", "[data-do=proxy]"):
        if tap:
            page.click(tap)
        for target in page.locator(TAPPED).all():
            box = target.bounding_box()
            is_bar = target.evaluate("target => !!target.closest('.bar')")
            lowest = 24 if is_bar and door == "q" else least
            if min(box["width"], box["height"]) < lowest - 0.5:
                too_small.append(f"{tap}: {target.inner_text()!r} {box['width']:.0f}x{box['height']:.0f}")
    assert too_small == []


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("size", [1, 2, 3])
def test_a_narrow_window_never_scrolls_sideways(listening, lang, size):
    page = listening(f"/q/{CODE}?lang={lang}&size={size}", (320, 568), voice="vi-VN")
    for tap in (None, ".question [value=dissatisfied]", "[data-do=proxy]"):
        if tap:
            page.click(tap)
        assert not has_sideways_scroll(page), tap


@pytest.mark.parametrize("contrast", [0, 1])
def test_tabs_can_be_read_though_they_are_hidden_from_axe(listening, contrast):
    """Radio buttons speak for the tabs, so the tabs are hidden from screen readers, and axe looks away from them."""
    page = listening(f"/q/{CODE}?contrast={contrast}")
    page.click(".question [value=dissatisfied]")
    for tab in page.locator(".tab:visible").all():
        ink, ground = (luminance(colour) for colour in tab.evaluate(INK_AND_GROUND))
        assert (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05) >= 4.5, tab.inner_text()


INK_AND_GROUND = """tab => {
  const grounds = [tab, tab.parentElement].map(one => getComputedStyle(one).backgroundColor);
  return [getComputedStyle(tab).color, grounds.find(colour => colour !== 'rgba(0, 0, 0, 0)')];
}"""


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def tab_to(page, selector: str) -> None:
    """Only by the Tab key; each stop on the way shows where it is."""
    for _stop in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert page.evaluate(VISIBLE_FOCUS), selector
            return
    raise AssertionError(f"{selector} is not reached")


VISIBLE_FOCUS = """() => {
  const at = document.activeElement, chip = at.closest('.chip');
  const after = chip && getComputedStyle(chip.querySelector('.word'), '::after');
  const tabs = at.matches('.pick') ? getComputedStyle(at.parentElement.querySelector('.tabs')) : null;
  return [getComputedStyle(at), after, tabs]
    .some(style => style && style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 3);
}"""


def test_the_bar_and_a_whole_answer_by_keys_alone_at_a_kiosk(listening, site):
    page = listening(f"/k/{CODE}", PORTRAIT, voice="vi-VN")
    tab_to(page, ".menu summary")
    page.keyboard.press("Enter")
    tab_to(page, "[data-lang=en]")
    page.keyboard.press("Enter")
    page.wait_for_selector("html[lang=en]")
    assert page.evaluate("document.activeElement.id") == "q-overall"
    page.keyboard.press("Shift+Tab")
    page.locator(".menu summary").focus()
    tab_to(page, "[data-size='3']")
    page.keyboard.press("Space")
    assert "size-3" in page.locator("html").get_attribute("class")
    tab_to(page, "[data-contrast]")
    page.keyboard.press("Enter")
    assert "contrast" in page.locator("html").get_attribute("class")
    tab_to(page, "[data-seat]")
    page.keyboard.press("Space")
    assert "seat" in page.locator("html").get_attribute("class")
    page.locator("#q-overall").focus()
    tab_to(page, ".question [value=dissatisfied]")
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.id") == "q-reasons"
    tab_to(page, ".pick-bad")
    page.keyboard.press("ArrowLeft")
    assert page.locator(".panel-good").is_visible()
    tab_to(page, ".panel-good input")
    page.keyboard.press("Space")
    tab_to(page, "[data-do=proxy]")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "q-helper"
    tab_to(page, "[data-screen=helper] [value=family]")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-screen=reasons]:not([hidden])")
    tab_to(page, "[data-screen=reasons] [data-do=done]")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-screen=thanks]:not([hidden])")
    assert re.search("Recorded|Thank", page.evaluate("document.activeElement.textContent"))
    assert AssistedBy.FAMILY in helpers(site)


def test_shift_tab_goes_back_the_same_way(listening):
    page = listening(f"/q/{CODE}")
    tab_to(page, ".question [value=satisfied]")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.value") == "very_satisfied"


def test_escape_in_the_idle_warning_goes_on(listening, url):
    page = listening(f"/k/{CODE}", PORTRAIT)
    page.clock.install()
    page.goto(f"{url}/k/{CODE}")
    page.click(".question [value=neutral]")
    page.clock.run_for(30_500)
    assert page.locator("dialog").is_visible()
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    assert page.locator("dialog").is_hidden()
    page.clock.run_for(25_000)
    assert page.locator(SHOWN).get_attribute("data-screen") == "reasons"
