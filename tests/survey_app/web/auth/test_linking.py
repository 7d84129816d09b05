"""An administrator links a person of the provider to an account through the page, within the own part of the tree."""

from dataclasses import replace

import pytest

from config import SignOnProvider
from survey_app.db import db, write_transaction
from survey_app.models import SignOnIdentity
from survey_app.services.accounts import Role, create_account
from tests.builders import World, make_unit
from tests.provider import CLIENT_ID, CLIENT_SECRET
from tests.sites import csrf_token, sign_in
from tests.survey_app.web.auth.test_sign_on import NOW, PASSWORD


@pytest.fixture
def settings(settings):

    known = SignOnProvider(
        ISSUER="https://sso.example", CLIENT_ID=CLIENT_ID, CLIENT_SECRET=CLIENT_SECRET, TITLE="cổng của tỉnh"
    )
    return replace(settings, OIDC=known)


@pytest.fixture
def admin(app, client):
    """A signed-in administrator of the province, one person who waits, and an account of another province."""
    with app.app_context(), write_transaction(db.session):
        world = World.read(db.session)
        elsewhere = make_unit(db.session, "Tỉnh khác", kind="province", parent_id=None)
        for name, role, unit_id in (
            ("quantri", Role.ADMIN, world.province),
            ("hoa", Role.MANAGER, world.units["Đông Hà"]),
            ("xa", Role.MANAGER, elsewhere),
        ):
            create_account(db.session, name=name, password=PASSWORD, role=role, unit_id=unit_id, now=NOW)
        db.session.add(
            SignOnIdentity(issuer="https://sso.example", subject="1", name="Lê Thị Hoa", seen_at=NOW)
        )
    sign_in(client, name="quantri", password=PASSWORD)
    return client


def post(client, path, **data):
    return client.post(path, data={**data, "csrf_token": csrf_token(client.get("/admin/sign-on").text)})


def account_of(app):
    with app.app_context():
        return db.session.query(SignOnIdentity).one().account_id


def test_linking_and_unlinking(app, admin):
    assert "Lê Thị Hoa" in admin.get("/admin/sign-on").text
    assert post(admin, "/admin/sign-on/1/link", account="Hoa").status_code == 303
    assert account_of(app) is not None
    assert post(admin, "/admin/sign-on/1/unlink").status_code == 303
    assert account_of(app) is None


@pytest.mark.parametrize("name", ["xa", "nobody", ""])
def test_an_account_out_of_reach_is_refused_as_one_that_does_not_exist(app, admin, name):
    answer = post(admin, "/admin/sign-on/1/link", account=name)
    assert answer.status_code == 422
    assert account_of(app) is None


def test_an_unknown_identity_is_not_found(admin):
    assert post(admin, "/admin/sign-on/77/link", account="hoa").status_code == 404
