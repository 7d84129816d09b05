"""Who may call what: the right key with the right scope for the right unit, and nobody else."""

import base64
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from survey_app.clock import local_today, utc_now
from survey_app.models import ApiClient, Response, TicketBatch
from survey_app.services.accounts import Mandate, Role, create_account
from survey_app.services.api_clients import Scope, revoke_client
from tests.sites import sign_in

RESPONSES, TICKETS = "/api/v1/responses", "/api/v1/ticket-batches"
NEEDED = {RESPONSES: Scope.WRITE_RESPONSES, TICKETS: Scope.ISSUE_TICKETS}
PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"


def order(world, settings, unit="Đông Hà"):
    expires_on = local_today(settings) + timedelta(days=30)
    return {"point": world.codes[unit], "size": 20, "expires_on": expires_on.isoformat()}


def call(program, path, world, settings, **options):
    body = {"responses": [1]} if path == RESPONSES else order(world, settings)
    return program.post(path, body, headers={"Idempotency-Key": "k"}, **options)


@pytest.mark.parametrize("path", NEEDED)
@pytest.mark.parametrize("scopes", [(), (Scope.WRITE_RESPONSES,), (Scope.ISSUE_TICKETS,), tuple(Scope)])
def test_a_key_opens_what_its_scopes_name(make_program, world, settings, path, scopes):
    if not scopes:
        answer = call(make_program(), path, world, settings, key=None)
        assert answer.status_code == 401
        return
    program = make_program("hep", scopes=scopes)
    answer = call(program, path, world, settings)
    if NEEDED[path] in scopes:
        assert answer.status_code in (200, 201)
    else:
        assert (answer.status_code, answer.json["type"]) == (403, "/api/v1/openapi.json#missing_scope")
        assert f'scope="{NEEDED[path]}"' in answer.headers["WWW-Authenticate"]


def refused_keys(key):
    return {
        "none": None,
        "empty": "",
        "another": "hlmc_" + "A" * 43,
        "cut off": key[:-1],
        "longer": key + "A",
        "in capitals": key.upper(),
        "very long": "A" * 100_000,
        "with a NUL": key + "\\x00",
        "not ASCII": "khóa",
    }


@pytest.mark.parametrize("kind", refused_keys("x"))
@pytest.mark.parametrize("path", NEEDED)
def test_a_wrong_key_opens_nothing(program, session, world, settings, path, kind):
    wrong = refused_keys(program.key)[kind]
    headers = {"Idempotency-Key": "k"} | ({} if wrong is None else {"Authorization": f"Bearer {wrong}"})
    answer = program.post(path, order(world, settings), key=None, headers=headers)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert session.scalar(select(func.count()).select_from(TicketBatch)) == 0


def test_a_key_is_read_from_the_one_header_only(program, world, settings):
    client = program.client
    basic = base64.b64encode(f"motcua:{program.key}".encode()).decode()
    for options in (
        {"headers": {"Authorization": f"Basic {basic}"}},
        {"headers": {"Authorization": program.key}},
        {"headers": {"X-Api-Key": program.key}},
        {"query_string": {"key": program.key, "access_token": program.key}},
    ):
        assert client.post(TICKETS, json=order(world, settings), **options).status_code == 401


def test_a_revoked_key_is_out_at_the_next_call(program, session, world, settings):
    assert call(program, TICKETS, world, settings).status_code == 201
    revoke_client(session, name="motcua", now=utc_now(), today=local_today(settings))
    session.commit()
    assert call(program, TICKETS, world, settings).status_code == 401
    assert call(program, RESPONSES, world, settings).status_code == 401


def test_the_key_is_not_what_is_stored(program, session):
    client = session.scalars(select(ApiClient)).one()
    stored = " ".join(repr(getattr(client, column.name)) for column in ApiClient.__table__.columns)
    assert program.key not in stored
    assert program.key.removeprefix("hlmc_") not in stored
    assert len(client.key_hash) == 32


@pytest.mark.parametrize("role", list(Role))
def test_an_account_of_staff_opens_no_call_whatever_its_role(app, session, world, settings, role):
    create_account(
        session, name=role.value, password=PASSWORD, role=role, unit_id=world.province, now=utc_now(),
        mandate=Mandate("12/QĐ-UBND", date(2020, 1, 2), date(2099, 1, 1)),
    )  # fmt: skip
    session.commit()
    client = sign_in(app.test_client(), name=role.value, password=PASSWORD)
    for path in NEEDED:
        answer = client.post(path, json=order(world, settings))
        assert answer.status_code == 401
        assert "Set-Cookie" not in answer.headers


def test_a_key_opens_no_page_of_the_staff(program):
    headers = {"Authorization": f"Bearer {program.key}", "Accept": "application/json"}
    for path in ("/manager/", "/par/comparison", "/fieldwork/", "/account"):
        assert program.client.get(path, headers=headers).status_code == 401


def test_no_call_is_answered_by_reading(program):
    for path in NEEDED:
        answer = program.client.get(path, headers={"Authorization": f"Bearer {program.key}"})
        assert (answer.status_code, answer.mimetype) == (405, "application/problem+json")
        assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_unknown_address_is_a_problem_in_the_language_asked_for(program, language):
    answer = program.client.get("/api/v1/nothing", headers={"Accept-Language": f"{language}, de;q=0.1"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert answer.headers["Content-Language"] == language
    assert answer.json["status"] == 404


def test_another_site_cannot_call_with_the_cookies_of_staff(app, session, world, settings):
    """No cookie authenticates a call, so a page elsewhere has nothing to make a browser send."""
    answer = app.test_client().post(
        RESPONSES, json={"responses": []}, headers={"Origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 401
    assert session.scalar(select(func.count()).select_from(Response)) == 0


def test_a_failure_of_ours_is_a_problem_with_a_code_and_no_details(app, program, world, monkeypatch):
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def fail(*_args, **_more):
        raise RuntimeError("0912345678")

    monkeypatch.setattr("survey_app.services.bulk_responses.receive_response", fail)
    item = {
        "id": "7f1d6c1e-3f0a-4d5f-9b57-5a8f6f1a2b3c", "point": world.codes["Đông Hà"], "channel": "link",
        "language": "vi", "answers": {"overall": "satisfied"},
    }  # fmt: skip
    answer = program.post(RESPONSES, {"responses": [item]})
    assert answer.status_code == 500
    assert len(answer.json["incident"]) == 8
    assert "0912345678" not in answer.text
    assert "gửi lại nguyên yêu cầu" in answer.json["detail"]
