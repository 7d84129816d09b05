"""A flood, as a person with a real browser meets it: nothing to see, and the answer is stored."""

from datetime import UTC, datetime

import pytest

from survey_app.services.flood import Flood, Limit, Limits, Outcome
from tests.journeys.test_citizen import SHOWN, shown, stored
from tests.sites import CODE


@pytest.fixture(autouse=True)
def flooded(site, clock, monkeypatch):
    """One token in all, which is used up; challenges expire by the clock of the machine."""
    clock.at = datetime.now(UTC)
    one = Limit(1, 1)
    flood = Flood(Limits(device=one, code=one, overall=one))
    flood.admit(code=CODE, at=0.0)
    monkeypatch.setitem(site.app.extensions, "flood", flood)
    monkeypatch.setattr("survey_app.web.citizen.guarding.seconds_running", lambda: 0.0)
    return flood


@pytest.mark.parametrize("door", ["q", "k"])
def test_the_page_solves_what_is_asked_and_sends_the_same_bytes_again(open_page, site, flooded, door):
    before = stored(site)
    page = open_page(f"/{door}/{CODE}")
    posts, fetched = [], []
    page.on(
        "request",
        lambda request: posts.append(request) if request.method == "POST" else fetched.append(request.url),
    )
    page.click(".question [value=satisfied]")
    assert not [url for url in fetched if "proof" in url], "nothing is fetched before it is needed"
    page.click("[data-screen=reasons] [data-do=done]")
    page.wait_for_selector("[data-screen=thanks]:not([hidden])")
    assert [bool(request.header_value("survey-proof")) for request in posts] == [False, True]
    assert posts[0].post_data == posts[1].post_data
    assert stored(site) == before + 1
    assert flooded.counts(CODE) == {Outcome.ASKED: 1, Outcome.PROVEN: 1}


def test_a_solver_that_cannot_be_fetched_leaves_an_honest_screen_and_a_way_on(open_page, site, flooded):
    before = stored(site)
    page = open_page(f"/q/{CODE}")
    page.route("**/proof.js*", lambda route: route.abort())
    page.click(".question [value=satisfied]")
    page.click("[data-screen=reasons] [data-do=done]")
    page.wait_for_selector("[data-screen=busy]:not([hidden])")
    assert "CHƯA được lưu" in page.locator(SHOWN).inner_text()
    page.unroute("**/proof.js*")
    page.click("[data-screen=busy] [data-do=retry]")
    page.wait_for_selector("[data-screen=thanks]:not([hidden])")
    assert shown(page) == "thanks"
    assert stored(site) == before + 1


def test_a_page_left_in_a_flood_still_sends_its_answer(open_page, site, flooded):
    before = stored(site)
    page = open_page(f"/q/{CODE}")
    page.click(".question [value=satisfied]")
    page.locator("[data-screen=reasons] .chip:visible").first.click()
    page.goto("about:blank")
    for _wait in range(30):
        if stored(site) == before + 1:
            break
        page.wait_for_timeout(100)
    assert stored(site) == before + 1


def test_without_a_script_the_form_is_taken(open_page, site, flooded):
    before = stored(site)
    page = open_page(f"/q/{CODE}", script=False)
    page.click(".question [value=satisfied]")
    page.wait_for_load_state()
    assert stored(site) == before + 1
    assert flooded.counts(CODE) == {Outcome.PLAIN: 1}
