"""Tickets: made in batches beforehand, spent once, and never joined to an answer, a person or a moment."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from survey_app.errors import BadToken, InvalidField, KeyUsedDifferently, NotFound
from survey_app.models import Ticket, TicketBatch
from survey_app.queries import tickets as queries
from survey_app.queries import upserts
from survey_app.queries.tickets import BatchRow
from survey_app.services import accounts, audit
from survey_app.services.accounts import Viewer
from survey_app.services.registry_changes.strata import stratum_now, unit_now
from survey_app.services.ticket_orders import BatchOrder, check_order, order_by_codes
from survey_app.signing import Signer
from survey_app.vocabulary import Stage

BATCHES_SHOWN = 200


class TicketState(StrEnum):
    """What a ticket is worth at a point today. Whatever it is, the answer is taken."""

    VALID = "valid"
    SPENT = "spent"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


def ticket_state(
    session: Session, ticket: str, *, point_id: int, wave_id: int, today: date, signer: Signer
) -> TicketState:
    """What to tell the bearer; a ticket of another point or wave is as unknown as a forged one."""
    try:
        row = queries.find_ticket(session, signer.ticket_hash(ticket))
    except BadToken:
        return TicketState.UNKNOWN
    if row is None or row.point_id != point_id or row.wave_id not in (None, wave_id):
        return TicketState.UNKNOWN
    if row.is_spent:
        return TicketState.SPENT
    if row.revoked_on is not None:
        return TicketState.REVOKED
    return TicketState.EXPIRED if today > row.expires_on else TicketState.VALID


def spend(
    session: Session, ticket: str, *, point_id: int, wave_id: int, collected_on: date, signer: Signer
) -> bool:
    """Spend the ticket if it is genuine, of this place, in force on the day and unspent. Never fails."""
    try:
        ticket_hash = signer.ticket_hash(ticket)
    except BadToken:
        return False
    in_force = select(TicketBatch.id).where(
        TicketBatch.point_id == point_id,
        or_(TicketBatch.wave_id.is_(None), TicketBatch.wave_id == wave_id),
        TicketBatch.expires_on >= collected_on,
        TicketBatch.revoked_on.is_(None),
    )
    spent = session.execute(
        update(Ticket)
        .where(Ticket.hash == ticket_hash, Ticket.is_spent.is_(False), Ticket.batch.in_(in_force))
        .values(is_spent=True)
    )
    return spent.rowcount == 1  # type: ignore[attr-defined,no-any-return]


def stratum_of(session: Session, ticket: str, *, unit_id: int, on: date, signer: Signer) -> int:
    """The stratum that an answer of a unit takes from a ticket that counted; 0 where its batch is of no single one.

    The batch says it, not the ticket: everybody of that stratum has one of the same batch.
    """
    found = queries.stratum_of_batch(session, signer.ticket_hash(ticket))
    if found is None or unit_now(session, found[0], on) != unit_id:
        return 0
    return stratum_now(session, *found, on)


def issue_for_staff(
    session: Session,
    asked: Mapping[str, Any],
    *,
    viewer: Viewer,
    signer: Signer,
    now: datetime,
    today: date,
) -> BatchRow:
    """Make a batch for a point of the viewer's units."""
    unit_ids = accounts.visible_unit_ids(session, viewer=viewer)
    order = order_by_codes(session, asked, unit_ids=unit_ids, today=today)
    batch_id = uuid4()
    _make(session, order, batch_id=batch_id, client_id=None, signer=signer, today=today)
    audit.record(
        session, "tickets.issued", target=_target(batch_id), by=viewer, at=now, details={"size": order.size}
    )
    return _batch(session, batch_id, today)


def issue_for_client(
    session: Session,
    order: BatchOrder,
    *,
    client_id: int,
    key: str,
    signer: Signer,
    now: datetime,
    today: date,
) -> tuple[BatchRow, bool]:
    """The batch of this client's key, made now if it is new; the caller has checked the unit.

    The id follows from the key under the instance's secret, and the tickets from the id: asking again gives the
    same texts, and none of them is stored.
    """
    name = f"{client_id}\n{key}".encode()
    batch_id = UUID(bytes=signer.digest("ticket.batch", name), version=5)
    stored = queries.find_batch(session, batch_id, on=today)
    if stored is None and _make(
        session, order, batch_id=batch_id, client_id=client_id, signer=signer, today=today
    ):
        details = {"size": order.size, "api_client": client_id}
        audit.record(session, "tickets.issued", target=_target(batch_id), by=None, at=now, details=details)
        return _batch(session, batch_id, today), True
    stored = _batch(session, batch_id, today)
    if _order_of(stored) != order:
        raise KeyUsedDifferently(key)
    return stored, False


def choices_of(
    session: Session, *, viewer: Viewer, today: date
) -> tuple[list[queries.PointChoice], list[queries.WaveChoice]]:
    """The points a batch may be for, and the waves that may be named on its links."""
    unit_ids = accounts.visible_unit_ids(session, viewer=viewer)
    points = queries.points_with_code(session, unit_ids, on=today)
    return points, queries.running_waves(session, unit_ids, on=today)


def list_batches(session: Session, *, viewer: Viewer, today: date) -> list[BatchRow]:
    """The newest batches of the viewer's units."""
    unit_ids = accounts.visible_unit_ids(session, viewer=viewer)
    return queries.batches_of_units(session, unit_ids, on=today, limit=BATCHES_SHOWN)


def links_for_staff(
    session: Session,
    batch_id: UUID,
    *,
    viewer: Viewer,
    base_url: str,
    signer: Signer,
    now: datetime,
    today: date,
) -> tuple[str, ...]:
    """The links of a batch, on the day it was made only, so that old slips are not printed a second time."""
    batch = own_batch(session, batch_id, viewer=viewer, today=today)
    if batch.created_on != today or batch.revoked_on is not None or batch.origin != "staff":
        raise InvalidField("batch", "links_gone")
    audit.record(session, "tickets.downloaded", target=_target(batch_id), by=viewer, at=now)
    return ticket_links(batch, base_url=base_url, signer=signer)


def ticket_links(batch: BatchRow, *, base_url: str, signer: Signer) -> tuple[str, ...]:
    """One link a ticket, made anew from the batch and the secret."""
    said = {
        "s": Stage(batch.stage).name.lower() if batch.stage else "",
        "f": batch.field_code or "",
        "w": batch.wave_code or "",
    }
    query = {name: value for name, value in said.items() if value}
    texts = _texts(batch.id, batch.wave_id, batch.size, signer)
    return tuple(f"{base_url}/q/{batch.code}?{urlencode(query | {'t': text})}" for text in texts)


def revoke_batch(session: Session, batch_id: UUID, *, viewer: Viewer, now: datetime, today: date) -> None:
    """From now on no ticket of the batch counts; answers that spent one stay as they are."""
    batch = own_batch(session, batch_id, viewer=viewer, today=today)
    if batch.revoked_on is not None:
        return
    session.execute(update(TicketBatch).where(TicketBatch.id == batch_id).values(revoked_on=today))
    audit.record(session, "tickets.revoked", target=_target(batch_id), by=viewer, at=now)


def count_spent(session: Session, *, minimum_new: int, today: date) -> int:
    """Once a night: a batch's count moves, and only by this many or more, so that no visitor moves it alone."""
    n_moved = 0
    for batch_id, n_now, n_before in queries.live_batches(session, on=_still_counted(today)):
        if n_now - n_before >= minimum_new:
            session.execute(update(TicketBatch).where(TicketBatch.id == batch_id).values(n_spent=n_now))
            n_moved += 1
    return n_moved


def spent_for_shuffling(session: Session, *, today: date) -> list[bytes]:
    """The spent tickets of batches that may still be spent from."""
    live = queries.live_batches(session, on=_still_counted(today))
    return queries.spent_hashes(session, [batch_id for batch_id, _, _ in live])


def _still_counted(today: date) -> date:
    """An answer may wait on a device for a month after its day."""
    return today - timedelta(days=32)


def _make(
    session: Session,
    order: BatchOrder,
    *,
    batch_id: UUID,
    client_id: int | None,
    signer: Signer,
    today: date,
) -> bool:
    """Store the batch and its hashes; False if another request made it first."""
    check_order(order, today)
    values = {
        "id": batch_id, "point_id": order.point_id, "code": order.code, "wave_id": order.wave_id,
        "stage": order.stage, "field_id": order.field_id, "size": order.size, "n_spent": 0,
        "created_on": today, "expires_on": order.expires_on, "revoked_on": None,
        "origin": "staff" if client_id is None else "api", "client_id": client_id,
    }  # fmt: skip
    if not upserts.insert_each_once(session, TicketBatch, [values]):
        return False
    # In the order of the hashes, which is no order of the tickets: a heap keeps the order of its inserts.
    hashes = sorted(signer.ticket_hash(text) for text in _texts(batch_id, order.wave_id, order.size, signer))
    rows = [{"hash": each, "batch": batch_id, "is_spent": False} for each in hashes]
    upserts.insert_each_once(session, Ticket, rows)
    return True


def _texts(batch_id: UUID, wave_id: int | None, size: int, signer: Signer) -> Sequence[str]:
    return [signer.ticket(batch=batch_id, wave_id=wave_id or 0, serial=serial) for serial in range(size)]


def _batch(session: Session, batch_id: UUID, today: date) -> BatchRow:
    found = queries.find_batch(session, batch_id, on=today)
    if found is None:
        raise NotFound(f"ticket batch {batch_id}")
    return found


def own_batch(session: Session, batch_id: UUID, *, viewer: Viewer, today: date) -> BatchRow:
    """A batch of the viewer's units; any other looks like one that does not exist."""
    batch = _batch(session, batch_id, today)
    accounts.require_unit(session, unit_id=batch.unit_id, viewer=viewer)
    return batch


def _order_of(batch: BatchRow) -> BatchOrder:
    return BatchOrder(
        point_id=batch.point_id,
        code=batch.code,
        size=batch.size,
        expires_on=batch.expires_on,
        wave_id=batch.wave_id,
        stage=batch.stage,
        field_id=batch.field_id,
    )


def _target(batch_id: UUID) -> str:
    return f"ticket_batch:{batch_id}"
