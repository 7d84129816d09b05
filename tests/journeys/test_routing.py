"""Questions that hang on earlier answers, in a browser with and without a script: what is asked and what is stored."""

import copy
import json

import pytest
from sqlalchemy import select

from survey_app.db import db
from survey_app.models import Response
from survey_app.services import questionnaires
from survey_app.services.definitions import items_under
from survey_app.services.forms import compile_version
from tests.journeys.test_citizen import TURN_MS, finish_form, shown
from tests.sites import OPENED, add_office, apart, follow

CODE = "R4T5N6PQ"
LANDSCAPE = (1280, 800)
FULL = json.loads((questionnaires.SEEDS / "questionnaires/full_form_v1.json").read_text(encoding="utf-8"))
CONDITIONS = {
    "visits": {"answers": {"overall": ["dissatisfied", "very_dissatisfied"]}},
    "punctuality": {"answers": {"visits": ["three_or_more"]}},
    "confidential": {"answers": {"expectations": ["more_information"]}},
    "sex": {"answers": {"visits": ["three_or_more"]}},
}
ROUTED = {**copy.deepcopy(FULL), "code": "routed_form"}
for each in items_under(ROUTED["tree"]):
    if each["code"] in CONDITIONS:
        each["relevant"] = CONDITIONS[each["code"]]
FORM = compile_version(ROUTED)


@pytest.fixture(scope="module")
def office(site):
    def add():
        with site.app.app_context():
            version = questionnaires.publish(db.session, ROUTED, OPENED)
            add_office(CODE, version.id, is_simulated=True)
            db.session.commit()
            return version.id

    return apart(add)


def last_answers(site, version_id):
    def read():
        with site.app.app_context():
            rows = db.session.scalars(select(Response.answers).where(Response.version_id == version_id)).all()
            return [FORM.unpack(row) for row in rows]

    return apart(read)


def take_new(before, after):
    """The one response that was not there before."""
    left = list(after)
    for each in before:
        left.remove(each)
    (new,) = left
    return new


def open_form(open_page, overall, *, door="q", size=(360, 640)):
    page = open_page(f"/{door}/{CODE}?s=submit", size, is_hurried=True)
    page.click(f".question [value={overall}]")
    page.click("[data-do=full]")
    page.wait_for_selector("[data-screen=stage]:not([hidden])")
    return page


def pick(page, code, value):
    page.click(f'[data-screen="{code}"] [value={value}]')
    page.clock.fast_forward(TURN_MS)
    page.locator(f'[data-screen="{code}"]').wait_for(state="hidden")


@pytest.mark.parametrize("door", ["q", "k"])
def test_a_script_skips_what_the_answers_rule_out(open_page, site, office, door):
    before = last_answers(site, office)
    page = open_form(open_page, "satisfied", door=door, size=LANDSCAPE if door == "k" else (360, 640))
    passed = finish_form(page)
    assert not {"visits", "punctuality", "sex"} & set(passed)
    assert ("confidential" in passed) == (door == "q")
    stored = take_new(before, last_answers(site, office))
    assert (stored["visits"], stored["punctuality"], stored["sex"]) == ("not_relevant",) * 3
    assert stored["confidential"] == ("no" if door == "q" else "not_reached")


def test_a_script_asks_on_as_the_answers_open_questions_and_forgets_what_was_taken_back(
    open_page, site, office
):
    before = last_answers(site, office)
    page = open_form(open_page, "dissatisfied")
    while shown(page) != "visits":
        page.locator(f'[data-screen="{shown(page)}"] .tile').first.click()
        page.clock.fast_forward(TURN_MS)
    pick(page, "visits", "three_or_more")
    assert shown(page) == "punctuality"
    page.click('[data-screen="punctuality"] [data-do=back]')
    pick(page, "visits", "three_or_more")
    pick(page, "punctuality", "late_without_notice")
    page.click('[data-screen="expectations"] [data-do=back]')
    page.click('[data-screen="punctuality"] [data-do=back]')
    pick(page, "visits", "one")
    assert shown(page) == "expectations"
    passed = finish_form(page)
    assert "sex" not in passed
    stored = take_new(before, last_answers(site, office))
    assert (stored["visits"], stored["punctuality"], stored["sex"]) == ("one", "not_relevant", "not_relevant")
    assert stored["confidential"] == "no"


@pytest.mark.parametrize(("overall", "is_asked"), [("dissatisfied", True), ("satisfied", False)])
def test_without_a_script_the_next_page_leaves_out_what_was_ruled_out(
    open_page, site, office, overall, is_asked
):
    before = last_answers(site, office)
    page = open_page(f"/q/{CODE}?s=submit", script=False)
    follow(page.locator(f".question [value={overall}]"))
    follow(page.locator("text=Trả lời phiếu đầy đủ"))
    seen = set()
    while "thanks" not in page.url:
        names = page.locator("fieldset input").evaluate_all("boxes => boxes.map(box => box.name)")
        seen |= set(names)
        if "visits" in names:
            assert (
                "Chỉ trả lời nếu: Ông/Bà phải đến mấy lần? – 3 lần trở lên."
                in page.locator("form").inner_text()
            )
            page.check("[name=visits][value=one]")
            page.check("[name=punctuality][value=on_time]")
        follow(page.locator(".main"))
    assert ("visits" in seen) == is_asked
    assert "sex" not in seen
    assert "confidential" not in seen
    stored = take_new(before, last_answers(site, office))
    assert stored["visits"] == ("one" if is_asked else "not_relevant")
    assert (stored["punctuality"], stored["sex"], stored["confidential"]) == ("not_relevant",) * 3
    assert stored["age_band"] == "left_blank"
