"""The description of the API is valid, and says neither more nor less than the code does."""

import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from survey_app.services.api_clients import Scope
from survey_app.web import errors
from survey_app.web.api import bodies
from survey_app.web.reasons import REASONS
from survey_app.web.security import access_table

METHODS = {"get", "put", "post", "delete", "patch"}


@pytest.fixture(params=["vi", "en"])
def described(app, request):
    answer = app.test_client().get("/api/v1/openapi.json", headers={"Accept-Language": request.param})
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == request.param
    return answer.json


def test_the_description_is_valid_openapi_3_1(described):
    assert described["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(described).validate()


def test_every_route_is_described_and_nothing_else(app, described):
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/")
    }
    assert len(routes) >= 3
    named = {
        (path, method) for path, item in described["paths"].items() for method in item if method in METHODS
    }
    assert named == routes


def test_every_call_names_the_scope_that_the_access_table_asks_for(app, described):
    for endpoint, access in access_table(app).items():
        if endpoint.startswith("api."):
            (rule,) = app.url_map.iter_rules(endpoint)
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                security = described["paths"][rule.rule][method.lower()]["security"]
                assert security == ([] if access.is_public else [{"key": [access.scope.value]}])
    assert all(scope in described["components"]["securitySchemes"]["key"]["description"] for scope in Scope)


@pytest.mark.parametrize(
    ("schema", "fields"), [("Response", bodies.RESPONSE), ("TicketOrder", bodies.TICKET_ORDER)]
)
def test_every_field_that_is_read_is_described_and_nothing_else(described, schema, fields):
    found = described["components"]["schemas"][schema]
    assert found["properties"].keys() == fields.keys()
    assert found["required"] == [name for name, field in fields.items() if field.is_required]
    assert all(each.get("description") for each in found["properties"].values())


def test_every_dimension_is_described(described):
    found = described["components"]["schemas"]["Response"]["properties"]["dimensions"]
    assert found["properties"].keys() == bodies.DIMENSIONS.keys()


def test_every_problem_and_every_reason_is_named(described):
    problem = described["components"]["schemas"]["Problem"]["properties"]
    assert set(problem["reason"]["enum"]) == REASONS.keys()
    told = {errors.problem_type(words.name) for words in errors.all_words()}
    assert set(problem["type"]["enum"]) == told


def test_an_answer_that_is_not_described_fails(app, program):
    """The check on every answer of these tests can fail: a status, a type and a field too many are found."""
    from jsonschema import ValidationError

    path, method = "/api/v1/responses", "post"
    good = program.client.post(path, json={})
    assert good.status_code == 401
    program.check(good, path, method)
    for change in ({"status_code": 418}, {"mimetype": "application/json"}, {"data": b'{"title": "x"}'}):
        answer = program.client.post(path, json={})
        for name, value in change.items():
            setattr(answer, name, value)
        with pytest.raises((AssertionError, ValidationError)):
            program.check(answer, path, method)


# Which call earns which status; a status that is described and cannot be had, or had and not described, fails.
EARNED = {
    ("/api/v1/responses", "post"): {200, 400, 401, 403, 413, 415, 422},
    ("/api/v1/ticket-batches", "post"): {200, 201, 400, 401, 403, 404, 409, 413, 415, 422},
    ("/api/v1/openapi.json", "get"): {200},
}


def test_every_status_that_these_tests_earn_is_described_and_no_other(described):
    for (path, method), earned in EARNED.items():
        named = {int(status) for status in described["paths"][path][method]["responses"]}
        assert named == earned | {500, 503}, path
