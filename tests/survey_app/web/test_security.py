"""Signing in through the pages, what each cookie and header says, and who is let in."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from config import read_settings
from survey_app import create_app
from survey_app.db import db, write_transaction
from survey_app.errors import InvalidBody
from survey_app.models import Account, AccountSession, Base, Unit
from survey_app.services.accounts import Mandate, Role, create_account
from survey_app.web import security
from survey_app.web.auth.next_page import safe_path
from survey_app.web.bodies import clean_text, read_form_body, read_json_body
from survey_app.web.headers import HEADERS
from survey_app.web.security import public, requires

PASSWORD = "con đò nhỏ qua sông lúc rạng sáng"
NOW = datetime.now(UTC)
MANDATE = Mandate("12/QĐ-SNV", date(2026, 1, 5), date(2099, 12, 31))


@pytest.fixture
def app(tmp_path):
    return build(tmp_path)


def build(tmp_path, **changes):
    """The real application on its own empty database, one account for each role, and three pages to try."""
    settings = read_settings({"INSTANCE_DIR": str(tmp_path)})
    app = create_app(replace(settings, **{"TESTING": True, "REQUIRES_SECOND_FACTOR": False, **changes}))
    app.add_url_rule("/try/manager", "try_manager", requires(Role.MANAGER)(lambda: "manager's page"))
    app.add_url_rule("/try/undeclared", "try_undeclared", lambda: "nobody declared me")
    app.add_url_rule("/try/post", "try_post", public(lambda: "posted"), methods=["POST"])
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with write_transaction(db.session):
            db.session.add(make_unit())
            db.session.flush()
            for role in Role:
                create_account(
                    db.session,
                    name=role.value,
                    password=PASSWORD,
                    role=role,
                    unit_id=1,
                    now=NOW,
                    mandate=MANDATE,
                )
    return app


def make_unit():
    more = {"valid_from": date(2025, 7, 1), "search_key": "", "sort_key": ""}
    return Unit(id=1, code="U1", name="Đơn vị", kind="province", level=1, **more)


def csrf_token(client, path="/sign-in"):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text).group(1)


def sign_in(client, name="manager", password=PASSWORD, **more):
    data = {"name": name, "password": password, "csrf_token": csrf_token(client), **more}
    return client.post("/sign-in", data=data)


def test_manager_signs_in_and_opens_the_page(app):
    client = app.test_client()
    assert sign_in(client).status_code == 303
    assert client.get("/try/manager").text == "manager's page"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.MANAGER])
def test_other_roles_are_refused(app, role):
    client = app.test_client()
    sign_in(client, name=role.value)
    assert client.get("/try/manager").status_code == 403


def test_nobody_signed_in_is_sent_to_sign_in_and_back(app):
    client = app.test_client()
    answer = client.get("/try/manager?period=Q3")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/try/manager?period%3DQ3"
    page = client.get(answer.location)
    assert 'value="/try/manager?period=Q3"' in page.text
    assert sign_in(client, next="/try/manager?period=Q3").location == "/try/manager?period=Q3"


def test_programs_that_are_not_signed_in_get_401(app):
    answer = app.test_client().get("/try/manager", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json["status"] == "not_signed_in"


def test_undeclared_endpoint_is_refused_to_everyone(app):
    client = app.test_client()
    assert client.get("/try/undeclared").status_code == 403
    sign_in(client, name="admin")
    assert client.get("/try/undeclared").status_code == 403


def test_old_cookie_opens_nothing_after_sign_out(app):
    client = app.test_client()
    sign_in(client)
    cookie = client.get_cookie("staff").value
    token = csrf_token(client, "/account")
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 303
    thief = app.test_client()
    thief.set_cookie("staff", cookie)
    assert thief.get("/try/manager").status_code == 303


def test_sign_out_by_get_is_refused(app):
    client = app.test_client()
    sign_in(client)
    assert client.get("/sign-out").status_code == 405
    assert client.get("/try/manager").status_code == 200


def test_disabled_account_is_out_at_the_next_request(app):
    client = app.test_client()
    sign_in(client)
    with app.app_context(), write_transaction(db.session):
        db.session.query(Account).filter_by(name="manager").update({"is_active": False})
    assert client.get("/try/manager").status_code == 303


def test_wrong_password_and_unknown_name_get_the_same_page(app):
    pages = []
    for name in ("manager", "somebody"):
        answer = sign_in(app.test_client(), name=name, password="wrong wrong wrong")
        text = re.sub(r'value="[^"]*"', "", answer.text)
        pages.append((answer.status_code, text))
    assert pages[0] == pages[1]
    assert pages[0][0] == 401
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in pages[0][1]


@pytest.mark.parametrize("name", ["manager", "nobody-on-the-web"])
def test_sixth_attempt_is_asked_to_wait(app, name):
    client = app.test_client()
    answers = [sign_in(client, name=name, password="wrong wrong wrong") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert 50 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert sign_in(app.test_client(), name="viewer").status_code == 303


def test_sign_in_gives_a_new_token_even_to_a_planted_cookie(app):
    client = app.test_client()
    client.set_cookie("staff", "planted")
    sign_in(client)
    assert client.get_cookie("staff").value != "planted"


def test_cookies_over_https_are_bound_to_the_host(tmp_path):
    app = build(tmp_path, COOKIES_SECURE=True, PUBLIC_BASE_URL="https://khaosat.example")
    client = app.test_client()
    base = {"base_url": "https://khaosat.example"}
    page = client.get("/sign-in", **base)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text).group(1)
    data = {"name": "manager", "password": PASSWORD, "csrf_token": token}
    answer = client.post(
        "/sign-in", data=data, headers={"Referer": "https://khaosat.example/sign-in"}, **base
    )
    assert answer.status_code == 303
    cookies = page.headers.getlist("Set-Cookie") + answer.headers.getlist("Set-Cookie")
    names = {cookie.split("=")[0] for cookie in cookies}
    assert {"__Host-staff", "__Host-form"} <= names
    for cookie in cookies:
        assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
        assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/language", "/account", "/try/post"])
def test_post_without_csrf_token_is_refused(app, path):
    client = app.test_client()
    sign_in(client)
    answer = client.post(path, data={"language": "en"})
    assert answer.status_code == 400
    assert "CHƯA được lưu" in answer.text or path == "/sign-in"
    assert "Set-Cookie" not in answer.headers or "lang" not in answer.headers["Set-Cookie"]


def test_password_change_keeps_this_browser_and_ends_the_other(app):
    here, there = app.test_client(), app.test_client()
    sign_in(here)
    sign_in(there)
    new = "mưa ngâu tháng bảy ướt hiên"
    data = {"current": PASSWORD, "new": new, "repeated": new, "csrf_token": csrf_token(here, "/account")}
    assert here.post("/account", data=data).status_code == 303
    assert here.get("/try/manager").status_code == 200
    assert there.get("/try/manager").status_code == 303


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"new": "ngắn", "repeated": "ngắn"}, "Mật khẩu mới cần ít nhất 12 ký tự."),
        ({"new": "matkhau123456", "repeated": "matkhau123456"}, "quá quen thuộc"),
        ({"new": "mưa ngâu ướt hiên", "repeated": "khác"}, "không giống nhau"),
        (
            {"current": "sai sai sai sai", "new": "mưa ngâu ướt hiên", "repeated": "mưa ngâu ướt hiên"},
            "CHƯA được đổi",
        ),
    ],
)
def test_password_change_says_why_it_was_refused(app, fields, sentence):
    client = app.test_client()
    sign_in(client)
    data = {"current": PASSWORD, "csrf_token": csrf_token(client, "/account"), **fields}
    answer = client.post("/account", data=data)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_language_is_chosen_by_post_and_kept_in_a_cookie(app):
    client = app.test_client()
    data = {"language": "en", "next": "/who-sees-what", "csrf_token": csrf_token(client)}
    answer = client.post("/language", data=data)
    assert (answer.status_code, answer.location) == (303, "/who-sees-what")
    assert client.get("/who-sees-what").headers["Content-Language"] == "en"


def test_session_is_noted_as_used_once_a_minute(app, monkeypatch):
    client = app.test_client()
    sign_in(client)
    with app.app_context(), write_transaction(db.session):
        old = datetime(2026, 1, 1, tzinfo=UTC)
        db.session.query(AccountSession).update({"last_seen_at": old, "created_at": old})
    monkeypatch.setattr(security, "utc_now", lambda: old + timedelta(minutes=2))
    client.get("/try/manager")
    with app.app_context():
        assert db.session.query(AccountSession).one().last_seen_at == old + timedelta(minutes=2)


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/who-sees-what", "/healthz", "/no/such/page", "/try/undeclared"]
)
def test_every_page_carries_the_headers(app, path):
    answer = app.test_client().get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Language"] == "vi"
    assert "Strict-Transport-Security" not in answer.headers


def test_policy_of_the_page_is_literally_this():
    assert HEADERS["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "media-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert "unsafe" not in str(HEADERS)


def test_start_page_sets_no_identifying_cookie(app):
    answer = app.test_client().get("/who-sees-what")
    assert not [cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith("staff")]


def test_who_sees_what_is_read_off_the_access_table(app):
    client = app.test_client()
    text = client.get("/who-sees-what").text
    rows = re.findall(r'<th scope="row">(.*?)</th>\s*(.*?)\s*</tr>', text, re.S)
    cells = {
        re.split("<", title)[0].strip(): re.findall(r"<td[^>]*>\s*(?:<b>)?(\w+)", row) for title, row in rows
    }
    assert cells["Từng phiếu trả lời riêng lẻ"] == ["Không"] * (1 + len(Role))
    assert cells["Trang giới thiệu, hướng dẫn, phương pháp và trang này"] == ["Có"] * (1 + len(Role))
    assert cells["Số liệu chung của đơn vị"][0] == "Không"


def test_readyz_writes_and_leaves_nothing(app):
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "checks": {"database": True, "disk": True}}


def test_readyz_without_tables_is_not_ready(app):
    with app.app_context():
        Base.metadata.drop_all(db.engine)
    assert app.test_client().get("/readyz").status_code == 503
    assert app.test_client().get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/a\nb",
        "",
        None,
        "/" + "a" * 500,
    ],
)
def test_next_page_elsewhere_is_dropped(path):
    assert safe_path(path) is None


@pytest.mark.parametrize("path", ["/", "/manager/units/3?basis=sample", "/par/?q=Đông"])
def test_next_page_here_is_kept(path):
    assert safe_path(path) == path


def posted(data: bytes, content_type: str) -> Request:
    return Request(EnvironBuilder(method="POST", data=data, content_type=content_type).get_environ())


def json_body(data: bytes):
    return read_json_body(posted(data, "application/json"))


def form_body(data: bytes):
    return read_form_body(posted(data, "application/x-www-form-urlencoded"))


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 60_000 + b"]" * 1_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"a":' * 9 + b"1" + b"}" * 9,
        b'{"a": "\xff"}',
        b'{"a": "\\u0000"}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": [' + b"1," * 3_000 + b"1]}",
        b"[1]",
        b"1",
        b"null",
        b"",
        b"{",
        b'\xef\xbb\xbf{"a": 1}',
    ],
)
def test_json_that_is_no_submission_is_invalid_and_never_an_error_of_ours(data):
    with pytest.raises(InvalidBody):
        json_body(data)


def test_json_texts_are_composed_and_cleaned():
    body = {
        "comment": "Đo\u0302ng\u202e Hà\r\nhai\x07",
        "answers": {"overall": ["time_bad"]},
        "n": 1,
        "b": None,
    }
    cleaned = json_body(json.dumps(body).encode())
    assert cleaned == {"comment": "Đông Hà\nhai", "answers": {"overall": ["time_bad"]}, "n": 1, "b": None}


def test_form_fields_keep_order_and_repeats():
    form = form_body(b"reasons=time_bad&reasons=fees_good&comment=%C4%90o%CC%82ng+H%C3%A0&empty=")
    assert form.getlist("reasons") == ["time_bad", "fees_good"]
    assert (form["comment"], form["empty"]) == ("Đông Hà", "")


@pytest.mark.parametrize("data", [b"a=%FF", b"a=\xff", b"a=%00", b"a=%ED%A0%80", b"&".join([b"a=1"] * 201)])
def test_form_that_holds_no_text_is_invalid(data):
    with pytest.raises(InvalidBody):
        form_body(data)


def test_clean_text_leaves_vietnamese_and_other_scripts_alone():
    for text in ("Ông/Bà có hài lòng không?", "ꨀꨇꩉ ꨌꩌ", "👩‍👩‍👧 ok\n\tx"):
        assert clean_text(text) == text


def test_citizen_pages_set_no_cookie_and_ask_for_no_csrf_token(app):
    client = app.test_client()
    answers = [
        client.get("/q/ZZZZZZZZ"),
        client.get("/q/ZZZZZZZZ", headers={"Cookie": "form=x; staff=y"}),
        client.post("/q/ZZZZZZZZ", data=b"[" * 60_000, content_type="application/json"),
        client.post("/q/ZZZZZZZZ", json={"id": "\x00"}),
        client.post("/q/ZZZZZZZZ", data={"overall": "satisfied"}),
        client.get("/no/such/page"),
    ]
    assert [answer.status_code for answer in answers[:2]] == [404, 404]
    for answer in answers:
        assert 400 <= answer.status_code < 500
        assert "Set-Cookie" not in answer.headers
        assert "form_expired" not in answer.text and "Biểu mẫu không còn hiệu lực" not in answer.text
