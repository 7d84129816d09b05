"""Every endpoint says who may open it, only POST views write, and every template compiles."""

import re
from dataclasses import replace
from uuid import UUID

import pytest

from config import read_settings
from survey_app import create_app
from survey_app.web.security import API_PREFIX, SAFE_METHODS, Access, access_table


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    settings = read_settings({"INSTANCE_DIR": str(tmp_path_factory.mktemp("instance"))})
    return create_app(replace(settings, TESTING=True))


def test_every_endpoint_is_in_the_access_table(app):
    undeclared = [endpoint for endpoint, access in access_table(app).items() if access is None]
    assert undeclared == []


def test_every_declaration_lets_somebody_in_and_is_not_ambiguous(app):
    for endpoint, access in access_table(app).items():
        assert isinstance(access, Access), endpoint
        kinds = [access.is_public, bool(access.roles), access.scope is not None]
        assert kinds.count(True) == 1, endpoint


def test_the_api_is_for_programs_and_programs_have_nothing_else(app):
    for rule in app.url_map.iter_rules():
        access = access_table(app)[rule.endpoint]
        is_api = rule.rule.startswith(API_PREFIX)
        assert is_api == rule.endpoint.startswith("api."), rule.rule
        assert is_api or access.scope is None, rule.rule
        assert not (is_api and access.roles), rule.rule
        if access.is_public:
            assert not is_api or rule.methods <= SAFE_METHODS, rule.rule


def test_staff_pages_are_open_to_no_anonymous_reader(app):
    for endpoint, access in access_table(app).items():
        if endpoint.startswith(("manager.", "par_office.", "admin.")):
            assert not access.is_public, endpoint


def test_anonymous_reader_gets_no_staff_page(app):
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        access = access_table(app)[rule.endpoint]
        if access.is_public or "GET" not in rule.methods:
            continue
        path = re.sub(r"<uuid:\w+>", str(UUID(int=1)), rule.rule)
        path = re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", "1", path)
        # A person is asked to sign in; a program is told that its key is missing.
        expected = 401 if access.scope is not None else 303
        assert client.get(path).status_code == expected, rule.rule


def test_only_post_views_write(app):
    for rule in app.url_map.iter_rules():
        is_writing = getattr(app.view_functions[rule.endpoint], "is_writing", False)
        if is_writing:
            assert not rule.methods - {"OPTIONS"} & SAFE_METHODS, rule.endpoint


def test_every_template_compiles(app):
    names = app.jinja_env.list_templates(extensions=("html", "svg", "xml", "txt"))
    assert names
    for name in names:
        app.jinja_env.get_template(name)
