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

# Tells a key from other secrets where one is found by accident.
KEY_PREFIX = "hlmc_"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,31}")


class Scope(StrEnum):
    """What a key opens; no scope includes another."""

    WRITE_RESPONSES = "responses:write"
    ISSUE_TICKETS = "tickets:issue"
    WRITE_TRANSACTIONS = "transactions:write"


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
) -> str:
    """A new program; returns its key, which exists nowhere else from now on."""
    if not _NAME.fullmatch(name):
        raise InvalidField("name", "wrong_shape")
    if not scopes:
        raise InvalidField("scopes", "missing")
    if queries.client_by_name(session, name) is not None:
        raise AlreadyExists(name)
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    words = " ".join(sorted(set(scopes)))
    client = ApiClient(
        name=name, key_hash=_key_hash(key), unit_id=unit_id, scopes=words, is_trial=is_trial, created_on=today
    )
    session.add(client)
    session.flush()
    details = {"name": name, "unit_id": unit_id, "scopes": words, "is_trial": is_trial}
    audit.record(session, "api_client.created", target=_target(client.id), by=None, at=now, details=details)
    return key


def find_client(session: Session, *, key: str) -> Client | None:
    """The program of this key, unless it was revoked. Reads only."""
    row = queries.client_by_key_hash(session, _key_hash(key))
    if row is None or row.revoked_on is not None:
        return None
    return Client(row.id, row.name, row.unit_id, frozenset(map(Scope, row.scopes.split())), row.is_trial)


def list_clients(session: Session) -> list[ClientRow]:
    return queries.all_clients(session)


def revoke_client(session: Session, *, name: str, now: datetime, today: date) -> None:
    """The key opens nothing from the next request on. The name stays taken: answers may bear it."""
    client = queries.client_by_name(session, name)
    if client is None:
        raise NotFound(f"api client {name}")
    if client.revoked_on is None:
        session.execute(update(ApiClient).where(ApiClient.id == client.id).values(revoked_on=today))
        audit.record(session, "api_client.revoked", target=_target(client.id), by=None, at=now)


def unit_ids(session: Session, client: Client) -> frozenset[int]:
    """The units the program acts for."""
    return units.subtree_unit_ids(session, client.unit_id)


def _key_hash(key: str) -> bytes:
    """A random key of 256 bits needs no slow hash; one SHA-256 keeps a stolen table from calling anything."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def _target(client_id: int) -> str:
    return f"api_client:{client_id}"
