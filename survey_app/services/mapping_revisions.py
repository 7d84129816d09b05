"""A later word on a published mapping: one item at a time, by two people; figures obey the newest from then on.

What was closed or published before keeps what it was counted by: a closing writes down the number of each mapping.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from survey_app.errors import InvalidField, MappingChanged, NotAllowed, NotFound
from survey_app.models import MappingRevision
from survey_app.queries import questionnaires as versions
from survey_app.queries import version_mappings as queries
from survey_app.queries.version_mappings import MappingRow
from survey_app.services import approvals, audit
from survey_app.services.accounts import Role, Viewer
from survey_app.services.approvals import Kind, Moment, Payload
from survey_app.services.version_mappings import Kin, Link, read_links

REVISE = "questionnaire.remap"
EDITORS = frozenset({Role.ADMIN, Role.PAR_OFFICE})
BASIS_LENGTH = 400


def propose_link(
    session: Session, *, old_id: int, new_id: int, link: Link, basis: str, reason: str, by: Viewer,
    now: datetime, kinds: dict[str, Kind] | Any,
) -> int:  # fmt: skip
    """Ask a second person to let one old item of a published mapping be something else; the proposal's id.

    Raises `DefinitionError` for a link that cannot be, `InvalidField` for one without a basis or without a change.
    """
    if by.role not in EDITORS:
        raise NotAllowed
    current = current_mapping(session, old_id=old_id, new_id=new_id)
    before = _stored_link(current, link.old)
    if not basis.strip():
        raise InvalidField("basis", "missing")
    if before == link.stored():
        raise InvalidField("kin", "unchanged")
    _checked(session, current, link.stored())
    old, new = (versions.version_definition(session, id_) for id_ in (old_id, new_id))
    names = [f"{each['code']} v{each['version']}" for each in (old, new)]
    return approvals.propose(
        session, kind=REVISE, kinds=kinds, unit_id=by.unit_id, subject=f"{' → '.join(names)}: {link.old}",
        payload={"old_id": old_id, "new_id": new_id, "before": before, "after": link.stored(),
                 "basis": basis.strip()[:BASIS_LENGTH]},
        reason=reason, by=by, now=now,
    )  # fmt: skip


def current_mapping(session: Session, *, old_id: int, new_id: int) -> MappingRow:
    """The mapping of two published versions that holds now."""
    history = queries.mapping_history(session, old_id=old_id, new_id=new_id)
    if not history:
        raise NotFound(f"mapping {old_id} to {new_id}")
    return history[-1]


def mappings_in_force(session: Session, version_ids: tuple[int, ...]) -> list[dict[str, int]]:
    """Which state of which mapping of these versions holds now, as plain values for what freezes."""
    return [
        {"old_id": row.old_id, "new_id": row.new_id, "number": row.number}
        for row in queries.newest_mappings(session)
        if row.old_id in version_ids or row.new_id in version_ids
    ]


def revise(session: Session, payload: Payload, by: Viewer, at: Moment) -> None:
    """As the second person: exactly what was proposed, on the mapping as it is now."""
    current = current_mapping(session, old_id=payload["old_id"], new_id=payload["new_id"])
    if _stored_link(current, payload["after"]["old"]) != payload["before"]:
        raise MappingChanged(payload["after"]["old"])
    links = _checked(session, current, payload["after"])
    number = current.number + 1
    session.add(
        MappingRevision(
            old_id=current.old_id, new_id=current.new_id, number=number, basis=payload["basis"],
            links=[link.stored() for link in links], decided_on=_not_before(current.decided_on, at.today),
        )
    )  # fmt: skip
    session.flush()
    details = {
        "number": number, "code": payload["after"]["old"], "basis": payload["basis"],
        "from": payload["before"]["kin"], "to": payload["after"]["kin"],
    }  # fmt: skip
    audit.record(
        session,
        "questionnaire.remapped",
        target=f"version:{current.new_id}",
        by=by,
        at=at.now,
        details=details,
    )


REVISION_KIND = Kind(roles=EDITORS, carry_out=revise)


def _checked(session: Session, current: MappingRow, row: dict[str, Any]) -> tuple[Link, ...]:
    """The whole mapping with one link changed, if it can be."""
    rows = [row if each["old"] == row["old"] else each for each in current.links]
    old, new = (versions.version_definition(session, id_) for id_ in (current.old_id, current.new_id))
    return read_links(rows, old, new)


def _stored_link(current: MappingRow, old: str) -> dict[str, Any]:
    found = next((each for each in current.links if each["old"] == old), None)
    if found is None:
        raise NotFound(f"item {old}")
    return Link(found["old"], found["new"], Kin(found["kin"]), found.get("points", {})).stored()


def _not_before(earlier: date | None, today: date) -> date:
    return today if earlier is None else max(earlier, today)
