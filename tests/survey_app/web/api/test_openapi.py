"""The description of the API is valid, and says neither more nor less than the code does."""

import ast
import re

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from config import ROOT
from survey_app.errors import InvalidField
from survey_app.services.api_clients import Scope
from survey_app.web import errors
from survey_app.web.api import bodies
from survey_app.web.api.fields import Field, read_fields
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
                path = re.sub(r"<(\w+)>", r"{\1}", rule.rule)
                security = described["paths"][path][method.lower()]["security"]
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


SAMPLES = [
    None, True, False, 0, 1, 1.5, -1, 20, 19, 5_000, 5_001, 10_000, 10**30, "", " ", "x", "x" * 40, "x" * 41, "x" * 64,
    "x" * 65, "x" * 200, "x" * 201, "x" * 1_200, "x" * 1_201, "K7M2P9QX", "a b", "á", "vi", "en", "VI", "kiosk", "qr",
    "KIOSK", "unknown", "submit", "citizen", "alone", "same_unit", "good", "2026-09-15", "2026-9-15", "2026-02-30",
    "2026-W01-1", "20260915", "２０２６-09-15", "2026-09-15T00:00:00Z", "7f1d6c1e-3f0a-4d5f-9b57-5a8f6f1a2b3c",
    "7f1d6c1e-3f0a-1d5f-9b57-5a8f6f1a2b3c", "7F1D6C1E-3F0A-4D5F-9B57-5A8F6F1A2B3C",
    "7f1d6c1e3f0a4d5f9b575a8f6f1a2b3c", "{7f1d6c1e3f0a4d5f9b575a8f6f1a2b3c--}",
    "7f1d6c1e-3f0a-4d5f-0b57-5a8f6f1a2b3c", [], ["a"], [1], [["a"]], ["a"] * 300, ["a"] * 301, {},
    {"overall": "satisfied"},
    {"overall": 5}, {"overall": ["a", "b"]}, {"overall": [1]}, {"overall": None}, {"overall": {}},
    {str(n): "x" for n in range(300)}, {str(n): "x" for n in range(301)}, {"stage": "submit"}, {"stage": "x"},
    {"stage": None}, {"is_proxy": True}, {"is_proxy": 1}, {"colour": "red"}, {"field": "x" * 65},
]  # fmt: skip


@pytest.mark.parametrize(
    ("schema", "fields"), [("Response", bodies.RESPONSE), ("TicketOrder", bodies.TICKET_ORDER)]
)
def test_a_value_is_described_as_good_exactly_when_it_is_read(described, schema, fields):
    """The description is no prose: on each of these values it and the reader of the field say the same."""
    n_good = 0
    for name, field in fields.items():
        found = described["components"]["schemas"][schema]["properties"][name]
        validator = Draft202012Validator(found, format_checker=FormatChecker())
        for value in SAMPLES:
            is_read = reads(field, value)
            n_good += is_read
            assert validator.is_valid(value) == is_read, (name, value)
    assert n_good > 30


def reads(field: Field, value: object) -> bool:
    """Whether a call with this value in this field is taken; a null counts as not given."""
    try:
        read_fields({"x": value}, {"x": field})
    except InvalidField:
        return False
    return True


def test_every_problem_and_every_reason_is_named(described):
    problem = described["components"]["schemas"]["Problem"]["properties"]
    assert set(problem["reason"]["enum"]) == REASONS.keys()
    told = {errors.problem_type(words.name) for words in errors.all_words()}
    assert set(problem["type"]["enum"]) == told


def reasons_given() -> set[str]:
    """The reason in every `InvalidField(…)`, `InvalidAnswer(…)` and outcome of the source."""
    found = set()
    for path in (ROOT / "survey_app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {
                "InvalidField",
                "InvalidAnswer",
            }:
                found |= {
                    # What follows a colon is whom it is about.
                    each.value.rstrip(":")
                    for each in ast.walk(node.args[1])
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }
    return found


def test_every_reason_that_the_code_gives_has_words():
    given = reasons_given()
    assert len(given) > 12
    assert given - REASONS.keys() == set()


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
