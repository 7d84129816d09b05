"""The rows that a change writes, from what is asked and what it finds; no database is needed to plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from survey_app.names import sort_key, unit_search_key
from survey_app.queries.registry_changes import CaseAt
from survey_app.queries.units import UnitRow
from survey_app.services.registry_changes.affected import Affected, day_before
from survey_app.services.registry_changes.journal import Change
from survey_app.services.registry_changes.requests import MERGE, SPLIT, ChangeRequest
from survey_app.services.registry_changes.targets import cut_part, new_parts

DESCRIPTION = ("name", "kind", "parent_id", "population", "search_key", "sort_key")
LABEL_LENGTH = 20


def dated_changes(request: ChangeRequest, affected: Affected) -> list[Change]:
    """Rows that carry dates: right on every day as soon as they are written."""
    if request.kind not in (MERGE, SPLIT):
        unit = affected.units[0]
        return described(unit, affected, request.on, new_description(request, unit))
    return [
        *_new_units(request, affected),
        *(_ended(unit, request.on) for unit in affected.units),
        *_lineage(request),
        *_points(request, affected),
        *_children(request, affected),
        *_waves(request, affected),
    ]


@dataclass(frozen=True, slots=True)
class Settling:
    """What is known on the day of a change: what stands on the old units, the units it made, the rows of today.

    `children` are the units that were put below a successor, each with its new parent.
    """

    affected: Affected
    made: Sequence[int]
    children: Mapping[int, int]
    today: Mapping[int, UnitRow]
    labels: frozenset[tuple[int, int, str | None]]


def undated_changes(request: ChangeRequest, found: Settling) -> list[Change]:
    """Rows without a date, written on the day: accounts, programs, interviews, and the description of today."""
    if request.kind not in (MERGE, SPLIT):
        unit = found.today[request.unit_ids[0]]
        return [_today(unit, new_description(request, unit))]
    first = found.made[0]
    return [
        *(_today(found.today[child], {"parent_id": parent}) for child, parent in found.children.items()),
        *_accounts(request, found.affected, found.made),
        *(
            Change("api_client", {"id": client.id}, {"unit_id": client.unit_id}, {"unit_id": first})
            for client in found.affected.clients
        ),
        *_cases(found.affected, first, set(found.labels)),
    ]


def temporary_id(place: int) -> int:
    """How a unit that is still to be made is named in a plan."""
    return -1 - place


def new_description(request: ChangeRequest, unit: UnitRow) -> dict[str, Any]:
    """What is new of a unit that goes on."""
    if request.name:
        return _named(request.name, request.unit_kind or unit.kind)
    if request.parent_id is not None:
        return {"parent_id": request.parent_id}
    return {"population": request.population}


def described(unit: UnitRow, affected: Affected, on: date, new: dict[str, Any]) -> list[Change]:
    """The unit's descriptions cut at the day: what it was until the day before, and what it is from then on."""
    periods = affected.periods_of(unit.id)
    if not periods:
        old = {name: getattr(unit, name) for name in DESCRIPTION}
        first = Change(
            "unit_period", {"unit_id": unit.id, "valid_from": unit.valid_from}, None,
            {"valid_to": day_before(on), **old},
        )  # fmt: skip
        ends = None
    else:
        last = periods[-1]
        old = {name: getattr(last, name) for name in DESCRIPTION}
        first = Change(
            "unit_period", {"unit_id": unit.id, "valid_from": last.valid_from},
            {"valid_to": last.valid_to}, {"valid_to": day_before(on)},
        )  # fmt: skip
        ends = last.valid_to
    after = {"valid_to": ends, **old, **new}
    return [first, Change("unit_period", {"unit_id": unit.id, "valid_from": on}, None, after)]


def _named(name: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "search_key": unit_search_key(kind, name),
        "sort_key": sort_key(name),
    }


def _today(unit: UnitRow, new: dict[str, Any]) -> Change:
    """The row that describes the unit today."""
    return Change("unit", {"id": unit.id}, {name: getattr(unit, name) for name in new}, new)


def _new_units(request: ChangeRequest, affected: Affected) -> list[Change]:
    return [
        Change("unit", {"id": temporary_id(place)}, None, {
            "code": new.code, **_named(new.name, new.kind), "level": affected.units[0].level,
            "parent_id": None if affected.parent is None else affected.parent.id, "gso_code": new.gso_code,
            "population": new.population, "valid_from": request.on, "valid_to": None,
        })
        for place, new in enumerate(request.successors)
    ]  # fmt: skip


def _ended(unit: UnitRow, on: date) -> Change:
    return Change("unit", {"id": unit.id}, {"valid_to": unit.valid_to}, {"valid_to": day_before(on)})


def _lineage(request: ChangeRequest) -> list[Change]:
    return [
        Change("unit_lineage", {"predecessor_id": unit_id, "successor_id": temporary_id(place)}, None,
               {"effective_on": request.on, "population_share": new.share})
        for unit_id in request.unit_ids
        for place, new in enumerate(request.successors)
    ]  # fmt: skip


def _points(request: ChangeRequest, affected: Affected) -> list[Change]:
    changes = []
    for point in affected.points:
        owner = temporary_id(request.points.get(point.id, 0))
        changes += [
            Change("point_unit", {"point_id": point.id, "valid_from": point.valid_from},
                   {"valid_to": point.valid_to}, {"valid_to": day_before(request.on)}),
            Change("point_unit", {"point_id": point.id, "valid_from": request.on}, None,
                   {"unit_id": owner, "valid_to": point.valid_to}),
        ]  # fmt: skip
    return changes


def _children(request: ChangeRequest, affected: Affected) -> list[Change]:
    return [
        change
        for child in affected.children
        for change in described(
            child, affected, request.on, {"parent_id": temporary_id(request.children.get(child.id, 0))}
        )
    ]


def _waves(request: ChangeRequest, affected: Affected) -> list[Change]:
    cuts = [cut_part(part, request.on) for part in affected.waves]
    changes = []
    for cut in cuts:
        key = {"wave_id": cut.part.wave_id, "unit_id": cut.part.unit_id, "stratum": cut.part.stratum}
        before = {"target": cut.part.target, "population": cut.part.population}
        if cut.is_gone:
            changes.append(Change("wave_unit", key, before, None))
        elif cut.kept_target != cut.part.target:
            changes.append(Change("wave_unit", key, before, {**before, "target": cut.kept_target}))
    shares = [new.share for new in request.successors]
    for new in new_parts(cuts, shares, affected.shifts):
        key = {"wave_id": new.wave_id, "unit_id": temporary_id(new.successor), "stratum": new.stratum}
        after = {"target": new.target, "population": new.population}
        changes.append(Change("wave_unit", key, None, after))
    return changes


def _accounts(request: ChangeRequest, affected: Affected, successor_ids: Sequence[int]) -> list[Change]:
    changes = []
    for account in affected.accounts:
        place = request.accounts.get(account.id, 0)
        if place is None:
            changes.append(Change("account", {"id": account.id}, {"is_active": True}, {"is_active": False}))
        else:
            after = {"unit_id": successor_ids[place]}
            changes.append(Change("account", {"id": account.id}, {"unit_id": account.unit_id}, after))
    return changes


def _cases(affected: Affected, successor_id: int, labels: set[tuple[int, int, str | None]]) -> list[Change]:
    """Interviews go on under the new unit; where two units numbered theirs alike, the second number is marked.

    One of a drawn sample keeps the stratum it was drawn in, under its number in the new unit.
    """
    taken = labels
    changes = []
    for case in affected.cases:
        label = _free_label(case, successor_id, taken)
        taken.add((case.wave_id, successor_id, label))
        shift = affected.shifts.get(case.unit_id, 0) if case.weight is not None else 0
        before = {"unit_id": case.unit_id, "label": case.label, "stratum": case.stratum}
        after = {"unit_id": successor_id, "label": label, "stratum": case.stratum + shift}
        changes.append(Change("interview_assignment", {"id": case.id}, before, after))
    return changes


def _free_label(case: CaseAt, unit_id: int, taken: set[tuple[int, int, str | None]]) -> str | None:
    label, copy = case.label, 1
    while label is not None and (case.wave_id, unit_id, label) in taken:
        copy += 1
        mark = f"/{copy}"
        label = (case.label or "")[: LABEL_LENGTH - len(mark)] + mark
    return label
