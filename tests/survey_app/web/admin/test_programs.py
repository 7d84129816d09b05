"""Keys of programs on the page: shown once, within the administrator's units, ended by hand."""

import re

import pytest

from survey_app.db import db, write_transaction
from survey_app.models import ApiClient
from survey_app.services.accounts import Role, create_account
from tests.builders import World, make_unit
from tests.sites import csrf_token, sign_in
from tests.survey_app.web.auth.test_sign_on import NOW, PASSWORD


@pytest.fixture
def elsewhere(app, client):
    """An administrator is signed in; the id of a unit of another province."""
    with app.app_context(), write_transaction(db.session):
        world = World.read(db.session)
        other = make_unit(db.session, "Tỉnh khác", kind="province", parent_id=None)
        create_account(
            db.session, name="quantri", password=PASSWORD, role=Role.ADMIN, unit_id=world.province, now=NOW
        )
    sign_in(client, name="quantri", password=PASSWORD)
    return other


@pytest.fixture
def province(app):
    with app.app_context():
        return World.read(db.session).province


def create(client, **data):
    path = "/admin/programs"
    return client.post(path, data={"name": "motcua", "csrf_token": csrf_token(client.get(path).text), **data})


def test_a_key_is_shown_once_and_opens_what_it_names_until_it_is_revoked(app, client, elsewhere, province):
    assert "Chưa có phần mềm nào" in client.get("/admin/programs").text
    made = create(client, unit=province, scopes=["tickets:issue"], expires_on="2099-12-31")
    assert made.status_code == 200
    key = re.search(r"hlmc_[\w-]{43}", made.text)[0]
    listed = client.get("/admin/programs").text
    assert key not in listed and "31/12/2099" in listed
    bearer = {"Authorization": f"Bearer {key}"}
    assert app.test_client().post("/api/v1/ticket-batches", headers=bearer, json={}).status_code == 422
    page = {"csrf_token": csrf_token(client.get("/admin/programs").text)}
    assert client.post("/admin/programs/motcua/revoke", data=page).status_code == 303
    assert app.test_client().post("/api/v1/ticket-batches", headers=bearer, json={}).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Một cửa"},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"expires_on": "2020-01-01"},
        {"expires_on": "31/12"},
    ],
)
def test_what_cannot_be_is_refused_and_makes_nothing(app, client, elsewhere, province, change):
    assert create(client, **{"unit": province, "scopes": ["tickets:issue"], **change}).status_code == 422
    with app.app_context():
        assert db.session.query(ApiClient).count() == 0


def test_a_unit_out_of_reach_is_not_on_offer(client, elsewhere):
    assert create(client, unit=elsewhere, scopes=["tickets:issue"]).status_code == 422


def test_a_name_stays_taken(client, elsewhere, province):
    assert create(client, unit=province, scopes=["tickets:issue"]).status_code == 200
    assert create(client, unit=province, scopes=["tickets:issue"]).status_code == 422
