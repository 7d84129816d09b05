"""A program at the door of the API; every answer it gets is held against the description of the API."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator, FormatChecker
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from survey_app.clock import local_today, utc_now
from survey_app.services.api_clients import Scope, create_client
from tests.builders import World


class Program:
    """Calls with a key. An answer whose status, type or body the description does not name fails the test."""

    def __init__(self, client: FlaskClient, key: str | None) -> None:
        self.client = client
        self.key = key
        self.described = client.get("/api/v1/openapi.json").json

    def post(self, path: str, body: Any = None, *, key: str | None = "", **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        given = self.key if key == "" else key
        if given is not None:
            headers["Authorization"] = f"Bearer {given}"
        if "data" not in options:
            options |= {"data": json.dumps(body), "content_type": "application/json"}
        answer = self.client.post(path, headers=headers, **options)
        self.check(answer, path, "post")
        return answer

    def check(self, answer: TestResponse, path: str, method: str) -> None:
        operation = self.described["paths"][path][method]
        assert "Set-Cookie" not in answer.headers
        named = operation["responses"].get(str(answer.status_code))
        assert named is not None, f"{answer.status_code} is not described: {answer.text[:300]}"
        ((mimetype, content),) = named["content"].items()
        assert answer.mimetype == mimetype
        schema = {**content["schema"], "components": self.described["components"]}
        Draft202012Validator(schema, format_checker=FormatChecker()).validate(json.loads(answer.get_data()))
        if answer.status_code >= 400:
            assert json.loads(answer.get_data())["status"] == answer.status_code


@pytest.fixture
def make_key(session: Session, world: World, settings) -> Callable[..., str]:
    """A key for a unit, with every scope unless the test says which."""

    def make(
        name: str = "motcua", *, unit: str = "Quảng Trị", scopes: Any = tuple(Scope), **more: Any
    ) -> str:
        key = create_client(
            session, name=name, unit_id=world.units[unit], scopes=scopes, now=utc_now(),
            today=local_today(settings), **({"is_trial": False} | more),
        )  # fmt: skip
        session.commit()
        return key

    return cache(make)


@pytest.fixture
def make_program(app: Flask, make_key) -> Callable[..., Program]:
    """A program with a key of its own; the same name gives the same key."""

    def make(name: str = "motcua", **more: Any) -> Program:
        return Program(app.test_client(), make_key(name, **more))

    return make


@pytest.fixture
def program(make_program) -> Program:
    return make_program()
