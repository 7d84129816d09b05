"""What the reader is told when something fails."""

import logging
import re
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import ServiceUnavailable

from config import read_settings
from survey_app import create_app, errors
from survey_app.db import db
from survey_app.web import errors as pages
from survey_app.web.security import public

SECRET = "0912345678 điều người dân đã viết"


class Unlisted(errors.NotFound):
    """A class the table does not list."""


RAISED = {
    "not-found": errors.NotFound("x"),
    "unlisted": Unlisted(SECRET),
    "survey": errors.SurveyError("x"),
    "conflict": errors.AlreadyAnsweredDifferently("x"),
    "throttled": errors.SignInThrottled(120),
    "busy": errors.SignInBusy(),
    "body": errors.InvalidBody("x"),
    "locked": OperationalError("INSERT", {"comment": SECRET}, Exception("database is locked")),
    "pool": PoolTimeout("QueuePool limit"),
    "integrity": IntegrityError("INSERT", {"comment": SECRET}, Exception("UNIQUE")),
    "bug": RuntimeError(SECRET),
    "recursion": RecursionError(SECRET),
    "http-503": ServiceUnavailable(),
}


@pytest.fixture
def app(tmp_path):
    settings = read_settings({"INSTANCE_DIR": str(tmp_path)})
    app = create_app(replace(settings, TESTING=True))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.config["WTF_CSRF_ENABLED"] = False

    def fail(kind):
        raise RAISED[kind]

    app.add_url_rule("/fail/<kind>", "fail", public(fail), methods=["GET", "POST"])
    return app


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("not-found", 404), ("unlisted", 404), ("survey", 422), ("conflict", 409), ("throttled", 429),
        ("busy", 503), ("body", 400), ("locked", 503), ("pool", 503), ("integrity", 500), ("bug", 500),
        ("recursion", 500), ("http-503", 503),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["vi", "en"])
def test_each_failure_has_a_page_and_json_of_its_status(client, kind, status, language):
    page = client.get(f"/fail/{kind}?lang={language}")
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert page.headers["Content-Language"] == language
    assert f'<html lang="{language}"' in page.text
    assert 'role="alert"' in page.text
    assert len(re.findall("<h1", page.text)) == 1
    data = client.get(f"/fail/{kind}?lang={language}", headers={"Accept": "application/json"})
    assert (data.status_code, data.mimetype) == (status, "application/json")
    assert {"status", "message"} <= set(data.json)
    assert SECRET not in page.text + data.text
    assert "Traceback" not in page.text


@pytest.mark.parametrize("kind", ["busy", "locked", "pool", "http-503"])
def test_unavailable_says_when_to_come_back(client, kind):
    assert client.get(f"/fail/{kind}").headers["Retry-After"] == "5"


def test_throttled_says_when_to_come_back(client):
    assert client.get("/fail/throttled").headers["Retry-After"] == "120"


@pytest.mark.parametrize("kind", ["survey", "busy", "body", "locked", "bug", "not-found"])
def test_failed_post_says_that_nothing_was_saved(client, kind):
    assert "CHƯA được lưu" in client.post(f"/fail/{kind}").text
    assert "CHƯA được lưu" in client.post(f"/fail/{kind}", json={}).json["message"]
    assert "CHƯA được lưu" not in client.get(f"/fail/{kind}").text


def test_conflict_says_that_the_first_answer_stays(client):
    message = client.post("/fail/conflict", json={}).json["message"]
    assert message == "Phiếu này đã được ghi nhận trước đó. Câu trả lời mới không được lưu."


def test_incident_code_is_on_the_page_and_in_the_log_without_the_words_of_the_error(client, caplog):
    with caplog.at_level(logging.DEBUG):
        page = client.post("/fail/bug", data={"comment": SECRET})
    code = re.search(r"<strong>([2-9A-Z]{8})</strong>", page.text).group(1)
    (record,) = [record for record in caplog.records if "incident=" in record.getMessage()]
    line = record.getMessage()
    assert f"incident={code} endpoint=fail method=POST error=RuntimeError" in line
    assert "test_errors.py" in line
    assert "\n" not in line
    assert SECRET not in caplog.text
    assert "/fail/bug" not in caplog.text


def test_broken_template_still_gives_a_page_in_both_languages(app, client, monkeypatch):
    from jinja2 import TemplateNotFound

    def broken(*_args, **_kwargs):
        raise TemplateNotFound("errors/error.html")

    monkeypatch.setattr(pages, "render_template", broken)
    page = client.post("/fail/bug")
    assert page.status_code == 500
    assert "CHƯA được lưu" in page.text and "NOT saved" in page.text
    assert page.headers["X-Content-Type-Options"] == "nosniff"


def test_database_that_fails_while_looking_up_the_session_gives_503(app, client):
    client.set_cookie("staff", "any")
    page = client.get("/")
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "5"
    assert 'role="alert"' in page.text


def test_unknown_address_and_wrong_method_are_told_in_our_words(client):
    missing = client.get("/no/such/page")
    assert (missing.status_code, "Không tìm thấy trang" in missing.text) == (404, True)
    wrong = client.delete("/healthz")
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["Allow"]


def test_body_over_the_limit_is_413(app, client):
    with app.app_context():
        db.session.execute(text("SELECT 1"))
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/sign-in", data={"name": "x" * 70_000})
    assert answer.status_code == 413


def test_every_survey_error_is_in_the_table_directly_or_through_its_base():
    def subclasses(kind):
        return {kind}.union(*(subclasses(child) for child in kind.__subclasses__()))

    for kind in subclasses(errors.SurveyError):
        assert any(base in pages.SURVEY_ERRORS for base in kind.__mro__)


def test_forms_with_an_expired_token_are_told_to_reload(app, client):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/sign-in", data={})
    assert answer.status_code == 400
    assert "Xin tải lại trang rồi gửi lại biểu mẫu." in answer.text
