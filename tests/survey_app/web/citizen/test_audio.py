"""What is read aloud: the addresses of recordings by the words of the page, and the recordings themselves."""

import json
import re
import uuid
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from survey_app.db import db
from survey_app.models import Response
from survey_app.services import recordings
from survey_app.vocabulary import AssistedBy
from tests.sites import CODE, build_site

AUDIO = Path(__file__).resolve().parents[3] / "data" / "audio"
MP3, OGG = (AUDIO / "very_satisfied.mp3").read_bytes(), (AUDIO / "very_satisfied.opus.ogg").read_bytes()
TODAY = date(2026, 9, 15)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """An office that also offers Bru, with one recording in it and one that a program made in Vietnamese."""
    site = build_site(tmp_path_factory.mktemp("audio"))
    app = site.app
    app.extensions["settings"] = replace(app.extensions["settings"], LANGUAGES=("vi", "en", "bru"))
    key = recordings.text_key("Rất hài lòng")
    with app.app_context():
        recordings.store_generated(db.session, MP3, key=key, language="vi", today=TODAY)
        recordings.store_generated(db.session, OGG, key=key, language="bru", today=TODAY)
        db.session.commit()
    return site


@pytest.fixture
def client(site):
    return site.app.test_client()


def test_words_lead_to_recordings_in_the_language_and_then_in_vietnamese(client):
    answer = client.get(f"/q/{CODE}/audio?lang=bru")
    bru, vietnamese = answer.json["voices"]
    assert (bru["lang"], vietnamese["lang"]) == ("bru", "vi")
    assert bru["generated"]["Rất hài lòng"].endswith(".ogg")
    assert vietnamese["generated"]["Rất hài lòng"].endswith(".mp3")
    assert "Set-Cookie" not in answer.headers
    (english,) = client.get(f"/q/{CODE}/audio?lang=en").json["voices"]
    assert english == {"lang": "en", "office": {}, "generated": {}}


def test_a_recording_is_kept_for_good_and_sent_in_parts(client):
    address = client.get(f"/k/{CODE}/audio?lang=vi").json["voices"][0]["generated"]["Rất hài lòng"]
    whole = client.get(f"/audio/{address}")
    assert (whole.status_code, whole.mimetype, whole.data) == (200, "audio/mpeg", MP3)
    assert "immutable" in whole.headers["Cache-Control"]
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert whole.headers["X-Content-Type-Options"] == "nosniff"
    part = client.get(f"/audio/{address}", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, MP3[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(MP3)}"
    beyond = client.get(f"/audio/{address}", headers={"Range": f"bytes={len(MP3)}-"})
    assert beyond.status_code == 416
    known = client.get(f"/audio/{address}", headers={"If-None-Match": whole.headers["ETag"]})
    assert (known.status_code, known.data) == (304, b"")


def test_a_recording_under_another_kind_is_not_found(client):
    address = client.get(f"/q/{CODE}/audio?lang=vi").json["voices"][0]["generated"]["Rất hài lòng"]
    assert client.get(f"/audio/{address.replace('.mp3', '.ogg')}").status_code == 404


def test_the_page_of_a_spoken_language_is_vietnamese_and_says_what_is_missing(client):
    page = client.get(f"/q/{CODE}?lang=bru").text
    assert '<html lang="vi"' in page
    assert 'name="lang" value="bru"' in page
    assert "Bru – Vân Kiều chưa có bản đọc; đang dùng tiếng Việt." in page
    assert "data-heard" in page


def test_a_language_that_is_not_offered_is_no_choice(client):
    page = client.get(f"/q/{CODE}?lang=scb").text
    assert 'name="lang" value="vi"' in page
    assert re.findall(r'data-lang="(\w+)"', page) == ["vi", "vi", "en", "bru"]


def test_nothing_recorded_shows_no_dead_button(client):
    assert "data-heard" not in client.get(f"/q/{CODE}?lang=en").text


def test_the_language_chosen_is_stored_with_the_answer(client, site):
    token = re.search(r'name="token" value="([^"]+)"', client.get(f"/q/{CODE}?lang=bru").text).group(1)
    content = {"id": str(uuid.uuid4()), "token": token, "lang": "bru", "answers": {"overall": "satisfied"},
               "parts": [1, 2], "reached": ["overall", "reasons"],
               "dimensions": {"is_proxy": "yes", "assisted_by": "volunteer"}}  # fmt: skip
    sent = client.post(f"/q/{CODE}", data=json.dumps(content), content_type="application/json")
    assert sent.status_code == 201
    with site.app.app_context():
        row = db.session.get(Response, uuid.UUID(content["id"]))
    assert (row.language, row.is_proxy, row.assisted_by) == ("bru", 1, AssistedBy.VOLUNTEER)


def test_without_a_script_one_may_say_who_answers_for_whom(client, site):
    page = client.get(f"/q/{CODE}?lang=bru&pictures=1").text
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)) | {"overall": "neutral"}
    first = client.post(f"/q/{CODE}?lang=bru", data=fields)
    more = client.get(first.headers["Location"]).text
    assert 'name="is_proxy" value="yes"' in more
    assert 'name="assisted_by" value="family"' in more
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', more))
    said = hidden | {"is_proxy": "yes", "assisted_by": "family", "reasons[]": "time_good"}
    assert client.post(f"/q/{CODE}/more?lang=bru", data=said).status_code == 303
    with site.app.app_context():
        row = db.session.scalars(select(Response).where(Response.id == uuid.UUID(fields["id"]))).one()
    assert (row.language, row.is_proxy, row.assisted_by) == ("bru", 1, AssistedBy.FAMILY)


def test_pictures_stand_for_the_words_only_when_asked_for(client):
    plain, pictured = (client.get(f"/q/{CODE}{query}").text for query in ("", "?pictures=1"))
    assert 'href="#f-time"' not in plain
    assert len(re.findall(r'href="#f-time"', pictured)) == 3
    assert 'id="f-time"' in pictured
    form = client.get(f"/q/{CODE}/form?pictures=1").text
    assert 'href="#f-paper-in"' in form
    icons = set(re.findall(r'href="#(f-[\w-]+)"', pictured + form))
    assert icons <= set(re.findall(r'id="(f-[\w-]+)"', pictured + form))
