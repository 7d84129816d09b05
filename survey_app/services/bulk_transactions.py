"""Counts of files that a program sends: the codes of its rows resolved, then stored whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from survey_app.errors import InvalidField
from survey_app.queries import transactions as queries
from survey_app.queries.units import units_as_at
from survey_app.services import api_clients
from survey_app.services.api_clients import Client
from survey_app.services.transaction_tables import CountEntry
from survey_app.services.transactions import CountPlan, Source, plan_counts, store_counts


@dataclass(frozen=True, slots=True)
class SentCount:
    """One number as a program writes it, by codes."""

    unit_code: str
    starts_on: date
    ends_on: date
    n_files: int
    desk_code: str | None = None
    field_code: str | None = None
    mode: int = 0
    outcome: int = 0


def receive_counts(
    session: Session,
    client: Client,
    sent: Sequence[SentCount],
    *,
    replaces: bool,
    digest: bytes,
    now: datetime,
    today: date,
) -> CountPlan:
    """Store all of a call, in the caller's transaction; raises `InvalidField` at the first row that does not fit.

    A program that is tried out is told what would change, and nothing is stored: a count cannot be marked as a test.
    """
    entries = _entries(session, client, sent, today)
    plan = plan_counts(session, entries, replaces=replaces)
    for problem in plan.problems:
        raise InvalidField(f"transactions[{problem.entry.row}]", problem.reason)
    if not client.is_trial:
        store_counts(session, plan, Source("api", client.name, digest, client_id=client.id), now=now)
    return plan


def _entries(session: Session, client: Client, sent: Sequence[SentCount], today: date) -> list[CountEntry]:
    mine = api_clients.unit_ids(session, client)
    units: dict[date, dict[str, int]] = {}
    fields = {code: field_id for field_id, code, _vi, _en in queries.field_names(session)}
    desks: dict[date, dict[str, tuple[int, int]]] = {}
    entries = []
    for row, each in enumerate(sent):
        path, day = f"transactions[{row}]", each.ends_on
        if not each.starts_on <= day <= today:
            raise InvalidField(f"{path}.ends_on", "out_of_range")
        if day not in units:
            units[day] = {unit.code: unit.id for unit in units_as_at(session, day) if unit.id in mine}
            desks[day] = {desk.code: (desk.id, desk.unit_id) for desk in queries.desk_places(session, on=day)}
        unit_id = units[day].get(each.unit_code)
        if unit_id is None:
            raise InvalidField(f"{path}.unit", "unknown")
        field_id = None if each.field_code is None else fields.get(each.field_code)
        if each.field_code is not None and field_id is None:
            raise InvalidField(f"{path}.field", "unknown")
        desk = None if each.desk_code is None else desks[day].get(each.desk_code)
        if each.desk_code is not None and (desk is None or desk[1] != unit_id):
            raise InvalidField(f"{path}.desk", "unknown")
        entries.append(
            CountEntry(unit_id, each.starts_on, day, each.n_files, desk[0] if desk else None, field_id, each.mode,
                       each.outcome, row)
        )  # fmt: skip
    return entries
