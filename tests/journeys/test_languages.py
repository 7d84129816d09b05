"""A way through the product in each language meets no word of the other, errors included."""

import re
from uuid import uuid4

import pysqlite3.dbapi2 as sqlite
import pytest
from sqlalchemy.exc import OperationalError

from tests.journeys.wording import foreign_texts, is_foreign
from tests.sites import CODE, UNIT_NAME, csrf_token, follow

LANGUAGES = ("vi", "en")


@pytest.fixture(scope="module")
def names(demo):
    """Names of units and points are data: they stay as they are in every language."""
    return demo.names


@pytest.mark.parametrize("language", LANGUAGES)
def test_staff_journey_is_in_one_language(contexts, demo, demo_url, names, language):
    page = contexts((1280, 800)).new_page()
    found = {}

    def look():
        found[page.url] = foreign_texts(page.content(), language=language, data=names)

    page.goto(demo_url)
    if language == "en":
        follow(page.get_by_role("button", name="English"))
    look()
    page.goto(f"{demo_url}/sign-in")
    page.fill("[name=name]", "sonoivu")
    page.fill("[name=password]", "wrong on purpose, and long")
    follow(page.locator("main button"))
    look()
    page.fill("[name=name]", "sonoivu")
    page.fill("[name=password]", demo.accounts["sonoivu"].password)
    follow(page.locator("main button"))
    page.wait_for_url("**/par/")
    look()
    for path in (
        "/par/comparison?basis=continuous&sort=value&order=desc", "/par/comparison?basis=sample&sort=tier",
        "/par/comparison?q=zzz&sort=n", demo.paths["manager"], f"{demo.paths['manager']}?basis=sample",
        f"{demo.paths['manager']}?period=2026-Q2", demo.paths["manager_small"],
        "/account", "/who-sees-what", "/",
    ):  # fmt: skip
        page.goto(demo_url + path)
        look()
    page.goto(f"{demo_url}/account")
    page.fill("[name=current]", "not the one")
    page.fill("[name=new]", "short")
    page.fill("[name=repeated]", "other")
    follow(page.locator("main form:has([name=current]) button"))
    look()
    follow(page.locator("header").get_by_role("button").last)
    page.wait_for_url("**/sign-in*")
    look()
    assert {address: texts for address, texts in found.items() if texts} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_errors_of_staff_pages_are_in_one_language(contexts, demo, demo_url, staff_cookie, names, language):
    context = contexts((1280, 800))
    context.add_cookies([staff_cookie("dongha"), {"name": "lang", "value": language, "url": demo_url}])
    ask = context.request
    token = csrf_token(ask.get(f"{demo_url}/account").text())
    weak = {
        "csrf_token": token,
        "current": demo.accounts["dongha"].password,
        "new": "dongha dongha",
        "repeated": "",
    }
    answers = {
        404: ask.get(f"{demo_url}/no-such-page"),
        403: ask.get(f"{demo_url}/par/comparison"),
        405: ask.get(f"{demo_url}/sign-out"),
        400: ask.post(f"{demo_url}/sign-out", form={"csrf_token": "stale"}),
        422: ask.post(f"{demo_url}/account", form=weak),
        413: ask.post(f"{demo_url}/account", form={"csrf_token": token, "current": "x" * 80_000}),
    }
    for status, answer in answers.items():
        assert answer.status == status
        assert foreign_texts(answer.text(), language=language, data=names) == [], status


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("is_program", [False, True])
def test_errors_of_citizens_pages_are_in_one_language(contexts, site, url, language, is_program):
    ask = contexts((360, 640)).request
    address = f"{url}/q/{CODE}?lang={language}"
    fields = dict(re.findall(r'type="hidden" name="(id|token)" value="([^"]+)"', ask.get(address).text()))

    def send(**changes):
        body = fields | {"lang": language, "overall": "satisfied"} | changes
        if not is_program:
            return ask.post(address, form=body, max_redirects=0)
        answers = {"overall": body.pop("overall")}
        return ask.post(address, data=body | {"answers": answers, "parts": [1, 2], "reached": ["overall"]})

    assert send().status in (201, 303)
    answers = {
        409: send(overall="dissatisfied"),
        422: send(id=str(uuid4()), overall="no such level"),
        413: send(id=str(uuid4()), lang="x" * 80_000),
        400: send(id=str(uuid4()), token="forged"),
        404: ask.get(f"{url}/q/NOSUCHXX?lang={language}", headers=_accept(is_program)),
        410: ask.get(f"{url}/q/{CODE}?w=closed-wave&lang={language}"),
        403: ask.post(
            address, form=fields, headers={"Origin": "https://elsewhere.example"} | _accept(is_program)
        ),
    }
    for status, answer in answers.items():
        assert answer.status == status
        if "json" in answer.headers["content-type"]:
            assert not is_foreign(answer.json()["message"], language=language, data=[UNIT_NAME]), status
        else:
            assert foreign_texts(answer.text(), language=language, data=[UNIT_NAME]) == [], status


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_busy_database_is_told_in_one_language(contexts, site, url, monkeypatch, language):
    """Another program holds the database; the answer is refused as not saved, and asked for again."""
    ask = contexts((360, 640)).request
    address = f"{url}/q/{CODE}?lang={language}"
    fields = dict(re.findall(r'type="hidden" name="(id|token)" value="([^"]+)"', ask.get(address).text()))
    monkeypatch.setattr("survey_app.web.citizen.routes.receive_response", _database_is_locked)
    answer = ask.post(address, form=fields | {"lang": language, "overall": "satisfied"}, max_redirects=0)
    assert answer.status == 503
    assert answer.headers["retry-after"].isdigit()
    assert foreign_texts(answer.text(), language=language, data=[UNIT_NAME]) == []
    body = fields | {"answers": {"overall": "satisfied"}, "parts": [1, 2], "reached": ["overall"]}
    message = ask.post(address, data=body).json()["message"]
    assert not is_foreign(message, language=language)
    assert ("CHƯA được lưu" if language == "vi" else "NOT saved") in message


def _database_is_locked(*_arguments, **_keywords):
    raise OperationalError("INSERT", {}, sqlite.OperationalError("database is locked"))


def _accept(is_program):
    return {"Accept": "application/json" if is_program else "text/html"}
