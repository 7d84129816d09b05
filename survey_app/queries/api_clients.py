"""Programs that may call the API, by their key's hash or their name."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.models import ApiClient, Unit


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A program, its unit and what it may do."""

    id: int
    name: str
    unit_id: int
    unit_code: str
    scopes: str
    is_trial: bool
    created_on: date
    expires_on: date | None
    revoked_on: date | None

    def is_good(self, on: date) -> bool:
        """Whether its key opens anything on a day."""
        return self.revoked_on is None and (self.expires_on is None or on <= self.expires_on)


_COLUMNS: tuple[Any, ...] = (
    ApiClient.id, ApiClient.name, ApiClient.unit_id, Unit.code, ApiClient.scopes, ApiClient.is_trial,
    ApiClient.created_on, ApiClient.expires_on, ApiClient.revoked_on,
)  # fmt: skip


def client_by_key_hash(session: Session, key_hash: bytes) -> ClientRow | None:
    statement = select(*_COLUMNS).join(Unit, Unit.id == ApiClient.unit_id)
    row = session.execute(statement.where(ApiClient.key_hash == key_hash)).one_or_none()
    return None if row is None else ClientRow(*row)


def client_by_name(session: Session, name: str) -> ClientRow | None:
    statement = select(*_COLUMNS).join(Unit, Unit.id == ApiClient.unit_id)
    row = session.execute(statement.where(ApiClient.name == name)).one_or_none()
    return None if row is None else ClientRow(*row)


def all_clients(session: Session) -> list[ClientRow]:
    statement = select(*_COLUMNS).join(Unit, Unit.id == ApiClient.unit_id).order_by(ApiClient.name)
    return [ClientRow(*row) for row in session.execute(statement)]
