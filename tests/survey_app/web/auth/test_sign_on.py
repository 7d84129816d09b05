"""Signing in through a provider that really runs: who gets in, who gets nothing, and every cheat that is refused."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey

from config import SettingsError, SignOnProvider, read_settings
from survey_app import create_app
from survey_app.db import db, write_transaction
from survey_app.models import AccountSession, AuditEntry, Base, SignOnIdentity, Unit
from survey_app.services import sign_on
from survey_app.services.accounts import Role, create_account
from tests.provider import CLIENT_ID, CLIENT_SECRET, running_provider, signed_with, unsigned

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
NOW = datetime.now(UTC)


@pytest.fixture
def provider():
    with running_provider() as running:
        yield running


@pytest.fixture
def app(tmp_path, provider):
    settings = read_settings({"INSTANCE_DIR": str(tmp_path)})
    known = SignOnProvider(
        ISSUER=provider.issuer, CLIENT_ID=CLIENT_ID, CLIENT_SECRET=CLIENT_SECRET, TITLE="cổng của tỉnh"
    )
    app = create_app(replace(settings, TESTING=True, OIDC=known, PUBLIC_BASE_URL="http://localhost"))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with write_transaction(db.session):
            db.session.add(Unit(id=1, code="U1", name="Đơn vị", kind="province", level=1,
                                valid_from=date(2025, 7, 1), search_key="", sort_key=""))  # fmt: skip
            db.session.flush()
            create_account(db.session, name="hoa", password=PASSWORD, role=Role.MANAGER, unit_id=1, now=NOW)
            admin = create_account(
                db.session, name="quantri", password=PASSWORD, role=Role.ADMIN, unit_id=1, now=NOW
            )
    app.extensions["test_admin"] = admin
    return app


def go_through(client, path="/sign-in/provider"):
    """To the provider and back, as a browser would go; the answer of our callback."""
    sent = client.get(path)
    assert sent.status_code == 302, sent.text
    back = requests.get(sent.location, allow_redirects=False, timeout=5).headers["Location"]
    return client.get(urlsplit(back).path + "?" + urlsplit(back).query), back


def linked(app):
    """The person at the provider is linked to the manager's account, as an administrator would do it."""
    with app.app_context(), write_transaction(db.session):
        identity = db.session.query(SignOnIdentity).one()
        sign_on.link(
            db.session, identity_id=identity.id, account_name="Hoa", by=app.extensions["test_admin"], now=NOW
        )


def n_sessions(app):
    with app.app_context():
        return db.session.query(AccountSession).count()


@pytest.fixture
def known_client(app):
    """A browser whose person has been linked."""
    client = app.test_client()
    go_through(client)
    linked(app)
    return client


def test_an_unknown_person_gets_no_session_and_a_number_to_tell(app):
    answer, _ = go_through(app.test_client())
    assert answer.status_code == 403
    assert "Nguyễn Thị Hòa" in answer.text and "0001" in answer.text
    assert n_sessions(app) == 0


def test_a_linked_person_gets_the_session_of_the_account(app, known_client):
    answer, _ = go_through(known_client, "/sign-in/provider?next=/account")
    assert answer.status_code == 303 and answer.location == "/account"
    assert known_client.get("/account").status_code == 200
    assert "hoa" in known_client.get("/account").text
    with app.app_context():
        entry = db.session.query(AuditEntry).filter_by(action="account.signed_in").one()
        assert entry.details["how"] == "sign_on"


def test_a_person_is_known_by_issuer_and_subject_never_by_name(app, provider, known_client):
    provider.subject = "nguoi-2"
    answer, _ = go_through(app.test_client())
    assert answer.status_code == 403
    assert n_sessions(app) == 0


def test_the_sign_in_page_offers_the_provider(app):
    assert "Đăng nhập bằng cổng của tỉnh" in app.test_client().get("/sign-in").text


def _other_key(provider):
    provider.signing_key = RSAKey.generate_key(2048, parameters={"kid": "1"})


def _symmetric(provider):
    """The public key used as a shared secret: a token that anybody could sign."""
    public_key = provider.key.as_pem(private=False)
    provider.sign = lambda header, claims: signed_with(public_key, header, claims)


CHEATS = {
    "unsigned": lambda p: setattr(p, "sign", unsigned),
    "signed with the public key": _symmetric,
    "signed by another key": _other_key,
    "another issuer": lambda p: setattr(p, "cheat", lambda c, h: c.update(iss="https://other.example")),
    "for another client": lambda p: setattr(p, "cheat", lambda c, h: c.update(aud="other")),
    "for two clients, made for the other": lambda p: setattr(
        p, "cheat", lambda c, h: c.update(aud=[CLIENT_ID, "other"], azp="other")
    ),
    "run out": lambda p: setattr(p, "cheat", lambda c, h: c.update(exp=int(time.time()) - 600)),
    "without an end": lambda p: setattr(p, "cheat", lambda c, h: c.pop("exp")),
    "of another request": lambda p: setattr(p, "cheat", lambda c, h: c.update(nonce="other")),
    "of no request": lambda p: setattr(p, "cheat", lambda c, h: c.pop("nonce")),
    "about nobody": lambda p: setattr(p, "cheat", lambda c, h: c.pop("sub")),
    "about a number": lambda p: setattr(p, "cheat", lambda c, h: c.update(sub=7)),
    "no token at all": lambda p: setattr(p, "sign", lambda header, claims: "not.a.token"),
}


@pytest.mark.parametrize("cheat", CHEATS.values(), ids=CHEATS.keys())
def test_a_token_that_proves_nothing_is_refused(app, provider, known_client, cheat):
    cheat(provider)
    answer, _ = go_through(known_client)
    assert answer.status_code == 401, answer.text
    assert provider.n_tokens == 2, "the cheat was not reached"
    assert n_sessions(app) == 0


def test_a_code_works_once(app, known_client):
    answer, back = go_through(known_client)
    assert answer.status_code == 303
    again = known_client.get(urlsplit(back).path + "?" + urlsplit(back).query)
    assert again.status_code == 401
    assert n_sessions(app) == 1


def test_an_answer_meant_for_another_browser_is_refused(app, known_client):
    sent = known_client.get("/sign-in/provider")
    back = urlsplit(requests.get(sent.location, allow_redirects=False, timeout=5).headers["Location"])
    other = app.test_client()
    assert other.get(f"{back.path}?{back.query}").status_code == 401
    assert n_sessions(app) == 0


def test_an_answer_that_names_another_issuer_is_refused(app, known_client):
    sent = known_client.get("/sign-in/provider")
    back = urlsplit(requests.get(sent.location, allow_redirects=False, timeout=5).headers["Location"])
    answer = known_client.get(f"{back.path}?{back.query}&iss=https://other.example")
    assert answer.status_code == 401
    assert n_sessions(app) == 0


def test_a_refusal_of_the_provider_is_a_page_not_a_failure(app):
    answer = app.test_client().get("/sign-in/provider/callback?error=access_denied&state=x")
    assert answer.status_code == 401


def test_a_provider_that_calls_itself_otherwise_is_not_used(app, provider):
    provider.stated_issuer = "https://other.example"
    assert app.test_client().get("/sign-in/provider").status_code == 503


def test_a_provider_that_is_away_leaves_the_password(app, provider, tmp_path):
    away = replace(
        app.extensions["settings"], OIDC=replace(app.extensions["settings"].OIDC, ISSUER="http://localhost:9")
    )
    client = create_app(away).test_client()
    assert client.get("/sign-in/provider").status_code == 503
    assert client.get("/sign-in").status_code == 200


def test_the_way_back_is_this_site_whatever_the_request_says_its_host_is(app):
    sent = app.test_client().get("/sign-in/provider", headers={"Host": "evil.example"})
    assert "redirect_uri=http%3A%2F%2Flocalhost%2Fsign-in%2Fprovider%2Fcallback" in sent.location


def test_unlinking_ends_the_sessions_at_once(app, known_client):
    go_through(known_client)
    assert known_client.get("/account").status_code == 200
    with app.app_context(), write_transaction(db.session):
        identity = db.session.query(SignOnIdentity).one()
        sign_on.unlink(db.session, identity_id=identity.id, by=app.extensions["test_admin"], now=NOW)
    assert known_client.get("/account").status_code == 303
    assert go_through(known_client)[0].status_code == 403


def test_those_who_wait_are_bounded(app, monkeypatch, provider):
    monkeypatch.setattr(sign_on, "MOST_WAITING", 3)
    for number in range(5):
        provider.subject = f"nguoi-{number}"
        go_through(app.test_client())
    with app.app_context():
        kept = {row.subject for row in db.session.query(SignOnIdentity)}
    assert kept == {"nguoi-2", "nguoi-3", "nguoi-4"}


@pytest.mark.parametrize(
    "environ",
    [
        {"OIDC_ISSUER": "https://sso.example"},
        {"OIDC_ISSUER": "http://sso.example", "OIDC_CLIENT_ID": "a", "OIDC_CLIENT_SECRET": "b"},
    ],
)
def test_half_a_provider_is_refused_at_the_start(tmp_path, environ):
    with pytest.raises(SettingsError):
        read_settings({"INSTANCE_DIR": str(tmp_path), **environ})
