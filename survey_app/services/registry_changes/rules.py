"""When the registry may be changed like this: what is asked makes sense, and no day that has answers is rewritten."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from sqlalchemy.orm import Session

from survey_app.errors import RegistryRefused
from survey_app.names import KIND_WORDS, same_name_key
from survey_app.queries import registry_changes as queries
from survey_app.queries import units
from survey_app.queries.units import UnitRow
from survey_app.services.accounts import Viewer, require_unit, visible_unit_ids
from survey_app.services.registry_changes.affected import Affected, day_before
from survey_app.services.registry_changes.requests import (
    MERGE,
    MOVE,
    POPULATION,
    RENAME,
    SPLIT,
    ChangeRequest,
    NewUnit,
)

MOST_DAYS_AHEAD = 366
MOST_UNITS = 20
MOST_PEOPLE = 200_000_000
NAME_LENGTH = 200
SHARE_TOLERANCE = 0.0005
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
GSO_CODE = re.compile(r"[0-9]{1,10}")


def check_units(session: Session, request: ChangeRequest, *, viewer: Viewer, today: date) -> None:
    """Before anything is read: the units are the viewer's, several or one as the change needs, and the day is near."""
    ids = request.unit_ids
    for unit_id in (*ids, *(() if request.parent_id is None else (request.parent_id,))):
        require_unit(session, unit_id=unit_id, viewer=viewer)
    if len(set(ids)) != len(ids) or len(ids) > MOST_UNITS:
        raise RegistryRefused("same_unit_twice")
    if request.kind == MERGE and len(ids) < 2:
        raise RegistryRefused("too_few_units")
    if request.kind != MERGE and len(ids) != 1:
        raise RegistryRefused("one_unit_only")
    if request.kind not in (RENAME, POPULATION) and viewer.unit_id in ids:
        raise RegistryRefused("own_office")
    if request.on > today + timedelta(days=MOST_DAYS_AHEAD):
        raise RegistryRefused("too_far_ahead")


def check_request(session: Session, request: ChangeRequest, affected: Affected, *, viewer: Viewer) -> None:
    """Everything else; the checks of a kind come after those of the day."""
    check_day(session, request, affected)
    _CHECKS[request.kind](session, request, affected, viewer)


def check_day(session: Session, request: ChangeRequest, affected: Affected) -> None:
    """The units are there on the day and the one before, and nothing that lies after it is overtaken."""
    on = request.on
    for unit in affected.units:
        if not (unit.is_valid(day_before(on)) and unit.is_valid(on)):
            raise RegistryRefused("not_valid_then", unit.label)
        if unit.valid_to is not None:
            raise RegistryRefused("ends_already", unit.label)
    if queries.has_later_rows(session, request.unit_ids, on):
        raise RegistryRefused("changed_later")
    if request.kind in (MERGE, SPLIT, MOVE):
        answered = queries.last_answer_day(session, request.unit_ids, on)
        if answered is not None:
            raise RegistryRefused("answers_since", f"{answered + timedelta(days=1):%d/%m/%Y}")


def _check_merge(session: Session, request: ChangeRequest, affected: Affected, viewer: Viewer) -> None:
    if len(request.successors) != 1:
        raise RegistryRefused("one_successor")
    if len({unit.level for unit in affected.units}) != 1:
        raise RegistryRefused("different_levels")
    _check_places(request, affected)
    _check_new_units(session, request, affected, viewer)


def _check_split(session: Session, request: ChangeRequest, affected: Affected, viewer: Viewer) -> None:
    shares = [new.share for new in request.successors]
    if len(shares) < 2:
        raise RegistryRefused("too_few_successors")
    if min(shares) <= 0 or abs(sum(shares) - 1) > SHARE_TOLERANCE:
        raise RegistryRefused("shares_not_one")
    _check_places(request, affected)
    _check_new_units(session, request, affected, viewer)


def _check_places(request: ChangeRequest, affected: Affected) -> None:
    """Whatever is sent somewhere is sent to one of the successors; nothing else is sent at all."""
    places = [*request.points.values(), *request.children.values(), *request.accounts.values()]
    known = (
        {point.id for point in affected.points},
        {child.id for child in affected.children},
        {account.id for account in affected.accounts},
    )
    named = (request.points.keys(), request.children.keys(), request.accounts.keys())
    if any(place is not None and not 0 <= place < len(request.successors) for place in places) or any(
        not keys <= ids for keys, ids in zip(named, known, strict=True)
    ):
        raise RegistryRefused("unknown_place")


def _check_new_units(session: Session, request: ChangeRequest, affected: Affected, viewer: Viewer) -> None:
    _check_parent(session, affected, viewer, request.on)
    going = set(request.unit_ids)
    for place, new in enumerate(request.successors):
        _check_new_unit(new)
        others = [each for other, each in enumerate(request.successors) if other != place]
        if units.is_code_taken(session, new.code) or any(each.code == new.code for each in others):
            raise RegistryRefused("code_taken", new.code)
        beside = [row for row in units.units_as_at(session, request.on) if row.id not in going]
        level = affected.units[0].level
        for row in beside:
            if new.gso_code and row.gso_code == new.gso_code and row.level == level:
                raise RegistryRefused("gso_taken", row.label)
        siblings = [row for row in beside if affected.parent is None or row.parent_id == affected.parent.id]
        _check_name_free(new.kind, new.name, siblings)
        if any(
            (each.kind, same_name_key(each.name)) == (new.kind, same_name_key(new.name)) for each in others
        ):
            raise RegistryRefused("name_taken", new.label)


def _check_new_unit(new: NewUnit) -> None:
    if not CODE.fullmatch(new.code):
        raise RegistryRefused("bad_code", new.code[:40])
    _check_name(new.name, new.kind)
    if new.gso_code is not None and not GSO_CODE.fullmatch(new.gso_code):
        raise RegistryRefused("bad_gso_code", new.gso_code[:40])
    _check_population(new.population)


def _check_name(name: str, kind: str) -> None:
    if not name or len(name) > NAME_LENGTH or kind not in KIND_WORDS:
        raise RegistryRefused("bad_name")


def _check_population(population: int | None) -> None:
    if population is not None and not 0 <= population <= MOST_PEOPLE:
        raise RegistryRefused("bad_population")


def _check_name_free(kind: str, name: str, siblings: list[UnitRow]) -> None:
    for row in siblings:
        if row.kind == kind and same_name_key(row.name) == same_name_key(name):
            raise RegistryRefused("name_taken", row.label)


def _check_parent(session: Session, affected: Affected, viewer: Viewer, on: date) -> None:
    parent = affected.parent
    if parent is None:
        raise RegistryRefused("no_parent")
    if parent.id not in visible_unit_ids(session, viewer=viewer):
        raise RegistryRefused("own_office")
    if not parent.is_valid(on) or parent.valid_to is not None or parent.level >= affected.units[0].level:
        raise RegistryRefused("wrong_parent", parent.label)


def _check_rename(session: Session, request: ChangeRequest, affected: Affected, viewer: Viewer) -> None:
    _check_name(request.name, request.unit_kind)
    unit = affected.units[0]
    if (unit.kind, unit.name) == (request.unit_kind, request.name):
        raise RegistryRefused("nothing_new")
    siblings = [
        row
        for row in units.units_as_at(session, request.on)
        if row.id != unit.id and row.parent_id == unit.parent_id
    ]
    _check_name_free(request.unit_kind, request.name, siblings)


def _check_move(session: Session, request: ChangeRequest, affected: Affected, viewer: Viewer) -> None:
    unit = affected.units[0]
    if request.parent_id is None or unit.parent_id is None:
        raise RegistryRefused("no_parent")
    if unit.parent_id == request.parent_id:
        raise RegistryRefused("nothing_new")
    _check_parent(session, affected, viewer, request.on)
    siblings = [row for row in units.units_as_at(session, request.on) if row.parent_id == request.parent_id]
    _check_name_free(unit.kind, unit.name, siblings)


def _check_people(session: Session, request: ChangeRequest, affected: Affected, viewer: Viewer) -> None:
    if request.population is None:
        raise RegistryRefused("bad_population")
    _check_population(request.population)
    if affected.units[0].population == request.population:
        raise RegistryRefused("nothing_new")


_CHECKS: Mapping[str, Callable[[Session, ChangeRequest, Affected, Viewer], None]] = {
    MERGE: _check_merge,
    SPLIT: _check_split,
    RENAME: _check_rename,
    MOVE: _check_move,
    POPULATION: _check_people,
}
