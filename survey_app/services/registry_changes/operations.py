"""A change from its proposal to its end: previewed, approved by a second person, carried out, settled, taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, tuple_, update
from sqlalchemy.orm import Session

from survey_app.errors import NotFound, RegistryMovedOn, RegistryRefused
from survey_app.models import RegistryOperation, WaveUnit
from survey_app.names import unit_label
from survey_app.queries import registry_changes as queries
from survey_app.queries import units
from survey_app.queries.registry_changes import OperationRow
from survey_app.services import approvals, audit
from survey_app.services.accounts import Role, Viewer, require_unit, visible_unit_ids
from survey_app.services.approvals import Kind, Moment, Payload
from survey_app.services.registry_changes import journal, plans, rules
from survey_app.services.registry_changes.affected import Affected, read_affected
from survey_app.services.registry_changes.journal import Change
from survey_app.services.registry_changes.requests import (
    GUIDED,
    MERGE,
    MOVE,
    POPULATION,
    RENAME,
    SPLIT,
    ChangeRequest,
    from_payload,
    to_payload,
)

KIND = "registry.change"
EDITORS = frozenset({Role.ADMIN, Role.PAR_OFFICE})
SUBJECT_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """A change that passed every rule: what it finds, and the dated rows that it would write."""

    request: ChangeRequest
    affected: Affected
    changes: tuple[Change, ...]
    subject: str


def plan_change(session: Session, request: ChangeRequest, *, viewer: Viewer, today: date) -> Plan:
    """What would happen; refused with a reason where it may not."""
    rules.check_units(session, request, viewer=viewer, today=today)
    affected = read_affected(session, request)
    rules.check_request(session, request, affected, viewer=viewer)
    changes = tuple(plans.dated_changes(request, affected))
    return Plan(request, affected, changes, subject_of(request, affected))


def find_affected(session: Session, request: ChangeRequest, *, viewer: Viewer, today: date) -> Affected:
    """What stands on the units that day, for filling in the rest; refused where the day itself will not do."""
    rules.check_units(session, request, viewer=viewer, today=today)
    affected = read_affected(session, request)
    rules.check_day(session, request, affected)
    return affected


def propose_change(
    session: Session, request: ChangeRequest, *, reason: str, viewer: Viewer, now: datetime, today: date
) -> int:
    """Let the change wait for a second person of the same office or one above; the id of what waits.

    It is kept under the office, which outlives the units that come and go below it.
    """
    if request.kind not in GUIDED:
        raise RegistryRefused("unknown_kind")
    _require_reason(reason)
    plan = plan_change(session, request, viewer=viewer, today=today)
    payload = {
        "action": "carry_out",
        "request": to_payload(request),
        "fingerprint": journal.fingerprint(plan.changes),
    }
    return approvals.propose(
        session, kind=KIND, kinds={KIND: REGISTRY_CHANGE}, unit_id=viewer.unit_id,
        subject=plan.subject, payload=payload, reason=reason, by=viewer, now=now,
    )  # fmt: skip


def change_population(
    session: Session, *, unit_id: int, population: int, on: date, viewer: Viewer, now: datetime, today: date
) -> int:
    """A new number of people from a day on; of no consequence for who owns an answer, so one person is enough."""
    request = ChangeRequest(kind=POPULATION, unit_ids=(unit_id,), on=on, population=population)
    plan = plan_change(session, request, viewer=viewer, today=today)
    return _carry_out(session, plan, viewer=viewer, at=Moment(now, today))


def carry_out(session: Session, payload: Payload, by: Viewer, at: Moment) -> None:
    """What the second person's approval sets off."""
    if payload["action"] == "undo":
        _undo(session, payload["operation_id"], by=by, at=at)
        return
    plan = plan_change(session, from_payload(payload["request"]), viewer=by, today=at.today)
    if journal.fingerprint(plan.changes) != payload["fingerprint"]:
        raise RegistryMovedOn(plan.subject)
    _carry_out(session, plan, viewer=by, at=at)


def carry_out_simulated(session: Session, request: ChangeRequest, *, viewer: Viewer, at: Moment) -> int:
    """A change without a second person, for made-up data only: the demo and the tests of what follows."""
    return _carry_out(
        session, plan_change(session, request, viewer=viewer, today=at.today), viewer=viewer, at=at
    )


def propose_undo(session: Session, *, operation_id: int, reason: str, viewer: Viewer, now: datetime) -> int:
    """Let the taking back wait for a second person."""
    _require_reason(reason)
    row = visible_operation(session, operation_id, viewer=viewer)
    check_undo(session, row)
    return approvals.propose(
        session, kind=KIND, kinds={KIND: REGISTRY_CHANGE}, unit_id=row.unit_id,
        subject=f"Hoàn tác: {row.subject}"[:SUBJECT_LENGTH],
        payload={"action": "undo", "operation_id": row.id}, reason=reason, by=viewer, now=now,
    )  # fmt: skip


def visible_operation(session: Session, operation_id: int, *, viewer: Viewer) -> OperationRow:
    row = queries.operation(session, operation_id)
    if row is None:
        raise NotFound(f"operation {operation_id}")
    require_unit(session, unit_id=row.unit_id, viewer=viewer)
    return row


def visible_operations(session: Session, *, viewer: Viewer) -> list[OperationRow]:
    return queries.operations(session, visible_unit_ids(session, viewer=viewer))


def check_undo(session: Session, row: OperationRow) -> None:
    """Only while nothing new depends on it: no answer, no later change, nothing else that names a new unit."""
    if row.is_undone:
        raise RegistryRefused("undone_already")
    changes = [*journal.decoded(row.changes), *journal.decoded(row.later)]
    made = journal.new_unit_ids(changes)
    touched = _units_in(changes)
    for newer in queries.later_operations(session, row):
        if touched & _units_in([*journal.decoded(newer.changes), *journal.decoded(newer.later)]):
            raise RegistryRefused("changed_since", newer.subject)
    if made:
        answered = queries.last_answer_day(session, made, row.effective_on)
        if answered is not None:
            raise RegistryRefused("answers_since_change", f"{answered:%d/%m/%Y}")
        own = _references_in(changes, set(made))
        own["wave_unit"] = own.get("wave_unit", 0) + len(_parts_planned_since(session, row, changes))
        for table, n in queries.n_references(session, made).items():
            if n > own.get(table, 0):
                raise RegistryRefused("used_since", table)


def settle_due(session: Session, *, today: date, now: datetime) -> int:
    """On the day of a change, write what carries no date: who signs in where, and what a unit is called today."""
    due = queries.due_operations(session, today)
    for row in due:
        _settle(session, row.id, from_payload(row.request), journal.decoded(row.changes), today=today)
        audit.record(session, "registry.settled", target=f"registry_operation:{row.id}", by=None, at=now)
    return len(due)


def subject_of(request: ChangeRequest, affected: Affected) -> str:
    """The change in one line, as an official would write it."""
    old = ", ".join(unit.label for unit in affected.units)
    new = ", ".join(each.label for each in request.successors)
    on = f"từ ngày {request.on:%d/%m/%Y}"
    parent = "" if affected.parent is None else affected.parent.label
    words = {
        MERGE: f"Sáp nhập {old} thành {new} {on}",
        SPLIT: f"Chia {old} thành {new} {on}",
        RENAME: f"Đổi tên {old} thành {unit_label(request.unit_kind or 'agency', request.name)} {on}",
        MOVE: f"Chuyển {old} về trực thuộc {parent} {on}",
        POPULATION: f"Dân số {old}: {request.population} người {on}",
    }[request.kind]
    if len(words) <= SUBJECT_LENGTH:
        return words
    return words[: SUBJECT_LENGTH - len(on) - 2] + "… " + on


def _require_reason(reason: str) -> None:
    """The second person decides on what is written here."""
    if not reason.strip():
        raise RegistryRefused("no_reason")


def _carry_out(session: Session, plan: Plan, *, viewer: Viewer, at: Moment) -> int:
    settle_due(session, today=at.today, now=at.now)
    done = journal.apply_changes(session, plan.changes)
    row = RegistryOperation(
        kind=plan.request.kind, effective_on=plan.request.on, subject=plan.subject,
        unit_id=viewer.unit_id, request=to_payload(plan.request),
        changes=journal.encoded(done), later=[], carried_out_at=at.now, carried_out_by_id=viewer.account_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    if plan.request.on <= at.today:
        _settle(session, row.id, plan.request, done, today=at.today)
    session.expire_all()
    _record(
        session, "registry.changed", row.id, plan.request.kind, plan.subject, n=len(done), by=viewer, at=at
    )
    return row.id


def _settle(
    session: Session, operation_id: int, request: ChangeRequest, done: list[Change], *, today: date
) -> None:
    made = journal.new_unit_ids(done)
    children = {
        change.key["unit_id"]: change.after["parent_id"]
        for change in done
        if change.table == "unit_period" and change.after and change.after.get("parent_id") in made
    }
    found = plans.Settling(
        affected=read_affected(session, request),
        made=made,
        children=children,
        today={each: units.unit_by_id(session, each) for each in (*request.unit_ids, *children)},
        labels=frozenset(queries.case_labels(session, made)),
    )
    later = journal.apply_changes(session, plans.undated_changes(request, found))
    statement = update(RegistryOperation).where(RegistryOperation.id == operation_id)
    session.execute(statement.values(later=journal.encoded(later), settled_on=today))
    session.expire_all()


def _undo(session: Session, operation_id: int, *, by: Viewer, at: Moment) -> None:
    settle_due(session, today=at.today, now=at.now)
    row = visible_operation(session, operation_id, viewer=by)
    check_undo(session, row)
    changes = [*journal.decoded(row.changes), *journal.decoded(row.later)]
    part = tuple_(WaveUnit.wave_id, WaveUnit.unit_id, WaveUnit.stratum)
    session.execute(delete(WaveUnit).where(part.in_(_parts_planned_since(session, row, changes))))
    journal.revert_changes(session, changes)
    statement = update(RegistryOperation).where(RegistryOperation.id == row.id)
    session.execute(statement.values(undone_at=at.now, undone_by_id=by.account_id))
    session.expire_all()
    _record(session, "registry.undone", row.id, row.kind, row.subject, n=len(row.changes), by=by, at=at)


def _record(
    session: Session,
    action: str,
    operation_id: int,
    kind: str,
    subject: str,
    *,
    n: int,
    by: Viewer,
    at: Moment,
) -> None:
    details = {"kind": kind, "subject": subject, "n_rows": n}
    audit.record(
        session, action, target=f"registry_operation:{operation_id}", by=by, at=at.now, details=details
    )


def _parts_planned_since(
    session: Session, row: OperationRow, changes: Sequence[Change]
) -> set[tuple[int, int, int]]:
    """Parts of new units in waves that were planned after the change and begin before it: (wave, unit, stratum).

    The old units take part in those as well, so that nobody misses what goes with an undone change.
    """
    parts = queries.wave_parts(session, journal.new_unit_ids(changes), row.effective_on)
    own = {tuple(change.key[name] for name in ("wave_id", "unit_id", "stratum"))
           for change in changes if change.table == "wave_unit"}  # fmt: skip
    found = {(part.wave_id, part.unit_id, part.stratum) for part in parts if part.opens_on < row.effective_on}
    return found - own


def _units_in(changes: Iterable[Change]) -> set[int]:
    """Every unit that a change names, but for those it only puts another below."""
    found: set[int] = set()
    for change in changes:
        values: dict[str, Any] = {**(change.before or {}), **(change.after or {}), **change.key}
        names = {"unit_id", "predecessor_id", "successor_id"} | (
            {"id"} if change.table == journal.UNIT else set()
        )
        found |= {value for name, value in values.items() if name in names and isinstance(value, int)}
    return found


def _references_in(changes: Iterable[Change], unit_ids: set[int]) -> dict[str, int]:
    """How many references to these units the change itself made, by table."""
    counts: dict[str, int] = {}
    for change in changes:
        values: dict[str, Any] = {**change.key, **(change.after or {})}
        for name in queries.unit_columns(journal.TABLES[change.table]):
            if change.after is not None and values.get(name) in unit_ids:
                counts[change.table] = counts.get(change.table, 0) + 1
    return counts


REGISTRY_CHANGE = Kind(EDITORS, carry_out)
