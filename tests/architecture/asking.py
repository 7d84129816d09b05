"""Requests made from the application's own list of addresses, as any reader; for tests of who gets in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.routing import AnyConverter, IntegerConverter, PathConverter, Rule, UUIDConverter

from config import Settings
from survey_app import create_app
from survey_app.db import db, write_transaction
from survey_app.models import AccountSession
from survey_app.services.accounts import Viewer, token_hash
from tests.sites import csrf_token

NOBODYS_NUMBER = 1_999_999_999


@dataclass(frozen=True, slots=True)
class Address:
    """One address and method of the application."""

    rule: Rule
    method: str

    @property
    def endpoint(self) -> str:
        return self.rule.endpoint

    def path(self, app: Flask, **values: Any) -> str:
        """The address with these values, and for the others with ones that belong to nothing."""
        filled = {name: _of_nothing(converter) for name, converter in self.rule._converters.items()}
        adapter = app.url_map.bind("localhost")
        return adapter.build(self.endpoint, filled | values, method=self.method)


def addresses(app: Flask) -> Iterator[Address]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Address(rule, method)


def _of_nothing(converter: object) -> Any:
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    if isinstance(converter, IntegerConverter):
        return min(NOBODYS_NUMBER, converter.max or NOBODYS_NUMBER)
    if isinstance(converter, UUIDConverter):
        return UUID(int=1)
    return "nothing.css" if isinstance(converter, PathConverter) else "nothing"


def build(database: Path, **changes: Any) -> Flask:
    """The application on a database of the tests."""
    values = {
        "SECRET_KEY": "a secret of the tests only, long enough to sign with",
        "DATABASE_URL": f"sqlite:///{database}",
        "INSTANCE_DIR": database.parent,
        "PUBLIC_BASE_URL": "http://localhost",
        "COOKIES_SECURE": False,
        "REQUIRES_SECOND_FACTOR": False,
        "TESTING": True,
    }
    return create_app(Settings(**values | changes))


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with a browser: it holds the form cookie and its token, and perhaps a session."""

    app: Flask
    form_cookie: str
    form_token: str

    @classmethod
    def of(cls, app: Flask) -> "Reader":
        client = app.test_client()
        token = csrf_token(client.get("/sign-in").text)
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        return cls(app, cookie.value, token)

    def ask(self, method: str, path: str, token: str | None, **headers: str) -> tuple[int, str]:
        """Status and place of what comes back; a form carries its token and nothing else."""
        client = self.app.test_client()
        client.set_cookie(self.app.config["SESSION_COOKIE_NAME"], self.form_cookie)
        if token is not None:
            client.set_cookie(self.app.config["STAFF_COOKIE_NAME"], token)
        data = None if method == "GET" else {"csrf_token": self.form_token}
        with client.open(path, method=method, headers=headers, data=data) as response:
            return response.status_code, response.headers.get("Location", "")


def keep_signed_in(app: Flask, viewer: Viewer) -> str:
    """A session of the account under a fixed token, there again should a request have ended it."""
    token, now = f"token of {viewer.account_id}", datetime.now(UTC)
    row = AccountSession(
        token_hash=token_hash(token), account_id=viewer.account_id, created_at=now, last_seen_at=now
    )
    # A context of its own: what a request looked up must not be found again by the next.
    with app.app_context():
        if db.session.get(AccountSession, row.token_hash) is None:
            with write_transaction(db.session):
                db.session.add(row)
    return token
