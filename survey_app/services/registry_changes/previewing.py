"""What the pages of changes ask: what waits, what it would do now, what was done, whether it can be taken back."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from survey_app.errors import RegistryRefused
from survey_app.queries import units
from survey_app.queries.approvals import ApprovalRow
from survey_app.queries.registry_changes import OperationRow
from survey_app.queries.units import UnitRow
from survey_app.services import approvals
from survey_app.services.accounts import Viewer
from survey_app.services.approvals import Kind
from survey_app.services.registry_changes import journal, operations
from survey_app.services.registry_changes.operations import Plan
from survey_app.services.registry_changes.requests import from_payload


@dataclass(frozen=True, slots=True)
class Review:
    """What a proposal would do if it were approved now: a plan, the change it would take back, or a refusal."""

    plan: Plan | None = None
    operation: OperationRow | None = None
    refused: RegistryRefused | None = None


@dataclass(frozen=True, slots=True)
class OperationSheet:
    """A change that was carried out: the units it was about, those it made, and its rows by table."""

    units: tuple[UnitRow, ...]
    made: tuple[UnitRow, ...]
    n_rows: Mapping[str, int]


def review(session: Session, row: ApprovalRow, *, viewer: Viewer, today: date) -> Review:
    """Only what still waits is planned again; a decided one is told by its subject."""
    if row.payload["action"] == "undo":
        operation = operations.visible_operation(session, row.payload["operation_id"], viewer=viewer)
        refused = undo_refusal(session, operation) if row.state == "pending" else None
        return Review(operation=operation, refused=refused)
    if row.state != "pending":
        return Review()
    try:
        return Review(
            plan=operations.plan_change(
                session, from_payload(row.payload["request"]), viewer=viewer, today=today
            )
        )
    except RegistryRefused as error:
        return Review(refused=error)


def waiting(session: Session, *, viewer: Viewer, kinds: Mapping[str, Kind]) -> list[ApprovalRow]:
    """Changes of the registry that wait for a second person."""
    rows = approvals.visible_approvals(session, viewer=viewer, kinds=kinds, is_pending=True)
    return [row for row in rows if row.kind == operations.KIND]


def undo_refusal(session: Session, row: OperationRow) -> RegistryRefused | None:
    """Why the change can no longer be taken back; None while it can."""
    try:
        operations.check_undo(session, row)
    except RegistryRefused as error:
        return error
    return None


def operation_sheet(session: Session, row: OperationRow) -> OperationSheet:
    changes = [*journal.decoded(row.changes), *journal.decoded(row.later)]
    made = (
        ()
        if row.is_undone
        else tuple(units.unit_by_id(session, each) for each in journal.new_unit_ids(changes))
    )
    old = tuple(units.unit_by_id(session, unit_id) for unit_id in row.request["unit_ids"])
    return OperationSheet(old, made, dict(sorted(Counter(change.table for change in changes).items())))
