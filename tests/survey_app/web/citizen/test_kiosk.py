"""What a kiosk asks of the server: to be let in, to be heard, what to keep; and everything that is refused."""

import json
import re
import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from survey_app.db import db, own_transaction
from survey_app.models import Account, Device, DeviceState, PointCode, Response, Unit
from survey_app.services import devices
from survey_app.services.accounts import Role, Viewer
from survey_app.services.device_profile import KioskProfile
from survey_app.vocabulary import Channel
from tests.sites import CODE


@pytest.fixture
def client(site):
    return site.app.test_client()


@pytest.fixture
def kiosk(site, client):
    """A kiosk that has just come in: its code and key."""
    with site.app.app_context(), own_transaction() as session:
        root = session.scalars(select(Unit.id).order_by(Unit.id)).first()
        if session.get(Account, 1) is None:
            session.add(Account(id=1, name="keeper", password_hash="-", role="admin", unit_id=root))
            session.flush()
        settings = site.app.extensions["settings"]
        today = datetime.now(settings.TIME_ZONE).date()
        enrolment = devices.expect_device(
            session, signer=site.app.extensions["signer"], point_id=session.get(PointCode, CODE).point_id,
            name="Máy", profile=KioskProfile(), viewer=Viewer(1, Role.ADMIN, root), now=datetime.now(UTC), on=today,
        )  # fmt: skip
    answer = post(client, "/k/enrol", {"code": enrolment.code})
    assert answer.status_code == 200
    return answer.json


def post(client, path, content, key=None, **options):
    headers = {"Accept": "application/json"} | ({"Authorization": f"Device {key}"} if key is not None else {})
    return client.post(
        path, data=json.dumps(content), content_type="application/json", headers=headers, **options
    )


def beat(**changes):
    values = {
        "app_version": "x", "n_opened": 3, "n_finished": 2, "n_sent": 2, "n_unsent": 0, "n_refused": 0,
        "oldest_unsent_days": None, "battery_percent": 80, "is_charging": True, "storage_percent": 1,
        "is_storage_persistent": True, "client_now": datetime.now(UTC).isoformat(),
        "days": [{"age_days": 0, "n_opened": 3, "n_finished": 2, "n_morning": 2, "n_afternoon": 0, "n_after_hours": 0}],
    }  # fmt: skip
    return values | changes


def fetched(client, url):
    """The answer, with its file closed."""
    response = client.get(url)
    response.close()
    return response


def answer_of(client, kiosk, **changes):
    page = client.get(f"/k/{kiosk['code']}").text
    token = re.search(r'data-token="([^"]+)"', page).group(1)
    return {
        "id": str(uuid.uuid4()), "token": token, "lang": "vi", "answers": {"overall": "satisfied"}, "parts": [1, 2],
        "reached": ["overall", "reasons"], "device": {"number": 1, "is_trial": False},
    } | changes  # fmt: skip


def stored(site, content):
    with site.app.app_context():
        return db.session.get(Response, uuid.UUID(content["id"]))


def test_one_time_code_opens_the_door_once_and_the_answer_is_not_kept(client, kiosk):
    assert re.fullmatch(r"[0-9A-Z]{8}", kiosk["code"])
    refused = post(client, "/k/enrol", {"code": "AAAAAAAA"})
    assert (refused.status_code, refused.json["status"]) == (404, "unknown_enrolment")
    assert "Mã đăng ký không đúng" in refused.json["message"]
    for body in ({}, {"code": 5}, {"code": None}):
        assert post(client, "/k/enrol", body).status_code == 400


def test_a_foreign_page_may_neither_enrol_nor_beat(client, kiosk):
    foreign = {"headers": {"Origin": "https://elsewhere.example", "Authorization": f"Device {kiosk['key']}"}}
    for path in ("/k/enrol", f"/k/{kiosk['code']}/heartbeat"):
        assert client.post(path, data="{}", content_type="application/json", **foreign).status_code == 403


def test_an_answer_with_the_key_is_a_kiosks_and_without_it_a_links(client, site, kiosk):
    keyed, plain = answer_of(client, kiosk), answer_of(client, kiosk)
    assert post(client, f"/k/{kiosk['code']}", keyed, kiosk["key"]).status_code == 201
    assert post(client, f"/k/{kiosk['code']}", plain).status_code == 201
    assert (stored(site, keyed).channel, stored(site, keyed).collector) == (Channel.KIOSK, kiosk["code"])
    assert (stored(site, plain).channel, stored(site, plain).collector) == (Channel.LINK, None)


@pytest.mark.parametrize("key", ["", "0" * 64, "nothing"])
def test_an_answer_with_a_wrong_key_is_refused_and_not_stored(client, site, kiosk, key):
    content = answer_of(client, kiosk)
    refused = post(client, f"/k/{kiosk['code']}", content, key)
    assert (refused.status_code, refused.json["status"]) == (401, "device_refused")
    assert "CHƯA được lưu" in refused.json["message"]
    assert stored(site, content) is None


def test_a_key_opens_no_other_point(client, kiosk):
    content = answer_of(client, kiosk)
    assert post(client, f"/k/{CODE}", content, kiosk["key"]).status_code == 400


@pytest.mark.parametrize(
    "envelope",
    [None, 5, {}, {"number": 0, "is_trial": False}, {"number": True, "is_trial": False},
     {"number": 1.5, "is_trial": False},
     {"number": 10**9, "is_trial": False},
     {"number": 1, "is_trial": "no"}],
)  # fmt: skip
def test_an_envelope_that_cannot_be_is_refused_and_changes_nothing(client, site, kiosk, envelope):
    content = answer_of(client, kiosk, device=envelope)
    assert post(client, f"/k/{kiosk['code']}", content, kiosk["key"]).status_code == 400
    assert stored(site, content) is None


def test_revoked_is_told_so(client, site, kiosk):
    content = answer_of(client, kiosk)
    with site.app.app_context(), own_transaction() as session:
        session.execute(update(Device).where(Device.code == kiosk["code"]).values(state="revoked"))
    for path, body in ((f"/k/{kiosk['code']}", content), (f"/k/{kiosk['code']}/heartbeat", beat())):
        refused = post(client, path, body, kiosk["key"])
        assert (refused.status_code, refused.json["status"]) == (403, "device_revoked")
    assert stored(site, content) is None


def test_a_heartbeat_is_heard_and_answered_with_what_the_office_wants(client, site, kiosk):
    heard = post(client, f"/k/{kiosk['code']}/heartbeat", beat(), kiosk["key"])
    assert heard.status_code == 200
    assert (heard.json["state"], heard.json["message"], heard.json["n_reloads_asked"]) == ("trial", "", 0)
    assert heard.json["profile"]["warning_seconds"] == 20
    assert heard.json["content"] == [client.get(f"/k/{kiosk['code']}/content").json["key"]]
    with site.app.app_context():
        device_id = db.session.scalar(select(Device.id).where(Device.code == kiosk["code"]))
        assert db.session.get(DeviceState, device_id).n_finished == 2


@pytest.mark.parametrize(
    "changes",
    [{"n_opened": -1}, {"n_sent": "5"}, {"n_unsent": None}, {"n_finished": 2**31}, {"days": {}}, {"days": [5]},
     {"days": [{"age_days": 0}]}, {"battery_percent": "full"}, {"n_refused": 1.5}, {"days": [{}] * 41}],
)  # fmt: skip
def test_a_heartbeat_that_cannot_be_is_refused(client, kiosk, changes):
    assert post(client, f"/k/{kiosk['code']}/heartbeat", beat(**changes), kiosk["key"]).status_code == 400


def test_heartbeat_and_content_need_a_device(client, kiosk):
    assert post(client, f"/k/{CODE}/heartbeat", beat(), kiosk["key"]).status_code == 401
    assert post(client, f"/k/{kiosk['code']}/heartbeat", beat()).status_code == 401
    assert client.get(f"/k/{CODE}/content").status_code == 404


def test_everything_named_to_be_kept_can_be_fetched(client, kiosk):
    content = client.get(f"/k/{kiosk['code']}/content").json
    assert len(content["urls"]) >= 10
    for url in content["urls"]:
        assert fetched(client, url).status_code == 200, url


def test_content_changes_its_name_with_what_it_shows(client, site, kiosk):
    before = client.get(f"/k/{kiosk['code']}/content").json["key"]
    assert client.get(f"/k/{kiosk['code']}/content").json["key"] == before
    with site.app.app_context(), own_transaction() as session:
        session.execute(
            update(Device).where(Device.code == kiosk["code"]).values(profile={"languages": ["vi"]})
        )
    after = client.get(f"/k/{kiosk['code']}/content").json
    assert after["key"] != before
    assert not [url for url in after["urls"] if "lang=en" in url]


def test_worker_manifest_and_door_are_there_and_the_worker_names_its_release(client):
    worker = client.get("/k/sw.js")
    assert worker.mimetype == "text/javascript" and worker.headers["Cache-Control"] == "no-cache"
    assert worker.text.startswith("self.RELEASE = ")
    assert client.get("/k/manifest.webmanifest").json["scope"] == "/k/"
    for icon in client.get("/k/manifest.webmanifest").json["icons"]:
        assert fetched(client, icon["src"]).mimetype == "image/png"
    door = client.get("/k/")
    assert door.status_code == 200 and "Set-Cookie" not in door.headers
    for url in json.loads(re.search(r"self.SHELL = (\[.*?\]);", worker.text).group(1)):
        assert fetched(client, url).status_code == 200, url


def test_only_the_kiosks_own_page_carries_its_scripts(client, kiosk):
    assert "kiosk/main.js" in client.get(f"/k/{kiosk['code']}").text
    for path in (f"/k/{CODE}", f"/q/{CODE}", f"/q/{kiosk['code']}"):
        assert "kiosk/" not in client.get(path).text
