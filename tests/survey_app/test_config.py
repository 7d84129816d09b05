"""Settings are read once, typed, and hold no secret by default."""

import stat

import pytest

from config import SettingsError, read_settings
from survey_app import create_app


@pytest.fixture
def environ(tmp_path):
    return {"INSTANCE_DIR": str(tmp_path / "instance")}


def test_the_secret_is_made_once_and_kept_for_its_owner_only(environ, tmp_path):
    first, second = read_settings(environ), read_settings(environ)
    assert first.SECRET_KEY == second.SECRET_KEY
    assert len(first.SECRET_KEY) >= 48
    path = tmp_path / "instance" / "secret_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_instances_have_two_secrets(environ, tmp_path):
    other = read_settings(environ | {"INSTANCE_DIR": str(tmp_path / "other")})
    assert other.SECRET_KEY != read_settings(environ).SECRET_KEY


def test_a_secret_that_is_given_is_taken_and_not_written(environ, tmp_path):
    assert read_settings(environ | {"SECRET_KEY": "given"}).SECRET_KEY == "given"
    assert not (tmp_path / "instance" / "secret_key").exists()


def test_the_demo_has_its_own_database_file(environ):
    plain, demo = read_settings(environ), read_settings(environ | {"DEMO": "1"})
    assert (plain.IS_DEMO, demo.IS_DEMO) == (False, True)
    assert plain.DATABASE_URL != demo.DATABASE_URL
    assert plain.is_sqlite


def test_a_real_instance_cannot_be_started_without_second_factors_and_the_demo_can(environ):
    assert read_settings(environ).REQUIRES_SECOND_FACTOR is True
    assert read_settings(environ | {"DEMO": "1"}).REQUIRES_SECOND_FACTOR is False
    assert (
        read_settings(environ | {"DEMO": "1", "REQUIRES_SECOND_FACTOR": "1"}).REQUIRES_SECOND_FACTOR is True
    )
    with pytest.raises(SettingsError, match="REQUIRES_SECOND_FACTOR"):
        read_settings(environ | {"REQUIRES_SECOND_FACTOR": "0"})


@pytest.mark.parametrize("value", ["yes", "true", "", "2"])
def test_a_flag_that_is_neither_0_nor_1_is_refused(environ, value):
    with pytest.raises(SettingsError):
        read_settings(environ | {"DEMO": value})


def test_a_limit_is_a_burst_and_a_rate_a_minute(environ):
    settings = read_settings(environ | {"FLOOD_PER_CODE": "50/20"})
    assert settings.FLOOD_PER_CODE == (50, 20)
    assert settings.FLOOD_OVERALL == read_settings(environ).FLOOD_OVERALL


@pytest.mark.parametrize(
    "value", ["", "50", "50/", "/20", "0/20", "50/0", "-1/20", "a/b", "50/20/3", "5 / 2"]
)
@pytest.mark.parametrize("name", ["FLOOD_PER_DEVICE", "FLOOD_PER_CODE", "FLOOD_OVERALL"])
def test_a_limit_that_is_none_is_refused(environ, name, value):
    with pytest.raises(SettingsError, match=name):
        read_settings(environ | {name: value})


def test_no_honest_crowd_reaches_the_limits_of_a_fresh_instance(environ):
    """A thousand at one code at once, and a tablet that comes back after a month with what it kept."""
    settings = read_settings(environ)
    assert settings.FLOOD_PER_CODE[0] >= 1_000
    assert settings.FLOOD_PER_DEVICE[0] >= 30 * 300


@pytest.mark.parametrize(
    ("url", "is_secure"), [("https://khao-sat.example.vn/", True), ("http://localhost:8000", False)]
)
def test_cookies_are_secure_where_the_address_is(environ, url, is_secure):
    settings = read_settings(environ | {"PUBLIC_BASE_URL": url})
    assert settings.COOKIES_SECURE is is_secure
    assert not settings.PUBLIC_BASE_URL.endswith("/")


def test_days_are_days_of_the_office(environ):
    assert read_settings(environ).TIME_ZONE.key == "Asia/Ho_Chi_Minh"


def test_settings_cannot_be_changed(environ):
    with pytest.raises(AttributeError):
        read_settings(environ).SECRET_KEY = "x"


def test_queue_and_answers_lie_in_different_files(environ):
    settings = read_settings(environ)
    assert settings.queue_path.name not in settings.DATABASE_URL


def test_languages_are_listed_once_with_vietnamese_among_them(tmp_path):
    environ = {"INSTANCE_DIR": str(tmp_path)}
    assert read_settings(environ).LANGUAGES == ("vi", "en")
    assert read_settings(environ | {"LANGUAGES": "vi, bru,scb"}).LANGUAGES == ("vi", "bru", "scb")
    for wrong in ("en", "vi,vi", ""):
        with pytest.raises(SettingsError):
            read_settings(environ | {"LANGUAGES": wrong})


def test_a_language_nobody_knows_is_refused_when_the_application_starts(tmp_path):
    settings = read_settings({"INSTANCE_DIR": str(tmp_path), "LANGUAGES": "vi,xx"})
    with pytest.raises(SettingsError):
        create_app(settings)


def test_the_audit_log_keeps_its_key_when_the_secret_is_changed(tmp_path):
    before = read_settings({"INSTANCE_DIR": str(tmp_path), "SECRET_KEY": "the old one"})
    after = read_settings(
        {"INSTANCE_DIR": str(tmp_path), "SECRET_KEY": "a new one", "AUDIT_KEY": "the old one"}
    )
    forgotten = read_settings({"INSTANCE_DIR": str(tmp_path), "SECRET_KEY": "a new one"})
    assert before.audit_secret == after.audit_secret != forgotten.audit_secret


def test_the_demo_keeps_its_anchors_apart(tmp_path):
    real, demo = (read_settings({"INSTANCE_DIR": str(tmp_path), "DEMO": flag}) for flag in "01")
    assert real.anchors_path != demo.anchors_path
