"""Whatever is answered to a post of answers but "stored" says, in the reader's language, what became of them."""

import json
import re
import uuid

import pytest
from sqlalchemy.exc import OperationalError

from survey_app.errors import OutcomeUnknown
from survey_app.services.flood import Flood, Limit, Limits
from survey_app.web.citizen import routes
from tests.sites import CODE

PATH = f"/q/{CODE}"
NOT_SAVED = {"vi": "CHƯA được lưu", "en": "NOT saved"}
ANOTHER_STAYS = {"vi": "Câu trả lời mới không được lưu", "en": "The new answer was not saved"}
UNKNOWN = {
    "vi": "Chưa biết câu trả lời đã được lưu hay chưa",
    "en": "It is not known whether the answer was saved",
}
BUSY = {"vi": "Hệ thống bận", "en": "busy"}


@pytest.fixture
def client(site):
    site.app.config["PROPAGATE_EXCEPTIONS"] = False
    return site.app.test_client()


@pytest.fixture
def answer(client):
    token = re.search(r'name="token" value="([^"]+)"', client.get(PATH).text).group(1)
    return {"id": str(uuid.uuid4()), "token": token, "lang": "vi", "overall": "satisfied"}


def failing(monkeypatch, error):
    def fail(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(routes, "receive_response", fail)


def send(client, answer, *, as_json, lang, **options):
    if not as_json:
        return client.post(f"{PATH}?lang={lang}", data=answer, **options)
    body = {key: value for key, value in answer.items() if key != "overall"}
    body |= {"answers": {"overall": answer["overall"]}, "parts": [1, 2], "reached": ["overall"]}
    options = {"content_type": "application/json"} | options
    return client.post(f"{PATH}?lang={lang}", data=json.dumps(body), **options)


def bad_token(client, answer, **kind):
    return send(client, answer | {"token": "forged"}, **kind)


def foreign_origin(client, answer, **kind):
    return send(client, answer, headers={"Origin": "https://elsewhere.example"}, **kind)


def other_content(client, answer, **kind):
    assert send(client, answer, **kind).status_code in {201, 303}
    return send(client, answer | {"overall": "dissatisfied"}, **kind)


def too_long(client, answer, **kind):
    return send(client, answer | {"comment": "x" * 70_000}, **kind)


def of_no_known_kind(client, answer, *, as_json, lang):
    accept = {"Accept": "application/json"} if as_json else {}
    return client.post(f"{PATH}?lang={lang}", data=b"x", content_type="text/plain", headers=accept)


def not_offered(client, answer, **kind):
    return send(client, answer | {"overall": "splendid"}, **kind)


def wrong_method(client, answer, *, as_json, lang):
    accept = {"Accept": "application/json"} if as_json else {}
    return client.put(f"{PATH}?lang={lang}", data=answer, headers=accept)


REFUSALS = {
    "400": bad_token, "403": foreign_origin, "409": other_content,
    "413": too_long, "415": of_no_known_kind, "422": not_offered, "405": wrong_method,
}  # fmt: skip


def words_of(response, *, as_json, lang):
    """What a person reads; JSON also carries it in the other language."""
    assert response.headers["Content-Language"] == lang
    if not as_json:
        assert response.mimetype == "text/html"
        assert 'role="alert"' in response.text
        return response.text
    assert response.json["messages"][lang] == response.json["message"]
    assert set(response.json["messages"]) == {"vi", "en"}
    return response.json["message"]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("as_json", [True, False], ids=["json", "form"])
@pytest.mark.parametrize("status", REFUSALS)
def test_every_refusal_says_that_the_answer_was_not_saved(client, answer, status, as_json, lang):
    response = REFUSALS[status](client, answer, as_json=as_json, lang=lang)
    assert response.status_code == int(status)
    said = ANOTHER_STAYS if status == "409" else NOT_SAVED
    assert said[lang] in words_of(response, as_json=as_json, lang=lang)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_second_part_without_its_first_says_that_it_was_not_saved(client, answer, lang):
    body = {"id": answer["id"], "token": answer["token"], "parts": [2], "answers": {}, "reached": ["reasons"]}
    response = client.post(f"{PATH}?lang={lang}", json=body)
    assert response.status_code == 404
    assert NOT_SAVED[lang] in words_of(response, as_json=True, lang=lang)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_flood_says_that_the_answer_was_not_saved_yet(client, site, answer, lang, monkeypatch):
    none = Limit(1, 1)
    flood = Flood(Limits(device=none, code=none, overall=none))
    monkeypatch.setitem(site.app.extensions, "flood", flood)
    assert send(client, answer, as_json=True, lang=lang).status_code == 201
    response = send(client, answer | {"id": str(uuid.uuid4())}, as_json=True, lang=lang)
    assert response.status_code == 429
    assert NOT_SAVED[lang] in words_of(response, as_json=True, lang=lang)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("as_json", [True, False], ids=["json", "form"])
@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (OperationalError("INSERT", {}, Exception("database or disk is full")), 503, NOT_SAVED),
        (RuntimeError("a bug"), 500, NOT_SAVED),
        (OutcomeUnknown(), 503, UNKNOWN),
    ],
    ids=["disk-full", "bug", "outcome-unknown"],
)
def test_every_failure_says_what_became_of_the_answer(
    client, answer, monkeypatch, error, status, said, as_json, lang
):
    failing(monkeypatch, error)
    response = send(client, answer, as_json=as_json, lang=lang)
    assert response.status_code == status
    assert ("Retry-After" in response.headers) == (status == 503)
    assert said[lang] in words_of(response, as_json=as_json, lang=lang)


def test_an_unknown_outcome_does_not_also_claim_that_nothing_was_saved(client, answer, monkeypatch):
    failing(monkeypatch, OutcomeUnknown())
    response = send(client, answer, as_json=True, lang="vi")
    assert NOT_SAVED["vi"] not in response.json["message"]
