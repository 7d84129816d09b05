"""An interview case that went to another unit with a change, found by where it was given out."""

from uuid import UUID

from sqlalchemy.orm import Session

from survey_app.queries import interviews
from survey_app.queries import registry_changes as queries
from survey_app.queries.interviews import Case
from survey_app.services.registry_changes import journal

TABLE = "interview_assignment"


def case_given_as(session: Session, *, wave_id: int, unit_id: int, label: str) -> Case | None:
    """The case that had this label at this unit, wherever it is now; None once its label is forgotten."""
    case_id = _case_id_carried_from(session, wave_id=wave_id, unit_id=unit_id, label=label)
    if case_id is not None:
        return interviews.find_case(session, case_id)
    return interviews.case_by_label(session, wave_id=wave_id, unit_id=unit_id, label=label)


def _case_id_carried_from(session: Session, *, wave_id: int, unit_id: int, label: str) -> UUID | None:
    for row in queries.operations_in_force(session):
        for change in journal.decoded([*row.changes, *row.later]):
            before = change.before or {}
            if change.table != TABLE or (before["unit_id"], before["label"]) != (unit_id, label):
                continue
            case = interviews.find_case(session, change.key["id"])
            if case is not None and case.wave_id == wave_id:
                return case.id
    return None
