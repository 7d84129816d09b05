"""Programs of other systems: a key each, shown once and kept as a hash; what it may do, and for which units."""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import update
from sqlalchemy.orm import Session

from survey_app.errors import AlreadyExists, InvalidField, NotFound
from survey_app.models import ApiClient
from survey_app.queries import accounts as units
from survey_app.queries import api_clients as queries
from survey_app.queries.api_clients import ClientRow
from survey_app.services import audit
from survey_app.services.accounts import Viewer, require_unit

# Tells a key from other secrets where one is found by accident.
KEY_PREFIX = "hlmc_"
NAME_PATTERN = "[a-z0-9][a-z0-9-]{1,31}"


class Scope(StrEnum):
    """What a key opens; no scope includes another."""

    WRITE_RESPONSES = "responses:write"
    ISSUE_TICKETS = "tickets:issue"
    WRITE_TRANSACTIONS = "transactions:write"
    READ_REGISTRY = "registry:read"
    READ_RESULTS = "results:read"


@dataclass(frozen=True, slots=True)
class Client:
    """A program whose key is good; it acts for its unit and everything below."""

    id: int
    name: str
    unit_id: int
    scopes: frozenset[Scope]
    is_trial: bool

    @property
    def collector(self) -> str:
        """Who carried its answers, as the response says it."""
        return f"api:{self.name}"


def create_client(
    session: Session,
    *,
    name: str,
    unit_id: int,
    scopes: Collection[Scope],
    is_trial: bool,
    now: datetime,
    today: date,
    expires_on: date | None = None,
    by: Viewer | None = None,
) -> str:
    """A new program; returns its key, which exists nowhere else from now on. `by` is None for a command."""
    if not re.fullmatch(NAME_PATTERN, name):
        raise InvalidField("name", "wrong_shape")
    if not scopes:
        raise InvalidField("scopes", "missing")
    if expires_on is not None and expires_on < today:
        raise InvalidField("expires_on", "in_the_past")
    if by is not None:
        require_unit(session, unit_id=unit_id, viewer=by)
    if queries.client_by_name(session, name) is not None:
        raise AlreadyExists(name)
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    words = " ".join(sorted(set(scopes)))
    client = ApiClient(
        name=name, key_hash=_key_hash(key), unit_id=unit_id, scopes=words, is_trial=is_trial, created_on=today,
        expires_on=expires_on,
    )  # fmt: skip
    session.add(client)
    session.flush()
    ends = None if expires_on is None else expires_on.isoformat()
    details = {"name": name, "unit_id": unit_id, "scopes": words, "is_trial": is_trial, "expires_on": ends}
    audit.record(session, "api_client.created", target=_target(client.id), by=by, at=now, details=details)
    return key


def find_client(session: Session, *, key: str, today: date) -> Client | None:
    """The program of this key, unless it was revoked or has ended. Reads only."""
    row = queries.client_by_key_hash(session, _key_hash(key))
    if row is None or not row.is_good(today):
        return None
    return Client(row.id, row.name, row.unit_id, frozenset(map(Scope, row.scopes.split())), row.is_trial)


def list_clients(session: Session) -> list[ClientRow]:
    return queries.all_clients(session)


def visible_clients(session: Session, *, viewer: Viewer) -> list[ClientRow]:
    """The programs that act within the viewer's part of the tree."""
    mine = units.subtree_unit_ids(session, viewer.unit_id)
    return [row for row in queries.all_clients(session) if row.unit_id in mine]


def revoke_client(
    session: Session, *, name: str, now: datetime, today: date, by: Viewer | None = None
) -> None:
    """The key opens nothing from the next request on. The name stays taken: answers may bear it."""
    client = queries.client_by_name(session, name)
    if client is None:
        raise NotFound(f"api client {name}")
    if by is not None:
        require_unit(session, unit_id=client.unit_id, viewer=by)
    if client.revoked_on is None:
        session.execute(update(ApiClient).where(ApiClient.id == client.id).values(revoked_on=today))
        audit.record(session, "api_client.revoked", target=_target(client.id), by=by, at=now)


def unit_ids(session: Session, client: Client) -> frozenset[int]:
    """The units the program acts for."""
    return units.subtree_unit_ids(session, client.unit_id)


def _key_hash(key: str) -> bytes:
    """A random key of 256 bits needs no slow hash; one SHA-256 keeps a stolen table from calling anything."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def _target(client_id: int) -> str:
    return f"api_client:{client_id}"
