"""Above a flood a script is asked for work and let in with it; retries and pages without a script always are."""

import json
import re
import uuid

import altcha
import pytest
from sqlalchemy import func, select

from survey_app.clock import utc_now
from survey_app.db import db
from survey_app.errors import WorkAsked
from survey_app.models import Response
from survey_app.services import proof_of_work
from survey_app.services.flood import Flood, Limit, Limits, Outcome
from survey_app.web.citizen import guarding
from survey_app.web.citizen.guarding import PROOF_HEADER
from survey_app.web.parsing import Arrival, submission_from_json
from tests.sites import CODE

PATH = f"/q/{CODE}"


@pytest.fixture
def client(site, monkeypatch):
    """A client of a server on which one answer a code is no flood, and two are."""
    one = Limit(1, 1)
    monkeypatch.setitem(site.app.extensions, "flood", Flood(Limits(device=one, code=one, overall=one)))
    monkeypatch.setattr(proof_of_work, "EASIEST", 20)
    monkeypatch.setattr(proof_of_work, "HARDEST", 40)
    return site.app.test_client()


def answer(client, **changes):
    token = re.search(r'name="token" value="([^"]+)"', client.get(PATH).text).group(1)
    return {
        "id": str(uuid.uuid4()), "token": token, "lang": "vi", "answers": {"overall": "satisfied"},
        "parts": [1, 2], "reached": ["overall", "reasons"],
    } | changes  # fmt: skip


def post(client, body, **headers):
    return client.post(PATH, data=json.dumps(body), content_type="application/json", headers=headers)


def proof_of(challenge):
    made = altcha.Challenge.from_dict(challenge)
    return altcha.Payload(made, altcha.solve_challenge(made)).to_base64()


def n_stored(site, body):
    with site.app.app_context():
        key = uuid.UUID(body["id"])
        return db.session.scalar(select(func.count()).select_from(Response).where(Response.id == key))


@pytest.fixture
def flooded(client):
    """The first answer is let in; what is returned has been acknowledged."""
    first = answer(client)
    assert post(client, first).status_code == 201
    return first


def test_in_a_flood_work_is_asked_the_answer_is_not_saved_and_the_proof_lets_it_in(client, site, flooded):
    body = answer(client)
    asked = post(client, body)
    assert asked.status_code == 429
    assert asked.json["status"] == "work_asked"
    assert "CHƯA được lưu" in asked.json["message"]
    assert int(asked.headers["Retry-After"]) > 0
    assert n_stored(site, body) == 0
    proof = proof_of(asked.json["challenge"])
    assert post(client, body, **{PROOF_HEADER: proof}).status_code == 201
    assert n_stored(site, body) == 1
    assert site.app.extensions["flood"].counts(CODE) == {Outcome.ASKED: 1, Outcome.PROVEN: 1}


def test_one_proof_lets_in_one_answer(client, site, flooded):
    body, other = answer(client), answer(client)
    proof = proof_of(post(client, body).json["challenge"])
    assert post(client, body, **{PROOF_HEADER: proof}).status_code == 201
    assert post(client, other, **{PROOF_HEADER: proof}).status_code == 429
    assert post(client, body, **{PROOF_HEADER: proof}).status_code == 200
    assert (n_stored(site, body), n_stored(site, other)) == (1, 0)


def test_a_retry_of_a_stored_answer_gets_its_receipt_in_any_flood(client, flooded):
    again = post(client, flooded)
    assert (again.status_code, again.json["status"]) == (200, "already_stored")


def test_the_second_part_of_a_stored_answer_is_never_asked_for_work(client):
    first = answer(client, parts=[1], reached=["overall"])
    assert post(client, first).status_code == 201
    assert post(client, first | {"parts": [1, 2]}).status_code == 201


def test_another_answer_under_a_stored_id_is_a_conflict_in_a_flood_too(client, flooded):
    assert post(client, flooded | {"answers": {"overall": "dissatisfied"}}).status_code == 409


def test_a_page_without_a_script_works_in_a_flood_and_is_counted(client, site, flooded):
    body = answer(client)
    form = {"id": body["id"], "token": body["token"], "lang": "vi", "overall": "satisfied"}
    stored = client.post(PATH, data=form)
    assert stored.status_code == 303
    assert client.get(stored.headers["Location"]).status_code == 200
    assert n_stored(site, body) == 1
    assert site.app.extensions["flood"].counts(CODE) == {Outcome.PLAIN: 1}


def test_what_a_page_sends_when_it_is_left_is_taken_in_a_flood(client, site, flooded):
    body = answer(client)
    assert post(client, body | {"parts": [1], "reached": ["overall"]}).status_code == 201
    assert post(client, body).status_code == 201, "the rest belongs to what is stored"
    assert n_stored(site, body) == 1


def test_a_forged_page_is_refused_for_what_it_is_and_fills_no_bucket(client, site, flooded):
    assert post(client, answer(client, token="forged")).status_code == 400
    assert site.app.extensions["flood"].counts(CODE) == {}


def test_an_enrolled_device_is_not_asked_for_work_in_the_flood_of_its_code(client, site, flooded):
    """What its queue sends is counted under the device; only a device that floods by itself is asked to wait."""
    with site.app.test_request_context(PATH, method="POST", json={}):
        carried = [submission(site, answer(client)) for _ in range(2)]
        signer = site.app.extensions["signer"]
        guarding.admit(carried[0], signer=signer, device="kiosk 7")
        with pytest.raises(WorkAsked):
            guarding.admit(carried[1], signer=signer, device="kiosk 7")
        guarding.admit(carried[1], signer=signer, device="kiosk 8")


def submission(site, body):
    arrival = Arrival(
        code=CODE,
        signer=site.app.extensions["signer"],
        now=utc_now(),
        time_zone=site.app.extensions["settings"].TIME_ZONE,
    )
    return submission_from_json(body, arrival)
